// Making, running and resuming the machine's fibers. Which one is next is the scheduler's business.

extension Machine {
  /// A fiber that will call `function` with the items of the list `arguments`.
  /// Nil when there are as many fibers as the limit allows; the error is in the state.
  package func makeFiber(_ function: Value, arguments: Value, isMain: Bool = false) -> Fiber? {
    guard fibers.count < limits.fibers else {
      state.raiseLimit("E_MEMORY", "the script needs more than its limit of \(limits.fibers) fibers")
      return nil
    }
    nextFiber += 1
    let fiber =
      isMain ? Fiber(number: nextFiber, stackValues: 1024, frameCount: 64) : Fiber(number: nextFiber)
    fiber.prepare(function, arguments: arguments, stub: stub)
    fiber.tag = tagOfNewFiber?(current) ?? current?.tag ?? 0
    fibers[nextFiber] = fiber
    state.addStack(bytes: fiber.stackEnd - fiber.stack)
    return fiber
  }

  /// How a run of a fiber ended.
  package enum Outcome {
    /// The function returned this.
    case finished(Value)
    /// An error that nothing caught.
    case failed(Value)
    /// It waits.
    case suspended(Suspension)
  }

  /// Runs a fiber until it ends or waits.
  package func run(_ fiber: Fiber) -> Outcome {
    // A native may run a fiber of its own (a host's callback): the one around it goes on afterwards.
    let outer = current
    if outer != nil, !Self.enterCall() {
      state.raise("E_DEPTH", Self.tooDeep)
      return .failed(takeRaised())
    }
    nesting += 1
    if let outer {
      state.deactivate(outer)
      list(outer)
    }
    current = fiber
    state.activate(fiber)
    let outerThread = loopThread.load(ordering: .relaxed)
    loopThread.store(currentThread(), ordering: .relaxed)
    defer {
      loopThread.store(outerThread, ordering: .relaxed)
      nesting -= 1
      state.deactivate(fiber)
      current = outer
      if let outer {
        state.activate(outer)
        Self.leaveCall()
      }
    }
    switch state.run() {
    case .finished:
      let result = state.pointee.stack.assumingMemoryBound(to: Value.self)[0]
      finish(fiber)
      // A limit that a comparison or a printed form ran into at the very end.
      if !state.pointee.raised.isNull { return .failed(takeRaised()) }
      return .finished(result)
    case .failed:
      willFail?(state.pointee.raised)
      finish(fiber)
      return .failed(takeRaised())
    case .suspended:
      // A limit that was met just before the wait.
      if state.hasMetLimit {
        pendingSuspension = nil
        state.attachTrace(state.pointee.raised.address)
        willFail?(state.pointee.raised)
        finish(fiber)
        return .failed(takeRaised())
      }
      guard let suspension = pendingSuspension else {
        list(fiber)
        return .suspended(.sleep(0))
      }
      pendingSuspension = nil
      list(fiber)
      return .suspended(suspension)
    }
  }

  func takeRaised() -> Value {
    let error = state.pointee.raised
    state.pointee.raised = .null
    return error
  }

  private func finish(_ fiber: Fiber) {
    fiber.isFinished = true
    if fiber.isDirect {
      // Its stack stays, for the next call.
      if fiber.isListed { unlist(fiber) }
    } else if fibers.removeValue(forKey: fiber.number) != nil {
      let isRunning = fiber === current
      state.removeStack(bytes: isRunning ? state.pointee.stackEnd - state.pointee.stack : fiber.stackEnd - fiber.stack)
    }
  }

  /// Forgets all fibers. They refer to each other while they wait.
  func dropFibers() {
    for fiber in fibers.values {
      fiber.waiters = []
      fiber.completion?(nil)
      fiber.completion = nil
      state.removeStack(bytes: fiber.stackEnd - fiber.stack)
    }
    fibers.removeAll()
  }

  /// Gives a waiting fiber the result of its call.
  package func resume(_ fiber: Fiber, with value: Value) {
    (fiber.stack + fiber.resumeOffset).assumingMemoryBound(to: Value.self).pointee = value
  }

  /// Makes a waiting fiber raise an error where it waits; false when nothing catches it, and the fiber has ended.
  package func resume(_ fiber: Fiber, raising error: Value) -> Bool {
    let outer = current
    if let outer { state.deactivate(outer) }
    current = fiber
    state.activate(fiber)
    state.pointee.raised = error
    let isCaught = state.unwind()
    if !isCaught { willFail?(error) }
    state.deactivate(fiber)
    current = outer
    if let outer { state.activate(outer) }
    if !isCaught {
      state.pointee.raised = .null
      finish(fiber)
    }
    return isCaught
  }
}

extension Fiber {
  /// The end of the registers that may hold live values.
  var liveTop: ValuePointer {
    let top =
      frame.prototype.map { frame.pointee.base + $0.pointee.frameBytes }
      ?? stack + Fiber.stubRegisters * Instruction.valueSize
    return min(top, stackEnd).assumingMemoryBound(to: Value.self)
  }
}
