// The prompt: `ics` on a terminal.
//
// The main thread belongs to the terminal. It waits for three things at once (keys, signals, and messages from the
// task that runs an entry) and calls readline when there is a key to read. While an entry runs, readline is off: the
// terminal is as any program finds it, and keeps what is typed ahead.

import CReadline
import ICSDiagnostics
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@MainActor
final class Repl {
  /// The one prompt of the process: readline, which calls back, has one line.
  private static var shared: Repl?

  private let signals: Signals
  private let stop = Stop()
  private let runner: EntryRunner
  private let history: HistoryFile
  private let wake = WakePipe()
  private let usesColor = Environment.usesColor(STDOUT_FILENO)

  /// The lines of an entry that is not complete.
  private var pending = ""
  private var running: Task<Void, Never>?
  /// What the process ends with, once it is to end.
  private var status: Int32?

  /// Shows the prompt until it is left.
  static func start(_ options: RunOptions) -> Never {
    // The signals are taken first: the session's tasks make threads.
    let repl = Repl(options, Signals.take())
    shared = repl
    repl.loop()
  }

  private init(_ options: RunOptions, _ signals: Signals) {
    self.signals = signals
    runner = EntryRunner(options, stop: stop)
    history = HistoryFile(path: Environment.fileInHome("history"))
  }

  // MARK: The loop

  private func loop() -> Never {
    setUpReadline()
    for entry in history.load() { add_history(entry) }
    StandardOutput.shared.write("ics \(Version.number)   :help lists what there is, Ctrl-D leaves\n")
    prepareNames()
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
      if waiting[0].revents != 0, running == nil, status == nil { rl_callback_read_char() }
    }
    leave(status ?? ExitStatus.success)
  }

  /// Closes what the session opened. The main thread has nothing else to do meanwhile, so it simply waits.
  private func leave(_ status: Int32) -> Never {
    rl_callback_handler_remove()
    let runner = runner
    Task.detached {
      await runner.close()
      ExitStatus.leave(status)
    }
    while true { _exit(ExitStatus.signal(signals.next())) }
  }

  // MARK: Keys

  private func setUpReadline() {
    if Environment["LC_ALL"] == nil, Environment["LC_CTYPE"] == nil, Environment["LANG"] == nil {
      // Without a locale readline would take every byte of a letter for a letter.
      setlocale(LC_CTYPE, "C.UTF-8")
    }
    crl_line_buffer_stdout()
    // Readline keeps these two pointers for good, so they are copies that nobody frees.
    if let name = strdup("ics") { crl_set_name(name) }
    if let characters = strdup(Completion.wordBreaks) { crl_set_word_breaks(characters) }
    crl_set_catch_signals(0)
    crl_set_completer { text, start, _ in
      // A file's name is never what is meant.
      crl_set_completion_over(1)
      crl_set_completion_append(0)
      guard let text else { return nil }
      Completion.find(String(cString: text), line: String(cString: crl_line()), start: Int(start))
      return rl_completion_matches(text) { _, index in Completion.match(Int(index)).flatMap { strdup($0) } }
    }
    using_history()
    stifle_history(Int32(HistoryFile.maximumEntries))
  }

  private func install() {
    let text = pending.isEmpty ? "ics> " : "...> "
    // Readline counts the columns of a prompt; the marks say which of its bytes take none.
    let prompt = usesColor ? "\u{1}\u{1B}[1;36m\u{2}\(text)\u{1}\u{1B}[0m\u{2}" : text
    // Readline takes a function without a context, and calls it on the thread that reads the keys: this one.
    rl_callback_handler_install(prompt) { line in
      let text = line.map { String(cString: $0) }
      free(line)
      MainActor.assumeIsolated { Repl.shared?.take(text) }
    }
  }

  /// Takes a line; `nil` is Ctrl-D on an empty one.
  private func take(_ line: String?) {
    rl_callback_handler_remove()
    guard let line else {
      StandardOutput.shared.write("\n")
      status = ExitStatus.success
      return
    }
    pending += (pending.isEmpty ? "" : "\n") + Self.withoutPrompts(line)
    if pending.allSatisfy(\.isWhitespace) {
      pending = ""
      return install()
    }
    let isMeta = pending.hasPrefix(":")
    if !isMeta, Session.isIncomplete(pending) { return install() }
    let entry = pending
    pending = ""
    remember(entry)
    if isMeta { obey(entry) } else { run(entry) }
  }

  /// A session that was copied from a terminal can be pasted as it is.
  private static func withoutPrompts(_ line: String) -> String {
    guard line.contains("> ") else { return line }
    return line.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("ics> ") || line.hasPrefix("...> ") ? line.dropFirst(5) : line
    }.joined(separator: "\n")
  }

  private func remember(_ entry: String) {
    for secret in SecretShape.found(in: entry) { KnownSecrets.add(secret) }
    // What holds a secret is masked for the arrow keys too.
    let kept = SecretShape.masked(entry)
    if kept != entry {
      StandardError.write(
        "warning: this line holds a secret; the history has it masked. 'ics connect --token' keeps a token encrypted\n")
    }
    add_history(kept)
    history.append(kept)
  }

  // MARK: Entries

  private func run(_ entry: String) {
    stop.interruption.reset()
    let (runner, wake) = (runner, wake)
    running = Task.detached {
      await runner.run(entry)
      wake.ring()
    }
  }

  /// An entry has ended: the prompt comes back.
  private func finish() {
    wake.silence()
    running = nil
    StandardOutput.shared.flush()
    if StandardOutput.shared.failure != nil { status = ExitStatus.success }
    if status == nil { install() }
  }

  private func receive(_ signal: Int32) {
    if signal == SIGTERM {
      stop.request(by: signal)
      running?.cancel()
      status = ExitStatus.signal(SIGTERM)
    } else if let running {
      // A loop looks at the interruption; what sleeps or waits for an answer is cancelled.
      stop.interruption.request()
      running.cancel()
    } else {
      rl_callback_sigcleanup()
      rl_free_line_state()
      rl_callback_handler_remove()
      StandardOutput.shared.write("^C\n")
      pending = ""
      install()
    }
  }

  // MARK: Commands of the prompt

  private func obey(_ line: String) {
    let words = line.dropFirst().split(separator: " ").map(String.init)
    switch MetaCommand.named(words.first ?? "") {
    case .help: StandardOutput.shared.write(MetaCommand.overview)
    case .quit: status = ExitStatus.success
    case .vars:
      let names = Completion.declaredNames
      StandardOutput.shared.write(names.isEmpty ? "no names yet\n" : names.joined(separator: "  ") + "\n")
    case .load:
      guard words.count == 2 else { return complain("':load' needs a file: :load FILE") }
      do throws(InputError) {
        let bytes = try InputFile.read(words[1], limit: 1 << 26)
        return run(String(decoding: bytes, as: UTF8.self))
      } catch {
        return complain(error.message)
      }
    case nil:
      let near = nearestNames(to: words.first ?? "", among: MetaCommand.allCases.map(\.rawValue), limit: 1).first
      return complain(
        "there is no command ':\(words.first ?? "")'" + (near.map { "; did you mean ':\($0)'?" } ?? "; see :help"))
    }
    if status == nil { install() }
  }

  private func complain(_ message: String) {
    Reporter().error(message)
    install()
  }

  private func prepareNames() {
    let runner = runner
    Task.detached { await runner.publishNames() }
  }
}
