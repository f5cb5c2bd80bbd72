// The inside of an instance: one machine, and who may use it when.

import ICSDiagnostics
import ICSLibrary
import ICSVM
import Synchronization

/// One machine, used by one task at a time.
///
/// Whoever finds it idle takes it (`gate.isTaken`) and gives it back at the end. Calls that come meanwhile stand in
/// `gate.waiting`: the running call's scheduler begins them beside it whenever it waits itself, or the next owner is the
/// first of them.
// SAFETY: everything but `gate` is touched by the owner alone, or by natives of its machine on the owner's task.
final class InstanceCore: @unchecked Sendable {
  let machine: Machine
  private let connection: Connection
  private let accounts: Accounts
  private let closesClient: Bool
  private let gate = Mutex(Gate())

  /// The number of the run that goes on; objects of earlier runs are refused by it.
  @exclusivity(unchecked) private(set) var run = 0
  /// The host's objects that this run has seen, so that one object is one value.
  @exclusivity(unchecked) var objects: [ObjectIdentifier: Handle] = [:]
  /// The values of natives that objects have as methods.
  var methods: [ObjectIdentifier: Value] = [:]
  /// The hooks that the script has registered, in order.
  var hooks: [RegisteredHook] = []
  /// Errors that have been given to Swift or have come from there, the last few.
  private var errors: [KnownError] = []
  private var nextError = 0
  private var programs: [LoadedProgram] = []
  /// Whether the script's top level has run.
  var hasRun = false

  private struct Gate {
    var isTaken = false
    var waiting: [Waiter] = []
    var releases: [Handle] = []
    var usage = Usage()
  }

  private struct KnownError {
    let number: Int
    let handle: Handle
    let underlying: (any Error)?
  }

  /// The instance whose host function is being awaited.
  @TaskLocal static var current: InstanceCore?

  init(_ equipped: EquippedMachine, closesClient: Bool) {
    machine = equipped.machine
    connection = equipped.connection
    accounts = equipped.accounts
    self.closesClient = closesClient
    machine.context = self
    machine.takeCalls = { [unowned self] in self.beginWaiting() }
  }

  /// The usage of the run that goes on or went on last.
  var usage: Usage { gate.withLock { $0.usage } }

  // MARK: Taking turns

  /// A call that came while the machine was in use.
  private final class Waiter: Sendable {
    /// Begins the call in the running machine; nil for calls that need it for themselves.
    let begin: (@Sendable () -> Void)?
    /// The caller owns the machine now, or has been cancelled.
    let admit: @Sendable (_ isCancelled: Bool) -> Void

    init(begin: (@Sendable () -> Void)?, admit: @escaping @Sendable (Bool) -> Void) {
      self.begin = begin
      self.admit = admit
    }
  }

  private func takeIfIdle() -> Bool {
    var releases: [Handle] = []
    let isTaken = gate.withLock { gate in
      if gate.isTaken { return false }
      gate.isTaken = true
      if !gate.releases.isEmpty { swap(&releases, &gate.releases) }
      return true
    }
    for handle in releases { machine.release(handle) }
    return isTaken
  }

  /// Starts a run: the whole allowance is there again.
  private func begin() {
    run += 1
    machine.renewAllowance()
  }

  /// Ends a run and lets the next caller in.
  func end() {
    if !objects.isEmpty {
      for handle in objects.values { machine.release(handle) }
      objects = [:]
    }
    let used = machine.used
    let usage = Usage(
      fuel: used.fuel, peakMemory: used.peakMemory, requests: used.requests, output: used.outputBytes,
      wall: .nanoseconds(Int64(clamping: used.nanoseconds)))
    let next: Waiter? = gate.withLock { gate in
      gate.usage = usage
      if gate.waiting.isEmpty {
        gate.isTaken = false
        return nil
      }
      return gate.waiting.removeFirst()
    }
    next?.admit(false)
  }

  /// Begins the calls that have come in, beside the one that waits: on the machine's own task.
  private func beginWaiting() {
    let ready = gate.withLock { gate in
      let ready = gate.waiting.filter { $0.begin != nil }
      if !ready.isEmpty { gate.waiting.removeAll { $0.begin != nil } }
      return ready
    }
    for waiter in ready { waiter.begin?() }
  }

  /// Stands in line; true when the machine is the caller's, false when somebody else has given the answer.
  private func stand(begin: (@Sendable () -> Void)?, admit: @escaping @Sendable (Bool) -> Void) -> Waiter {
    let waiter = Waiter(begin: begin, admit: admit)
    let isOwner = gate.withLock { gate in
      if gate.isTaken {
        gate.waiting.append(waiter)
        return false
      }
      gate.isTaken = true
      return true
    }
    if isOwner { admit(false) } else if begin != nil { machine.interruption.nudge() }
    return waiter
  }

  private func cancel(_ waiter: Waiter) {
    let wasWaiting = gate.withLock { gate in
      guard let index = gate.waiting.firstIndex(where: { $0 === waiter }) else { return false }
      gate.waiting.remove(at: index)
      return true
    }
    if wasWaiting { waiter.admit(true) }
  }

  /// Has the machine for itself while `body` runs.
  func exclusively<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation, _ body: (isolated (any Actor)?) async throws -> Result
  ) async throws -> Result {
    if InstanceCore.current === self {
      throw ScriptError(
        "E_VALUE", "an instance cannot be run again by a host function that it waits for; call a function of it instead"
      )
    }
    if !takeIfIdle() {
      let line = Line<Void>()
      try await line.wait { continuation in
        self.stand(begin: nil) { isCancelled in
          continuation.resume(with: isCancelled ? .failure(ScriptError.cancelled) : .success(()))
        }
      } onCancel: {
        self.cancel($0)
      }
    }
    begin()
    defer { end() }
    return try await body(isolation)
  }

  /// A continuation together with the place in line that it waits for, so that a cancellation finds it.
  private struct Line<Answer: Sendable>: Sendable {
    private let waiter = WaiterBox()

    /// Set once the place is known; a cancellation before that is caught up with.
    final class WaiterBox: Sendable {
      let state = Mutex<(waiter: Waiter?, isCancelled: Bool)>((nil, false))
    }

    func wait(
      isolation: isolated (any Actor)? = #isolation,
      _ stand: (CheckedContinuation<Answer, any Error>) -> Waiter,
      onCancel: @escaping @Sendable (Waiter) -> Void
    ) async throws -> Answer {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let made = stand(continuation)
          let isCancelled = waiter.state.withLock { state in
            state.waiter = made
            return state.isCancelled
          }
          if isCancelled { onCancel(made) }
        }
      } onCancel: {
        let known = waiter.state.withLock { state in
          state.isCancelled = true
          return state.waiter
        }
        if let known { onCancel(known) }
      }
    }
  }

  // MARK: Calls

  // Packs are walked where the public function has them: to pass one on, the runtime looks a tuple type up and copies
  // the values, some 15 ns each time. What follows is for one argument each.

  /// Begins a call of a function that Swift has kept, when nobody else has the machine: its arguments are added next.
  ///
  /// - Returns: Nil when somebody else has it: `callInTurn` waits.
  func openIfIdle(_ handle: Handle) throws -> Machine.OpenCall? {
    guard takeIfIdle() else { return nil }
    begin()
    do {
      return try open(handle)
    } catch {
      end()
      throw error
    }
  }

  private func open(_ handle: Handle) throws -> Machine.OpenCall {
    guard let call = machine.openFirst(function(handle)) else { throw scriptError([machine.state.takeError()]) }
    return call
  }

  /// Adds an argument to a call.
  @inline(__always)
  func add<Argument: Encodable>(_ argument: Argument, to call: inout Machine.OpenCall) throws {
    let value = try write(argument, machine.state)
    if call.slot < call.end {
      call.slot.pointee = value
      call.slot += 1
    } else {
      machine.add(value, to: &call)
    }
  }

  /// Ends a call of `openIfIdle` whose arguments could not be made.
  ///
  /// - Returns: The error as Swift sees it.
  func giveUp(_ call: Machine.OpenCall, _ error: any Error) -> any Error {
    machine.giveUp(call)
    defer { end() }
    return swiftError(error)
  }

  /// Ends a call that needed no await.
  func finish<Result: Decodable>(_ completion: Machine.Completion, as type: Result.Type) throws -> Result {
    defer { end() }
    return try result(of: completion, as: type)
  }

  func finishBegun<Result: Decodable>(
    as type: Result.Type, isolation: isolated (any Actor)? = #isolation
  ) async throws -> Result {
    defer { end() }
    return try result(of: await machine.finishCall(), as: type)
  }

  /// Calls a function that Swift has kept when it is the caller's turn.
  func callInTurn<each Argument: Encodable & Sendable, Result: Decodable & Sendable>(
    _ handle: Handle, _ arguments: repeat each Argument, as type: Result.Type,
    isolation: isolated (any Actor)? = #isolation
  ) async throws -> Result {
    let line = Line<Result?>()
    let answer = try await line.wait { continuation in
      self.stand {
        self.begin(handle, repeat each arguments, as: type, continuation)
      } admit: { isCancelled in
        continuation.resume(with: isCancelled ? .failure(ScriptError.cancelled) : .success(nil))
      }
    } onCancel: {
      self.cancel($0)
    }
    if let answer { return answer }
    begin()
    defer { end() }
    return try await callOwned(function(handle), repeat each arguments, as: type)
  }

  /// Begins a call beside the one that runs; its answer goes to the continuation.
  private func begin<each Argument: Encodable & Sendable, Result: Decodable & Sendable>(
    _ handle: Handle, _ arguments: repeat each Argument, as type: Result.Type,
    _ continuation: CheckedContinuation<Result?, any Error>
  ) {
    var values: [Value] = []
    do {
      for argument in repeat each arguments { values.append(try write(argument, machine.state)) }
    } catch {
      return continuation.resume(throwing: swiftError(error))
    }
    machine.inject(function(handle), arguments: values) { [self] end in
      switch end {
      case .finished(let value): continuation.resume(with: .init { try read(type, from: value, machine.state) })
      case .failed(let error): continuation.resume(throwing: scriptError([error]))
      case nil:
        continuation.resume(throwing: ScriptError("E_CANCELLED", "the run that this call was part of has ended"))
      }
    }
  }

  /// Calls a function in a machine that the caller owns.
  func callOwned<each Argument: Encodable, Result: Decodable>(
    _ function: Value, _ arguments: repeat each Argument, as type: Result.Type,
    isolation: isolated (any Actor)? = #isolation
  ) async throws -> Result {
    guard var call = machine.openFirst(function) else { throw scriptError([machine.state.takeError()]) }
    do {
      for argument in repeat each arguments { try add(argument, to: &call) }
    } catch {
      machine.giveUp(call)
      throw swiftError(error)
    }
    if let completion = machine.callAtOnce(call) { return try result(of: completion, as: type) }
    return try result(of: await machine.finishCall(), as: type)
  }

  /// Pulls a stream of the script once; nil at its end.
  func next<Element: Decodable & Sendable>(
    _ handle: Handle, as type: Element.Type, isolation: isolated (any Actor)? = #isolation
  ) async throws -> Element? {
    let pulled: Pulled<Element>
    if let call = try openIfIdle(handle) {
      if let completion = machine.callAtOnce(call) {
        pulled = try finish(completion, as: Pulled<Element>.self)
      } else {
        pulled = try await finishBegun(as: Pulled<Element>.self)
      }
    } else {
      pulled = try await callInTurn(handle, as: Pulled<Element>.self)
    }
    return pulled.item
  }

  /// The function behind a handle; of a stream, what gives its next item.
  private func function(_ handle: Handle) -> Value {
    let value = machine.value(handle)
    return value.tag == Tag.stream ? machine.state.streamNext(value) : value
  }

  // MARK: Results and errors

  func result<Result: Decodable>(of completion: Machine.Completion, as type: Result.Type) throws -> Result {
    switch completion {
    case .finished(let value): return try read(type, from: value, machine.state)
    case .failed(let errors): throw scriptError(errors)
    }
  }

  /// What the script did not catch, for Swift.
  func scriptError(_ values: [Value]) -> ScriptError {
    let first = values.first ?? .null
    var known = knownError(first)
    if known == nil, first.tag == Tag.error {
      remember(first, underlying: nil)
      known = errors.last
    }
    // What Swift cannot hold is left out: the error itself matters more.
    let data = try? ScriptValue.read(machine.state.errorData(first), machine.state, nil)
    return ScriptError(
      diagnostics: values.map(machine.diagnostic(for:)), data: data ?? .null, underlying: known?.underlying,
      origin: known.map { ErrorOrigin(core: ObjectIdentifier(self), number: $0.number) })
  }

  /// A Swift value as one of this machine.
  func written(_ value: some Encodable, at path: ValuePath? = nil) throws -> Value {
    do {
      return try write(value, machine.state, path)
    } catch {
      throw swiftError(error)
    }
  }

  /// An error on its way out of the machine: the machine's own one, when that is what was thrown.
  func swiftError(_ error: any Error) -> any Error {
    guard error is Raised else { return error }
    return scriptError([machine.state.takeError()])
  }

  /// Keeps a Swift error that the script is about to see.
  func remember(_ error: any Error) { remember(machine.state.raisedError, underlying: error) }

  private func remember(_ value: Value, underlying: (any Error)?) {
    nextError += 1
    errors.append(KnownError(number: nextError, handle: machine.retain(value), underlying: underlying))
    if errors.count > 8 { machine.release(errors.removeFirst().handle) }
  }

  private func knownError(_ value: Value) -> KnownError? {
    errors.last { machine.value($0.handle).bits == value.bits && value.tag == Tag.error }
  }

  /// The error object that a `ScriptError` was made from, when it was this machine's.
  func value(of error: ScriptError) -> Value? {
    guard let origin = error.origin, origin.core == ObjectIdentifier(self) else { return nil }
    return errors.first { $0.number == origin.number }.map { machine.value($0.handle) }
  }

  /// Lets go of a value when the machine is next used; from any thread.
  func releaseLater(_ handle: Handle) { gate.withLock { $0.releases.append(handle) } }

  // MARK: Programs

  /// Loads the script's programs, once.
  func load(_ unit: ICSVM.Unit) {
    if programs.isEmpty { programs = unit.programs.map(machine.install) }
  }

  /// The functions that run the top levels, modules first.
  var topLevels: [Value] { programs.map(machine.mainClosure(of:)) }

  /// The value that the script exports under a name; nil when there is none.
  func exported(_ name: String) -> Value? {
    guard let main = programs.last else { return nil }
    let slot = main.program.globals.firstIndex { $0.isExported && main.program.strings[$0.name] == name }
    return slot.map { machine.global($0, of: main) }
  }

  /// Closes what the script has opened.
  func shutdown(isolation: isolated (any Actor)? = #isolation) async {
    if closesClient { await connection.shutdown() }
    await accounts.shutdown()
  }
}

/// An item of a stream, or its end.
private struct Pulled<Element: Decodable & Sendable>: Decodable, Sendable, MachineReadable {
  let item: Element?

  init(item: Element?) { self.item = item }
  init(from decoder: any Decoder) throws { item = try Element(from: decoder) }

  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Pulled {
    if value.tag == Tag.end { return Pulled(item: nil) }
    return Pulled(item: try IntercomScript.read(Element.self, from: value, vm, path))
  }
}
