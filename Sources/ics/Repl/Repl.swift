// The prompt: `ics` on a terminal.
//
// The main thread belongs to the terminal. It waits for three things at once (keys, signals, and messages from the
// task that runs an entry) and calls readline when there is a key to read. While an entry runs, readline is off: the
// terminal is as any program finds it, and keeps what is typed ahead.

import Dispatch
import ICSDiagnostics
import IntercomScript
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@MainActor
final class Repl {
  private let signals: Signals
  private let stop = Stop()
  private let runner: EntryRunner
  private let history: HistoryFile
  private let wake = WakePipe()
  private var editor: LineEditor?

  /// The lines of an entry that is not complete.
  private var pending = ""
  /// Entries of one paste that wait for their turn.
  private var queue: [String] = []
  private var running: Task<Void, Never>?
  /// What the process ends with, once it is to end.
  private var status: Int32?

  /// Shows the prompt until it is left.
  static func start(_ options: RunOptions) -> Never {
    // The signals are taken first: the session's tasks make threads.
    let repl = Repl(options, Signals.take())
    repl.loop()
  }

  private init(_ options: RunOptions, _ signals: Signals) {
    self.signals = signals
    runner = EntryRunner(options, stop: stop)
    history = HistoryFile(path: Environment.fileInHome("history"))
  }

  // MARK: The loop

  private func loop() -> Never {
    let editor = LineEditor(
      took: { [unowned self] line in take(line) }, candidates: { [unowned self] text in candidates(for: text) })
    self.editor = editor
    for entry in history.load() { editor.remember(entry) }
    StandardOutput.shared.write("ics \(Version.number)   :help lists what there is, Ctrl-D leaves\n")
    install()
    while status == nil {
      // INVARIANT: keys are read only while readline's handler is installed; a negative descriptor is skipped.
      var waiting = [
        pollfd(fd: running == nil ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&waiting, nfds_t(waiting.count), -1) > 0 else { continue }
      if waiting[2].revents != 0 { receive(signals.next()) }
      if waiting[1].revents != 0 { finish() }
      if waiting[0].revents != 0, running == nil, status == nil { editor.readKey() }
    }
    leave(status ?? ExitStatus.success)
  }

  /// Closes what the session opened. The main thread has nothing else to do meanwhile, so it simply waits.
  private func leave(_ status: Int32) -> Never {
    editor?.remove()
    let runner = runner
    Task.detached {
      await runner.close()
      ExitStatus.leave(status)
    }
    while true { _exit(ExitStatus.signal(signals.next())) }
  }

  private func install() { editor?.install(pending.isEmpty ? "ics> " : "...> ", behind: pending) }

  // MARK: Lines

  /// Takes a line; `nil` is Ctrl-D on an empty one.
  private func take(_ line: String?) {
    guard let line else {
      StandardOutput.shared.write("\n")
      status = ExitStatus.success
      return
    }
    if line.hasPrefix(LineEditor.editorMark) { return edit(String(line.dropFirst(LineEditor.editorMark.count))) }
    warnOfSecrets(in: line)
    var entries = PastedText.entries(line)
    let first = entries.removeFirst()
    queue += entries
    pending += (pending.isEmpty ? "" : "\n") + first
    proceed()
  }

  /// Runs what is complete, or asks for more.
  private func proceed() {
    if SecretShape.isToken(pending.trimmed) {
      // A token alone is no code, and its '=' would only ask for more lines.
      remember(pending)
      pending = ""
      return next()
    }
    if pending.allSatisfy(\.isWhitespace) {
      pending = ""
      return next()
    }
    let isCommand = pending.hasPrefix(":")
    let question = Self.question(pending)
    if !isCommand, question == nil, EntryShape.isIncomplete(pending), queue.isEmpty { return install() }
    let entry = pending
    pending = ""
    remember(entry)
    if isCommand { obey(entry) } else { run(question.map { .command(.doc, $0) } ?? .entry(entry)) }
  }

  /// `name?` asks what a name is, `name??` for all of it: the name with its marks; nil for any other entry.
  private static func question(_ entry: String) -> String? {
    let text = entry.trimmed
    guard text.hasSuffix("?") else { return nil }
    let name = text.prefix { $0 != "?" }
    guard !name.isEmpty, ["?", "??"].contains(text.dropFirst(name.count)),
      name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." })
    else { return nil }
    return text
  }

  /// The next entry of a paste, else the prompt.
  private func next() {
    guard status == nil else { return }
    guard !queue.isEmpty else { return install() }
    pending = queue.removeFirst()
    StandardOutput.shared.write(terminalSafe("ics> " + pending, keepingLineBreaks: true) + "\n")
    proceed()
  }

  /// A token that was pasted is masked from here on, whatever becomes of the line.
  private func warnOfSecrets(in line: String) {
    for secret in SecretShape.found(in: line) { KnownSecrets.add(secret) }
    guard SecretShape.masked(line) != line else { return }
    StandardError.write(
      "warning: this line holds a secret; the history has it masked. 'ics connect --token' keeps a token encrypted\n")
  }

  private func remember(_ entry: String) {
    // What holds a secret is masked for the arrow keys too.
    let kept = SecretShape.masked(entry)
    editor?.remember(kept)
    history.append(kept)
  }

  // MARK: Work

  /// What the runner has to do.
  private enum Work: Sendable {
    case entry(String)
    case command(PromptCommand, String)
  }

  private func run(_ work: Work) {
    stop.interruption.reset()
    let (runner, wake) = (runner, wake)
    running = Task.detached {
      switch work {
      case .entry(let text): await runner.run(text)
      case .command(let command, let argument): await runner.obey(command, argument)
      }
      wake.ring()
    }
  }

  /// An entry has ended: the prompt comes back.
  private func finish() {
    wake.silence()
    running = nil
    StandardOutput.shared.flush()
    if StandardOutput.shared.failure != nil { status = ExitStatus.success }
    next()
  }

  private func receive(_ signal: Int32) {
    if signal == SIGTERM {
      stop.request(by: signal)
      running?.cancel()
      status = ExitStatus.signal(SIGTERM)
    } else if let running {
      queue = []
      // A loop looks at the interruption; what sleeps or waits for an answer is cancelled.
      stop.interruption.request()
      running.cancel()
    } else {
      editor?.abandon()
      StandardOutput.shared.write("^C\n")
      (pending, queue) = ("", [])
      install()
    }
  }

  // MARK: Commands of the prompt

  private func obey(_ line: String) {
    let (name, argument) = PromptCommand.parse(line)
    switch PromptCommand.named(name) {
    case .quit?: status = ExitStatus.success
    case .edit?: editEntry(argument)
    case let command?: run(.command(command, argument))
    case nil:
      Reporter().error(PromptCommand.complaint(name))
      next()
    }
  }

  private func editEntry(_ argument: String) {
    let runner = runner
    guard let number = argument.isEmpty ? 0 : Int(argument) else {
      Reporter().error("':edit' takes the number of an entry, not '\(argument)'")
      return next()
    }
    let entry = Self.wait { await runner.log.entry(number == 0 ? nil : number)?.text } ?? nil
    if number != 0, entry == nil {
      Reporter().error("there is no entry \(number)")
      return next()
    }
    edit(entry ?? "")
  }

  /// Lets a text be changed in an editor, and runs what comes back.
  private func edit(_ text: String) {
    guard let changed = TextEditor.edit(text), !changed.allSatisfy(\.isWhitespace) else { return next() }
    let entry = changed.trimmed
    StandardOutput.shared.write(terminalSafe(entry, keepingLineBreaks: true) + "\n")
    remember(entry)
    run(.entry(entry))
  }

  // MARK: Completion

  /// What may stand behind the line that is typed.
  private func candidates(for line: String) -> CompletionList {
    let before = pending.isEmpty ? "" : pending + "\n"
    let runner = runner
    guard var list = Self.wait({ await runner.candidates(for: before + line) }) else {
      return CompletionList(start: line.utf8.count, candidates: [])
    }
    let start = list.start - before.utf8.count
    // A word does not begin in a line that was entered already.
    guard start >= 0 else { return CompletionList(start: line.utf8.count, candidates: []) }
    list = CompletionList(start: start, candidates: list.candidates)
    return list
  }

  /// Waits for an answer of the runner, which has nothing else to do at the prompt; `nil` when it takes too long.
  private static func wait<Answer: Sendable>(_ ask: @escaping @Sendable () async -> Answer) -> Answer? {
    let answer = Box<Answer>()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      let value = await ask()
      answer.value.withLock { $0 = value }
      done.signal()
    }
    guard done.wait(timeout: .now() + 2) == .success else { return nil }
    return answer.value.withLock { $0 }
  }

  /// A place for an answer that another thread gives.
  private final class Box<Answer: Sendable>: Sendable {
    let value = Mutex<Answer?>(nil)
  }
}
