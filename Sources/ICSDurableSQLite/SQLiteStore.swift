// The store in a SQLite file.

import Dispatch
import GRDB
import ICSDurable
import ICSJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A store in a file, for one machine.
///
/// One process serves it, as its owner; others may look into it and do what people do (`ics runs`), or run jobs, at the
/// same time as guests. What is accepted or recorded has been flushed to the disk when the call returns.
public final class SQLiteStore: DurableStore {
  /// What a process is to the store.
  public enum Role: Sendable, Hashable {
    /// The one that serves it. Whoever was before is gone, and its leases are void at once; or it is taken over by
    /// force, writes nothing from now on, and its leases end by themselves: until then what it has sent may arrive.
    case owner(byForce: Bool = false)
    /// One that looks in.
    case guest
  }

  /// The file.
  public let path: String
  private let committer: Committer
  private let writer: Writer
  private let reader: DatabaseQueue
  private let checkpointer: Checkpointer
  private let lock: OwnerLock?

  /// Opens the store at a path, or makes it.
  ///
  /// - Parameters:
  ///   - path: The file. `-wal`, `-shm` and `.lock` are put beside it.
  ///   - role: What this process is to it.
  ///   - options: What a store may be told.
  ///   - busyTimeout: How long a write waits for another process.
  ///   - now: The wall clock, for what is taken away from a former owner.
  /// - Throws: `DurableError.owned(path:pid:)`, `DurableError.newerSchema(path:found:known:)`,
  ///   `DurableError.networkFileSystem(path:type:)`, `DurableError.damaged(path:detail:)` or
  ///   `DurableError.unavailable(_:detail:)`.
  public init(
    path: String, role: Role, options: StoreOptions = StoreOptions(), busyTimeout: Duration = .seconds(3),
    now: Timestamp = SystemClock().now().wall
  ) throws(DurableError) {
    self.path = path
    try StoreFile.prepare(path)
    if case .owner(let isByForce) = role {
      lock = try OwnerLock.take(for: path, byForce: isByForce)
    } else {
      lock = nil
    }
    do {
      let handle = Self.handles.next()
      let queue = try Self.open(path, busyTimeout, isReadOnly: false)
      writer = Writer(
        queue: queue, path: path, options: options, process: "\(ProcessIdentity.current.text)/\(handle)")
      reader = try Self.open(path, busyTimeout, isReadOnly: true)
      checkpointer = Checkpointer(queue: try Self.open(path, busyTimeout, isReadOnly: false), path: path)
    } catch { throw DurableError(error, path: path) }
    committer = Committer(writer: writer, checkpointer: checkpointer)
    try writer.transaction(isFlushed: true) { writer in
      guard case .owner(let isByForce) = role else { return }
      try writer.recover(at: now, isByForce: isByForce)
      try writer.becomeOwner()
      FailPoint.recoverBeforeCommit.hit()
    }
    FailPoint.recoverAfterCommit.hit()
  }

  /// Who serves the store at a path; `nil` when nobody does.
  public static func owner(of path: String) -> Int? { OwnerLock.holder(of: path) }

  private static let handles = Counter()

  private static func open(_ path: String, _ busyTimeout: Duration, isReadOnly: Bool) throws -> DatabaseQueue {
    var configuration = Configuration()
    // A busy server leaves the lock alone for microseconds between two transactions. SQLite's own waiting looks every
    // 100 ms and would find it taken for minutes.
    let tries = max(1, Int(busyTimeout / .milliseconds(1)))
    configuration.busyMode = .callback { count in
      usleep(UInt32.random(in: 800...1200))
      return count < tries
    }
    configuration.foreignKeysEnabled = false
    configuration.label = "ics.durable"
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { db in
      if isReadOnly { return try db.execute(sql: "PRAGMA query_only = 1") }
      // After opening: what GRDB itself sets comes before this, so that FULL stays.
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(
        sql: """
          PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 0; \
          PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY
          """)
      try db.inTransaction(.immediate) {
        try Schema.prepare(db, path: path)
        return .commit
      }
    }
    return queue
  }

  private func read<Result: Sendable>(
    _ body: @escaping @Sendable (Listings) throws -> Result
  ) async throws(DurableError) -> Result {
    do { return try await reader.read { db in try body(Listings(statements: Statements(db, keeps: false))) } } catch {
      if error is CancellationError { throw .closed }
      throw DurableError(error, path: path)
    }
  }

  public func accept(_ events: [IncomingEvent]) async throws(DurableError) -> [Acceptance] {
    try await committer.submit(.accept) { try $0.accept(events) }
  }

  public func backlog() -> Int { writer.backlog.withLock { $0 } }

  public func saveProgram(_ program: StoredProgram) async throws(DurableError) {
    try await committer.submit(.other) { try $0.saveProgram(program) }
  }

  public func program(_ hash: String) async throws(DurableError) -> StoredProgram? {
    try await read { try $0.program(hash) }
  }

  public func claim(_ request: ClaimRequest, at now: Moment) async throws(DurableError) -> [ClaimedRun] {
    try await committer.submit(.claim) { try $0.claim(request, at: now) }
  }

  public func renew(_ leases: [Lease], ttl: Duration, at now: Moment) async throws(DurableError) -> [Renewal] {
    try await committer.submit(.renew) { try $0.renew(leases, ttl: ttl, at: now) }
  }

  public func beginStep(
    _ lease: Lease, _ intent: StepIntent, at now: Moment
  ) async throws(DurableError) -> StepState {
    // Only a write's intent is written at all.
    var kind = Committer.Kind.beginStep
    kind.isFlushed = intent.kind == .write
    return try await committer.submit(kind) { try $0.beginStep(lease, intent, at: now) }
  }

  public func beginWait(
    _ lease: Lease, _ intent: StepIntent, until due: Timestamp, at now: Moment
  ) async throws(DurableError) -> StepState {
    try await committer.submit(.beginStep) { try $0.beginWait(lease, intent, until: due, at: now) }
  }

  public func endStep(
    _ lease: Lease, _ intent: StepIntent, _ result: StepResult, at now: Moment
  ) async throws(DurableError) {
    try await committer.submit(.endStep) { try $0.endStep(lease, intent, result, at: now) }
  }

  public func finish(_ lease: Lease, _ outcome: RunOutcome, at now: Moment) async throws(DurableError) {
    try await committer.submit(.finish) { try $0.finish(lease, outcome, at: now) }
  }

  public func wake(dueBy now: Timestamp, max: Int) async throws(DurableError) -> Int {
    try await committer.submit(.wake) { try $0.wake(dueBy: now, max: max) }
  }

  public func nextWake() async throws(DurableError) -> Timestamp? {
    try await committer.submit(.look) { writer in
      try writer.int("SELECT due_at FROM run WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1")
        .map { Timestamp(milliseconds: $0) }
    }
  }

  public func nextExpiry() async throws(DurableError) -> Int? {
    try await committer.submit(.look) { try $0.int("SELECT min(lease_until) FROM run WHERE state = 1") }
  }

  public func startJob(
    named name: String, tenant: String, program: String, at now: Moment
  ) async throws(DurableError) -> RunRecord {
    try await committer.submit(.other) { try $0.startJob(named: name, tenant: tenant, program: program, at: now) }
  }

  public func schedules() async throws(DurableError) -> [ScheduleRecord] { try await read { try $0.schedules() } }

  public func saveSchedule(_ schedule: ScheduleRecord) async throws(DurableError) {
    try await committer.submit(.schedule) { try $0.saveSchedule(schedule) }
  }

  public func removeSchedule(_ name: String) async throws(DurableError) {
    try await committer.submit(.schedule) { try $0.run("DELETE FROM schedule WHERE name = ?", [name]) }
  }

  public func events(_ filter: EventFilter) async throws(DurableError) -> [EventRecord] {
    try await read { try $0.events(filter) }
  }

  public func event(_ id: EventID) async throws(DurableError) -> EventRecord? { try await read { try $0.event(id) } }

  public func runs(_ filter: RunFilter) async throws(DurableError) -> [RunRecord] {
    try await read { try $0.runs(filter) }
  }

  public func run(_ id: RunID) async throws(DurableError) -> RunHistory? { try await read { try $0.run(id) } }

  public func retry(_ run: RunID, fromStart: Bool, at now: Moment) async throws(DurableError) {
    try await committer.submit(.other) { try $0.retry(run, fromStart: fromStart) }
  }

  public func retryAllDead(_ filter: RunFilter, at now: Moment) async throws(DurableError) -> Int {
    try await committer.submit(.other) { try $0.retryAllDead(filter) }
  }

  public func cancel(_ run: RunID, at now: Moment) async throws(DurableError) -> RunState {
    try await committer.submit(.other) { try $0.cancel(run, at: now) }
  }

  public func settle(
    _ run: RunID, _ ordinal: StepOrdinal, as result: StepResult, at now: Moment
  ) async throws(DurableError) {
    try await committer.submit(.other) { try $0.settle(run, ordinal, as: result, at: now) }
  }

  public func migrate(
    _ run: RunID, to program: String, forgettingFrom step: StepOrdinal?, at now: Moment
  ) async throws(DurableError) {
    try await committer.submit(.other) { try $0.migrate(run, to: program, forgettingFrom: step) }
  }

  public func counters() async throws(DurableError) -> StoreCounters { try await read { try $0.counters() } }

  public func prune(before: Timestamp, max: Int) async throws(DurableError) -> Int {
    try await committer.submit(.other) { try $0.prune(before: before, max: max) }
  }

  public func close() async {
    await committer.close()
    await checkpointer.close()
    try? reader.close()  // Nothing is left to be told about it.
    lock?.release()
  }

  /// A value of the writing connection's settings, as in `synchronous`; for tests.
  package func pragma(_ name: String) async throws(DurableError) -> Int? {
    try await committer.submit(.other) { try Int.fetchOne($0.statements.db, sql: "PRAGMA \(name)") }
  }

  /// Keeps the file locked for writing until a stream ends; for tests.
  package func holdWriteLock(_ begun: @escaping @Sendable () -> AsyncStream<Void>) async throws(DurableError) {
    let (reached, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    async let holding: Void = committer.submit(.other) { _ in
      reached.signal()
      ended.wait()
    }
    await Self.wait(for: reached)
    for await _ in begun() {}
    ended.signal()
    do { try await holding } catch { throw DurableError(error, path: path) }
  }

  private static func wait(for semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        semaphore.wait()
        continuation.resume()
      }
    }
  }

  /// Runs SQL on the file as it is; for tests that damage it.
  package func damage(_ sql: String) async throws(DurableError) {
    try await committer.submit(.other) { try $0.statements.db.execute(sql: sql) }
  }
}
