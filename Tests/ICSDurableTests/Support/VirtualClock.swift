// A clock that stands still until a test moves it.

import ICSDurable
import Synchronization

/// A clock for tests: both its hands are moved by hand, together or apart.
final class VirtualClock: DurableClock {
  private struct State {
    var now: Moment
    var sleepers: [Int: (until: Int, CheckedContinuation<Void, any Error>)] = [:]
    var next = 0
  }

  private let state: Mutex<State>

  init(wall: Timestamp = Timestamp(seconds: 1_767_225_600), uptime: Int = 1_000_000) {
    state = Mutex(State(now: Moment(wall: wall, uptime: uptime)))
  }

  func now() -> Moment { state.withLock { $0.now } }

  /// Moves both hands.
  func advance(_ duration: Duration) {
    let milliseconds = Int(duration / .milliseconds(1))
    let due = state.withLock { state in
      state.now.wall = state.now.wall + duration
      state.now.uptime += milliseconds
      let due = state.sleepers.filter { $0.value.until <= state.now.uptime }
      for key in due.keys { state.sleepers[key] = nil }
      return due.sorted { $0.value.until < $1.value.until }
    }
    for sleeper in due { sleeper.value.1.resume() }
  }

  /// Sets the wall clock forward, or back.
  func setWall(by duration: Duration) { state.withLock { $0.now.wall = $0.now.wall + duration } }

  /// When the first sleeper wants to be woken.
  var nextSleeper: Int? { state.withLock { $0.sleepers.values.map(\.until).min() } }

  /// How many sleep.
  var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  func sleep(untilUptime uptime: Int) async throws {
    let ticket = state.withLock { state in
      state.next += 1
      return state.next
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer: Result<Void, any Error>? = state.withLock { state in
          if Task.isCancelled { return .failure(CancellationError()) }
          if state.now.uptime >= uptime { return .success(()) }
          state.sleepers[ticket] = (uptime, continuation)
          return nil
        }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      let sleeper = state.withLock { $0.sleepers.removeValue(forKey: ticket) }
      sleeper?.1.resume(throwing: CancellationError())
    }
  }
}
