// The journal of one run as its executor sees it.

import ICSJSON

/// The journal of a run that is under way, in the hands of its executor.
///
/// ```swift
/// switch try await journal.begin(intent) {
/// case .run: try await journal.end(intent, .done(value))   // after doing it
/// case .done(let value): ...                               // take it, do nothing
/// case .raised(let failure): ...                           // raise it, do nothing
/// case .uncertain(let record): ...                         // look it up, or park
/// case .sleep(let due): return .waiting(until: due)
/// case .mismatch(let mismatch): return .parked(mismatch.reason)
/// }
/// ```
/// Several branches of a run may use it at the same time. It keeps the lease alive by itself, and every call throws
/// ``DurableError/leaseLost(_:)`` once the lease is lost: stop then, and do nothing more to the outside.
public actor StepJournal {
  /// The run, as it was claimed.
  public nonisolated let run: RunRecord

  private let store: any DurableStore
  private let clock: any DurableClock
  private let ttl: Duration
  private var lease: Lease
  private var isLost = false
  private(set) var isCancelRequested = false
  /// Steps that failed in this attempt. Their errors are either the attempt's, or caught by the script.
  private var failed: [StepOrdinal: (StepIntent, Failure)] = [:]
  private var begunAt: [StepOrdinal: Timestamp] = [:]
  private var visited: Set<StepOrdinal> = []

  // Each renewal changes the fencing token, so a write that left with the old one must arrive before it.
  private var writing = 0
  private var isRenewing = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  package init(_ claimed: ClaimedRun, store: any DurableStore, clock: any DurableClock, ttl: Duration) {
    run = claimed.run
    lease = claimed.lease
    self.store = store
    self.clock = clock
    self.ttl = ttl
  }

  /// Asks about a step that is about to begin. The intent of a write is durable when this returns `.run`.
  public func begin(_ intent: StepIntent) async throws(DurableError) -> StepState {
    let isNew = try await prepare(intent)
    let now = clock.now()
    begunAt[intent.ordinal] = now.wall
    // A run that was never tried before has nothing recorded where it has not been, and of these kinds nothing is
    // announced: the store would say the same, after its next commit.
    if isNew, run.attempt == 1, intent.kind == .step || intent.kind == .value, !isLost, lease.until > now.uptime {
      try StoreLimits.check(name: intent.name, of: "step \(intent.ordinal)")
      FailPoint.journalAfterBegin.hit()
      return .run(attempt: 1)
    }
    let state = try await write { (store, lease) throws(DurableError) in
      try await store.beginStep(lease, intent, at: now)
    }
    FailPoint.journalAfterBegin.hit()
    return state
  }

  /// Begins a `wait` that is over after a duration, or finds it begun.
  public func beginWait(_ intent: StepIntent, for duration: Duration) async throws(DurableError) -> StepState {
    try await beginWait(intent, until: clock.now().wall + duration)
  }

  /// Begins a `wait` that is over at a time, or finds it begun.
  public func beginWait(_ intent: StepIntent, until due: Timestamp) async throws(DurableError) -> StepState {
    try await prepare(intent)
    let now = clock.now()
    return try await write { (store, lease) throws(DurableError) in
      try await store.beginWait(lease, intent, until: due, at: now)
    }
  }

  /// Records how a step ended.
  public func end(_ intent: StepIntent, _ result: StepResult) async throws(DurableError) {
    FailPoint.journalBeforeEnd.hit()
    let now = clock.now()
    var intent = intent
    intent.startedAt = intent.startedAt ?? begunAt[intent.ordinal]
    try await write { [intent] (store, lease) throws(DurableError) in
      try await store.endStep(lease, intent, result, at: now)
    }
    if case .failed(let failure) = result { failed[intent.ordinal] = (intent, failure) }
  }

  /// A step that is recorded as done and that the program did not come to: it is not the program that recorded it.
  package func forgotten() async throws(DurableError) -> StepRecord? {
    guard run.attempt > 1 else { return nil }
    return try await store.run(run.id)?.steps.first { step in
      step.state.isDone && !visited.contains { step.ordinal.isInside($0) }
    }
  }

  /// Tells whether this attempt comes to the step for the first time.
  @discardableResult
  private func prepare(_ intent: StepIntent) async throws(DurableError) -> Bool {
    let isNew = visited.insert(intent.ordinal).inserted
    for (ordinal, (failedIntent, failure)) in failed where intent.ordinal.comesAfter(ordinal) {
      // The script has caught the error and gone on. What it did then holds only as long as the step fails, so from
      // now on it has failed for good.
      failed[ordinal] = nil
      let now = clock.now()
      try await write { (store, lease) throws(DurableError) in
        try await store.endStep(lease, failedIntent, .raised(failure), at: now)
      }
    }
    // A step that begins just before the lease ends is a step that two workers do.
    try await assure()
    return isNew
  }

  // MARK: The lease

  /// The present lease.
  package var current: Lease { lease }

  /// When the lease ends.
  package var leaseEnd: Int { lease.until }

  /// Makes sure that the lease holds, and for long enough to act on it: what is sent after it has ended may be sent by
  /// the next worker as well. A process that was stopped, or that had to wait, finds out here.
  ///
  /// - Throws: ``DurableError/leaseLost(_:)``, and whatever the store throws when it is asked.
  package func assure() async throws(DurableError) {
    if isLost { throw .leaseLost(run.id) }
    let rest = lease.until - clock.now().uptime
    if rest * 5 < ttl.wholeMilliseconds { try await renew() }
  }

  /// Prolongs the lease.
  package func renew() async throws(DurableError) {
    while isRenewing { await pause() }
    if isLost { throw .leaseLost(run.id) }
    isRenewing = true
    defer {
      isRenewing = false
      resumeAll()
    }
    while writing > 0 { await pause() }
    let answer = try await store.renew([lease], ttl: ttl, at: clock.now()).first
    switch answer {
    case .renewed(let renewed): lease = renewed
    case .cancelRequested(let renewed):
      lease = renewed
      isCancelRequested = true
    case .lost, nil:
      isLost = true
      throw .leaseLost(run.id)
    }
  }

  /// From now on nothing is written any more.
  package func abandon() { isLost = true }

  /// Ends the attempt.
  package func finish(_ outcome: RunOutcome) async throws(DurableError) {
    let now = clock.now()
    try await write { (store, lease) throws(DurableError) in try await store.finish(lease, outcome, at: now) }
    isLost = true
  }

  private func write<Result: Sendable>(
    _ body: (any DurableStore, Lease) async throws(DurableError) -> Result
  ) async throws(DurableError) -> Result {
    while isRenewing { await pause() }
    if isLost { throw .leaseLost(run.id) }
    writing += 1
    defer {
      writing -= 1
      if writing == 0 { resumeAll() }
    }
    do { return try await body(store, lease) } catch {
      if case .leaseLost = error { isLost = true }
      throw error
    }
  }

  private func pause() async { await withCheckedContinuation { waiters.append($0) } }

  private func resumeAll() {
    let resumed = waiters
    waiters = []
    for waiter in resumed { waiter.resume() }
  }
}

extension StepOrdinal {
  /// Whether this is a step that the code which ran `other` (or what called it) came to later: the next one of the same
  /// block, or of a block around it. Steps of a parallel branch are not.
  func comesAfter(_ other: StepOrdinal) -> Bool {
    let depth = path.count - 1
    guard other.path.count > depth, path[..<depth] == other.path[..<depth] else { return false }
    return path[depth] > other.path[depth]
  }
}

extension StepMismatch {
  /// What a person reads about it.
  public var reason: ParkReason {
    let ordinal = expected?.ordinal ?? found?.ordinal
    let number = ordinal.map(\.description) ?? "?"
    let recorded = expected.map { "`\($0.kind.rawValue) \($0.name)`\(Self.place($0.codeSpan))" }
    let present = found.map { "`\($0.kind.rawValue) \($0.name)`\(Self.place($0.codeSpan))" }
    let message =
      switch (recorded, present) {
      case (let recorded?, let present?) where recorded == present:
        "step \(number) is recorded as \(recorded) with other arguments"
      case (let recorded?, let present?): "expected step \(number) \(recorded), got \(present)"
      case (let recorded?, nil): "step \(number) \(recorded) is recorded, and the program ended without it"
      case (nil, let present?): "nothing is recorded where the program does \(present)"
      case (nil, nil): "the program does not fit what is recorded"
      }
    return ParkReason(.mismatch, message, at: ordinal)
  }

  private static func place(_ span: String) -> String { span.isEmpty ? "" : " (\(span))" }
}
