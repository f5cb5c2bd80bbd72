// One machine with a script in it.

import ICSDiagnostics
import ICSLibrary
import ICSVM
import IntercomAPI

/// A script with a machine of its own: its variables stay from one call to the next.
///
/// Any task may use it; one at a time does. Each run, call or hook has the whole of the limits for fuel, time, output
/// and requests; memory, depth and fibers are the instance's.
///
///     let instance = try engine.compile("export fn score(c) { c.seats * 3 }").instance()
///     let points: Int = try await instance.call("score", contact)
///     print(instance.usage.fuel)
public final class Instance: Sendable {
  /// What runs in it.
  public let script: Script
  let core: InstanceCore
  private let inputs: [String: any Encodable & Sendable]

  init(
    script: Script, inputs: [String: any Encodable & Sendable], limits: Limits, environment: HostEnvironment,
    observer: (any ScriptObserver)?
  ) {
    self.script = script
    self.inputs = inputs
    var configuration = script.engine.configuration(
      limits: limits, environment: environment, inputs: script.inputs, isObserved: script.isObserved,
      observer: observer)
    configuration.shared = script.shared
    configuration.registerHook = { machine, registration throws(Raised) in
      guard let core = machine.context as? InstanceCore else { return }
      core.hooks.append(RegisteredHook(registration, machine))
    }
    core = InstanceCore(EquippedMachine(configuration), closesClient: configuration.closesClient)
  }

  /// Gives the inputs to the machine, as the values of their names.
  private func setInputs() throws {
    for (name, value) in inputs.sorted(by: { $0.key < $1.key }) {
      guard let index = script.shared.names.index(of: name) else { continue }
      let machine = core.machine
      machine.setPreludeValue(index, try core.written(value, at: ValuePath(nil, TextKey(name))))
    }
  }

  // MARK: Running

  /// Runs the script's top level and gives the value of its last expression.
  ///
  /// - Throws: `ScriptError` for an error that the script did not catch, a limit or a cancellation; `ConversionError`
  ///   when the result does not fit `Result`.
  public func run<Result: Decodable & Sendable>(as type: Result.Type = Result.self) async throws -> Result {
    try await core.exclusively { isolation in try await self.runTopLevel(as: type, isolation: isolation) }
  }

  /// Runs the script's top level for its effects.
  @_disfavoredOverload
  public func run() async throws { _ = try await run(as: Ignored.self) }

  private func runTopLevel<Result: Decodable & Sendable>(
    as type: Result.Type, isolation: isolated (any Actor)? = #isolation
  ) async throws -> Result {
    core.load(script.unit)
    try setInputs()
    core.dropHooks()
    core.hasRun = true
    let levels = core.topLevels
    for module in levels.dropLast() { _ = try await core.callOwned(module, as: Ignored.self) }
    return try await core.callOwned(levels.last ?? .null, as: type)
  }

  private func runIfNeeded(isolation: isolated (any Actor)? = #isolation) async throws {
    if !core.hasRun { _ = try await runTopLevel(as: Ignored.self) }
  }

  /// Calls a function that the script exports, and gives its result. The top level runs before, if it has not yet.
  public func call<each Argument: Encodable & Sendable, Result: Decodable & Sendable>(
    _ name: String, _ arguments: repeat each Argument, as type: Result.Type = Result.self
  ) async throws -> Result {
    try await core.exclusively { isolation in
      try await self.runIfNeeded(isolation: isolation)
      return try await self.core.callOwned(try self.exported(name), repeat each arguments, as: type)
    }
  }

  /// Calls a function that the script exports, for its effects.
  @_disfavoredOverload
  public func call<each Argument: Encodable & Sendable>(
    _ name: String, _ arguments: repeat each Argument
  ) async throws {
    _ = try await call(name, repeat each arguments, as: Ignored.self)
  }

  /// What the script exports under a name, as it is now: a value, or a `ScriptFunction` to keep.
  public func value<Content: Decodable & Sendable>(
    _ name: String, as type: Content.Type = Content.self
  ) async throws -> Content {
    try await core.exclusively { isolation in
      try await self.runIfNeeded(isolation: isolation)
      return try read(type, from: try self.exported(name), self.core.machine.state)
    }
  }

  private func exported(_ name: String) throws -> Value {
    guard let value = core.exported(name) else {
      throw ScriptError(
        "E_UNKNOWN_NAME", "'\(script.name)' exports no '\(name)': write 'export' before its declaration")
    }
    return value
  }

  // MARK: Hooks

  /// The hooks that the top level has registered, in order; empty before it ran.
  public func hooks() async throws -> [Hook] {
    try await core.exclusively { isolation in
      try await self.runIfNeeded(isolation: isolation)
      return self.core.hooks.map(\.hook)
    }
  }

  /// Runs the hooks that the script has registered for a topic, one after the other. The top level runs before, if it has
  /// not yet.
  ///
  /// - Parameters:
  ///   - topic: Such as `contact.user.created`.
  ///   - item: What the hook's first name is bound to.
  ///   - event: What its second name is bound to; by itself a map of the topic and the item.
  /// - Returns: How many hooks ran: those whose `where` took the item.
  /// - Throws: The first hook's error that the script did not catch; the hooks after it do not run.
  @discardableResult
  public func fire(
    _ topic: String, item: some Encodable & Sendable, event: (any Encodable & Sendable)? = nil
  ) async throws -> Int {
    try await core.exclusively { isolation in
      try await self.runIfNeeded(isolation: isolation)
      var count = 0
      for hook in self.core.hooks where hook.hook.matches(topic) {
        let (machine, state) = (self.core.machine, self.core.machine.state)
        let given = try self.core.written(item)
        if let predicate = hook.predicate {
          let takes = try await self.core.callOwned(
            machine.value(predicate), RawValue(given), as: Bool.self, isolation: isolation)
          guard takes else { continue }
        }
        let itemAgain = hook.predicate == nil ? given : try self.core.written(item)
        let notification = try event.map { try self.core.written($0) } ?? Self.event(topic, itemAgain, state)
        count += 1
        _ = try await self.core.callOwned(
          machine.value(hook.function), RawValue(itemAgain), RawValue(notification), as: Ignored.self,
          isolation: isolation)
      }
      return count
    }
  }

  private static func event(_ topic: String, _ item: Value, _ vm: VM) -> Value {
    let data = vm.newMap(capacity: 1)
    vm.set(data, "item", item)
    let event = vm.newMap(capacity: 3)
    vm.set(event, "type", .object(Tag.string, vm.newString("notification_event")))
    vm.set(event, "topic", .object(Tag.string, vm.newString(topic)))
    vm.set(event, "data", .object(Tag.map, data))
    return .object(Tag.map, event)
  }

  // MARK: After

  /// What the run that goes on has used so far when it last waited for nothing, or the last one altogether.
  public var usage: Usage { core.usage }

  /// Closes the connections that the script has opened; the last thing to do with an instance that talks to Intercom.
  public func shutdown() async { await core.shutdown() }
}

/// A value of the machine among a call's arguments.
// SAFETY: it goes no further than the call that it is made for, on the machine's own task.
private struct RawValue: Encodable, @unchecked Sendable, MachineWritable {
  let value: Value

  init(_ value: Value) { self.value = value }
  func encode(to encoder: any Encoder) throws {}
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { value }
}
