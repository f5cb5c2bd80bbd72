// Spawned functions. A task here runs from its start to its end: only the program itself waits, so the order in which
// everything happens is that of one queue.

final class TaskObject {
  private let body: (Evaluator) throws -> Value
  private(set) var result: Result<Value, any Error>?
  /// Somebody has seen how it ended.
  var isObserved = false

  init(_ body: @escaping (Evaluator) throws -> Value) { self.body = body }

  func run(_ evaluator: Evaluator) throws {
    do {
      result = .success(try body(evaluator))
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
    let task = TaskObject { try $0.call(function, []) }
    ready.append(.task(task))
    return .task(task)
  }

  /// `parallel(items, f, limit:)`. As no call of `f` waits, the first worker that has its turn takes all the items, up
  /// to the first that fails.
  func parallel(_ arguments: [Value]) throws -> Value {
    let items: [Value]
    switch arguments[0] {
    case .list(let list): items = list.items
    case .range: items = rangeItems(arguments[0]).map { .int($0) }
    default: throw raise("E_TYPE")
    }
    let f = arguments[1]
    guard case .function = f else { throw raise("E_TYPE") }
    var limit = 8
    if arguments.count > 2 {
      guard case .map(let options) = arguments[2] else { throw raise("E_TYPE") }
      if let given = options[.text("limit")] { limit = try count(given, atLeast: 1) }
      guard options.keys.allSatisfy({ $0 == .text("limit") }) else { throw raise("E_ARGUMENTS") }
    }
    guard !isInTask else { throw Signal.unsupported("a wait in a task") }
    var results = items
    var next = 0
    var failure: Signal?
    let workers = (0..<min(limit, items.count)).map { _ in
      TaskObject { evaluator in
        while next < items.count, failure == nil {
          let index = next
          next += 1
          do {
            results[index] = try evaluator.callBack(f, items[index], .int(index))
          } catch Signal.raised(let error) {
            failure = .raised(error)
          }
        }
        return .null
      }
    }
    ready += workers.map { .task($0) }
    if let first = workers.first { _ = try wait(for: first) }
    if let failure { throw failure }
    return .list(ListObject(results))
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
