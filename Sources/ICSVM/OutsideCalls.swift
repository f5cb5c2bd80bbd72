// Calls of a script's functions by the host: at once and without the scheduler when nothing waits.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The calling thread, as a number other than 0.
func currentThread() -> UInt {
  #if canImport(Darwin)
    UInt(bitPattern: pthread_self())
  #else
    UInt(pthread_self())
  #endif
}

/// How deep calls without awaiting are nested on the calling thread, whichever machines they are of: each takes some of
/// the thread's own stack.
enum NestedCalls {
  static let maximum = 100

  private static let key = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// The depth as it is now.
  static var depth: Int {
    get { Int(bitPattern: pthread_getspecific(key)) }
    set { pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue)) }
  }
}

extension Machine {
  /// Counts a call that the host makes without awaiting, until `leaveCall`; false when there are too many within each
  /// other.
  package static func enterCall() -> Bool {
    guard NestedCalls.depth < NestedCalls.maximum else { return false }
    NestedCalls.depth += 1
    return true
  }

  /// Ends a call that `enterCall` has counted.
  package static func leaveCall() { NestedCalls.depth -= 1 }

  /// How a call that another one made room for ended.
  package enum CallEnd {
    case finished(Value)
    case failed(Value)
  }

  /// The most arguments that a call passes in registers; more go through a list.
  private static let directArguments = Fiber.stubRegisters - 1

  /// The words that call R0 with so many arguments and halt.
  static func makeStub() -> UnsafeMutablePointer<UInt64> {
    let stub = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * (directArguments + 2))
    stub[0] = Instruction.make(.callSpread, a: 0)
    stub[1] = Instruction.make(.halt, a: 0)
    for count in 0...directArguments {
      stub[2 + count * 2] = Instruction.make(.call, a: 0, b: count)
      stub[3 + count * 2] = Instruction.make(.halt, a: 0)
    }
    return stub
  }

  /// Whether the loop is running on the calling thread: a native of this machine is calling.
  package var isOnThisThread: Bool { loopThread.load(ordering: .relaxed) == currentThread() }

  /// Whether code of the host is making values of the machine or reading some: they are no roots yet, so nothing may run.
  package var isConverting: Bool { conversions > 0 }

  /// Bytes that values take at most, garbage included.
  package var peakMemoryUse: Int { max(peakMemory, state.memoryInUse) }

  /// What has been used since the allowance was last renewed, and of the clock's nanoseconds.
  package var used: (fuel: Int, peakMemory: Int, requests: Int, outputBytes: Int, nanoseconds: UInt64) {
    (usedFuel, peakMemoryUse, requests, outputBytes, clock() &- startTime)
  }

  /// How much fuel a turn has: some milliseconds of work.
  static let turnLength = 1_000_000

  /// Whether the running fiber is to lend its thread to others: in machines that many tasks of a process run. Never
  /// within a native, which cannot wait.
  var isTurnOver: Bool { takesTurns && turnWork >= Self.turnLength && nesting == 1 }

  /// Ends the turn when it is over: the fiber is then suspended for a moment.
  func endsTurn() -> Bool {
    guard isTurnOver else { return false }
    turnWork = 0
    pendingSuspension = .turn
    return true
  }

  func notePeak() { peakMemory = max(peakMemory, state.memoryInUse) }

  /// Counts a request to another system; fails with a limit's error when there are too many.
  package func countRequest() throws(Raised) {
    requests += 1
    guard let limit = limits.requests, requests > limit else { return }
    state.raiseLimit("E_FUEL", "the script needs more than its limit of \(limit) request\(limit == 1 ? "" : "s")")
    throw Raised()
  }

  /// A call that is being made: its arguments are written, then it runs.
  package struct OpenCall {
    /// The fiber whose registers take the arguments; nil when a list takes them.
    fileprivate var fiber: Fiber?
    fileprivate var list: Raw?
    fileprivate let function: Value
    /// Where the next argument goes, as long as that is before `end`; `Machine.add(_:to:)` takes it otherwise.
    package var slot: ValuePointer
    /// Behind the last place for an argument.
    package let end: ValuePointer
  }

  /// Makes room for a call's arguments. Nothing is collected before the function runs, so that they may be made one
  /// after the other.
  ///
  /// - Returns: Nil, with the error in the state, when there is no room for a fiber.
  package func open(_ function: Value) -> OpenCall? {
    guard function.tag == Tag.closure else {
      let list = state.newList(capacity: 4)
      let nowhere = listItems(list)
      return OpenCall(fiber: nil, list: list, function: function, slot: nowhere, end: nowhere)
    }
    let fiber: Fiber
    if let spare = spareFiber {
      spareFiber = nil
      spare.isFinished = false
      fiber = spare
    } else {
      guard let made = makeFiber(function, arguments: .null) else { return nil }
      made.isDirect = true
      made.isListed = true
      unlist(made)
      fiber = made
    }
    fiber.prepare(function, arguments: .null, stub: stub)
    let first = Self.firstArgument(of: fiber)
    return OpenCall(fiber: fiber, list: nil, function: function, slot: first, end: first + Self.directArguments)
  }

  private static func firstArgument(of fiber: Fiber) -> ValuePointer {
    fiber.stack.assumingMemoryBound(to: Value.self) + 1
  }

  /// As above, while the machine is idle: what the call before has left is forgotten.
  package func openFirst(_ function: Value) -> OpenCall? {
    if hasStaleSchedule { schedule = Schedule() }
    state.pointee.raised = .null
    return open(function)
  }

  /// Adds an argument that has no register: all of them go into a list then.
  package func add(_ argument: Value, to call: inout OpenCall) {
    let list = call.list ?? state.newList(capacity: 2 * Self.directArguments)
    if let fiber = call.fiber {
      let first = Self.firstArgument(of: fiber)
      for index in 0..<Self.directArguments { state.listPush(list, first[index]) }
      discard(fiber)
      call.fiber = nil
    }
    call.list = list
    state.listPush(list, argument)
  }

  /// Gives up a call whose arguments could not be made.
  package func giveUp(_ call: OpenCall) {
    if let fiber = call.fiber { discard(fiber) }
  }

  /// Runs a call until it ends or waits; nil, with the error in the state, when there is no room for a fiber.
  private func run(_ call: OpenCall) -> (fiber: Fiber, outcome: Outcome)? {
    if let fiber = call.fiber {
      fiber.frames.pointee.pc = stub + 2 + (call.slot - Self.firstArgument(of: fiber)) * 2
      let outcome = run(fiber)
      if fiber.isFinished { recycle(fiber) }
      return (fiber, outcome)
    }
    guard let list = call.list,
      let fiber = makeFiber(call.function, arguments: .object(Tag.list, list))
    else { return nil }
    return (fiber, run(fiber))
  }

  /// Gives up a fiber that has not ended.
  private func discard(_ fiber: Fiber) {
    if fiber.isListed { unlist(fiber) }
    if fiber.isDirect || fibers.removeValue(forKey: fiber.number) != nil {
      state.removeStack(bytes: fiber.stackEnd - fiber.stack)
    }
  }

  /// Puts a fiber of calls from outside among the others, where collections and operations find it.
  func list(_ fiber: Fiber) {
    guard fiber.isDirect, !fiber.isListed else { return }
    fiber.isListed = true
    fibers[fiber.number] = fiber
  }

  func unlist(_ fiber: Fiber) {
    fiber.isListed = false
    fibers[fiber.number] = nil
  }

  /// Keeps a fiber that has ended for the next call, unless it has grown or somebody may still know it.
  private func recycle(_ fiber: Fiber) {
    guard fiber.isDirect else { return }
    guard spareFiber == nil, fiber.task == nil, !fiber.isCancelled, fiber.waiters.isEmpty,
      fiber.stackEnd - fiber.stack <= 64 * Instruction.valueSize
    else { return state.removeStack(bytes: fiber.stackEnd - fiber.stack) }
    fiber.waitNumber += 1
    spareFiber = fiber
  }

  /// Makes a call from within a native of this machine. It must end without waiting.
  package func callNested(_ call: OpenCall) throws(Raised) -> Value {
    guard let (fiber, outcome) = run(call) else { throw Raised() }
    switch outcome {
    case .finished(let value): return value
    case .failed(let error):
      state.pointee.raised = error
      throw Raised()
    case .suspended:
      discard(fiber)
      state.raise(
        "E_VALUE", "a function that Swift calls without awaiting cannot wait",
        help: "make the host function that calls it async")
      throw Raised()
    }
  }

  /// Makes a call of `openFirst`, as far as that goes without awaiting. Only a call that waits, or starts something that
  /// does, needs the scheduler.
  ///
  /// - Returns: Nil when the call waits: `finishCall` goes on with it, or `abandonCall` gives it up.
  package func callAtOnce(_ call: OpenCall) -> Completion? {
    guard let (fiber, outcome) = run(call) else { return .failed([takeRaised()]) }
    if !hasWork {
      switch outcome {
      case .finished(let value): return .finished(value)
      case .failed(let error): return .failed([error])
      case .suspended: break
      }
    }
    if case .failed(let error) = outcome, isLimit(error) {
      dropFibers()
      return .failed([error])
    }
    started = (fiber, outcome)
    return nil
  }

  /// Goes on with a call that `callAtOnce` has begun.
  package func finishCall(isolation: isolated (any Actor)? = #isolation) async -> Completion {
    guard let (fiber, outcome) = started else { return .finished(.null) }
    started = nil
    return await finishCall(fiber, outcome)
  }

  /// Gives up a call that `callAtOnce` has begun: for hosts that cannot await.
  package func abandonCall() {
    started = nil
    dropFibers()
    schedule = Schedule()
  }

  private func finishCall(
    _ fiber: Fiber, _ outcome: Outcome, isolation: isolated (any Actor)? = #isolation
  ) async -> Completion {
    hasStaleSchedule = true
    defer {
      dropFibers()
      if fiber.isFinished { recycle(fiber) }
    }
    let interruption = interruption
    return await withTaskCancellationHandler {
      await runAll(fiber, given: outcome)
    } onCancel: {
      interruption.nudge()
    }
  }

  /// Begins a call beside the one that runs: within `takeCalls`.
  ///
  /// - Parameter completion: Is told how it ended, on the machine's own task; nil when the machine gave it up.
  package func inject(
    _ function: Value, arguments: [Value], completion: @escaping (CallEnd?) -> Void
  ) {
    let list = state.newList(capacity: arguments.count)
    for argument in arguments { state.listPush(list, argument) }
    guard let fiber = makeFiber(function, arguments: .object(Tag.list, list)) else {
      return completion(.failed(takeRaised()))
    }
    fiber.completion = completion
    schedule.ready.append(fiber)
  }
}

extension VM {
  /// Bytes that were live after the last collection, and those handed out since.
  var memoryInUse: Int { pointee.live + max(0, pointee.debt + pointee.threshold) }
}

extension VM {
  /// Runs code of the host that makes values of the machine or reads some (see `Machine.isConverting`).
  package func whileConverting<Result>(_ work: () throws -> Result) rethrows -> Result {
    pointee.machine._withUnsafeGuaranteedRef { $0.conversions += 1 }
    defer { pointee.machine._withUnsafeGuaranteedRef { $0.conversions -= 1 } }
    return try work()
  }

  /// Asks for memory before `bytes` are allocated at once: for values that the host makes outside of a native.
  package func makeRoom(bytes: Int) throws(Raised) {
    if bytes > 1 << 31 || !fits(bytes) {
      raiseMemoryLimit()
      throw Raised()
    }
  }

  /// The running native's or host's error, taken out of the state.
  package func takeError() -> Value {
    let error = pointee.raised
    pointee.raised = .null
    return error
  }

  /// Makes an error object the one being thrown, again.
  package func raiseAgain(_ error: Value) { pointee.raised = error }

  /// What a stream calls for its next item.
  package func streamNext(_ stream: Value) -> Value { load(stream.address, Layout.streamNext, as: Value.self) }
}
