// The scheduler: runs fibers until each ends or waits, and awaits what they wait for. The only part of the virtual
// machine that awaits.

/// What the scheduler keeps about a machine's fibers.
struct Schedule {
  /// Fibers that can run, oldest first.
  var ready = Queue<Fiber>()
  var sleepers = SleepQueue()
  /// The earliest moment for which a timer is running.
  var timer: UInt64?
  /// Work to start that no fiber waits for: reading ahead.
  var besides: [@Sendable () async -> Void] = []
  /// Operations whose end has not come yet.
  var operations = 0
  /// Puts operations' results into an order; nil when they are taken as they come.
  var order: DeliveryOrder?
  /// Whether a child task waits for the interruption.
  var watchesInterruption = false
  /// Tasks that failed while nobody waited for them.
  var failedTasks: [Value] = []
}

/// What a host's operation can find out about the fiber that waits for it.
package enum OperationTag {
  /// The mark of that fiber (`Fiber.tag`); 0 without one.
  @TaskLocal package static var current = 0
}

extension Machine {
  /// How a script ended.
  package enum Completion {
    /// The value of the main function. It is valid until the machine runs again.
    case finished(Value)
    /// The errors to report: that of the main function, or those of tasks that nobody waited for. Never empty.
    case failed([Value])
  }

  /// What comes in while the scheduler awaits.
  private enum Event: Sendable {
    case operation(order: Int, DeliveryOrder.Result)
    case timer
    case beside
    /// The interruption's wait ended: a request, or calls from outside.
    case woken
  }

  /// Lets work run beside the script that no fiber waits for; cancelled when the script ends. For natives.
  package func runBeside(_ work: @escaping @Sendable () async -> Void) { schedule.besides.append(work) }

  /// Whether anything is left to do besides a function that has ended.
  var hasWork: Bool { !fibers.isEmpty || !schedule.besides.isEmpty || !schedule.failedTasks.isEmpty }

  /// Calls a function and runs all fibers until they have ended.
  ///
  /// The caller's isolation is kept: nothing of the machine crosses to another task. Cancelling the calling task
  /// stops the script with E_CANCELLED.
  package func run(
    _ function: Value, arguments: [Value] = [], isolation: isolated (any Actor)? = #isolation
  ) async -> Completion {
    let list = state.newList(capacity: arguments.count)
    for argument in arguments { state.listPush(list, argument) }
    guard let main = makeFiber(function, arguments: .object(Tag.list, list), isMain: true) else {
      return .failed([takeRaised()])
    }
    schedule = Schedule()
    if deliversInOrder { schedule.order = DeliveryOrder() }
    schedule.ready.append(main)
    state.pointee.raised = .null
    defer { dropFibers() }
    let interruption = interruption
    return await withTaskCancellationHandler {
      await runAll(main)
    } onCancel: {
      interruption.request()
    }
  }

  /// Runs the main fiber and all that it spawns.
  ///
  /// - Parameter given: What became of the main fiber, when it has run already.
  func runAll(
    _ main: Fiber, given: Outcome? = nil, isolation: isolated (any Actor)? = #isolation
  ) async -> Completion {
    await withTaskGroup(of: Event.self) { group in
      var result: Value?
      var failure: Value?
      var turns = 0
      switch given {
      case nil: break
      case .finished(let value): result = value
      case .suspended(let suspension): wait(main, for: suspension, &group)
      case .failed(let error):
        failure = error
        for fiber in fibers.values.sorted(by: { $0.number < $1.number }) { cancel(fiber) }
      }
      startBesides(&group)
      while true {
        // The main function's end is the result; the program ends when its fibers have ended.
        while let fiber = schedule.ready.popFirst() {
          let outcome = take(fiber)
          switch outcome {
          case .suspended(.sleep(let seconds)) where seconds <= 0:
            // Only lets the others run: it never stops being ready.
            resume(fiber, with: .null)
            schedule.ready.append(fiber)
          case .suspended(.turn):
            schedule.ready.append(fiber)
            await Task.yield()
          case .suspended(let suspension):
            wait(fiber, for: suspension, &group)
          case .finished(let value):
            complete(fiber, with: value, failed: false)
            if fiber === main { result = value }
          case .failed(let error):
            complete(fiber, with: error, failed: true)
            if isLimit(error) {
              giveUpCalls()
              group.cancelAll()
              return .failed([error])
            }
            if fiber === main {
              failure = error
              for fiber in fibers.values.sorted(by: { $0.number < $1.number }) { cancel(fiber) }
            }
          }
          if !schedule.besides.isEmpty { startBesides(&group) }
          // Either must survive what the other fibers allocate.
          if let value = failure ?? result { keep(value) }
          turns += 1
          if takeCalls != nil, turns & 15 == 0 { takeCalls?() }
          // Fibers that hand over to each other without an end do not keep those waiting that wait for something else.
          if turns & 1023 == 0 { await lookAround(&group) }
        }
        if fibers.isEmpty { break }
        if isStopped() {
          giveUpCalls()
          group.cancelAll()
          return .failed([takeRaised()])
        }
        guard await nextEvent(&group) else {
          breakDeadlock()
          continue
        }
      }
      group.cancelAll()
      if let failure { return .failed([failure]) }
      let unseen = schedule.failedTasks.filter { !isObserved($0) }.map {
        load($0.address, Layout.taskResult, as: Value.self)
      }
      return unseen.isEmpty ? .finished(result ?? .null) : .failed(unseen)
    }
  }

  /// Tells those who have called into the machine that their calls will not end: operations of the group may wait for them.
  private func giveUpCalls() {
    for fiber in fibers.values {
      fiber.completion?(nil)
      fiber.completion = nil
    }
  }

  private func startBesides(_ group: inout TaskGroup<Event>) {
    for work in schedule.besides {
      group.addTask {
        await work()
        return .beside
      }
    }
    schedule.besides = []
  }

  private func keep(_ value: Value) { state.pointee.stackResult = value }

  func isLimit(_ error: Value) -> Bool {
    error.tag == Tag.error && load(error.address, Layout.flags, as: UInt8.self) & Layout.flagLimit != 0
  }

  // MARK: Running

  /// Runs a fiber whose turn it is, after what was raised in it while it waited.
  private func take(_ fiber: Fiber) -> Outcome {
    if fiber.isCancelled && !fiber.hasSeenCancellation {
      fiber.hasSeenCancellation = true
      if !(fiber.pendingError.map(isLimit) ?? false) {
        state.raiseCancelled()
        fiber.pendingError = takeRaised()
      }
    }
    if let error = fiber.pendingError {
      fiber.pendingError = nil
      guard resume(fiber, raising: error) else { return .failed(error) }
    }
    return run(fiber)
  }

  // MARK: Waiting

  /// Starts a wait.
  private func wait(_ fiber: Fiber, for suspension: Suspension, _ group: inout TaskGroup<Event>) {
    fiber.isWaiting = true
    switch suspension {
    case .operation(let operation):
      schedule.operations += 1
      let number = fiber.number
      let waitNumber = fiber.waitNumber
      let cancellation = OperationCancellation()
      fiber.operation = cancellation
      let order = schedule.order?.begin() ?? 0
      let tag = fiber.tag
      group.addTask {
        let makeResult =
          tag == 0
          ? await cancellation.run(operation)
          : await OperationTag.$current.withValue(tag) { await cancellation.run(operation) }
        return .operation(order: order, .init(fiber: number, waitNumber: waitNumber, makeResult: makeResult))
      }
    case .turn:
      fiber.isWaiting = false
      schedule.ready.append(fiber)
    case .sleep(let seconds): schedule.sleepers.append(fiber, deadline: deadline(after: seconds))
    case .ready(let value): wake(fiber, result: value, failed: false)
    case .task(let task): wait(fiber, forTask: task, takesNothing: false)
    case .anyTask(let tasks):
      let items = listItems(tasks.address)
      for index in 0..<listCount(tasks.address) where fiber.isWaiting {
        wait(fiber, forTask: items[index], takesNothing: true)
      }
    }
  }

  private func wait(_ fiber: Fiber, forTask task: Value, takesNothing: Bool) {
    guard task.tag == Tag.task else { return wake(fiber, result: .null, failed: false) }
    if isDone(task) {
      if !takesNothing { observe(task) }
      let result = takesNothing ? .null : load(task.address, Layout.taskResult, as: Value.self)
      let failed = load(task.address, Layout.taskState, as: UInt64.self) == TaskState.failed
      wake(fiber, result: result, failed: failed && !takesNothing)
    } else if let other = fibers[Int(load(task.address, Layout.taskNumber, as: UInt64.self))] {
      other.addWaiter(Fiber.Waiter(fiber: fiber, waitNumber: fiber.waitNumber, takesNothing: takesNothing))
    }
  }

  private func deadline(after seconds: Double) -> UInt64 {
    // A century is long enough, and far from what the clock overflows at.
    let nanoseconds = min(seconds, 3_155_760_000) * 1_000_000_000
    return clock() &+ UInt64(nanoseconds)
  }

  /// Whether the interruption or the time limit ends the script; the error is in the state.
  private func isStopped() -> Bool {
    if interruption.isRequested || Task.isCancelled {
      state.raiseLimit("E_CANCELLED", "the script was stopped")
      return true
    }
    return !checkTime()
  }

  /// Awaits until a fiber can go on; false when nothing will ever come.
  private func nextEvent(
    _ group: inout TaskGroup<Event>, isolation: isolated (any Actor)? = #isolation
  ) async -> Bool {
    if wakeSleepers() { return true }
    let next = schedule.sleepers.nextDeadline
    guard next != nil || schedule.operations > 0 else { return false }
    // One timer for the earliest sleeper and the time limit. A later one that still runs wakes the scheduler for
    // nothing, which does no harm.
    if let moment = [next, deadline].compactMap({ $0 }).min(), moment < schedule.timer ?? UInt64.max {
      schedule.timer = moment
      let sleepUntil = sleepUntil
      group.addTask {
        await sleepUntil(moment)
        return .timer
      }
    }
    if !schedule.watchesInterruption {
      schedule.watchesInterruption = true
      let interruption = interruption
      group.addTask {
        await interruption.wait()
        return .woken
      }
    }
    if let event = await group.next() { take(event) }
    _ = wakeSleepers()
    return true
  }

  private func take(_ event: Event) {
    switch event {
    case .operation(let number, let result):
      schedule.operations -= 1
      guard let order = schedule.order else { return deliver(result) }
      for due in order.end(number, result) { deliver(due) }
    case .timer: schedule.timer = nil
    case .beside: break
    case .woken:
      schedule.watchesInterruption = false
      takeCalls?()
    }
  }

  /// Takes what has come in by now, without waiting for more.
  private func lookAround(_ group: inout TaskGroup<Event>, isolation: isolated (any Actor)? = #isolation) async {
    _ = wakeSleepers()
    guard schedule.operations > 0 else { return }
    group.addTask { .beside }
    if let event = await group.next() { take(event) }
  }

  private func deliver(_ result: DeliveryOrder.Result) {
    guard let fiber = fibers[result.fiber], fiber.isWaiting, fiber.waitNumber == result.waitNumber else { return }
    fiber.operation = nil
    deliver(result.makeResult, to: fiber)
  }

  /// Makes an operation's result into a value, on behalf of the fiber that waits for it.
  private func deliver(_ makeResult: HostResult, to fiber: Fiber) {
    do throws(Raised) {
      let value = try makeResult(state)
      if state.hasMetLimit { throw Raised() }
      wake(fiber, result: value, failed: false)
    } catch {
      wake(fiber, result: takeRaised(), failed: true)
    }
  }

  /// Wakes those whose time has come. Those that sleep up to the time limit or beyond it are left to it, however late
  /// this is asked: on a busy system both moments may have passed.
  private func wakeSleepers() -> Bool {
    guard schedule.sleepers.nextDeadline != nil else { return false }
    let now = min(clock(), deadline.map { $0 - min($0, 1) } ?? .max)
    var woken = false
    while let fiber = schedule.sleepers.popFirst(until: now) {
      wake(fiber, result: .null, failed: false)
      woken = true
    }
    return woken
  }

  /// Every fiber waits for another one: the first of them gets an error, and the others see its end.
  private func breakDeadlock() {
    guard let fiber = fibers.values.filter({ $0.isWaiting }).min(by: { $0.number < $1.number }) else {
      dropFibers()
      return
    }
    state.raise("E_VALUE", "this task waits for one that waits for it: neither can ever go on")
    wake(fiber, result: takeRaised(), failed: true)
  }
}
