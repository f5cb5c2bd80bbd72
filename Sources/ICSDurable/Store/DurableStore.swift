// What a store does: one protocol for memory, SQLite and PostgreSQL, with one contract suite.

import ICSJSON

/// Keeps events, runs and their journals.
///
/// What a call promises is durable when it returns. Every operation is atomic and may be called from any task; a store
/// groups what comes at the same time into one commit by itself. Operations that take a ``Lease`` are fenced: they throw
/// ``DurableError/leaseLost(_:)`` and change nothing when the lease is not the run's present one, or has ended.
///
/// Times are given by the caller, and a store reads no clock.
public protocol DurableStore: Sendable {
  // MARK: The inbox

  /// Stores events with their runs, all of them or none, and tells which are new.
  ///
  /// An event is a duplicate when the tenant has one of that source with the same id or with the same (not empty) body
  /// hash. Duplicates within the call count as well.
  func accept(_ events: [IncomingEvent]) async throws(DurableError) -> [Acceptance]

  /// How many runs want a worker: ready, or behind another of their key. Cheap; what back-pressure goes by.
  func backlog() async throws(DurableError) -> Int

  // MARK: Programs

  /// Keeps a program. One that is kept already stays as it is.
  func saveProgram(_ program: StoredProgram) async throws(DurableError)

  /// The program with a hash.
  func program(_ hash: String) async throws(DurableError) -> StoredProgram?

  // MARK: Work

  /// Gives a worker runs that are ready, fairly between tenants, each with its attempt counted; first, takes runs away
  /// from workers whose leases have ended.
  func claim(_ request: ClaimRequest, at now: Moment) async throws(DurableError) -> [ClaimedRun]

  /// Prolongs leases, each with a new epoch. The answers are in the order of the leases.
  func renew(_ leases: [Lease], ttl: Duration, at now: Moment) async throws(DurableError) -> [Renewal]

  /// Asks the journal about a step that is about to begin, and announces it: the intent of a ``StepKind/write`` is
  /// durable when this returns.
  ///
  /// A ``StepKind/wait`` is announced by ``beginWait(_:_:until:at:)``.
  func beginStep(
    _ lease: Lease, _ intent: StepIntent, at now: Moment
  ) async throws(DurableError) -> StepState

  /// Begins a `wait` that is over at a time, or finds it begun: `.done(null)` when it is over, `.sleep` when it is not.
  /// The time of the first call is the one that counts.
  func beginWait(
    _ lease: Lease, _ intent: StepIntent, until due: Timestamp, at now: Moment
  ) async throws(DurableError) -> StepState

  /// Records how a step ended. `intent` is the one that it began with.
  ///
  /// What is inside a step that is done is not needed for going on any more, and stays for people to read.
  /// Throws ``DurableError/tooLarge(what:bytes:limit:)``, ``DurableError/notSerialisable(what:detail:)`` and
  /// ``DurableError/journalFull(_:limit:)`` without changing anything.
  func endStep(
    _ lease: Lease, _ intent: StepIntent, _ result: StepResult, at now: Moment
  ) async throws(DurableError)

  /// Ends the attempt: the lease is given back, and the next run of the key becomes ready.
  func finish(_ lease: Lease, _ outcome: RunOutcome, at now: Moment) async throws(DurableError)

  /// Makes up to `max` runs ready (or queued behind their key) whose `wait` or retry is due, and tells how many.
  func wake(dueBy now: Timestamp, max: Int) async throws(DurableError) -> Int

  /// When the next waiting or retrying run is due.
  func nextWake() async throws(DurableError) -> Timestamp?

  /// When the first lease ends, in milliseconds of ``Moment/uptime``.
  func nextExpiry() async throws(DurableError) -> Int?

  // MARK: Jobs and schedules

  /// The unfinished run of a job, or a new one: `ics run --job NAME` goes on where it was. A parked or dead one counts
  /// as unfinished and is made ready again.
  ///
  /// The run keeps the program that it was made with; compare it with `program` to notice an edited script.
  func startJob(
    named name: String, tenant: String, program: String, at now: Moment
  ) async throws(DurableError) -> RunRecord

  /// The schedules that are kept.
  func schedules() async throws(DurableError) -> [ScheduleRecord]

  /// Keeps a schedule's next time, in place of the one that was kept under its name.
  ///
  /// Fire it by `accept` with `name@time` as the id, then keep the next time: a crash between the two fires nothing
  /// twice.
  func saveSchedule(_ schedule: ScheduleRecord) async throws(DurableError)

  /// Forgets a schedule.
  func removeSchedule(_ name: String) async throws(DurableError)

  // MARK: What people do

  /// Events, newest first, without bodies.
  func events(_ filter: EventFilter) async throws(DurableError) -> [EventRecord]

  /// One event with its body and its runs.
  func event(_ id: EventID) async throws(DurableError) -> EventRecord?

  /// Runs, newest first.
  func runs(_ filter: RunFilter) async throws(DurableError) -> [RunRecord]

  /// One run with its steps and attempts. Journal entries that cannot be read are left out.
  func run(_ id: RunID) async throws(DurableError) -> RunHistory?

  /// Makes a dead, parked, cancelled or retrying run ready (or queued behind its key) again. With `fromStart` its journal
  /// is forgotten first: every step runs again.
  ///
  /// - Throws: ``DurableError/wrongState(_:_:action:)`` for a run that is done or under way.
  func retry(_ run: RunID, fromStart: Bool, at now: Moment) async throws(DurableError)

  /// Retries every dead run that a filter lets through (its states and limit do not count), and tells how many.
  func retryAllDead(_ filter: RunFilter, at now: Moment) async throws(DurableError) -> Int

  /// Cancels a run: at once, or, when it is running, as soon as its worker renews its lease.
  ///
  /// - Returns: The state afterwards: ``RunState/cancelled`` or ``RunState/running``.
  func cancel(_ run: RunID, at now: Moment) async throws(DurableError) -> RunState

  /// Says how an uncertain write of a parked run ended, in the place of a look-up. The run stays parked; retry it then.
  func settle(
    _ run: RunID, _ ordinal: StepOrdinal, as result: StepResult, at now: Moment
  ) async throws(DurableError)

  /// Moves a run that is not running and not done to another version of its program.
  ///
  /// The recorded steps stay, but for `step` and everything after it; `nil` keeps all. The run is parked when the new
  /// version does something else at one of them.
  func migrate(
    _ run: RunID, to program: String, forgettingFrom step: StepOrdinal?, at now: Moment
  ) async throws(DurableError)

  /// The counters.
  func counters() async throws(DurableError) -> StoreCounters

  /// Forgets events that arrived before a time and whose runs have ended in ``RunState/done`` or
  /// ``RunState/cancelled``, and runs of jobs likewise; up to `max`. Tells how many events and jobs.
  ///
  /// What is forgotten is no duplicate any more: keep 30 days.
  func prune(before: Timestamp, max: Int) async throws(DurableError) -> Int

  /// Ends everything: what was accepted is durable, later calls throw ``DurableError/closed``.
  func close() async
}
