// `step` and `wait` bound to the journal: what stands in the place of the library's own in hooks and jobs.

import ICSDurable
import ICSJSON
import ICSLibrary
import ICSVM
import IntercomScript

/// The prelude's names that a durable run gives a meaning of its own.
struct StepFunctions {
  /// The run of a session; nil while its top level runs to register hooks.
  let context: () -> RunContext?
  /// Where the steps with fixed names stand in the source: `welcome.ics:3:5`.
  let places: [String: String]

  /// The names that `source` uses beside those of the library. Programs are compiled for sessions that have them.
  private static let helpers = ["__step_begin", "__step_scope", "__step_leave", "__step_end", "__step_fail"]

  /// What `step` does. A value that cannot be recorded is no failure of the block: it is not tried again.
  static let source = """
    (name, {retries = 0, backoff = 1, timeout = null, ...rest}, f) => {
      __check_step(name, retries, backoff, timeout, rest)
      let begun = __step_begin(name)
      if begun[0] { return begun[1] }
      let id = begun[1]
      var attempt = 0
      var pause = backoff
      var value = null
      var isDone = false
      while !isDone {
        let scope = __step_scope(id, 0)
        try {
          if timeout == null {
            value = f()
          } else {
            value = __within(() => {
              __step_scope(id, scope)
              return f()
            }, timeout, name)
          }
          isDone = true
        } catch e {
          __step_leave(id)
          __step_fail(id, e)
          if attempt >= retries { throw e }
        }
        if !isDone {
          attempt += 1
          sleep(pause)
          pause = pause * 2
        }
      }
      __step_leave(id)
      return __step_end(id, value)
    }
    """

  /// Values for a session, in the place of the library's own.
  ///
  /// - Parameter step: `source`, compiled for sessions with these values; nil while that is being done.
  func values(step: ICSVM.Program?) -> [(name: String, make: (Machine) -> Value)] {
    let begun = BegunSteps()
    var values: [(name: String, make: (Machine) -> Value)] = []
    func add(_ name: String, _ native: @escaping () -> NativeFunction) {
      values.append((name, { $0.value(of: native()) }))
    }
    add("__step_begin") { NativeFunction("step", arity: 1...1, suspending: begin(begun)) }
    add("__step_scope") { NativeFunction("step", arity: 2...2, enter(begun)) }
    add("__step_leave") { NativeFunction("step", arity: 1...1, leave(begun)) }
    add("__step_end") { NativeFunction("step", arity: 2...2, suspending: end(begun)) }
    add("__step_fail") { NativeFunction("step", arity: 2...2, suspending: fail(begun)) }
    add("__wait") { NativeFunction("wait", arity: 1...1, suspending: wait) }
    values.append(
      (
        "__step",
        { machine in
          guard let step else { return .null }
          return machine.preludeFunction(step)
        }
      ))
    return values
  }

  /// The steps under way, by their numbers in the script.
  private final class BegunSteps {
    var steps: [(intent: StepIntent, scope: Int)] = []

    subscript(call: Call) -> (intent: StepIntent, scope: Int)? {
      guard call[0].isInt, steps.indices.contains(call[0].asInt) else { return nil }
      return steps[call[0].asInt]
    }
  }

  private func current(_ call: Call, _ what: String) throws(Raised) -> (RunContext, scope: Int) {
    let scope = call.machine.current?.tag ?? 0
    guard let context = context(), scope > 0 else {
      throw call.fail(
        "E_STEP", "\(what) stands outside of the hooks, where it would run again with every run",
        help: "put it into a hook; 'ics run --job NAME' records the steps of a whole script")
    }
    return (context, scope)
  }

  // MARK: Steps

  private func begin(_ begun: BegunSteps) -> (Call) throws(Raised) -> Suspension {
    let places = places
    return { call throws(Raised) in
      let name = try call.text(0)
      let (context, scope) = try current(call, "the step '\(name)'")
      guard name.utf8.count <= StoreLimits.name, !name.isEmpty else {
        throw call.fail("E_STEP", "a step's name has 1 to \(StoreLimits.name) bytes")
      }
      let intent: StepIntent
      do throws(RunContext.Refusal) {
        intent = try context.intent(named: name, in: scope, at: places[name] ?? "")
      } catch {
        throw call.fail("E_STEP", error.message, help: error.help)
      }
      begun.steps.append((intent, scope))
      let number = begun.steps.count - 1
      return .operation {
        do throws(DurableError) {
          switch try await context.journal.begin(intent) {
          case .done(let value): return { vm throws(Raised) in Self.pair(true, vm.value(from: value), vm) }
          case .mismatch(let mismatch): return Self.ending(context, .parked(mismatch.reason))
          case .raised(let failure): return Self.raising(failure)
          case .run, .uncertain, .sleep: return { vm throws(Raised) in Self.pair(false, .int(number), vm) }
          }
        } catch {
          return Self.ending(context, error, name)
        }
      }
    }
  }

  /// A step that failed, and whose error the script caught: it fails again as it did.
  private static func raising(_ failure: Failure) -> HostResult {
    { vm throws(Raised) in
      vm.raise(failure.code, failure.message)
      throw Raised()
    }
  }

  private static func pair(_ isDone: Bool, _ value: Value, _ vm: VM) -> Value {
    let list = vm.newList(capacity: 2)
    vm.listPush(list, .bool(isDone))
    vm.listPush(list, value)
    return .object(Tag.list, list)
  }

  /// `__step_scope(id, scope)`: what the fiber does from now on belongs to the step. A scope of 0 makes a new one.
  private func enter(_ begun: BegunSteps) -> (Call) throws(Raised) -> Value {
    { call throws(Raised) in
      guard let context = context(), let step = begun[call] else { return .null }
      let given = try call.int(1)
      let scope = given == 0 ? context.scope(inside: step.intent) : given
      call.machine.current?.tag = scope
      return .int(scope)
    }
  }

  private func leave(_ begun: BegunSteps) -> (Call) throws(Raised) -> Value {
    { call throws(Raised) in
      if let step = begun[call] { call.machine.current?.tag = step.scope }
      return .null
    }
  }

  /// `__step_end(id, value)`: records the value and gives it back as it will be read the next time.
  private func end(_ begun: BegunSteps) -> (Call) throws(Raised) -> Suspension {
    { call throws(Raised) in
      guard let context = context(), let (intent, _) = begun[call] else { return .ready(.null) }
      let json: JSONValue
      do throws(Raised) {
        json = try call.vm.jsonValue(of: call[1])
      } catch {
        let reason = call.machine.takeMessage() ?? "it is no JSON"
        throw call.fail(
          "E_VALUE", "the value of the step '\(intent.name)' cannot be recorded: \(reason)",
          help: "end the step with what the hook needs later: ids, texts, numbers")
      }
      return .operation {
        do throws(DurableError) {
          try await context.journal.end(intent, .done(json))
          return { vm throws(Raised) in vm.value(from: json) }
        } catch {
          return Self.ending(context, error, intent.name)
        }
      }
    }
  }

  private func fail(_ begun: BegunSteps) -> (Call) throws(Raised) -> Suspension {
    { call throws(Raised) in
      guard let context = context(), let (intent, _) = begun[call] else { return .ready(.null) }
      let failure = Failure(call.machine.diagnostic(for: call[1]))
      return .operation {
        do throws(DurableError) {
          try await context.journal.end(intent, .failed(failure))
          return { vm throws(Raised) in .null }
        } catch {
          return Self.ending(context, error, intent.name)
        }
      }
    }
  }

  // MARK: Waiting

  private func wait(_ call: Call) throws(Raised) -> Suspension {
    let (context, scope) = try current(call, "'wait'")
    let seconds = try call.double(0)
    guard seconds >= 0, seconds < 3_155_760_000 else {
      throw call.fail("E_VALUE", "'wait' takes a time from 0 up to a century, and was given \(seconds) s")
    }
    if let step = context.step(of: scope) {
      throw call.fail("E_STEP", "'wait' stands in the step '\(step.name)'", help: "end the step before the wait")
    }
    guard call.machine.fibers.count == 1 else {
      throw call.fail(
        "E_STEP", "'wait' suspends the whole run, and other tasks of it are under way",
        help: "wait for the tasks first; sleep(...) lets them run")
    }
    let intent = StepIntent(ordinal: context.ordinal(in: scope, key: "wait"), kind: .wait, name: "wait")
    let duration = Duration.milliseconds(Int((seconds * 1000).rounded(.up)))
    return .operation {
      do throws(DurableError) {
        while true {
          let state = try await context.journal.beginWait(intent, for: duration)
          switch state {
          case .sleep(let due) where context.isJob:
            // A job's process stays: what is left of the time is all that a restart has to wait for.
            let rest = due - Timestamp.now
            guard rest > .zero else { return { vm throws(Raised) in .null } }
            do { try await Task.sleep(for: min(rest, .seconds(3600))) } catch {
              return { vm throws(Raised) in
                vm.raiseLimit("E_CANCELLED", "the script was stopped")
                throw Raised()
              }
            }
          case .sleep(let due): return Self.ending(context, .waiting(until: due))
          case .mismatch(let mismatch): return Self.ending(context, .parked(mismatch.reason))
          case .run, .done, .raised, .uncertain: return { vm throws(Raised) in .null }
          }
        }
      } catch {
        return Self.ending(context, error, "wait")
      }
    }
  }

  // MARK: Ends

  /// Ends the attempt at once: nothing in the script catches this.
  private static func ending(_ context: RunContext, _ ending: RunContext.Ending) -> HostResult {
    context.end(ending)
    return { vm throws(Raised) in
      vm.raiseLimit("E_CANCELLED", "the run is suspended")
      throw Raised()
    }
  }

  /// What the journal refuses for the step's own sake is an error at the step; anything else ends the attempt.
  private static func ending(_ context: RunContext, _ error: DurableError, _ step: String) -> HostResult {
    switch error {
    case .tooLarge(_, let bytes, let limit):
      return { vm throws(Raised) in
        vm.raise(
          "E_VALUE", "the value of the step '\(step)' has \(bytes) bytes, and a recorded one at most \(limit)",
          help: "end the step with what the hook needs later: ids, texts, numbers")
        throw Raised()
      }
    case .notSerialisable(_, let detail):
      return { vm throws(Raised) in
        vm.raise("E_VALUE", "the value of the step '\(step)' cannot be recorded: \(detail)")
        throw Raised()
      }
    case .journalFull(_, let limit):
      return { vm throws(Raised) in
        vm.raise(
          "E_STEP", "the step '\(step)' is one too many: a run has at most \(limit) of them",
          help: "let a run handle a part, and start another for the rest")
        throw Raised()
      }
    default: return ending(context, .broken(error))
    }
  }
}
