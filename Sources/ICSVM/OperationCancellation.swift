import Synchronization

/// Cancels the operation of one fiber. The task group in which operations run cancels all of them or none.
final class OperationCancellation: Sendable {
  // SAFETY: `cancel` is among the few calls that the standard library allows from another task, and the handle is
  // taken away, under the same lock, before the operation's task ends.
  private struct Handle: @unchecked Sendable {
    let task: UnsafeCurrentTask
  }

  private struct State {
    var handle: Handle?
    var isCancelled = false
  }

  private let state = Mutex(State())

  /// Runs the operation, which `cancel` reaches from now on. On a task of its own.
  func run(_ operation: HostOperation) async -> HostResult {
    withUnsafeCurrentTask { task in
      guard let task else { return }
      let handle = Handle(task: task)
      let isLate = state.withLock { state in
        state.handle = handle
        return state.isCancelled
      }
      if isLate { task.cancel() }
    }
    defer { state.withLock { $0.handle = nil } }
    return await operation()
  }

  /// Cancels the operation's task: at once, or when it begins.
  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      state.handle?.task.cancel()
    }
  }
}
