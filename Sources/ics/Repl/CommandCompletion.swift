// What Tab offers behind a command of the prompt.

import ICSDiagnostics
import ICSLibrary
import IntercomAPI
import IntercomCatalogue
import IntercomScript

enum CommandCompletion {
  /// The candidates behind a line that begins with a colon.
  ///
  /// - Parameter expression: What may stand behind a text of the language.
  static func candidates(_ line: String, expression: (String) -> CompletionList) -> CompletionList {
    let body = line.dropFirst()
    guard let space = body.firstIndex(of: " ") else {
      let found = PromptCommand.allCases.filter { $0.rawValue.hasPrefix(body) }
      return CompletionList(start: 1, candidates: found.map { Candidate($0.rawValue, $0.usage, doc: $0.summary) })
    }
    let argument = String(body[space...].drop { $0 == " " })
    let start = line.utf8.count - argument.utf8.count
    let word = argument.split(separator: " ", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    let wordStart = line.utf8.count - word.utf8.count
    switch PromptCommand.named(String(body[..<space])) {
    case .type, .time, .bench, .complete:
      let list = expression(argument)
      return CompletionList(start: start + list.start, candidates: list.candidates)
    case .doc: return CompletionList(start: start, candidates: names.filter { $0.text.hasPrefix(argument) })
    case .help: return words(["keys"], word, wordStart)
    case .more: return words(["all", "columns"], word, wordStart)
    case .set:
      return argument.contains(" ")
        ? CompletionList(
          start: wordStart,
          candidates: ValueView.allCases.filter { $0.rawValue.hasPrefix(word) }.map {
            Candidate($0.rawValue, doc: $0.summary)
          }) : words(["view"], word, wordStart)
    case .view:
      return CompletionList(
        start: wordStart,
        candidates: ValueView.allCases.filter { $0.rawValue.hasPrefix(word) }.map {
          Candidate($0.rawValue, doc: $0.summary)
        })
    case .load, .save: return CompletionList(start: wordStart, candidates: FileNames.matching(word))
    case .account:
      // A store that cannot be read has no names to offer; using it says why.
      let names = (try? AccountStore.ofThisUser.records().map(\.name)) ?? []
      return words(names, word, wordStart)
    case .dry, .trace: return words(["on", "off"], word, wordStart)
    case .record, .replay:
      let off = words(["off"], word, wordStart).candidates
      return CompletionList(start: wordStart, candidates: off + FileNames.matching(word, suffix: ".rec"))
    case .sandbox, .vars, .history, .why, .edit, .reset, .copy, .open, .login, .whoami, .limit, .jobs, .logs, .env,
      .quit, nil:
      return CompletionList(start: wordStart, candidates: [])
    }
  }

  private static func words(_ words: [String], _ begun: String, _ start: Int) -> CompletionList {
    CompletionList(start: start, candidates: words.filter { $0.hasPrefix(begun) }.map { Candidate($0) })
  }

  /// Everything that `:doc` explains.
  private static var names: [Candidate] {
    let builtIn = BuiltIn.all.filter { !$0.name.contains("__") }.map { Candidate($0.name, $0.signature, doc: $0.doc) }
    let operations = Catalogue.shared.operationNames.map { Candidate($0, "operation") }
    let codes = ErrorCode.table.map { Candidate($0.code.rawValue, "error", doc: $0.meaning) }
    return (builtIn + operations + codes).sorted { $0.text < $1.text }
  }
}
