// What Tab offers: names that are there, never the answer of a request.

import ICSDiagnostics
import ICSLibrary
import ICSSyntax
import IntercomCatalogue
import Synchronization

enum Completion {
  /// What ends a word. A point does not: `contacts.list` is completed as a whole.
  static let wordBreaks = " \t\n\"\\'`@$><=;|&{}()[],:!+-*/%?^~"

  private struct State {
    var declared: [String] = []
    var prelude: [String] = []
    /// Members of the prelude's modules and collections, with their owner: made at the first Tab that needs them.
    var members: [String]?
    var matches: [String] = []
  }

  /// The prompt's thread reads, the task of an entry writes.
  private static let state = Mutex(State())

  /// Sets the names that there are.
  static func publish(declared: [String], prelude: [String]) {
    state.withLock {
      $0.declared = declared
      $0.prelude = prelude
    }
  }

  static var declaredNames: [String] { state.withLock { $0.declared } }

  /// Finds the candidates for a word that begins at `start` in the line.
  static func find(_ word: String, line: String, start: Int) {
    let before = String(decoding: line.utf8.prefix(start), as: UTF8.self)
    let candidates = before == ":" ? MetaCommand.allCases.map(\.rawValue) : names(for: word, after: before)
    let matches = Set(candidates.filter { $0.hasPrefix(word) }).sorted()
    // A name is typed anew when it is chosen: one that holds what a terminal obeys is not offered.
    state.withLock { $0.matches = matches.filter { terminalSafe($0) == $0 } }
  }

  /// A candidate; `nil` behind the last one.
  static func match(_ index: Int) -> String? {
    state.withLock { $0.matches.indices.contains(index) ? $0.matches[index] : nil }
  }

  private static func names(for word: String, after before: String) -> [String] {
    guard !isInText(before) else { return [] }
    if word.contains(".") { return members() }
    return state.withLock { $0.declared + $0.prelude } + Keywords.all
  }

  /// Whether the end of a line is inside a string, and not in one of its `{{ }}`.
  private static func isInText(_ line: String) -> Bool {
    guard line.count(where: { $0 == "\"" }) % 2 == 1, let quote = line.lastIndex(of: "\"") else { return false }
    let text = line[quote...].map(String.init).joined()
    return text.components(of: "{{") <= text.components(of: "}}")
  }

  private static func members() -> [String] {
    if let known = state.withLock({ $0.members }) { return known }
    let types: Set<String> = ["string", "list", "map", "range", "stream", "task"]
    let builtIn = BuiltIn.all.map(\.name).filter { name in
      name.contains(".") && !name.contains("__") && !types.contains(String(name.prefix { $0 != "." }))
    }
    let operations = Catalogue.shared.operationNames
    let members = builtIn + operations + operations.map { "intercom." + $0 } + ["intercom.request"]
    state.withLock { $0.members = members }
    return members
  }
}

extension String {
  /// How often a short text occurs.
  fileprivate func components(of part: String) -> Int {
    var count = 0
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(part) { count += 1 }
      rest = rest.dropFirst()
    }
    return count
  }
}

/// The words of the language.
enum Keywords {
  static let all = [
    "let", "var", "fn", "return", "if", "else", "for", "in", "while", "break", "continue", "match", "try", "catch",
    "finally", "throw", "import", "export", "true", "false", "null", "where", "on", "every", "step", "wait",
  ]
}
