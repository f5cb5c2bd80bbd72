// Tasks: spawned fibers as scripts see them.

/// The state of a task object (`Layout.taskState`).
enum TaskState {
  static let running: UInt64 = 0
  static let finished: UInt64 = 1
  static let failed: UInt64 = 2
}

extension Machine {
  /// Starts a fiber that calls `function` with the items of the list `arguments`; it runs from the next wait on.
  ///
  /// - Returns: The task object.
  package func spawn(_ function: Value, arguments: Value) throws(Raised) -> Value {
    guard let fiber = makeFiber(function, arguments: arguments) else { throw Raised() }
    let task = state.allocate(40, tag: Tag.task)
    store(task, Layout.taskState, TaskState.running)
    store(task, Layout.taskResult, Value.null)
    store(task, Layout.taskNumber, UInt64(fiber.number))
    fiber.task = task
    schedule.ready.append(fiber)
    return .object(Tag.task, task)
  }

  /// Whether a task has ended, in whatever way.
  package func isDone(_ task: Value) -> Bool {
    load(task.address, Layout.taskState, as: UInt64.self) != TaskState.running
  }

  /// The error of a task that failed; null for any other. Whoever asks has seen it: it is not reported again.
  package func failure(of task: Value) -> Value {
    guard load(task.address, Layout.taskState, as: UInt64.self) == TaskState.failed else { return .null }
    observe(task)
    return load(task.address, Layout.taskResult, as: Value.self)
  }

  /// Makes a task's fiber end: it raises E_CANCELLED where it waits, or before it starts. What it waits for outside the
  /// machine is cancelled too. Its `finally` blocks run.
  package func cancel(_ task: Value) {
    guard !isDone(task), let fiber = fibers[Int(load(task.address, Layout.taskNumber, as: UInt64.self))] else { return }
    cancel(fiber)
  }

  func cancel(_ fiber: Fiber) {
    guard !fiber.isCancelled, fiber !== current else { return }
    fiber.isCancelled = true
    guard fiber.isWaiting else { return }
    fiber.isWaiting = false
    fiber.waitNumber += 1
    // Nobody waits for its result any more: a request is not sent, or given up.
    fiber.operation?.cancel()
    fiber.operation = nil
    schedule.ready.append(fiber)
  }

  /// Somebody has seen how the task ended: its error is not reported again. Kept in the task itself.
  func observe(_ task: Value) { store(task.address, Layout.flags, Layout.flagObserved) }
  func isObserved(_ task: Value) -> Bool { load(task.address, Layout.flags, as: UInt8.self) == Layout.flagObserved }

  /// Notes how a fiber ended, and wakes those that wait for it.
  func complete(_ fiber: Fiber, with result: Value, failed: Bool) {
    if let task = fiber.task {
      store(task, Layout.taskState, failed ? TaskState.failed : TaskState.finished)
      store(task, Layout.taskResult, result)
      let isCancellation =
        failed && result.tag == Tag.error
        && load(result.address, Layout.flags, as: UInt8.self) & Layout.flagCancelled != 0
      if failed && !isCancellation && fiber.waiters.allSatisfy({ $0.takesNothing || !$0.isWaiting }) {
        schedule.failedTasks.append(.object(Tag.task, task))
      }
    }
    if let completion = fiber.completion {
      fiber.completion = nil
      completion(failed ? .failed(result) : .finished(result))
    }
    for waiter in fiber.waiters where waiter.isWaiting {
      wake(waiter.fiber, result: waiter.takesNothing ? .null : result, failed: failed && !waiter.takesNothing)
    }
    fiber.waiters = []
  }

  /// Lets a waiting fiber go on when its turn comes, with a result or with an error.
  func wake(_ fiber: Fiber, result: Value, failed: Bool) {
    fiber.isWaiting = false
    fiber.waitNumber += 1
    if failed { fiber.pendingError = result } else { resume(fiber, with: result) }
    schedule.ready.append(fiber)
  }
}
