// The pages of the reference that are made from tables in the code: the built-ins, the standard modules, the error
// codes. `ReferenceTests` compares the committed pages with them, and writes them when ICS_BLESS is set.

import Foundation
import ICSDiagnostics
import ICSLibrary

/// Pages in DocC's Markdown.
enum Reference {
  /// Where the pages are.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources/IntercomScript/Documentation.docc")

  /// The pages that are generated, by their names.
  static let generated: [(name: String, text: String)] = [("Library.md", library), ("Errors.md", errors)]

  private static let origin = "<!-- Written by the tests from the tables in the code: scripts/bless --reference -->\n"

  // MARK: The library

  /// Every built-in, grouped as a reader looks for it, and the standard modules.
  static var library: String {
    var page = """
      # Library

      \(origin)
      What a script finds ready: the names of the prelude, the methods of values, and the modules under `std/`.

      ## Overview

      Built-ins need no import. A method that does not exist is `E_MEMBER` with the nearest names; a wrong number of
      arguments is `E_ARGUMENTS`, a wrong type `E_TYPE`. Named arguments are written `name:` in the signatures. The lines
      behind `// expect:` are what an example prints.


      """
    for group in groups {
      page += "## \(group.title)\n\n"
      if !group.note.isEmpty { page += group.note + "\n\n" }
      for topic in group.topics {
        for row in topic.rows where !row.name.hasPrefix("__") && !row.name.contains(".__") { page += entry(row) }
      }
    }
    return page + standardModules
  }

  private struct Group {
    let title: String
    let topics: [Topic]
    var note = ""
  }

  private static let groups = [
    Group(title: "Printing and logging", topics: [.output]),
    Group(title: "Types and conversions", topics: [.conversions]),
    Group(title: "Errors", topics: [.errors]),
    Group(title: "Time and tasks", topics: [.tasks, .taskMethods]),
    Group(title: "Sequences", topics: [.sequences]),
    Group(title: "Strings", topics: [.strings], note: "`length` and indexes count Unicode scalars."),
    Group(
      title: "Lists", topics: [.lists, .listFunctions, .listShapes],
      note: """
        `push`, `pop`, `insert`, `remove_at` and `clear` change the list; all others leave it as it is. `length`, \
        `first` and `last` are read without a call. Ranges have those that read. A function that is called back gets as many of \
        `(item, index)` as it takes.
        """),
    Group(
      title: "Maps", topics: [.maps],
      note: """
        `m.length` is the entry of that name; `len(m)` counts. A function that is called back gets as many of `(value, \
        key)` as it takes. An entry that is a function comes before the method of its name.
        """),
    Group(title: "Ranges", topics: [.ranges]),
    Group(title: "Streams", topics: [.streams], note: "Lazy, and pulled once: memory does not grow with the length."),
    Group(title: "JSON", topics: [.json]),
    Group(title: "CSV", topics: [.csv]),
    Group(title: "Dates", topics: [.time], note: "A timestamp is Unix seconds, as in Intercom's API."),
    Group(title: "Numbers", topics: [.math, .random]),
    Group(title: "Text patterns", topics: [.regex]),
    Group(title: "Hashes and encodings", topics: [.hashing, .urls]),
    Group(title: "Files and variables", topics: [.files], note: "Only what the host allows."),
    Group(title: "Other services", topics: [.http], note: "Only hosts that the host program or `--allow-net` names."),
  ]

  /// Topics that no group shows and that have rows for readers: none, or the page is not whole.
  static var missingTopics: [Topic] {
    Topic.allCases.filter { topic in
      !groups.contains { $0.topics.contains(topic) } && topic.rows.contains { !$0.name.hasPrefix("__") }
    }
  }

  private static func entry(_ row: BuiltIn) -> String {
    var text = "### `\(row.signature)`\n\n\(row.doc)\n\n"
    if !row.example.isEmpty { text += "```ics\n\(row.example)\n```\n\n" }
    return text
  }

  // MARK: Standard modules

  private static var standardModules: String {
    StandardModules.names.reduce(into: "") { page, name in
      let lines = (StandardModules.source(of: name) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
      page += "## \(name)\n\n"
      let head = lines.prefix { $0.hasPrefix("// ") }.map { $0.dropFirst(3) }
      if !head.isEmpty { page += head.joined(separator: "\n") + "\n\n" }
      page += exports(lines)
    }
  }

  /// The declarations that a module exports, each with the doc comment above it.
  private static func exports(_ lines: [Substring]) -> String {
    var page = ""
    var doc: [Substring] = []
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("///") {
        doc.append(line.dropFirst(line.hasPrefix("/// ") ? 4 : 3))
        continue
      }
      if line.hasPrefix("export ") {
        // The head of a function may take several lines.
        let end = line.hasPrefix("export fn ") ? lines[index...].firstIndex { $0.hasSuffix("{") } ?? index : index
        let head = lines[index...end].map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
        page += "### `\(signature(head[...]))`\n\n\(paragraphs(doc))\n\n"
      }
      doc = []
    }
    return page
  }

  private static func signature(_ line: Substring) -> String {
    var text = line.dropFirst("export ".count)
    if text.hasSuffix("{") { text = text.dropLast() }
    for keyword in ["fn ", "let "] where text.hasPrefix(keyword) { text = text.dropFirst(keyword.count) }
    return text.trimmingCharacters(in: .whitespaces)
  }

  /// A doc comment with its indented examples in a block of their own.
  private static func paragraphs(_ doc: [Substring]) -> String {
    var text: [String] = []
    var isExample = false
    for line in doc {
      let begins = line.hasPrefix("    ")
      if begins != isExample && (begins || !line.isEmpty) {
        text.append("```")
        isExample = begins
      }
      text.append(String(isExample ? line.dropFirst(4) : line))
    }
    if isExample { text.append("```") }
    return text.joined(separator: "\n")
  }

  // MARK: Errors

  /// Every code with its explanation and an example.
  static var errors: String {
    var page = """
      # Errors

      \(origin)
      The codes of errors and warnings: what each means, and how to mend it.

      ## Overview

      `ics explain CODE` prints the same. In a script the code is the `.kind` of a caught error. An error that is found
      before running ends the process with 2, and nothing has been sent; wrong usage of the command ends it with 64, any
      other error with 1.


      """
    for phase in ErrorCode.Phase.allCases {
      page += "## \(title(of: phase))\n\n"
      for entry in ErrorCode.table where entry.phase == phase {
        page += "### \(entry.code)\n\n\(capitalized(entry.meaning)). \(entry.explanation)\n\n"
        page += "```\(phase == .command ? "sh" : "ics")\n\(entry.example)\n```\n\n"
      }
    }
    return page
  }

  private static func title(of phase: ErrorCode.Phase) -> String {
    switch phase {
    case .command: "Found by the command"
    case .beforeRunning: "Found before running"
    case .running: "Found while running"
    case .limit: "Limits of the host"
    case .request: "Requests that failed"
    case .warning: "Warnings"
    }
  }

  private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

/// The blocks of code in a Markdown page.
struct DocumentedExample: Sendable, CustomStringConvertible {
  let page: String
  let line: Int
  let text: String

  var description: String { "\(page):\(line)" }

  /// The blocks of a page that are scripts with expectations.
  static func all(in file: URL) throws -> [DocumentedExample] {
    let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    var found: [DocumentedExample] = []
    var start: Int?
    for (index, line) in lines.enumerated() {
      if let first = start, line == "```" {
        let text = lines[first..<index].joined(separator: "\n")
        if text.contains("// expect") {
          found.append(DocumentedExample(page: file.lastPathComponent, line: first + 1, text: text))
        }
        start = nil
      } else if line == "```ics" {
        start = index + 1
      }
    }
    return found
  }
}
