// Time and fibers: `now`, `sleep`, `spawn`, `parallel`, and the methods of tasks.

import ICSVM

enum TaskFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "now", "now()", "The time as Unix seconds, an int: `now() - 7d` is a week ago.",
      example: """
        print(type(now()))  // expect: int
        """,
      .native(0...0, now)),
    BuiltIn(
      "sleep", "sleep(seconds)", "Waits; other fibers of the script run meanwhile. `sleep(0)` only lets them run.",
      example: """
        sleep(1ms)
        print("rested")  // expect: rested
        """,
      .suspending(1...1) { (call) throws(Raised) in .sleep(try seconds(call)) }),
    BuiltIn(
      "spawn", "spawn(fn)",
      """
      Starts a fiber that calls the function, and gives its task; it runs from the next wait on. `task.wait()` gives its \
      result.
      """,
      example: """
        let task = spawn(() => 42)
        print(task.wait())  // expect: 42
        """,
      .native(1...1) { (call) throws(Raised) in
        try call.machine.spawn(try call.function(0), arguments: .object(Tag.list, call.vm.newList(capacity: 0)))
      }),
    BuiltIn(
      "parallel", "parallel(items, fn, limit:)",
      """
      What the function gives for each item of a list, a range or a stream, in order, with at most `limit` (8) calls in \
      progress at a time. The first failure cancels the others and is thrown.
      """,
      example: """
        print(parallel([1, 2, 3], n => n * 10, limit: 2))  // expect: [10, 20, 30]
        """,
      .script(parallel)),
    BuiltIn(
      "__spawn", "__spawn(fn)", "Starts a fiber.",
      .native(1...1) { (call) throws(Raised) in
        try call.machine.spawn(try call.function(0), arguments: .object(Tag.list, call.vm.newList(capacity: 0)))
      }),
    BuiltIn(
      "__wait_any", "__wait_any(tasks)", "Waits until one of some tasks has ended at least.",
      .suspending(1...1) { call in .anyTask(call[0]) }),
    BuiltIn(
      "__is_done", "__is_done(task)", "Whether a task has ended.",
      .native(1...1) { (call) throws(Raised) in .bool(call.machine.isDone(try task(call[0], call))) }),
    BuiltIn(
      "__cancel", "__cancel(task)", "Makes a task end.",
      .native(1...1) { (call) throws(Raised) in
        call.machine.cancel(try task(call[0], call))
        return .null
      }),
    BuiltIn(
      "__parallel_done", "__parallel_done(done, total)", "Tells the host how far a `parallel` has got.",
      .native(2...2) { (call) throws(Raised) in
        call.host.parallelProgress?(try call.int(0), try call.int(1))
        return .null
      }),
    BuiltIn(
      "__workers", "__workers(items, fn, limit, rest)", "Checks the arguments of `parallel`.",
      .native(4...4, checkParallel)),
  ]

  static let methods: [BuiltIn] = [
    BuiltIn(
      "task.wait", "task.wait()", "Waits for the end of the task: gives its result, or throws its error.",
      example: """
        let task = spawn(() => { throw error("no", kind: "E_NO") })
        print(try { task.wait() } catch e { e.kind })  // expect: E_NO
        """,
      .suspending(0...0) { call in .task(call.receiver) })
  ]

  /// A list or a range is worked off by as many fibers as the limit allows, each taking the next item when it is free.
  /// A stream is pulled by the caller alone, because nobody may pull a stream that is being pulled.
  private static let parallel = """
    (items, f, {limit = 8, ...rest}) => {
      __workers(items, f, limit, rest)
      let results = []
      var running = []
      var failure = null
      let isStream = type(items) == "stream"
      try {
        if isStream {
          var i = 0
          for item in items {
            let index = i
            __push(results, null)
            __push(running, __spawn(() => {
              try { results[index] = __call(f, item, index) } catch e { failure = failure ?? e }
            }))
            i += 1
            while len(running) >= limit && failure == null {
              __wait_any(running)
              running = running.reject(task => __is_done(task))
            }
            if failure != null { break }
          }
        } else {
          let n = len(items)
          var next = 0
          var done = 0
          let source = if type(items) == "list" { [...items] } else { items }
          for i in 0..<n { __push(results, null) }
          let work = () => {
            while next < n && failure == null {
              let index = next
              next += 1
              try { results[index] = __call(f, source[index], index) } catch e { failure = failure ?? e }
              done += 1
              __parallel_done(done, n)
            }
          }
          for i in 0..<(if n < limit { n } else { limit }) { __push(running, __spawn(work)) }
        }
        while len(running) > 0 && failure == null {
          __wait_any(running)
          running = running.reject(task => __is_done(task))
        }
      } finally {
        for task in running { __cancel(task) }
      }
      if failure != null {
        for task in running { __wait_any([task]) }
        throw failure
      }
      results
    }
    """

  private static func now(_ call: Call) throws(Raised) -> Value {
    let host = call.host
    try host.willVary?(call, "now")
    let time = host.wallClock()
    guard let seconds = Int(exactly: time.rounded(.down)) else { throw call.fail("E_VALUE", "the clock has no time") }
    return .int(seconds)
  }

  /// An argument that is a time to wait; E_VALUE when it is negative or NaN.
  static func seconds(_ call: Call) throws(Raised) -> Double {
    let seconds = try call.double(0)
    guard seconds >= 0 else {
      throw call.fail("E_VALUE", "a wait takes no negative time, and was given \(call.vm.printedForm(call[0]) ?? "")")
    }
    return seconds
  }

  private static func task(_ value: Value, _ call: Call) throws(Raised) -> Value {
    guard value.tag == Tag.task else { throw call.wrongType(0, "a task") }
    return value
  }

  private static func checkParallel(_ call: Call) throws(Raised) -> Value {
    let items = call[0]
    guard items.isList || items.tag == Tag.range || items.tag == Tag.stream else {
      throw call.fail(
        "E_TYPE", "'parallel' takes a list, a range or a stream, and was given \(call.vm.describe(items))")
    }
    guard call[1].isFunction else {
      throw call.fail("E_TYPE", "'parallel' takes a function, and was given \(call.vm.describe(call[1]))")
    }
    guard call[2].isInt else {
      throw call.fail("E_TYPE", "'limit' takes an int, and was given \(call.vm.describe(call[2]))")
    }
    guard call[2].asInt > 0 else { throw call.fail("E_VALUE", "'limit' is at least 1, and was given \(call[2].asInt)") }
    _ = try call.options(at: 3, "limit")
    return .null
  }
}
