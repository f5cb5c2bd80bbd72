// How many requests of an account are on their way at once.

import Synchronization

/// Learns how many requests the service takes at once: one more for each window without a 429, three tenths less after
/// one.
package struct ConcurrencyLimit: Sendable {
  private var value = 16.0
  private var windowEnd: Duration = .seconds(10)
  private var wasRateLimited = false

  /// More than this only fills queues: the connector has as many connections.
  package static let maximum = 32

  /// Begins with 16.
  package init() {}

  /// How many requests may be on their way.
  package var current: Int { max(1, Int(value)) }

  /// A request ended.
  package mutating func record(wasRateLimited: Bool, at now: Duration) {
    if now >= windowEnd {
      if !self.wasRateLimited { value = min(value + 1, Double(Self.maximum)) }
      self.wasRateLimited = false
      windowEnd = now + .seconds(10)
    }
    // Many requests meet the same end of a window: together they count once.
    if wasRateLimited && !self.wasRateLimited {
      value = max(1, value * 0.7)
      self.wasRateLimited = true
    }
  }
}

/// Lets requests in, as many as the limit says, and the urgent ones first.
///
/// A lock in place of an actor: a cancelled request leaves the queue in its cancellation handler, which cannot wait.
final class ConcurrencyGate: Sendable {
  private struct Waiter {
    let id: Int
    let priority: APIRequest.Priority
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var limit = ConcurrencyLimit()
    var running = 0
    var nextID = 0
    var waiters: [Waiter] = []
    /// Cancelled before they were in the queue.
    var cancelled: Set<Int> = []
  }

  private let state = Mutex(State())

  /// Waits for a place.
  ///
  /// - Returns: Whether the place was given; `false` when the task was cancelled while it waited. Each place is given
  ///   back by `leave`.
  func enter(priority: APIRequest.Priority) async -> Bool {
    let id = state.withLock { state -> Int? in
      guard state.running >= state.limit.current else {
        state.running += 1
        return nil
      }
      state.nextID += 1
      return state.nextID
    }
    guard let id else { return true }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state -> Bool? in
          if state.cancelled.remove(id) != nil { return false }
          // A place may have become free since the first look.
          if state.running < state.limit.current {
            state.running += 1
            return true
          }
          state.waiters.append(Waiter(id: id, priority: priority, continuation: continuation))
          return nil
        }
        if let isOver { continuation.resume(returning: isOver) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.waiters.remove(at: index)
      }
      waiter?.continuation.resume(returning: false)
    }
  }

  /// Gives a place back.
  func leave(wasRateLimited: Bool, at now: Duration) {
    let next = state.withLock { state -> [Waiter] in
      state.limit.record(wasRateLimited: wasRateLimited, at: now)
      state.running -= 1
      var next: [Waiter] = []
      while state.running < state.limit.current, let waiter = Self.takeMostUrgent(&state.waiters) {
        state.running += 1
        next.append(waiter)
      }
      if state.waiters.isEmpty && state.running == 0 { state.cancelled = [] }
      return next
    }
    for waiter in next { waiter.continuation.resume(returning: true) }
  }

  /// The waiter with the highest priority; of equals the one that came first.
  private static func takeMostUrgent(_ waiters: inout [Waiter]) -> Waiter? {
    guard
      let index = waiters.indices.max(by: {
        (waiters[$0].priority, waiters[$1].id) < (waiters[$1].priority, waiters[$0].id)
      })
    else { return nil }
    return waiters.remove(at: index)
  }
}
