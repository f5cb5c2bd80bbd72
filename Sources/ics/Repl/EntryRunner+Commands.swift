// The commands of the prompt that need the session.

import ICSDiagnostics
import ICSSyntax
import ICSVM
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension EntryRunner {
  /// Does what a command says.
  func obey(_ command: PromptCommand, _ argument: String) async {
    switch command {
    case .help: Pager.show(argument.hasPrefix("k") ? PromptCommand.keys : PromptCommand.overview)
    case .doc: explain(argument)
    case .type: showType(argument)
    case .time: await time(argument)
    case .bench: await benchmark(argument)
    case .vars: showNames()
    case .load: await load(argument)
    case .save: save(argument)
    case .history: showHistory(argument)
    case .more: await showMore(argument)
    case .set: set(argument)
    case .view: argument.isEmpty ? set("") : set("view " + argument)
    case .copy: copyLast()
    case .open: await openLast()
    case .why: explainFailure()
    case .account: await useAccount(argument)
    case .login: await logIn(argument)
    case .whoami: await showIdentity()
    case .sandbox: await useSandbox()
    case .limit: showLimits()
    case .dry: await setDryRun(argument)
    case .trace: await setTrace(argument)
    case .record: await record(argument)
    case .replay: await replay(argument)
    case .jobs: runOwnCommand(["runs", "list"])
    case .logs: runOwnCommand(["events", "list"])
    case .env: showVariables()
    case .reset: await reset()
    case .complete: showCandidates(argument)
    // The terminal's own.
    case .edit, .quit: break
    }
  }

  func complain(_ message: String) { Reporter().error(message) }

  func say(_ lines: [String]) { Pager.show(lines) }

  // MARK: Explaining

  private func explain(_ name: String) {
    guard !name.isEmpty else { return complain("':doc' needs a name: :doc contacts.update") }
    let isWhole = name.hasSuffix("??")
    let name = name.hasSuffix("?") ? String(name.prefix { $0 != "?" }) : name
    switch Documentation(palette: display.palette, isWhole: isWhole).find(name, session: session) {
    case .found(let lines): say(lines)
    case .unknown(let near):
      complain("there is nothing called '\(name)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
    }
  }

  private func showType(_ text: String) {
    guard !text.isEmpty else { return complain("':type' needs an expression: :type contacts.list()") }
    let tree = SyntaxTree.parse(SourceFile(name: "<prompt>", text: text))
    guard !tree.hasErrors else { return Reporter().report(tree.diagnostics) }
    say([Completer(text, session: session).typeOfExpression])
  }

  private func showNames() {
    let names = session.declaredNames
    guard !names.isEmpty else { return say(["no names yet"]) }
    let facts = names.map { name -> (String, String, String) in
      guard let value = session.value(named: name) else {
        return (name, Completer(name, session: session).typeOfExpression, "")
      }
      var copier = ValueCopier(value)
      copier.maximumItems = 10
      return (name, Completer(name, session: session).typeOfExpression, Self.summary(copier.copy(value.value)))
    }
    let nameWidth = facts.map { displayWidth($0.0) }.max() ?? 0
    let typeWidth = facts.map { displayWidth($0.1) }.max() ?? 0
    let width = Environment.width(STDOUT_FILENO)
    say(
      facts.map { name, type, short in
        Cell.cut("\(Cell.pad(name, to: nameWidth))  \(Cell.pad(type, to: typeWidth))  \(short)", to: max(width, 20))
      })
  }

  /// A value in one line of at most 100 columns.
  static func summary(_ value: ShownValue) -> String {
    let printer = PrettyPrinter(width: 100, palette: .none)
    return Cell.cut(printer.flat(value, columns: .max) ?? "", to: 100)
  }

  private func showCandidates(_ text: String) {
    say(CandidateList(candidates(for: text).candidates, width: Environment.width(STDOUT_FILENO)).lines)
  }

  /// What may stand behind a text: the line up to the cursor, with the lines of the entry before it.
  func candidates(for text: String) -> CompletionList {
    var list =
      text.hasPrefix(":")
      ? CommandCompletion.candidates(text) { Completer($0, session: session).list }
      : Completer(text, session: session).list
    // What is chosen is typed: a name that holds what a terminal obeys is not offered.
    list.candidates.removeAll { safeText($0.text) != $0.text }
    return list
  }

  // MARK: Values

  private func showMore(_ argument: String) async {
    guard let shown else { return say(["there is nothing more"]) }
    let value = SessionValue(machine: shown.machine, value: shown.machine.value(shown.value))
    switch argument {
    case "columns", "c":
      guard !shown.hiddenColumns.isEmpty else { return say(["all columns were shown"]) }
      var columns = shown.hiddenColumns
      // As many columns beside each other as fit, one table below the other.
      var lines: [String] = []
      while !columns.isEmpty {
        let table = display.show(value, from: shown.firstRow, columns: columns)
        lines += (lines.isEmpty ? [] : [""]) + table.lines
        columns = table.hiddenColumns
      }
      Pager.show(lines)
      self.shown = ShownPart(
        machine: shown.machine, value: shown.value, firstRow: shown.firstRow, nextRow: shown.nextRow,
        columns: shown.columns, hiddenColumns: [])
    case "all", "a": showWhole(value)
    case "":
      if let next = shown.nextRow {
        show(value, from: next)
      } else if rest != nil {
        _ = await readRest(after: value)
      } else if !shown.hiddenColumns.isEmpty {
        await showMore("columns")
      } else {
        showWhole(value)
      }
    default: complain("':more' takes 'all' or 'columns', not '\(argument)'")
    }
  }

  /// Shows all of a value; of one that is too large for that, how much is missing.
  private func showWhole(_ value: SessionValue) {
    let text = display.show(value, isWhole: true)
    Pager.show(text.lines + (text.remainingRows > 0 ? ["… \(ShownText.grouped(text.remainingRows)) more rows"] : []))
  }

  private func set(_ argument: String) {
    let words = argument.split(separator: " ").map(String.init)
    guard !words.isEmpty else { return say(["view  \(view.rawValue)"]) }
    guard words.count == 2, words[0] == "view", let wanted = ValueView(rawValue: words[1]) else {
      return complain("':set' knows: :set view " + ValueView.allCases.map(\.rawValue).joined(separator: "|"))
    }
    view = wanted
  }
}
