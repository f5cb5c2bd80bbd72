// The worker: takes runs from a store, has them executed, and records how they ended.

import ICSJSON

/// Takes runs from a store and executes them, several at once.
///
/// ```swift
/// let worker = Worker(store: store, options: WorkerOptions(name: "serve-\(pid)")) { claimed, journal in
///   await runner.execute(claimed, journal)
/// }
/// async let working: Void = worker.run()
/// worker.notify()                          // after each accept
/// await worker.stop(within: .seconds(20))  // on SIGTERM
/// ```
/// Cancelling the task of ``run()`` drops everything where it is, as a crash does; ``stop(within:)`` drains.
public actor Worker {
  /// Executes a run. Its task is cancelled when the lease is lost, when somebody cancels the run, and when the worker
  /// stops and the run takes too long.
  public typealias Executor = @Sendable (ClaimedRun, StepJournal) async -> ExecutionResult

  private let store: any DurableStore
  private let options: WorkerOptions
  private let clock: any DurableClock
  private let executor: Executor
  private let signal = Signal()
  private var steady = SteadyTime()
  private var busy = 0
  private var stopBy: Int?
  private var isRunning = false
  /// When the next run is due, as far as this worker knows; asked for anew now and then, because others write too.
  private var nextDue: Timestamp?
  /// When it was asked for, in milliseconds of uptime.
  private var askedAt: Int?
  private var drained: [CheckedContinuation<Void, Never>] = []
  /// Raised when what is under way has to end.
  private let dropping = Latch()

  /// - Parameters:
  ///   - store: Where the runs are.
  ///   - options: What it may be told.
  ///   - clock: Where it takes the time from.
  ///   - executor: Executes a run.
  public init(
    store: any DurableStore, options: WorkerOptions, clock: any DurableClock = SystemClock(),
    executor: @escaping Executor
  ) {
    self.store = store
    self.options = options
    self.clock = clock
    self.executor = executor
  }

  /// Says that there may be something to do. Cheap, and from anywhere.
  public nonisolated func notify() { signal.raise() }

  /// How many runs are under way.
  public var runsUnderWay: Int { busy }

  /// Works until ``stop(within:)`` has drained it, or its task is cancelled.
  public func run() async {
    isRunning = true
    await withDiscardingTaskGroup { group in
      while stopBy == nil, !Task.isCancelled {
        let claimed = await look()
        for run in claimed {
          busy += 1
          group.addTask { await self.work(on: run) }
        }
        // A full hand may mean that there is more.
        if !claimed.isEmpty, busy < options.concurrency, stopBy == nil { continue }
        await sleep()
      }
      await drain()
    }
    isRunning = false
    for waiter in drained { waiter.resume() }
    drained = []
  }

  /// Starts no more runs, lets what is under way end, and after a time gives it back for another worker to go on with.
  ///
  /// Returns when ``run()`` has ended.
  public func stop(within patience: Duration) async {
    stopBy = clock.now().uptime + max(0, patience.wholeMilliseconds)
    signal.raise()
    if isRunning { await withCheckedContinuation { drained.append($0) } }
  }

  /// Works on one run until it has ended, its waits and retries included; for jobs.
  ///
  /// - Returns: The run in its final state.
  /// - Throws: ``DurableError/wrongState(_:_:action:)`` when another worker has it, and whatever the store throws.
  public func perform(_ id: RunID) async throws(DurableError) -> RunRecord {
    while true {
      guard let run = try await store.run(id)?.run else { throw .notFound(what: "run", id: id.description) }
      if run.state.isFinal { return run }
      let now = clock.now()
      if let due = run.dueAt, steady.time(at: now) < due {
        try await pause(.milliseconds(min((due - steady.time(at: now)).wholeMilliseconds, 60_000)))
        continue
      }
      _ = try await store.wake(dueBy: steady.time(at: now), max: 1000)
      guard let claimed = try await store.claim(request(max: 1, only: id), at: now).first else {
        throw .wrongState(id, run.state, action: "claimed")
      }
      busy += 1
      await work(on: claimed)
    }
  }

  private func pause(_ duration: Duration) async throws(DurableError) {
    do { try await clock.sleep(untilUptime: clock.now().uptime + duration.wholeMilliseconds) } catch {
      throw .closed
    }
  }

  // MARK: Looking for work

  /// Wakes up what is due, and claims what there is room for.
  private func look() async -> [ClaimedRun] {
    let room = options.concurrency - busy
    do throws(DurableError) {
      try await wakeDue()
      guard room > 0, stopBy == nil else { return [] }
      let claimed = try await store.claim(request(max: room), at: clock.now())
      FailPoint.workerAfterClaim.hit()
      return claimed
    } catch {
      options.observer(.trouble(error))
      await clock.sleep(untilUptime: clock.now().uptime + options.troublePause.wholeMilliseconds, or: nil)
      return []
    }
  }

  /// Wakes up what is due. Each question to the store waits for its next commit, so it is asked only when it has to be.
  private func wakeDue() async throws(DurableError) {
    let now = clock.now()
    let time = steady.time(at: now)
    let isKnown = askedAt.map { now.uptime - $0 < options.longestSleep.wholeMilliseconds } ?? false
    if isKnown, nextDue.map({ $0 > time }) ?? true { return }
    while try await store.wake(dueBy: time, max: 1000) == 1000 {}
    // What is noted while the store is asked may not be in its answer.
    (nextDue, askedAt) = (nil, nil)
    note(due: try await store.nextWake())
    askedAt = now.uptime
  }

  private func note(due: Timestamp?) {
    guard let due else { return }
    nextDue = min(nextDue ?? due, due)
  }

  private func request(max: Int, only: RunID? = nil) -> ClaimRequest {
    ClaimRequest(
      worker: options.name, max: max, ttl: options.leaseTTL, shares: options.shares(),
      defaultShare: options.defaultShare, only: only)
  }

  /// Sleeps until somebody raises the signal, something is due, or a lease ends.
  private func sleep() async {
    let now = clock.now()
    var until = now.uptime + options.longestSleep.wholeMilliseconds
    if let nextDue {
      let rest = (nextDue - steady.time(at: now)).wholeMilliseconds
      until = min(until, now.uptime + max(0, min(rest, options.longestSleep.wholeMilliseconds)))
    }
    do throws(DurableError) {
      if busy < options.concurrency, let expiry = try await store.nextExpiry() { until = min(until, expiry) }
    } catch {
      options.observer(.trouble(error))
    }
    await clock.sleep(untilUptime: until, or: signal)
  }

  /// Waits for what is under way, then makes it end.
  private func drain() async {
    guard let stopBy, !Task.isCancelled else {
      dropping.raise()
      return
    }
    while busy > 0, clock.now().uptime < stopBy, !Task.isCancelled {
      await clock.sleep(untilUptime: stopBy, or: signal)
    }
    dropping.raise()
  }

  // MARK: Working on a run

  private func work(on claimed: ClaimedRun) async {
    options.observer(.started(claimed.run))
    let journal = StepJournal(claimed, store: store, clock: clock, ttl: options.leaseTTL)
    let result = await execute(claimed, journal)
    if let result, !Task.isCancelled { await record(result, of: claimed.run, in: journal) }
    await journal.abandon()
    busy -= 1
    signal.raise()
  }

  private enum Ending: Sendable {
    case result(ExecutionResult)
    case leaseLost
    case cancelRequested
    case dropped
    case heartbeatCancelled
  }

  /// The executor's result; `nil` when nothing may be recorded.
  private func execute(_ claimed: ClaimedRun, _ journal: StepJournal) async -> ExecutionResult? {
    let (executor, clock, dropping) = (executor, clock, dropping)
    let ttl = options.leaseTTL.wholeMilliseconds
    return await withTaskGroup(of: Ending.self) { group in
      group.addTask { .result(await executor(claimed, journal)) }
      group.addTask { await Self.keepAlive(journal, clock: clock, ttl: ttl) }
      group.addTask { await dropping.wait() ? .dropped : .heartbeatCancelled }
      var answer: ExecutionResult?
      var mayRecord = true
      for await ending in group {
        switch ending {
        case .result(let result): answer = result
        case .leaseLost: mayRecord = false
        case .cancelRequested, .dropped, .heartbeatCancelled: break
        }
        // Whatever came first ends the others; the executor's own answer comes last at the latest.
        group.cancelAll()
      }
      return mayRecord ? answer : nil
    }
  }

  /// Renews the lease until the task is cancelled; two failures in a row, or its end, and it is lost.
  private static func keepAlive(_ journal: StepJournal, clock: any DurableClock, ttl: Int) async -> Ending {
    var failures = 0
    while true {
      let end = await journal.leaseEnd
      // A third of the time before the first try, a sixth before the second one.
      let next = failures == 0 ? end - ttl * 2 / 3 : clock.now().uptime + ttl / 6
      do { try await clock.sleep(untilUptime: next) } catch { return .heartbeatCancelled }
      do throws(DurableError) {
        try await journal.renew()
        failures = 0
        if await journal.isCancelRequested { return .cancelRequested }
      } catch {
        failures += 1
        if case .leaseLost = error { failures = 2 }
        if failures >= 2 {
          await journal.abandon()
          return .leaseLost
        }
      }
    }
  }

  private func record(_ result: ExecutionResult, of run: RunRecord, in journal: StepJournal) async {
    FailPoint.workerBeforeFinish.hit()
    do throws(DurableError) {
      let outcome = try await outcome(of: result, of: run, in: journal)
      do throws(DurableError) {
        try await journal.finish(outcome)
        note(due: outcome.due)
        options.observer(.finished(run, outcome))
      } catch {
        guard let failure = error.refusedValue else { throw error }
        // The run's value is none that can be stored: that is the run's mistake, and trying again would not mend it.
        let outcome = RunOutcome.failed(failure, retryAt: nil)
        try await journal.finish(outcome)
        options.observer(.finished(run, outcome))
      }
      FailPoint.workerAfterFinish.hit()
    } catch {
      if case .leaseLost = error { options.observer(.lost(run)) } else { options.observer(.trouble(error)) }
    }
  }

  private func outcome(
    of result: ExecutionResult, of run: RunRecord, in journal: StepJournal
  ) async throws(DurableError) -> RunOutcome {
    switch result {
    case .done(let value):
      if let forgotten = try await journal.forgotten() {
        return .parked(StepMismatch(expected: forgotten, found: nil).reason)
      }
      return .done(value)
    case .failed(let failure, let policy):
      let pause = (policy ?? options.retry).pause(afterFailure: run.failures + 1)
      return .failed(failure, retryAt: pause.map { clock.now().wall + $0 })
    case .waiting(let due): return .waiting(until: due)
    case .parked(let reason): return .parked(reason)
    case .cancelled: return await journal.isCancelRequested ? .cancelled : .released
    }
  }
}

extension RunOutcome {
  /// When the run is to go on.
  fileprivate var due: Timestamp? {
    switch self {
    case .waiting(let due), .failed(_, let due?): due
    case .done, .failed, .parked, .cancelled, .released: nil
    }
  }
}

extension DurableError {
  /// The failure of a run whose value the store refuses.
  fileprivate var refusedValue: Failure? {
    switch self {
    case .tooLarge: Failure(code: "E_LIMIT", message: description)
    case .notSerialisable: Failure(code: "E_VALUE", message: description)
    default: nil
    }
  }
}
