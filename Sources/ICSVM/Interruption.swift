// Stopping a running machine from outside.

import Synchronization

/// Stops a running machine from any thread: an embedder's cancelled task, Ctrl-C. Not from a signal handler: it takes a
/// lock.
package final class Interruption: Sendable {
  /// Looked at between two slices of a script's work.
  private let flag = Atomic<Bool>(false)
  /// Those that wait for a request while a script waits for something else.
  private let waiters = Mutex(Waiters())

  private struct Waiters {
    /// A list, because there are few; and an empty one costs nothing at start, where a dictionary's keys are looked up.
    var continuations: [(number: Int, continuation: CheckedContinuation<Void, Never>)] = []

    mutating func remove(_ number: Int) -> CheckedContinuation<Void, Never>? {
      guard let index = continuations.firstIndex(where: { $0.number == number }) else { return nil }
      return continuations.remove(at: index).continuation
    }
    var next = 0
    /// A nudge came while nobody waited: the next wait ends at once.
    var isNudged = false
  }

  /// An interruption that nobody has asked for.
  package init() {}

  /// Wakes whoever waits, without a request: something else has come in for the machine.
  package func nudge() {
    let all = waiters.withLock { waiters in
      waiters.isNudged = waiters.continuations.isEmpty
      defer { waiters.continuations = [] }
      return waiters.continuations
    }
    for waiter in all { waiter.continuation.resume() }
  }

  /// Asks the machine to stop: it does within some milliseconds, in a loop, in a built-in and while it waits alike.
  package func request() {
    flag.store(true, ordering: .sequentiallyConsistent)
    let all = waiters.withLock { waiters in
      defer { waiters.continuations = [] }
      return waiters.continuations
    }
    for waiter in all { waiter.continuation.resume() }
  }

  /// Takes the request back, for a machine that is used again.
  package func reset() { flag.store(false, ordering: .sequentiallyConsistent) }
  /// Whether somebody has asked the machine to stop.
  package var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Returns when a request comes, or the calling task is cancelled.
  func wait() async {
    let number = waiters.withLock { waiters in
      waiters.next += 1
      return waiters.next
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // The lock orders this with `request` and with the cancellation: either they see the continuation, or it sees
        // what they have set before.
        let isPast = waiters.withLock { waiters in
          defer { waiters.isNudged = false }
          if waiters.isNudged || Task.isCancelled || flag.load(ordering: .sequentiallyConsistent) { return true }
          waiters.continuations.append((number, continuation))
          return false
        }
        if isPast { continuation.resume() }
      }
    } onCancel: {
      waiters.withLock { $0.remove(number) }?.resume()
    }
  }
}
