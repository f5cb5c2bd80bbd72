// The commands of the prompt, which begin with a colon: one table that help, completion and the prompt read.

import ICSDiagnostics

enum PromptCommand: String, CaseIterable, Sendable {
  case help, doc, type, time, bench, vars, load, save, edit, history, more, set, view, copy, open, why
  case account, login, whoami, sandbox, limit, dry, trace, record, replay, jobs, logs, env, reset, complete, quit

  /// How it is called.
  var usage: String {
    switch self {
    case .help: ":help [keys]"
    case .doc: ":doc NAME"
    case .type: ":type EXPR"
    case .time: ":time EXPR"
    case .bench: ":bench EXPR"
    case .vars: ":vars"
    case .load: ":load FILE"
    case .save: ":save FILE [1-12]"
    case .edit: ":edit [N]"
    case .history: ":history [N] [WORD]"
    case .more: ":more [all|columns]"
    case .set: ":set view VIEW"
    case .view: ":view [VIEW]"
    case .copy: ":copy"
    case .open: ":open"
    case .why: ":why"
    case .account: ":account [NAME]"
    case .login: ":login [NAME]"
    case .whoami: ":whoami"
    case .sandbox: ":sandbox"
    case .limit: ":limit"
    case .dry: ":dry on|off"
    case .trace: ":trace on|off"
    case .record: ":record FILE|off"
    case .replay: ":replay FILE|off"
    case .jobs: ":jobs"
    case .logs: ":logs"
    case .env: ":env"
    case .reset: ":reset"
    case .complete: ":complete TEXT"
    case .quit: ":quit"
    }
  }

  var summary: String {
    switch self {
    case .help: "this text; with 'keys' what the keys do"
    case .doc: "what a function, an operation or an error code is; 'NAME?' does the same"
    case .type: "the type of an expression, which is not run"
    case .time: "run it and say what it cost: time, memory, requests, waits, allowance"
    case .bench: "run it many times and say how long it takes"
    case .vars: "the names that you have declared"
    case .load: "run a file here; its names stay"
    case .save: "write what you have entered, and what worked, to a script"
    case .edit: "change an entry in $EDITOR and run it"
    case .history: "what you have entered, with its numbers: out[N] is the value"
    case .more: "more of the last value: rows, columns, or all of it in the pager"
    case .set: "how values are shown: " + ValueView.allCases.map(\.rawValue).joined(separator: ", ")
    case .view: "the same in short; alone, which view it is"
    case .copy: "put the last value into the clipboard: text as it is, the rest as JSON"
    case .open: "open the last value in the browser: a contact, a conversation, an address"
    case .why: "the last error, with its whole stack and the values of its names"
    case .account: "which account requests go to; with a name, change it"
    case .login: "connect an account, as 'ics connect' does"
    case .whoami: "whose token it is, and of which workspace"
    case .limit: "what the rate limit has left, and what a session may use"
    case .dry: "show writes instead of sending them"
    case .trace: "say what each request does"
    case .record: "keep the exchanges with the API in a file"
    case .replay: "answer requests from such a file; nothing is sent"
    case .jobs: "what hooks and jobs did, as 'ics runs list' shows it"
    case .logs: "what came in for the hooks, as 'ics events list' shows it"
    case .env: "the variables that ics reads, and which are set"
    case .sandbox: "send requests to the local sandbox"
    case .reset: "forget all names and begin anew"
    case .complete: "what Tab would offer behind a text"
    case .quit: "leave, as Ctrl-D does"
    }
  }

  /// Short names that everybody tries.
  private static let aliases: [String: PromptCommand] = [
    "h": .help, "?": .help, "q": .quit, "exit": .quit, "l": .load, "t": .type, "d": .doc, "v": .vars, "e": .edit,
    "m": .more, "run": .load, "b": .bench,
  ]

  /// The command of a name, or of the beginning of it that no other has.
  static func named(_ name: String) -> PromptCommand? {
    if let exact = PromptCommand(rawValue: name) ?? aliases[name] { return exact }
    let matching = name.isEmpty ? [] : allCases.filter { $0.rawValue.hasPrefix(name) }
    return matching.count == 1 ? matching[0] : nil
  }

  /// What to say about a name that no command has.
  static func complaint(_ name: String) -> String {
    let near = nearestNames(to: name, among: allCases.map(\.rawValue), limit: 1).first
    return "there is no command ':\(name)'" + (near.map { "; did you mean ':\($0)'?" } ?? "; see :help")
  }

  /// The command and its argument of a line that begins with a colon.
  static func parse(_ line: String) -> (name: String, argument: String) {
    let text = line.dropFirst().drop { $0 == " " }
    let name = text.prefix { !$0.isWhitespace }
    return (String(name), String(text.dropFirst(name.count)).trimmed)
  }

  static var overview: [String] {
    let width = allCases.map(\.usage.count).max() ?? 0
    return [
      "Type a statement or an expression; its value is shown. Lines go on until it is complete.",
      "",
      "  1 + 2",
      "  let ana = contacts.create({role: \"lead\", email: \"ana@example.com\"})",
      "  contacts.list().take(5).to_list()",
      "  for c in contacts where role == \"lead\" { print(c.email) }",
      "",
      "_ is the last value, __ the one before, out[3] that of entry 3, history() what was entered.",
      "A ';' at the end shows nothing. NAME? says what a name is, NAME?? all of it.",
      "",
    ]
      + allCases.map { "  " + Cell.pad($0.usage, to: width) + "  " + $0.summary }
      + [
        "",
        "  Commands may be shortened. Tab completes, Ctrl-C stops what runs, Ctrl-D leaves; ':help keys' says more.",
      ]
  }

  static let keys = [
    "  Tab              completes, and lists what there is",
    "  Up, Down         earlier entries, as whole blocks",
    "  Ctrl-R           search the entries; Alt-Up: those that begin with what is typed",
    "  Alt-Enter        a new line, although the statement is complete",
    "  Ctrl-X Ctrl-E    change the entry in $EDITOR",
    "  Right, End       take the grey suggestion from the history",
    "  Ctrl-C           clears the line, or stops what runs",
    "  Ctrl-D           leaves",
    "  Ctrl-A, Ctrl-E   the beginning and the end of the line",
    "  Ctrl-W, Ctrl-U   delete the word, the line; Ctrl-Y brings it back",
    "  Ctrl-L           clear the screen",
  ]
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
