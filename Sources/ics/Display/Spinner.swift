// The sign that something is being waited for: one line on standard error, which goes again.

import Synchronization

/// Draws a line while an entry runs, after a moment in which most of them are done. For people only.
final class Spinner: Sendable {
  private struct State {
    var isShown = false
    var isRunning = false
    var frame = 0
  }

  private let state = Mutex(State())
  private let activity: Activity
  /// Whether anything is drawn.
  let isOn: Bool

  private static let delay = Duration.milliseconds(300)
  private static let pause = Duration.milliseconds(100)
  private static let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

  init(_ activity: Activity, isQuiet: Bool) {
    self.activity = activity
    isOn = !isQuiet && ProgressLine.isDrawn
  }

  /// Shows the line until the work is done.
  func during<Result>(
    isolation: isolated (any Actor)? = #isolation, _ work: () async -> Result
  ) async -> Result {
    guard isOn else { return await work() }
    state.withLock { $0.isRunning = true }
    let start = ContinuousClock.now
    let drawing = Task.detached {
      // Ends when it is cancelled: then there is nothing to draw any more.
      try? await Task.sleep(for: Self.delay)
      while !Task.isCancelled {
        self.draw(since: start)
        try? await Task.sleep(for: Self.pause)
      }
    }
    let result = await work()
    drawing.cancel()
    state.withLock { state in
      state.isRunning = false
      Self.erase(&state)
    }
    return result
  }

  /// Makes room for something else that is written to the terminal.
  func clear() {
    guard isOn else { return }
    state.withLock { Self.erase(&$0) }
  }

  private func draw(since start: ContinuousClock.Instant) {
    let progress = activity.progress(elapsed: ContinuousClock.now - start)
    state.withLock { state in
      // INVARIANT: nothing is drawn after the work has ended.
      guard state.isRunning else { return }
      state.frame += 1
      let text = progress.line(width: max(1, Environment.width(2) - 3))
      StandardError.write(
        "\r\u{1B}[K\(Self.frames[state.frame % Self.frames.count]) \(text)")
      state.isShown = true
    }
  }

  private static func erase(_ state: inout State) {
    guard state.isShown else { return }
    state.isShown = false
    StandardError.write("\r\u{1B}[K")
  }
}
