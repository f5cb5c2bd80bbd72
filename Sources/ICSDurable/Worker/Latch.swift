// Something that happens once, and that many wait for.

import Synchronization

/// A flag that is raised once and for all.
final class Latch: Sendable {
  private struct State {
    var isRaised = false
    var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  func raise() {
    let waiters = state.withLock { state in
      state.isRaised = true
      defer { state.waiters = [:] }
      return state.waiters
    }
    for waiter in waiters.values { waiter.resume(returning: true) }
  }

  /// Returns whether the flag is raised, as soon as it is or the task is cancelled.
  func wait() async -> Bool {
    let ticket = state.withLock { state in
      state.next += 1
      return state.next
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if state.isRaised { return true }
          if Task.isCancelled { return false }
          state.waiters[ticket] = continuation
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
      waiter?.resume(returning: false)
    }
  }
}
