// The store in memory: for tests, for trying things out, and as what the others are compared with.

import ICSJSON

/// A store that is gone with its process.
public actor MemoryStore: DurableStore {
  private var model: StoreModel
  private var isClosed = false

  /// - Parameter options: What the store may be told.
  public init(options: StoreOptions = StoreOptions()) { model = StoreModel(options: options) }

  private func open() throws(DurableError) {
    if isClosed { throw .closed }
  }

  public func accept(_ events: [IncomingEvent]) throws(DurableError) -> [Acceptance] {
    try open()
    return try model.accept(events)
  }

  public func backlog() throws(DurableError) -> Int {
    try open()
    return model.backlog
  }

  public func saveProgram(_ program: StoredProgram) throws(DurableError) {
    try open()
    if model.programs[program.hash] == nil { model.programs[program.hash] = program }
  }

  public func program(_ hash: String) throws(DurableError) -> StoredProgram? {
    try open()
    return model.programs[hash]
  }

  public func claim(_ request: ClaimRequest, at now: Moment) throws(DurableError) -> [ClaimedRun] {
    try open()
    return model.claim(request, at: now)
  }

  public func renew(_ leases: [Lease], ttl: Duration, at now: Moment) throws(DurableError) -> [Renewal] {
    try open()
    return model.renew(leases, ttl: ttl, at: now)
  }

  public func beginStep(
    _ lease: Lease, _ intent: StepIntent, at now: Moment
  ) throws(DurableError) -> StepState {
    try open()
    return try model.beginStep(lease, intent, at: now)
  }

  public func beginWait(
    _ lease: Lease, _ intent: StepIntent, until due: Timestamp, at now: Moment
  ) throws(DurableError) -> StepState {
    try open()
    return try model.beginWait(lease, intent, until: due, at: now)
  }

  public func endStep(
    _ lease: Lease, _ intent: StepIntent, _ result: StepResult, at now: Moment
  ) throws(DurableError) {
    try open()
    try model.endStep(lease, intent, result, at: now)
  }

  public func finish(_ lease: Lease, _ outcome: RunOutcome, at now: Moment) throws(DurableError) {
    try open()
    try model.finish(lease, outcome, at: now)
  }

  public func wake(dueBy now: Timestamp, max: Int) throws(DurableError) -> Int {
    try open()
    return model.wake(dueBy: now, max: max)
  }

  public func nextWake() throws(DurableError) -> Timestamp? {
    try open()
    return model.sleepers.items.first?.due
  }

  public func nextExpiry() throws(DurableError) -> Int? {
    try open()
    return model.leases.values.min()
  }

  public func startJob(
    named name: String, tenant: String, program: String, at now: Moment
  ) throws(DurableError) -> RunRecord {
    try open()
    return try model.startJob(named: name, tenant: tenant, program: program, at: now)
  }

  public func schedules() throws(DurableError) -> [ScheduleRecord] {
    try open()
    return model.scheduleRecords.values.sorted { $0.name < $1.name }
  }

  public func saveSchedule(_ schedule: ScheduleRecord) throws(DurableError) {
    try open()
    model.scheduleRecords[schedule.name] = schedule
  }

  public func removeSchedule(_ name: String) throws(DurableError) {
    try open()
    model.scheduleRecords[name] = nil
  }

  public func events(_ filter: EventFilter) throws(DurableError) -> [EventRecord] {
    try open()
    return model.events(filter)
  }

  public func event(_ id: EventID) throws(DurableError) -> EventRecord? {
    try open()
    return model.event(id)
  }

  public func runs(_ filter: RunFilter) throws(DurableError) -> [RunRecord] {
    try open()
    return model.runs(filter)
  }

  public func run(_ id: RunID) throws(DurableError) -> RunHistory? {
    try open()
    return model.run(id)
  }

  public func retry(_ run: RunID, fromStart: Bool, at now: Moment) throws(DurableError) {
    try open()
    try model.retry(run, fromStart: fromStart)
  }

  public func retryAllDead(_ filter: RunFilter, at now: Moment) throws(DurableError) -> Int {
    try open()
    return try model.retryAllDead(filter)
  }

  public func cancel(_ run: RunID, at now: Moment) throws(DurableError) -> RunState {
    try open()
    return try model.cancel(run, at: now)
  }

  public func settle(
    _ run: RunID, _ ordinal: StepOrdinal, as result: StepResult, at now: Moment
  ) throws(DurableError) {
    try open()
    try model.settle(run, ordinal, as: result, at: now)
  }

  public func migrate(
    _ run: RunID, to program: String, forgettingFrom step: StepOrdinal?, at now: Moment
  ) throws(DurableError) {
    try open()
    try model.migrate(run, to: program, forgettingFrom: step)
  }

  public func counters() throws(DurableError) -> StoreCounters {
    try open()
    return model.counters()
  }

  public func prune(before: Timestamp, max: Int) throws(DurableError) -> Int {
    try open()
    return model.prune(before: before, max: max)
  }

  public func close() { isClosed = true }

  /// The leases that there are, by run; for tests.
  package var presentLeases: [Lease] {
    model.leases.sorted { $0.key < $1.key }.compactMap { id, until in
      guard let run = model.runs[id], let worker = run.worker else { return nil }
      return Lease(run: id, worker: worker, epoch: run.leaseEpoch, until: until)
    }
  }
}
