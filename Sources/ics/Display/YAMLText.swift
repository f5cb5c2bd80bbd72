// Values as YAML, for reading and for files of settings.

import ICSJSON

enum YAMLText {
  /// The text of a value, without a line break at its end. Harmless for a terminal: what it would obey is an escape.
  static func text(_ value: JSONValue) -> String {
    var lines: [String] = []
    write(value, indent: "", first: "", &lines)
    return lines.joined(separator: "\n")
  }

  /// - Parameters:
  ///   - indent: What stands before lines that follow.
  ///   - first: What stands before the first one: `- `, `key: `.
  private static func write(_ value: JSONValue, indent: String, first: String, _ lines: inout [String]) {
    switch value {
    case .array(let items) where !items.isEmpty:
      // A list below a key begins on a line of its own.
      if first.hasSuffix(": ") { lines.append(String(first.dropLast())) }
      let head = first.hasSuffix(": ") ? indent : first
      for (index, item) in items.enumerated() {
        write(item, indent: indent + "  ", first: (index == 0 ? head : indent) + "- ", &lines)
      }
    case .object(let object) where object.count > 0:
      if first.hasSuffix(": ") { lines.append(String(first.dropLast())) }
      let isBelowKey = first.hasSuffix(": ")
      for (index, (key, item)) in object.enumerated() {
        let head = index == 0 && !isBelowKey ? first : indent
        write(item, indent: indent + "  ", first: head + scalar(.string(key)) + ": ", &lines)
      }
    default: lines.append(first + scalar(value))
    }
  }

  private static func scalar(_ value: JSONValue) -> String {
    guard case .string(let text) = value else { return value.serialized() }
    return isPlain(text) ? text : ValueDisplay.harmlessJSON(value.serialized())
  }

  /// Words that YAML takes for something else than text.
  private static let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"]

  /// Whether a text means itself without quotes.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 200, text.utf8.last != 0x20 else { return false }
    let isLetter = (0x41...0x5A).contains(first & 0xDF) || first == UInt8(ascii: "_")
    guard isLetter, !words.contains(text.lowercased()) else { return false }
    return text.utf8.allSatisfy { byte in
      (0x41...0x5A).contains(byte & 0xDF) || (0x30...0x39).contains(byte) || " _-./@+".utf8.contains(byte)
    }
  }
}
