// The time of a replay: waits are over at once, and the wall clock shows what it showed then.

import IntercomAPI
import Synchronization

/// A clock that jumps forward over every wait. The script's waits and the connector's share it, so that what came first
/// when the run was recorded comes first again.
final class ReplayClock: Sendable {
  private let start = ContinuousClock.now
  private let state: Mutex<State>

  private struct State {
    /// What was jumped over.
    var skipped: Duration = .zero
    var reads = 0
    /// The readings that are to come, the next one last.
    var times: [(read: Int, seconds: Int)]
    var seconds: Int?
  }

  init(_ times: [(read: Int, seconds: Int)]) {
    state = Mutex(State(times: times.reversed()))
  }

  /// Unix seconds: those of the recording's readings, in their order; after the last one it stands still.
  func wallTime() -> Double {
    state.withLock { state in
      while let next = state.times.last, next.read <= state.reads {
        state.seconds = next.seconds
        state.times.removeLast()
      }
      state.reads += 1
      return Double(state.seconds ?? 0)
    }
  }

  /// Time that only goes forward.
  func now() -> Duration { ContinuousClock.now - start + state.withLock { $0.skipped } }

  func nanoseconds() -> UInt64 {
    let (seconds, attoseconds) = now().components
    // Begins at a second, because a session takes 0 for no time at all.
    return UInt64(seconds + 1) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }

  /// Jumps to a moment of `nanoseconds`. Answers that are on their way come first: they took less time than a wait that
  /// somebody wrote down.
  func sleep(until moment: UInt64) async {
    // A cancelled pause is no error here: the script's end is near.
    try? await Task.sleep(for: .milliseconds(2))
    let now = nanoseconds()
    if moment > now { skip(.nanoseconds(Int64(clamping: moment - now))) }
  }

  /// The connector's clock.
  var requestClock: RequestClock {
    RequestClock(
      now: { self.now() }, unixTime: { RequestClock.system.unixTime() },
      sleep: { duration in
        try Task.checkCancellation()
        self.skip(duration)
      }, random: { 0.5 })
  }

  private func skip(_ duration: Duration) { state.withLock { $0.skipped += duration } }
}
