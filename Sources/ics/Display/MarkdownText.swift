// Values as Markdown, for a page or a chat.

import ICSJSON

enum MarkdownText {
  /// A table for a list of maps, a block of JSON for everything else.
  static func text(_ value: JSONValue) -> String {
    guard let items = value.arrayValue, !items.isEmpty else { return block(value) }
    let rows = items.compactMap(\.objectValue)
    guard rows.count == items.count else { return block(value) }
    var names: [String] = []
    var known: Set<String> = []
    for row in rows { for (name, _) in row where known.insert(name).inserted { names.append(name) } }
    guard !names.isEmpty else { return block(value) }
    let isNumber = names.map { name in
      rows.allSatisfy { $0[name].map { $0.isNull || $0.doubleValue != nil } ?? true }
    }
    let rule = isNumber.map { $0 ? "--:" : "---" }
    return ([names.map(cell), rule] + rows.map { row in names.map { field(row[$0]) } })
      .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }

  private static func block(_ value: JSONValue) -> String {
    "```json\n" + ValueDisplay.harmlessJSON(value.serialized(indent: 2)) + "\n```"
  }

  private static func field(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null?: ""
    case .string(let text)?: cell(text)
    case let value?: cell(value.serialized())
    }
  }

  /// A row is a line: line breaks become blanks, and a bar is no border.
  private static func cell(_ text: String) -> String {
    let line = text.replacing("\r\n", with: " ").replacing("\n", with: " ")
    return safeText(line).replacing("|", with: "\\|")
  }
}
