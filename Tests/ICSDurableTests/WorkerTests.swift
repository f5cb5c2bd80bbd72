// The worker on the store in memory, by a clock that the tests move.

import ICSDurable
import ICSJSON
import Synchronization
import Testing

@Suite("Worker", .timeLimit(.minutes(1)))
struct WorkerTests {
  private let clock = VirtualClock()
  private let store = MemoryStore()

  private func accept(_ id: String, key: String? = nil) async throws {
    _ = try await store.accept([
      IncomingEvent(
        tenant: "t", source: "test", externalID: id, topic: "contact.user.created", payload: Array("{}".utf8),
        receivedAt: clock.now().wall,
        runs: [NewRun(hook: "welcome", program: "p", ordering: key.map { Ordering(key: $0) })])
    ])
  }

  /// When the clock is moved to whatever is slept for.
  private enum Moving {
    case never
    /// When nothing is under way.
    case idle(Worker)
    /// When so many sleep.
    case sleeping(Int)
  }

  /// Waits for a condition, and moves the clock meanwhile.
  private func eventually(_ moving: Moving, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<200_000 {
      if try await condition() { return }
      let mayMove =
        switch moving {
        case .never: false
        case .idle(let worker): await worker.runsUnderWay == 0 && clock.sleeperCount == 1
        case .sleeping(let count): clock.sleeperCount >= count
        }
      if mayMove, let next = clock.nextSleeper { clock.advance(.milliseconds(max(1, next - clock.now().uptime))) }
      await Task.yield()
    }
    Issue.record("the condition did not come true")
  }

  private func options(_ name: String = "w") -> WorkerOptions {
    var options = WorkerOptions(name: name)
    options.retry = RunRetryPolicy(jitter: 0)
    options.longestSleep = .seconds(1_000_000)
    return options
  }

  private func working(
    _ worker: Worker, _ body: () async throws -> Void
  ) async throws {
    async let running: Void = worker.run()
    do { try await body() } catch {
      await worker.stop(within: .zero)
      throw error
    }
    await worker.stop(within: .zero)
    await running
  }

  @Test("a run goes through its steps and is done")
  func done() async throws {
    try await accept("1")
    let worker = Worker(store: store, options: options(), clock: clock) { _, journal in
      let intent = StepIntent(ordinal: 1, kind: .step, name: "a")
      guard case .run? = try? await journal.begin(intent) else { return .failed(Failure(code: "E", message: "?")) }
      try? await journal.end(intent, .done("x"))
      return .done(["ok": true])
    }
    try await working(worker) {
      try await eventually(.idle(worker)) { try await store.run(RunID(1))?.run.state == .done }
    }
    let history = try #require(try await store.run(RunID(1)))
    #expect(history.run.output == ["ok": true])
    #expect(history.steps.map(\.result) == ["x"])
    #expect(history.attempts.map(\.ending) == [.done])
  }

  @Test("a failing run is tried again after 10, 20, 30, 50 and 80 seconds, then it is dead")
  func retries() async throws {
    try await accept("1")
    let worker = Worker(store: store, options: options(), clock: clock) { _, _ in
      .failed(Failure(code: "E_HTTP", message: "no"))
    }
    try await working(worker) {
      try await eventually(.idle(worker)) { try await store.run(RunID(1))?.run.state == .dead }
    }
    let history = try #require(try await store.run(RunID(1)))
    let starts = history.attempts.map(\.startedAt)
    // The clock may be moved while a run is under way, so a pause may look longer than it is.
    for (gap, least) in zip(zip(starts, starts.dropFirst()).map { $1 - $0 }, [10, 20, 30, 50, 80]) {
      #expect(gap >= .seconds(least))
    }
    #expect(history.run.failure == Failure(code: "E_HTTP", message: "no"))
    #expect(history.run.attempt == 6)
  }

  @Test("a wait suspends the run, and what was done before is not done again")
  func waits() async throws {
    try await accept("1")
    let done = Mutex(0)
    let worker = Worker(store: store, options: options(), clock: clock) { _, journal in
      let first = StepIntent(ordinal: 1, kind: .step, name: "a")
      if case .run? = try? await journal.begin(first) {
        done.withLock { $0 += 1 }
        try? await journal.end(first, .done(1))
      }
      let pause = StepIntent(ordinal: 2, kind: .wait, name: "wait")
      if case .sleep(let due)? = try? await journal.beginWait(pause, for: .seconds(172_800)) {
        return .waiting(until: due)
      }
      return .done(2)
    }
    let start = clock.now().wall
    try await working(worker) {
      try await eventually(.idle(worker)) { try await store.run(RunID(1))?.run.state == .done }
    }
    #expect(done.withLock { $0 } == 1)
    #expect(clock.now().wall - start >= .seconds(172_800))
  }

  @Test("an error that the script caught is the same error when the run is repeated")
  func caught() async throws {
    try await accept("1")
    let tries = Mutex(0)
    let worker = Worker(store: store, options: options(), clock: clock) { claimed, journal in
      let first = StepIntent(ordinal: 1, kind: .step, name: "a")
      do {
        switch try await journal.begin(first) {
        case .run:
          tries.withLock { $0 += 1 }
          try await journal.end(first, .failed(Failure(code: "E_A", message: "a")))
        case .raised(let failure): #expect(failure.code == "E_A")
        default: Issue.record("unexpected")
        }
        let second = StepIntent(ordinal: 2, kind: .step, name: "b")
        if case .run = try await journal.begin(second) { try await journal.end(second, .done(2)) }
      } catch { Issue.record(error) }
      return claimed.run.attempt == 1 ? .failed(Failure(code: "E", message: "later")) : .done(nil)
    }
    try await working(worker) {
      try await eventually(.idle(worker)) { try await store.run(RunID(1))?.run.state == .done }
    }
    #expect(tries.withLock { $0 } == 1)
  }

  @Test("a program that forgets a recorded step is parked, with the step's name")
  func forgets() async throws {
    try await accept("1")
    let worker = Worker(store: store, options: options(), clock: clock) { claimed, journal in
      guard claimed.run.attempt == 1 else { return .done(nil) }
      let intent = StepIntent(ordinal: 1, kind: .step, name: "a", codeSpan: "w.ics:3:1")
      _ = try? await journal.begin(intent)
      try? await journal.end(intent, .done(1))
      return .failed(Failure(code: "E", message: "later"))
    }
    try await working(worker) {
      try await eventually(.idle(worker)) { try await store.run(RunID(1))?.run.state == .parked }
    }
    let reason = try #require(try await store.run(RunID(1))?.run.parked)
    #expect(reason.kind == .mismatch)
    #expect(reason.message == "step 1 `step a` (w.ics:3:1) is recorded, and the program ended without it")
  }

  @Test("a long run keeps its lease")
  func keepsAlive() async throws {
    try await accept("1")
    let clock = clock
    let worker = Worker(store: store, options: options(), clock: clock) { _, _ in
      try? await clock.sleep(untilUptime: clock.now().uptime + 300_000)
      return .done(nil)
    }
    try await working(worker) {
      try await eventually(.sleeping(3)) { try await store.run(RunID(1))?.run.state == .done }
    }
    let run = try #require(try await store.run(RunID(1))?.run)
    #expect(run.attempt == 1)
    #expect(run.leaseEpoch > 10)
  }

  @Test("cancelling a run that is under way stops it at its next renewal")
  func cancels() async throws {
    try await accept("1")
    let (clock, store) = (clock, store)
    let worker = Worker(store: store, options: options(), clock: clock) { _, _ in
      try? await clock.sleep(untilUptime: 1_000_000_000)
      return .cancelled
    }
    try await working(worker) {
      try await eventually(.never) { try await store.run(RunID(1))?.run.state == .running }
      _ = try await store.cancel(RunID(1), at: clock.now())
      try await eventually(.sleeping(3)) { try await store.run(RunID(1))?.run.state == .cancelled }
    }
  }

  @Test("stopping gives back what does not end in time, and counts it as no failure")
  func drains() async throws {
    try await accept("1")
    let clock = clock
    let worker = Worker(store: store, options: options(), clock: clock) { _, _ in
      try? await clock.sleep(untilUptime: 1_000_000_000)
      return .cancelled
    }
    try await working(worker) {
      try await eventually(.never) { try await store.run(RunID(1))?.run.state == .running }
    }
    let run = try #require(try await store.run(RunID(1))?.run)
    #expect(run.state == .ready)
    #expect(run.failures == 0)
    #expect(run.leaseLosses == 0)
  }

  @Test("events of one key run one after the other, in their order")
  func ordered() async throws {
    for id in 1...20 { try await accept("\(id)", key: "c\(id % 2)") }
    let order = Mutex<[RunID]>([])
    let worker = Worker(store: store, options: options(), clock: clock) { claimed, _ in
      for _ in 0..<(claimed.run.id.rawValue % 5) { await Task.yield() }
      order.withLock { $0.append(claimed.run.id) }
      return .done(nil)
    }
    let store = store
    try await working(worker) {
      try await eventually(.never) { try await store.counters().runs[.done] == 20 }
    }
    let finished = order.withLock { $0.map(\.rawValue) }
    #expect(finished.filter { $0 % 2 == 0 } == Array(stride(from: 2, through: 20, by: 2)))
    #expect(finished.filter { $0 % 2 == 1 } == Array(stride(from: 1, through: 19, by: 2)))
  }

  @Test("a job is performed with its waits, and is there when it is asked for again")
  func jobs() async throws {
    let clock = clock
    let worker = Worker(store: store, options: options(), clock: clock) { _, journal in
      let pause = StepIntent(ordinal: 1, kind: .wait, name: "wait")
      if case .sleep(let due)? = try? await journal.beginWait(pause, for: .seconds(100)) {
        return .waiting(until: due)
      }
      return .done(7)
    }
    let job = try await store.startJob(named: "nightly", tenant: "t", program: "p", at: clock.now())
    let again = try await store.startJob(named: "nightly", tenant: "t", program: "p", at: clock.now())
    #expect(job.id == again.id)
    let finished = Mutex(false)
    async let record = {
      defer { finished.withLock { $0 = true } }
      return try await worker.perform(job.id)
    }()
    try await eventually(.sleeping(1)) { finished.withLock { $0 } }
    #expect(try await record.output == 7)
  }
}
