// A store that is out of order.

import ICSDurable

/// Refuses events, and has nothing.
struct FailingStore: DurableStore {
  let trouble: DurableError.Trouble
  private var error: DurableError { .unavailable(trouble, detail: "a test") }

  init(trouble: DurableError.Trouble) { self.trouble = trouble }

  func accept(_ events: [IncomingEvent]) async throws(DurableError) -> [Acceptance] { throw error }
  func backlog() async throws(DurableError) -> Int { 0 }
  func saveProgram(_ program: StoredProgram) async throws(DurableError) { throw error }
  func program(_ hash: String) async throws(DurableError) -> StoredProgram? { throw error }
  func claim(_ request: ClaimRequest, at now: Moment) async throws(DurableError) -> [ClaimedRun] { throw error }
  func renew(_ leases: [Lease], ttl: Duration, at now: Moment) async throws(DurableError) -> [Renewal] { throw error }
  func beginStep(_ lease: Lease, _ intent: StepIntent, at now: Moment) async throws(DurableError) -> StepState {
    throw error
  }
  func beginWait(
    _ lease: Lease, _ intent: StepIntent, until due: Timestamp, at now: Moment
  ) async throws(DurableError) -> StepState { throw error }
  func endStep(_ lease: Lease, _ intent: StepIntent, _ result: StepResult, at now: Moment) async throws(DurableError) {
    throw error
  }
  func finish(_ lease: Lease, _ outcome: RunOutcome, at now: Moment) async throws(DurableError) { throw error }
  func wake(dueBy now: Timestamp, max: Int) async throws(DurableError) -> Int { throw error }
  func nextWake() async throws(DurableError) -> Timestamp? { throw error }
  func nextExpiry() async throws(DurableError) -> Int? { throw error }
  func startJob(
    named name: String, tenant: String, program: String, at now: Moment
  ) async throws(DurableError) -> RunRecord { throw error }
  func schedules() async throws(DurableError) -> [ScheduleRecord] { throw error }
  func saveSchedule(_ schedule: ScheduleRecord) async throws(DurableError) { throw error }
  func removeSchedule(_ name: String) async throws(DurableError) { throw error }
  func events(_ filter: EventFilter) async throws(DurableError) -> [EventRecord] { throw error }
  func event(_ id: EventID) async throws(DurableError) -> EventRecord? { throw error }
  func runs(_ filter: RunFilter) async throws(DurableError) -> [RunRecord] { throw error }
  func run(_ id: RunID) async throws(DurableError) -> RunHistory? { throw error }
  func retry(_ run: RunID, fromStart: Bool, at now: Moment) async throws(DurableError) { throw error }
  func retryAllDead(_ filter: RunFilter, at now: Moment) async throws(DurableError) -> Int { throw error }
  func cancel(_ run: RunID, at now: Moment) async throws(DurableError) -> RunState { throw error }
  func settle(
    _ run: RunID, _ ordinal: StepOrdinal, as result: StepResult, at now: Moment
  ) async throws(DurableError) { throw error }
  func migrate(
    _ run: RunID, to program: String, forgettingFrom step: StepOrdinal?, at now: Moment
  ) async throws(DurableError) { throw error }
  func counters() async throws(DurableError) -> StoreCounters { throw error }
  func prune(before: Timestamp, max: Int) async throws(DurableError) -> Int { throw error }
  func close() async {}
}
