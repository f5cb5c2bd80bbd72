// How far a sequence under `progress(...)` has got: one line that is rewritten on a terminal, else now and then a line.

import ICSDiagnostics
import ICSLibrary
import Synchronization

/// Shows progress on standard error. Belongs to one session, which calls it from one task at a time.
final class ProgressLine {
  private let isQuiet: Bool
  private let isTerminal = ProgressLine.isDrawn
  private let clock = ContinuousClock()
  private var startedAt: ContinuousClock.Instant?
  private var shownAt: ContinuousClock.Instant?
  /// The share that the last plain line told, in hundredths.
  private var shownShare = 0
  private var label = ""

  /// Whether a line can be rewritten.
  static var isDrawn: Bool {
    StandardError.isTerminal && Environment["TERM"] != nil && Environment["TERM"] != "dumb"
  }

  /// Whether there is a line that a wait may write anew.
  private static let isShown = Atomic<Bool>(false)

  private static let pause = Duration.milliseconds(100)
  /// Between plain lines: always after this time, or after so many hundredths of the whole and a shorter one.
  private static let plainPause = Duration.seconds(10)
  private static let plainShare = 5
  private static let shortestPlainPause = Duration.seconds(1)

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Shows a report, unless the last one is too young to be read.
  func show(_ report: ProgressReport) {
    guard !isQuiet else { return }
    let now = clock.now
    if startedAt == nil || report.label != label {
      // A short sequence that is not watched says nothing at all.
      (startedAt, shownAt, shownShare, label) = (now, now, 0, report.label)
    }
    if isTerminal { return draw(report, now) }
    guard !report.isFinished, isDue(report, now), let startedAt else { return }
    shownAt = now
    let text = ProgressText(
      label: terminalSafe(report.label), done: report.done, total: report.total, elapsed: now - startedAt)
    StandardError.write(text.plainLine + "\n")
  }

  private func isDue(_ report: ProgressReport, _ now: ContinuousClock.Instant) -> Bool {
    let since = shownAt.map { now - $0 } ?? .zero
    if since >= Self.plainPause { return true }
    guard let total = report.total, total > 0, since >= Self.shortestPlainPause else { return false }
    let share = report.done * 100 / total
    guard share >= shownShare + Self.plainShare else { return false }
    shownShare = share
    return true
  }

  private func draw(_ report: ProgressReport, _ now: ContinuousClock.Instant) {
    Activity.shared.note(report)
    if report.isFinished {
      startedAt = nil
      Self.isShown.store(false, ordering: .relaxed)
      return StandardError.write("\r\u{1B}[K")
    }
    guard let last = shownAt, now - last >= Self.pause else { return }
    shownAt = now
    Self.isShown.store(true, ordering: .relaxed)
    Self.redraw()
  }

  /// Writes the line anew, when there is one: a wait has begun. From any thread.
  static func redraw() {
    guard isShown.load(ordering: .relaxed) else { return }
    let width = Environment.width(2)
    StandardError.write("\r\u{1B}[K" + Activity.shared.progress(elapsed: .zero).line(width: max(1, width - 1)))
  }
}
