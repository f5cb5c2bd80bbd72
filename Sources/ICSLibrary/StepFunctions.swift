// `step`, `wait`, `on` and `every` where nothing makes them durable. A durable host puts its own in their place.

import ICSVM

enum StepFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "__step", "__step(name, options, fn)",
      "Runs a step's block, again after a failure when it has `retries`, and no longer than its `timeout`.",
      .script(
        """
        (name, {retries = 0, backoff = 1, timeout = null, ...rest}, f) => {
          __check_step(name, retries, backoff, timeout, rest)
          var attempt = 0
          var pause = backoff
          while true {
            try {
              if timeout == null { return f() }
              return __within(f, timeout, name)
            } catch e {
              if attempt >= retries { throw e }
            }
            attempt += 1
            sleep(pause)
            pause = pause * 2
          }
        }
        """)),
    BuiltIn(
      "__within", "__within(fn, seconds, name)", "What a function gives, or E_TIMEOUT when that takes too long.",
      .script(
        """
        (f, seconds, name) => {
          let task = __spawn(f)
          let timer = __spawn(() => sleep(seconds))
          try {
            __wait_any([task, timer])
            if __is_done(task) { return task.wait() }
          } finally {
            __cancel(timer)
            __cancel(task)
          }
          throw error("the step '{{name}}' took longer than {{seconds}} s", kind: "E_TIMEOUT")
        }
        """)),
    BuiltIn(
      "__check_step", "__check_step(name, retries, backoff, timeout, rest)", "Checks a step's head.",
      .native(5...5, checkStep)),
    BuiltIn(
      "__wait", "__wait(seconds)", "Waits.",
      .suspending(1...1) { (call) throws(Raised) in .sleep(try TaskFunctions.seconds(call)) }),
    BuiltIn("__on", "__on(topic, name, predicate, fn)", "Registers a hook.", .native(4...4, on)),
    BuiltIn("__every", "__every(schedule, name, options, fn)", "Registers a scheduled hook.", .native(4...4, every)),
  ]

  private static func checkStep(_ call: Call) throws(Raised) -> Value {
    guard call[0].isString else {
      throw call.fail("E_TYPE", "a step's name is a string, and this is \(call.vm.describe(call[0]))")
    }
    guard call[1].isInt else {
      throw call.fail("E_TYPE", "'retries' takes an int, and was given \(call.vm.describe(call[1]))")
    }
    guard call[1].asInt >= 0 else {
      throw call.fail("E_VALUE", "'retries' is at least 0, and was given \(call[1].asInt)")
    }
    try checkSeconds(call[2], "backoff", call)
    if !call[3].isNull { try checkSeconds(call[3], "timeout", call) }
    _ = try call.options(at: 4, "retries", "backoff", "timeout")
    return .null
  }

  private static func checkSeconds(_ value: Value, _ name: String, _ call: Call) throws(Raised) {
    guard value.isNumber else {
      throw call.fail("E_TYPE", "'\(name)' takes seconds, and was given \(call.vm.describe(value))")
    }
    guard value.asDouble >= 0 else { throw call.fail("E_VALUE", "'\(name)' is no negative time") }
  }

  private static func on(_ call: Call) throws(Raised) -> Value {
    let topic = try call.text(0)
    try call.host.registerHook?(
      call.machine,
      HookRegistration(
        trigger: .topic(topic), name: try name(call), options: .null, predicate: call[2], function: call[3]))
    return .null
  }

  private static func every(_ call: Call) throws(Raised) -> Value {
    guard isSchedule(call[0]) else {
      throw call.fail("E_VALUE", "'every' takes a time above zero, or five or six fields of a schedule in a string")
    }
    try call.host.registerHook?(
      call.machine,
      HookRegistration(
        trigger: .schedule(call[0]), name: try name(call), options: call[2], predicate: .null, function: call[3]))
    return .null
  }

  /// What the fields may hold is for the host that serves them to say.
  private static func isSchedule(_ value: Value) -> Bool {
    if value.isString { return (5...6).contains(swiftString(value.address).split(separator: " ").count) }
    return value.isNumber && value.asDouble > 0
  }

  private static func name(_ call: Call) throws(Raised) -> String? {
    call[1].isNull ? nil : try call.text(1)
  }
}
