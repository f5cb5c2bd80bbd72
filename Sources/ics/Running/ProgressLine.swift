// How far a sequence under `progress(...)` has got: one line that is rewritten on a terminal, else now and then a line.

import ICSDiagnostics
import ICSLibrary

/// Shows progress on standard error. Belongs to one session, which calls it from one task at a time.
final class ProgressLine {
  private let isQuiet: Bool
  private let isTerminal = StandardError.isTerminal && Environment["TERM"] != "dumb"
  private let clock = ContinuousClock()
  private var shownAt: ContinuousClock.Instant?

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Shows a report, unless the last one is too young to be read.
  func show(_ report: ProgressReport) {
    guard !isQuiet else { return }
    let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
    let now = clock.now
    let started = shownAt ?? now
    // A short sequence that is not watched says nothing at all.
    if shownAt == nil { shownAt = now }
    guard report.isFinished ? isTerminal : now - started >= pause else { return }
    shownAt = now
    StandardError.write(text(of: report))
  }

  private func text(of report: ProgressReport) -> String {
    let count = report.total.map { "\(report.done)/\($0)" } ?? "\(report.done)"
    let share = report.total.map { $0 > 0 ? " \(report.done * 100 / $0)%" : "" } ?? ""
    let line = "\(terminalSafe(report.label)) \(count)\(share)"
    guard isTerminal else { return line + "\n" }
    return "\r\u{1B}[K" + (report.isFinished ? "" : line)
  }
}
