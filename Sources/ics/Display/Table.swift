// Lists of maps as tables: aligned by what a terminal shows, cut to the width, and never silent about what is left out.

import ICSDiagnostics

struct Table {
  private let columns: [Column]
  /// The names of the columns for which there is no room.
  let hiddenColumns: [String]
  private let rows: [ShownValue]

  private struct Column {
    let name: String
    let type: String
    let isNumber: Bool
    /// One for each row.
    let cells: [String]
    let width: Int
  }

  /// A column is never wider.
  private static let maximumWidth = 40
  private static let gap = 2

  /// Whether items look like the rows of a table: at least two maps, which share at least half of their keys.
  static func fits(_ items: [ShownValue]) -> Bool {
    guard items.count >= 2 else { return false }
    var counts: [String: Int] = [:]
    var total = 0
    for item in items {
      guard case .map(let entries, _) = item, !entries.isEmpty else { return false }
      total += entries.count
      for entry in entries { counts[entry.key, default: 0] += 1 }
    }
    // Keys that most of the rows have stand for more than half of all that there are.
    let shared = counts.values.filter { $0 * 2 > items.count || items.count == 2 && $0 == 2 }.reduce(0, +)
    return shared * 2 >= total
  }

  /// - Parameters:
  ///   - items: Maps.
  ///   - names: The columns to choose from, in this order; `nil` for those that say most.
  init(_ items: [ShownValue], width: Int, names: [String]? = nil) {
    rows = items
    let all = names ?? Self.names(of: items)
    var ordered = all.map { Self.column($0, items, maximum: Self.maximumWidth) }
    if names == nil, Self.total(ordered) > width {
      // What is the same in every row says least, and nothing at all least of all: these are the first to go.
      let same = ordered.filter(Self.isConstant)
      ordered =
        ordered.filter { !Self.isConstant($0) } + same.filter { $0.type != "null" }
        + same.filter { $0.type == "null" }
    }
    var shown: [Column] = []
    var used = 0
    for column in ordered {
      let needed = column.width + (shown.isEmpty ? 0 : Self.gap)
      if used + needed > width {
        // One column is always there, however narrow the terminal is.
        if shown.isEmpty { shown = [Self.column(column.name, items, maximum: max(width, 1))] }
        break
      }
      shown.append(column)
      used += needed
    }
    columns = shown
    let shownNames = Set(shown.map(\.name))
    hiddenColumns = all.filter { !shownNames.contains($0) }
  }

  /// The names of the columns that are shown.
  var names: [String] { columns.map(\.name) }

  /// The lines: names, types, rows.
  func lines(_ palette: Palette) -> [String] {
    func line(_ cells: [String]) -> String {
      var text = cells.joined(separator: String(repeating: " ", count: Self.gap))
      while text.last == " " { text.removeLast() }
      return text
    }
    let header = columns.map {
      palette.paint(Cell.pad(Cell.cut($0.name, to: $0.width), to: $0.width, isRight: $0.isNumber), .title)
    }
    let types = columns.map {
      palette.paint(Cell.pad(Cell.cut($0.type, to: $0.width), to: $0.width, isRight: $0.isNumber), .note)
    }
    let rule = columns.map { palette.paint(String(repeating: "─", count: $0.width), .note) }
    return [line(header), line(types), line(rule)]
      + rows.indices.map { row in
        line(
          columns.map { column in
            let cell = Cell.cut(column.cells[row], to: column.width)
            let text = Cell.pad(cell, to: column.width, isRight: column.isNumber)
            return cell == "null" || cell == "–" ? palette.paint(text, .note) : text
          })
      }
  }

  // MARK: Columns

  private static func names(of items: [ShownValue]) -> [String] {
    var names: [String] = []
    var known: Set<String> = []
    for item in items {
      guard case .map(let entries, _) = item else { continue }
      for entry in entries where known.insert(entry.key).inserted { names.append(entry.key) }
    }
    return names
  }

  private static func column(_ name: String, _ items: [ShownValue], maximum: Int) -> Column {
    var types: [String] = []
    let cells = items.map { item -> String in
      // A row without the key is not a row with null under it.
      guard let value = item[name] else { return "–" }
      if case .null = value {} else if !types.contains(value.typeName) { types.append(value.typeName) }
      return Self.cell(value, key: name)
    }
    let type = types.isEmpty ? "null" : types.sorted().joined(separator: "|")
    let content = cells.lazy.map { displayWidth($0.utf8.count > 4 * maximum ? Cell.cut($0, to: maximum) : $0) }
    let widest = max(displayWidth(name), min(displayWidth(type), 12), content.max() ?? 0)
    return Column(
      name: name, type: type, isNumber: !types.isEmpty && types.allSatisfy { $0 == "int" || $0 == "float" },
      cells: cells, width: max(1, min(widest, maximum)))
  }

  /// A value in a cell: a string without its quotes, everything else as its literal.
  private static func cell(_ value: ShownValue, key: String) -> String {
    switch value {
    case .string(let literal):
      // The quotes are the first and the last character, and there is a last one also where the text was cut.
      guard literal.count >= 2, literal.hasSuffix("\"") else { return literal }
      let text = String(literal.dropFirst().dropLast())
      return text.isEmpty || text == "null" || text == "–" ? literal : text.replacing("\\\"", with: "\"")
    case .int(let number):
      return TimestampText.date(number, key: key).map { "\(number) \($0)" } ?? "\(number)"
    default:
      let printer = PrettyPrinter(width: maximumWidth, palette: .none)
      return printer.flat(value, columns: 200) ?? Self.short(value)
    }
  }

  private static func short(_ value: ShownValue) -> String {
    switch value {
    case .list(_, let count): "[… \(count) items]"
    case .map(_, let count): "{… \(count) entries}"
    default: "…"
    }
  }

  private static func isConstant(_ column: Column) -> Bool {
    guard let first = column.cells.first else { return true }
    // When things happened is worth knowing, also when it was all at once.
    if column.type == "int", TimestampText.isMoment(column.name) { return false }
    return column.cells.allSatisfy { $0 == first }
  }

  private static func total(_ columns: [Column]) -> Int {
    columns.reduce(0) { $0 + $1.width + gap } - gap
  }
}

extension Palette {
  /// No colours.
  static let none = Palette()

  private init() { isOn = false }
}
