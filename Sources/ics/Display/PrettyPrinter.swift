// Values as literals, broken over lines where they do not fit into the width.

import ICSDiagnostics

struct PrettyPrinter {
  let width: Int
  let palette: Palette
  /// Whether a map that takes many lines has its nulls in a comment at its end: objects of the API are half of nulls.
  var gathersNulls = false

  private static let indentation = 2
  /// Fewer nulls stay where they are.
  private static let manyNulls = 8

  /// The lines of a value.
  func lines(_ value: ShownValue) -> [String] {
    var lines: [String] = []
    var line = Line()
    write(value, key: nil, indent: 0, reserve: 0, &line, &lines)
    lines.append(line.text)
    return lines
  }

  /// The value in one line, when it fits into so many columns.
  func flat(_ value: ShownValue, key: String? = nil, columns: Int) -> String? {
    var line = Line()
    return writeFlat(value, key: key, limit: columns, &line) ? line.text : nil
  }

  /// A line that is being written, and the columns it takes.
  private struct Line {
    var text = ""
    var columns = 0
  }

  private func add(_ text: String, _ line: inout Line) { add(text, .plain, &line) }

  private func add(_ text: String, _ role: TextRole, _ line: inout Line) {
    line.text += palette.paint(text, role)
    line.columns += displayWidth(text)
  }

  private func scalar(_ value: ShownValue, key: String?) -> [(String, TextRole)]? {
    switch value {
    case .null: [("null", .note)]
    case .bool(let value): [(value ? "true" : "false", .word)]
    case .int(let number):
      [("\(number)", .number)]
        + (key.flatMap { TimestampText.date(number, key: $0) }.map { [(" (\($0))", .note)] } ?? [])
    case .float(let text): [(text, .number)]
    case .string(let text): [(text, .string)]
    case .other(let text): [(text, .word)]
    case .list(let items, let count): items.isEmpty ? [(count == 0 ? "[]" : "[\(rest(count))]", .plain)] : nil
    case .map(let entries, let count): entries.isEmpty ? [(count == 0 ? "{}" : "{\(rest(count))}", .plain)] : nil
    }
  }

  private func columns(of value: ShownValue) -> Int {
    (scalar(value, key: nil) ?? []).reduce(0) { $0 + displayWidth($1.0) }
  }

  private func rest(_ count: Int) -> String { "… \(count) more" }

  /// Writes a value without a line break; false when it needs more columns.
  private func writeFlat(_ value: ShownValue, key: String?, limit: Int, _ line: inout Line) -> Bool {
    if let pieces = scalar(value, key: key) {
      for (text, role) in pieces { add(text, role, &line) }
      return line.columns <= limit
    }
    switch value {
    case .list(let items, let count):
      add("[", &line)
      for (index, item) in items.enumerated() {
        if index > 0 { add(", ", &line) }
        guard writeFlat(item, key: nil, limit: limit, &line) else { return false }
      }
      if count > items.count { add(", " + rest(count - items.count), .note, &line) }
      add("]", &line)
    case .map(let entries, let count):
      add("{", &line)
      for (index, entry) in entries.enumerated() {
        if index > 0 { add(", ", &line) }
        add(entry.key, .name, &line)
        add(": ", &line)
        guard writeFlat(entry.value, key: entry.key, limit: limit, &line) else { return false }
      }
      if count > entries.count { add(", " + rest(count - entries.count), .note, &line) }
      add("}", &line)
    default: break
    }
    return line.columns <= limit
  }

  /// Writes a value at the end of a line, over several lines where one does not hold it.
  private func write(
    _ value: ShownValue, key: String?, indent: Int, reserve: Int, _ line: inout Line, _ lines: inout [String]
  ) {
    if scalar(value, key: key) == nil {
      var attempt = line
      if writeFlat(value, key: key, limit: width - reserve, &attempt) {
        line = attempt
        return
      }
    }
    switch value {
    case .list(let items, let count) where !items.isEmpty:
      add("[", &line)
      let isFilled = items.allSatisfy { scalar($0, key: nil) != nil }
      for (index, item) in items.enumerated() {
        let isLast = index == items.count - 1 && count == items.count
        if isFilled, index > 0, line.columns + 2 + columns(of: item) < width {
          // Short items share a line, as words do.
          add(" ", &line)
        } else {
          lineBreak(indent + Self.indentation, &line, &lines)
        }
        write(item, key: nil, indent: indent + Self.indentation, reserve: 1, &line, &lines)
        if !isLast { add(",", &line) }
      }
      close("]", missing: count - items.count, indent, &line, &lines)
    case .map(let entries, let count) where !entries.isEmpty:
      add("{", &line)
      let nulls = gathersNulls ? entries.filter { if case .null = $0.value { true } else { false } }.map(\.key) : []
      let gathers = nulls.count >= Self.manyNulls && nulls.count < entries.count
      let shown = gathers ? entries.filter { if case .null = $0.value { false } else { true } } : entries
      for (index, entry) in shown.enumerated() {
        let isLast = index == shown.count - 1 && count == entries.count
        lineBreak(indent + Self.indentation, &line, &lines)
        add(entry.key, .name, &line)
        add(": ", &line)
        write(entry.value, key: entry.key, indent: indent + Self.indentation, reserve: 1, &line, &lines)
        if !isLast { add(",", &line) }
      }
      if gathers { addComment("null: " + nulls.joined(separator: ", "), indent + Self.indentation, &line, &lines) }
      close("}", missing: count - entries.count, indent, &line, &lines)
    default:
      for (text, role) in scalar(value, key: key) ?? [] { add(text, role, &line) }
    }
  }

  /// Adds lines that begin with `//`, broken between words: what is shown can be typed again.
  private func addComment(_ text: String, _ indent: Int, _ line: inout Line, _ lines: inout [String]) {
    var words = text.split(separator: " ")[...]
    while let first = words.popFirst() {
      var part = "// " + first
      while let next = words.first, indent + displayWidth(part) + 1 + displayWidth(String(next)) <= width {
        part += " " + next
        words.removeFirst()
      }
      lineBreak(indent, &line, &lines)
      add(part, .note, &line)
    }
  }

  private func close(_ bracket: String, missing: Int, _ indent: Int, _ line: inout Line, _ lines: inout [String]) {
    if missing > 0 {
      lineBreak(indent + Self.indentation, &line, &lines)
      add(rest(missing), .note, &line)
    }
    lineBreak(indent, &line, &lines)
    add(bracket, &line)
  }

  private func lineBreak(_ indent: Int, _ line: inout Line, _ lines: inout [String]) {
    lines.append(line.text)
    line = Line(text: String(repeating: " ", count: indent), columns: indent)
  }
}
