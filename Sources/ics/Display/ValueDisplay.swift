// What the prompt shows of a value: a table, a literal, JSON or CSV, as much as a person reads at once.

import ICSDiagnostics
import ICSJSON
import ICSVM
import IntercomScript

/// How values are shown at the prompt: `:set view`.
enum ValueView: String, CaseIterable, Sendable {
  case table, json, yaml, lines, csv, markdown

  var summary: String {
    switch self {
    case .table: "lists of maps as tables, everything else as literals"
    case .json: "JSON over several lines"
    case .yaml: "YAML"
    case .lines: "one line of JSON for each item"
    case .csv: "lists of maps as CSV"
    case .markdown: "lists of maps as a Markdown table, everything else as a block of JSON"
    }
  }
}

/// What is shown of a value, and what of it is not.
struct ShownText {
  var lines: [String]
  /// The row that comes next; `nil` when all rows are there.
  var nextRow: Int?
  /// The columns of a table.
  var columns: [String] = []
  /// The columns that there was no room for.
  var hiddenColumns: [String] = []
  /// The last row that is shown, for the line that says how many more there are.
  var remainingRows = 0
  /// Lines of a long value that is no table.
  var remainingLines = 0

  /// The line that says what is not shown; `nil` when nothing is missing.
  var remark: String? {
    var parts: [String] = []
    if remainingRows > 0 { parts.append("\(Self.grouped(remainingRows)) more row\(remainingRows == 1 ? "" : "s")") }
    if !hiddenColumns.isEmpty {
      parts.append("\(hiddenColumns.count) more column\(hiddenColumns.count == 1 ? "" : "s")")
    }
    if remainingLines > 0 {
      parts.append("\(Self.grouped(remainingLines)) more line\(remainingLines == 1 ? "" : "s")")
    }
    return parts.isEmpty ? nil : "… " + parts.joined(separator: ", ") + " — :more"
  }

  /// A number with commas between its thousands.
  static func grouped(_ number: Int) -> String {
    var text = ""
    for (index, digit) in String(number).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}

struct ValueDisplay {
  var view: ValueView
  /// The columns of the terminal.
  var width: Int
  var palette: Palette

  /// A list up to this length is shown as a whole, of a longer one the first half as many.
  static let maximumRows = 40
  /// The most lines of a value that is no table.
  static let maximumLines = 120
  /// The most rows and lines that `:more all` gives to the pager.
  static let everything = 100_000
  /// The most values in all of these together.
  static let everyValue = 5_000_000

  /// What to show of a value.
  ///
  /// - Parameters:
  ///   - start: The first row of a list.
  ///   - columns: The columns of a table to choose from; `nil` for those that say most.
  ///   - isWhole: Whether everything is wanted, for a pager.
  func show(_ value: SessionValue, from start: Int = 0, columns: [String]? = nil, isWhole: Bool = false) -> ShownText {
    switch view {
    case .table: return table(value, from: start, columns: columns, isWhole: isWhole)
    case .json: return cut(value.json.map { Self.harmlessJSON($0.serialized(indent: 2)) }, value, isWhole)
    case .lines: return cut(jsonLines(value, isWhole), value, isWhole)
    case .csv: return cut(csv(value, isWhole), value, isWhole)
    case .yaml: return cut(value.json.map(YAMLText.text), value, isWhole)
    case .markdown: return cut(value.json.map(MarkdownText.text), value, isWhole)
    }
  }

  // MARK: Tables and literals

  private func table(_ value: SessionValue, from start: Int, columns: [String]?, isWhole: Bool) -> ShownText {
    var copier = ValueCopier(value)
    let count = value.count ?? 0
    let left = count - start
    let most = isWhole ? Self.everything : left <= Self.maximumRows ? Self.maximumRows : Self.maximumRows / 2
    if value.value.isList, left >= 1, start > 0 || left >= 2, Self.isRow(value) {
      copier.maximumItems = most
      if isWhole { copier.remaining = Self.everyValue }
      if case .list(let items, _) = copier.copy(value.value, from: start), start > 0 || Table.fits(items) {
        let table = Table(items, width: width, names: columns)
        let next = start + items.count
        return ShownText(
          lines: table.lines(palette), nextRow: next < count ? next : nil, columns: table.names,
          hiddenColumns: table.hiddenColumns, remainingRows: count - next)
      }
    }
    var literals = ValueCopier(value)
    if isWhole { (literals.maximumItems, literals.remaining) = (Self.everything, Self.everyValue) }
    let printer = PrettyPrinter(width: width, palette: palette, gathersNulls: !isWhole)
    let lines = printer.lines(literals.copy(value.value))
    return cut(lines, isWhole)
  }

  /// Whether the first item of a list may be a row of a table: looked at before many are copied.
  private static func isRow(_ value: SessionValue) -> Bool { listItems(value.value.address)[0].isMap }

  private func cut(_ lines: [String], _ isWhole: Bool) -> ShownText {
    guard !isWhole, lines.count > Self.maximumLines else { return ShownText(lines: lines) }
    let shown = Self.maximumLines * 3 / 4
    return ShownText(lines: Array(lines.prefix(shown)), remainingLines: lines.count - shown)
  }

  /// Text in one of the formats; a value that has none in it is shown as a literal.
  private func cut(_ text: String?, _ value: SessionValue, _ isWhole: Bool) -> ShownText {
    guard let text else {
      return ValueDisplay(view: .table, width: width, palette: palette).show(value, isWhole: isWhole)
    }
    return cut(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), isWhole)
  }

  // MARK: Formats

  private func jsonLines(_ value: SessionValue, _ isWhole: Bool) -> String? {
    guard let json = value.json else { return nil }
    let items = json.arrayValue ?? [json]
    return items.map { Self.harmlessJSON($0.serialized()) }.joined(separator: "\n")
  }

  private func csv(_ value: SessionValue, _ isWhole: Bool) -> String? {
    guard let rows = value.json?.arrayValue?.compactMap(\.objectValue), rows.count == value.count, !rows.isEmpty else {
      return nil
    }
    var names: [String] = []
    var known: Set<String> = []
    for row in rows { for (name, _) in row where known.insert(name).inserted { names.append(name) } }
    let lines = [names.map(Self.field)] + rows.map { row in names.map { Self.field(row[$0] ?? .null) } }
    return lines.map { $0.joined(separator: ",") }.joined(separator: "\n")
  }

  private static func field(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text): field(text)
    default: field(value.serialized())
    }
  }

  /// Line breaks of a field are shown as escapes: this is for reading, `csv.stringify` is for files.
  private static func field(_ text: String) -> String {
    let safe = safeText(text)
    let needsQuotes = safe.contains { $0 == "," || $0 == "\"" || $0 == ";" } || safe.hasPrefix(" ")
    return needsQuotes ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
  }

  /// JSON in which everything that a terminal obeys is an escape of JSON's own.
  static func harmlessJSON(_ text: String) -> String {
    let text = Reporter.redactor.redact(text)
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      let isSafe = scalar == "\n" || terminalSafe(String(scalar)) == String(scalar)
      if isSafe {
        result.unicodeScalars.append(scalar)
      } else {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    return result
  }
}

extension SessionValue {
  /// How many items a list has; `nil` for anything else.
  var count: Int? { value.isList ? listCount(value.address) : nil }
}
