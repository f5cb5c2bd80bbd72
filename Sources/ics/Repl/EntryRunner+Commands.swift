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
    case .vars: showNames()
    case .load: await load(argument)
    case .save: save(argument)
    case .history: showHistory(argument)
    case .more: await showMore(argument)
    case .set: set(argument)
    case .why: explainFailure()
    case .account: await useAccount(argument)
    case .sandbox: await useSandbox()
    case .dry: await setDryRun(argument)
    case .record: await record(argument)
    case .reset: await reset()
    case .complete: showCandidates(argument)
    // The terminal's own.
    case .edit, .quit: break
    }
  }

  func complain(_ message: String) { Reporter().error(message) }

  private func say(_ lines: [String]) { Pager.show(lines) }

  // MARK: Explaining

  private func explain(_ name: String) {
    guard !name.isEmpty else { return complain("':doc' needs a name: :doc contacts.update") }
    switch Documentation(palette: display.palette).find(name, session: session) {
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
  private static func summary(_ value: ShownValue) -> String {
    let printer = PrettyPrinter(width: 100, palette: .none)
    return Cell.cut(printer.flat(value, columns: .max) ?? "", to: 100)
  }

  private func showCandidates(_ text: String) {
    say(CandidateList(candidates(for: text).candidates, width: Environment.width(STDOUT_FILENO)).lines)
  }

  /// What may stand behind a text: the line up to the cursor, with the lines of the entry before it.
  func candidates(for text: String) -> CompletionList {
    if text.hasPrefix(":") {
      return CommandCompletion.candidates(text) { Completer($0, session: session).list }
    }
    var list = Completer(text, session: session).list
    // What is chosen is typed: a name that holds what a terminal obeys is not offered.
    list.candidates.removeAll { safeText($0.text) != $0.text }
    return list
  }

  // MARK: Costs

  private func time(_ text: String) async {
    guard !text.isEmpty else { return complain("':time' needs an expression: :time contacts.list().count()") }
    let before = (activity.counts, Self.processorTime, session.usedFuel)
    let start = ContinuousClock.now
    _ = await run(text)
    let wall = ContinuousClock.now - start
    let after = activity.counts
    var parts = [
      "\(Self.seconds(wall)) s", "\(Self.seconds(Self.processorTime - before.1)) s of CPU",
      "\(ShownText.grouped(max(0, session.usedFuel - before.2))) steps",
    ]
    let requests = after.requests - before.0.requests
    parts.append("\(requests) request\(requests == 1 ? "" : "s")")
    if requests > 0 {
      parts.append("\(Self.seconds(after.waited - before.0.waited)) s waited for the rate limit")
      if let remaining = after.remaining { parts.append("allowance left: \(remaining)") }
    }
    StandardError.write(parts.joined(separator: ", ") + "\n")
  }

  private static func seconds(_ duration: Duration) -> String {
    let thousandths = max(0, Int(duration / .milliseconds(1) + 0.5))
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  private static var processorTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }

  // MARK: Files

  private func load(_ name: String) async {
    guard !name.isEmpty else { return complain("':load' needs a file: :load report.ics") }
    do throws(InputError) {
      let bytes = try InputFile.read(name, limit: SyntaxTree.maximumSourceSize + 1)
      await run(String(decoding: bytes, as: UTF8.self))
    } catch {
      complain(error.message)
    }
  }

  private func save(_ argument: String) {
    let words = argument.split(separator: " ").map(String.init)
    guard let name = words.first, words.count <= 2 else {
      return complain("':save' needs a file: :save report.ics 1-12")
    }
    var range: ClosedRange<Int>?
    if words.count == 2 {
      range = EntryLog.range(words[1])
      guard range != nil else { return complain("'\(words[1])' are no entries; write 3, 1-12 or 4-") }
    }
    let path = Path.absolute(name)
    if access(path, F_OK) == 0, !savedFiles.contains(path) {
      return complain("there is a file '\(name)' already; choose another name")
    }
    let (text, count) = log.script(range, date: TimestampText.today)
    guard count > 0 else { return complain("there is nothing to save: no entry of these has worked yet") }
    do throws(InputError) {
      try OutputFile.write(text, to: path)
    } catch {
      return complain(error.message)
    }
    savedFiles.insert(path)
    say(["saved \(count) \(count == 1 ? "entry" : "entries") to \(safeText(name))"])
    let root = options.root.map(Path.absolute) ?? Path.folder(of: path)
    let errors = Session.check(SourceFile(name: name, text: text), path: path, root: root)
      .filter { $0.severity == .error }
    if !errors.isEmpty {
      StandardError.write("it does not run on its own yet:\n")
      Reporter().report(errors)
    }
  }

  private func showHistory(_ argument: String) {
    var words = argument.split(separator: " ").map(String.init)
    var count = Int.max
    if let first = words.first, let number = Int(first), number > 0 {
      count = number
      words.removeFirst()
    }
    let pattern = words.joined(separator: " ").lowercased()
    let found = log.entries.filter { pattern.isEmpty || $0.text.lowercased().contains(pattern) }.suffix(count)
    guard !found.isEmpty else { return say(["no entries yet"]) }
    let width = String(found.last?.number ?? 0).count
    say(
      found.flatMap { entry -> [String] in
        let lines = safeLines(entry.text)
        let number = Cell.pad("\(entry.number)", to: width, isRight: true)
        return lines.enumerated().map { index, line in
          (index == 0 ? "\(number)  " : String(repeating: " ", count: width + 2)) + line
        }
      })
  }

  private func safeLines(_ text: String) -> [String] {
    terminalSafe(Reporter.redactor.redact(text), keepingLineBreaks: true)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
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
    case "all", "a": Pager.show(display.show(value, isWhole: true).lines)
    case "":
      if let next = shown.nextRow {
        show(value, from: next)
      } else if rest != nil {
        _ = await readRest(after: value)
      } else if !shown.hiddenColumns.isEmpty {
        await showMore("columns")
      } else {
        Pager.show(display.show(value, isWhole: true).lines)
      }
    default: complain("':more' takes 'all' or 'columns', not '\(argument)'")
    }
  }

  private func set(_ argument: String) {
    let words = argument.split(separator: " ").map(String.init)
    guard !words.isEmpty else { return say(["view  \(view.rawValue)"]) }
    guard words.count == 2, words[0] == "view", let wanted = ValueView(rawValue: words[1]) else {
      return complain("':set' knows: :set view " + ValueView.allCases.map(\.rawValue).joined(separator: "|"))
    }
    view = wanted
  }

  // MARK: Failures

  private func explainFailure() {
    guard !lastFailure.isEmpty else { return say(["nothing has failed yet"]) }
    Reporter().report(lastFailure)
    for diagnostic in lastFailure {
      if let data = diagnostic.data { StandardError.write("  = data: \(Cell.cut(safeText(data), to: 2000))\n") }
      let places = [(diagnostic.source, diagnostic.span)] + diagnostic.frames.map { ($0.source, $0.span) }
      for line in values(at: places) { StandardError.write("  = value: \(line)\n") }
    }
    let codes = Set(lastFailure.map(\.code)).filter { ErrorCode($0).entry != nil }.sorted()
    for code in codes { StandardError.write("  = help: ':doc \(code)' explains the error\n") }
  }

  /// The names of the session in the lines of a stack, with the values that they have now.
  private func values(at places: [(SourceFile?, Span)]) -> [String] {
    var lines: [String] = []
    var known: Set<String> = []
    for (source, span) in places {
      guard let source else { continue }
      let start = min(Int(span.start), source.bytes.count)
      let lineStart = source.bytes[..<start].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      let lineEnd = source.bytes[start...].firstIndex(of: 0x0A) ?? source.bytes.count
      let text = String(decoding: source.bytes[lineStart..<lineEnd], as: UTF8.self)
      // A name behind a point is a member, and no name of the session.
      for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "." }) {
        let name = String(word.prefix { $0 != "." })
        guard known.insert(name).inserted, let value = session.value(named: name) else { continue }
        var copier = ValueCopier(value)
        copier.maximumItems = 20
        lines.append("\(name) = \(Self.summary(copier.copy(value.value)))")
      }
    }
    return lines
  }
}
