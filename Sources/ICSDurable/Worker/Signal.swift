// Something happened: what a worker sleeps on.

import Synchronization

/// A flag that one task waits for and any may raise. Raising it twice is raising it once.
final class Signal: Sendable {
  private enum State {
    case lowered
    case raised
    case awaited(CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.lowered)

  func raise() {
    let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
      guard case .awaited(let continuation) = state else {
        state = .raised
        return nil
      }
      state = .lowered
      return continuation
    }
    waiter?.resume()
  }

  /// Returns when the flag is raised, and lowers it; at once when it is up, or when the task is cancelled.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isUp = state.withLock { state in
          if case .raised = state {
            state = .lowered
            return true
          }
          if Task.isCancelled { return true }
          state = .awaited(continuation)
          return false
        }
        if isUp { continuation.resume() }
      }
    } onCancel: {
      // What is raised stays so: the next one who waits sees it.
      let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
        guard case .awaited(let continuation) = state else { return nil }
        state = .lowered
        return continuation
      }
      waiter?.resume()
    }
  }
}

extension DurableClock {
  /// Returns when ``Moment/uptime`` has reached a time, a flag is raised, or the task is cancelled.
  func sleep(untilUptime uptime: Int, or signal: Signal?) async {
    await withTaskGroup { group in
      group.addTask { try? await self.sleep(untilUptime: uptime) }  // Being cancelled is one way of waking up.
      if let signal { group.addTask { await signal.wait() } }
      _ = await group.next()
      group.cancelAll()
    }
  }
}
