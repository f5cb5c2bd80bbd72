// Spawned functions. A task here runs from its start to its end: only the program itself waits, so the order in which
// everything happens is that of one queue.

final class TaskObject {
  let function: Value
  private(set) var result: Result<Value, any Error>?
  /// Somebody has seen how it ended.
  var isObserved = false

  init(_ function: Value) { self.function = function }

  func run(_ evaluator: Evaluator) throws {
    do {
      result = .success(try evaluator.call(function, []))
    } catch Signal.raised(let error) {
      result = .failure(Signal.raised(error))
    }
  }
}

/// What can go on: tasks that have not begun, and the program itself once what it waits for is there.
enum Ready {
  case task(TaskObject)
  case program
}

extension Evaluator {
  func spawn(_ function: Value) throws -> Value {
    guard case .function = function else { throw raise("E_TYPE") }
    let task = TaskObject(function)
    ready.append(.task(task))
    return .task(task)
  }

  /// `sleep(0)`: all others have a turn.
  func handOver() throws {
    ready.append(.program)
    try runReady(awaiting: nil)
  }

  func wait(for task: TaskObject) throws -> Value {
    task.isObserved = true
    if task.result != nil { ready.append(.program) }
    try runReady(awaiting: task)
    return try task.result?.get() ?? .null
  }

  /// Runs what stands in the queue up to the program's turn.
  private func runReady(awaiting task: TaskObject?) throws {
    guard !isInTask else { throw Signal.unsupported("a wait in a task") }
    while !ready.isEmpty {
      switch ready.removeFirst() {
      case .program: return
      case .task(let next):
        try run(next)
        if next === task { ready.append(.program) }
      }
    }
  }

  /// The program has ended; its tasks end too. The error of the first that nobody waited for, if there is one.
  func finishTasks() throws {
    try runReady(awaiting: nil)
    for task in failed where !task.isObserved { _ = try task.result?.get() }
  }

  private func run(_ task: TaskObject) throws {
    isInTask = true
    defer { isInTask = false }
    try task.run(self)
    if case .failure = task.result { failed.append(task) }
  }
}
