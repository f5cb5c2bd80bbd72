// The session behind the prompt: it lives in an actor, which runs one entry at a time.

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

/// The value that was shown last, and how much of it.
struct ShownPart {
  let machine: Machine
  let value: Handle
  let firstRow: Int
  /// `nil` when the last row was shown.
  let nextRow: Int?
  let columns: [String]
  let hiddenColumns: [String]
}

actor EntryRunner {
  var options: RunOptions
  let stop: Stop
  let activity = Activity()
  let spinner: Spinner
  let current: CurrentWorkspace
  var session: Session
  var log = EntryLog() { didSet { book.update(log) } }
  /// The same entries, for `history()`.
  let book = EntryBook()
  /// Names of the workspace that answers have shown.
  let facts = WorkspaceFacts()
  /// Whether what scripts print is dropped: while something is measured.
  let isMuted = Switch()
  var view: ValueView
  /// The errors of the last entry that failed, for `:why`.
  var lastFailure: [Diagnostic] = []
  /// The list that was shown last, and the row that comes next.
  var shown: ShownPart?
  /// The stream that more of the last value is in.
  var rest: Handle?
  /// The files that `:save` made in this session.
  var savedFiles: Set<String> = []

  /// How much of a stream is read to be shown.
  static let previewCount = 20

  init(_ options: RunOptions, stop: Stop) {
    self.options = options
    self.stop = stop
    let spinner = Spinner(activity, isQuiet: options.isQuiet || options.isJSON)
    let current = CurrentWorkspace(Workspace(options, activity: activity, facts: facts), options.tape)
    self.spinner = spinner
    view = Settings.shared[.view].flatMap(ValueView.init) ?? .table
    self.current = current
    session = Self.session(options, stop, current, Watchers(spinner, activity, book, facts, isMuted))
  }

  /// What a session tells of itself, and what it is told.
  struct Watchers: Sendable {
    let spinner: Spinner
    let activity: Activity
    let book: EntryBook
    let facts: WorkspaceFacts
    let isMuted: Switch

    init(_ spinner: Spinner, _ activity: Activity, _ book: EntryBook, _ facts: WorkspaceFacts, _ isMuted: Switch) {
      (self.spinner, self.activity, self.book, self.facts, self.isMuted) = (spinner, activity, book, facts, isMuted)
    }
  }

  var watchers: Watchers { Watchers(spinner, activity, book, facts, isMuted) }

  /// A session without any names.
  static func session(
    _ options: RunOptions, _ stop: Stop, _ current: CurrentWorkspace, _ watchers: Watchers
  ) -> Session {
    var configuration = options.sessionConfiguration(
      root: options.root.map(Path.absolute) ?? Environment.currentFolder, stop: stop, workspace: current.workspace)
    current.connect(&configuration)
    configuration.remembersLast = true
    configuration.facts = watchers.facts
    let book = watchers.book
    configuration.hostValues.append((name: EntryBook.name, make: { $0.value(of: book.function) }))
    watch(&configuration, watchers)
    let interruption = stop.interruption
    let isTerminal = StandardOutput.shared.isTerminal
    configuration.write = { bytes in
      guard !watchers.isMuted.isOn else { return }
      watchers.spinner.clear()
      let isHeard =
        isTerminal ? StandardOutput.shared.write(Self.harmless(bytes)) : StandardOutput.shared.write(bytes)
      if !isHeard { interruption.request() }
    }
    return Session(configuration)
  }

  /// Lets the line that says what is waited for make room, and say how far things have got.
  private static func watch(_ configuration: inout SessionConfiguration, _ watchers: Watchers) {
    let (log, progress) = (configuration.log, configuration.progress)
    configuration.log = { line in
      guard !watchers.isMuted.isOn else { return }
      watchers.spinner.clear()
      log(line)
    }
    if watchers.spinner.isOn {
      configuration.progress = { watchers.activity.note($0) }
      configuration.parallelProgress = { watchers.activity.note(done: $0, of: $1) }
    } else {
      configuration.progress = { report in
        if !watchers.isMuted.isOn { progress?(report) }
      }
    }
  }

  /// Runs an entry, and shows its value or its error. Gives whether it worked.
  @discardableResult
  func run(_ entry: String) async -> Bool {
    activity.begin()
    let shape = EntryShape(entry)
    log.add(entry, number: session.entryNumber + 1)
    let source = SourceFile(name: "<prompt>", text: shape.text)
    let outcome = await spinner.during { await session.enter(source) }
    guard case .finished(let value) = outcome else {
      report(outcome)
      return false
    }
    log.succeed()
    forgetShown()
    if value.value.tag == Tag.stream, shape.makesValue, !shape.isQuiet {
      return await showBeginning(of: value)
    }
    if !shape.isQuiet { show(value) }
    return true
  }

  /// Ends connections and the sandbox.
  func close() async {
    await session.shutdown()
    await current.workspace.close()
    if let problem = options.tape.finish() { Reporter(isJSON: options.isJSON).error(problem) }
  }

  // MARK: Values

  var display: ValueDisplay {
    ValueDisplay(view: view, width: Environment.width(STDOUT_FILENO), palette: Palette(STDOUT_FILENO))
  }

  /// Shows a value; null is nothing to show.
  func show(_ value: SessionValue, from start: Int = 0) {
    guard !value.isNull else { return }
    // Later rows have the columns of the first ones.
    let columns = shown.flatMap { $0.columns.isEmpty ? nil : $0.columns }
    var text = display.show(value, from: start, columns: columns)
    if let shown { text.hiddenColumns = shown.hiddenColumns }
    var lines = text.lines
    if rest != nil, text.remainingRows == 0 {
      lines.append(display.palette.paint("… more — :more", .note))
    } else if let remark = text.remark {
      lines.append(display.palette.paint(remark, .note))
    }
    Pager.show(lines)
    shown = ShownPart(
      machine: value.machine, value: shown?.value ?? value.machine.retain(value.value), firstRow: start,
      nextRow: text.nextRow, columns: text.columns, hiddenColumns: text.hiddenColumns)
  }

  func forgetShown() {
    if let shown { shown.machine.release(shown.value) }
    shown = nil
    if let rest { session.machine.release(rest) }
    rest = nil
  }

  /// Shows the first items of a stream that nobody else reads, and keeps the rest for `:more`. The last value is then
  /// the list of what was read.
  private func showBeginning(of stream: SessionValue) async -> Bool {
    rest = session.machine.retain(stream.value)
    return await readRest(after: nil)
  }

  /// Reads some more of the stream that is shown, behind the list of what was shown before.
  func readRest(after list: SessionValue?) async -> Bool {
    guard let rest else { return true }
    let stream = SessionValue(machine: session.machine, value: session.machine.value(rest))
    let outcome = await spinner.during { await session.read(stream, count: Self.previewCount) }
    guard case .finished(let items) = outcome else {
      report(outcome)
      return false
    }
    let read = items.count ?? 0
    if read < Self.previewCount {
      session.machine.release(rest)
      self.rest = nil
    }
    if let list {
      let start = list.count ?? 0
      items.machine.state.listAppend(list.value.address, listItems(items.value.address), count: read)
      show(list, from: start)
    } else {
      session.replaceLast(by: items)
      show(items)
    }
    return true
  }

  // MARK: Errors

  func report(_ outcome: SessionOutcome) {
    switch outcome {
    case .finished: break
    case .notCompiled(let diagnostics):
      lastFailure = diagnostics
      Reporter(isJSON: options.isJSON).report(diagnostics)
    case .failed(let diagnostics):
      lastFailure = diagnostics
      let isStopped = stop.interruption.isRequested && diagnostics.contains { $0.code == "E_CANCELLED" }
      if isStopped { showInterruption(diagnostics) } else { Reporter(isJSON: options.isJSON).report(diagnostics) }
    }
  }

  /// Whoever pressed Ctrl-C knows why it ended; only what is not known is worth a line.
  private func showInterruption(_ diagnostics: [Diagnostic]) {
    StandardError.write("^C interrupted\n")
    var notes = diagnostics.flatMap(\.notes)
    if notes.isEmpty {
      notes = activity.openWrites.map { "nobody knows whether \($0) was carried out" }
    }
    if let listing = activity.openListing { notes.append(listing) }
    for note in notes { StandardError.write("  = note: \(safeText(note))\n") }
  }

  /// What `print` writes, without anything that a terminal obeys: at the prompt it is data more often than a design.
  private static func harmless(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x09 }) { return text }
    return text.split(separator: "\t", omittingEmptySubsequences: false)
      .map { terminalSafe(String($0), keepingLineBreaks: true) }.joined(separator: "\t")
  }
}
