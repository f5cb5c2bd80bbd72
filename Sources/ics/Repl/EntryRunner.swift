// The session behind the prompt: it lives in an actor, which runs one entry at a time.

import ICSDiagnostics
import IntercomScript

actor EntryRunner {
  private let options: RunOptions
  private let stop: Stop
  private let workspace: Workspace
  private let session: Session

  init(_ options: RunOptions, stop: Stop) {
    self.options = options
    self.stop = stop
    workspace = Workspace(options)
    var configuration = options.sessionConfiguration(
      root: options.root.map(Path.absolute) ?? Environment.currentFolder, stop: stop, workspace: workspace)
    configuration.remembersLast = true
    if StandardOutput.shared.isTerminal {
      let interruption = stop.interruption
      configuration.write = { bytes in
        if !StandardOutput.shared.write(Self.harmless(bytes)) { interruption.request() }
      }
    }
    session = Session(configuration)
  }

  /// Runs an entry, and shows its value or its error.
  func run(_ entry: String) async {
    switch await session.enter(SourceFile(name: "<prompt>", text: entry)) {
    case .finished(let value): show(value)
    case .notCompiled(let diagnostics): Reporter(isJSON: options.isJSON).report(diagnostics)
    case .failed(let diagnostics):
      let isStopped = stop.interruption.isRequested && diagnostics.contains { $0.code == "E_CANCELLED" }
      if isStopped { showInterruption(diagnostics) } else { Reporter(isJSON: options.isJSON).report(diagnostics) }
    }
    publishNames()
  }

  /// Tells completion the names that there are now.
  func publishNames() {
    Completion.publish(declared: session.declaredNames, prelude: session.preludeNames)
  }

  /// Ends connections and the sandbox.
  func close() async {
    await session.shutdown()
    await workspace.close()
    if let problem = options.tape.finish() { Reporter(isJSON: options.isJSON).error(problem) }
  }

  private func show(_ value: SessionValue) {
    guard !value.isNull else { return }
    let text = value.printed(quoted: true) ?? "<nested too deeply to show>"
    StandardOutput.shared.write(terminalSafe(Reporter.redactor.redact(text), keepingLineBreaks: true) + "\n")
  }

  /// Whoever pressed Ctrl-C knows why it ended; only what is not known is worth a line.
  private func showInterruption(_ diagnostics: [Diagnostic]) {
    StandardError.write("^C interrupted\n")
    for note in diagnostics.flatMap(\.notes) { StandardError.write("  = note: \(terminalSafe(note))\n") }
  }

  /// What `print` writes, without anything that a terminal obeys: at the prompt it is data more often than a design.
  private static func harmless(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x09 }) { return text }
    return text.split(separator: "\t", omittingEmptySubsequences: false)
      .map { terminalSafe(String($0), keepingLineBreaks: true) }.joined(separator: "\t")
  }
}
