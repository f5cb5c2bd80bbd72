// The inbox and the work.

import ICSDurable
import ICSJSON

extension Writer {
  func accept(_ events: [IncomingEvent]) throws -> [Acceptance] {
    for event in events { try event.check() }
    return try events.map { try accept($0) }
  }

  private func accept(_ event: IncomingEvent) throws -> Acceptance {
    if let duplicate = try duplicate(event) { return duplicate }
    var sum = Checksum()
    sum.add(event.payload)
    let isLong = event.payload.count > Self.inRow
    try run(
      """
      INSERT INTO event (tenant, source, ext_id, body_sha, topic, received_at, payload_sum, payload) \
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        event.tenant, event.source, event.externalID, event.bodyHash.isEmpty ? nil : event.bodyHash, event.topic,
        event.receivedAt.milliseconds, sum.value, isLong ? nil : event.payload,
      ])
    let id = EventID(lastRow)
    if isLong { try saveLong("payload", id.rawValue, "", event.payload) }
    count(.accepted)
    let runs = try event.distinctRuns.map {
      try make($0, event: id, tenant: event.tenant, isJob: false, at: event.receivedAt)
    }
    return .new(id, runs: runs)
  }

  /// Looked up before the insert, which would use up a number even when it does nothing.
  private func duplicate(_ event: IncomingEvent) throws -> Acceptance? {
    let byID = try statements.first(
      "SELECT id, body_sha FROM event WHERE ext_id = ? AND source = ? AND tenant = ?",
      [event.externalID, event.source, event.tenant], Self.known)
    var found = byID
    if found == nil, !event.bodyHash.isEmpty {
      found = try statements.first(
        "SELECT id, body_sha FROM event WHERE body_sha = ? AND source = ? AND tenant = ?",
        [event.bodyHash, event.source, event.tenant], Self.known)
    }
    guard let (id, hash) = found else { return nil }
    let conflict = byID != nil && !event.bodyHash.isEmpty && !hash.isEmpty && hash != event.bodyHash
    try run("UPDATE event SET duplicates = duplicates + 1 WHERE id = ?", [id])
    count(.duplicates)
    if conflict { count(.conflicts) }
    return .duplicate(of: EventID(id), conflict: conflict)
  }

  private static func known(_ columns: Columns) -> (id: Int, hash: [UInt8])? {
    columns.int(0).map { ($0, columns.bytes(1) ?? []) }
  }

  // MARK: Claims

  func claim(_ request: ClaimRequest, at now: Moment) throws -> [ClaimedRun] {
    try expire(at: now)
    if let only = request.only {
      guard let found = try find(only), found.run.state == .ready else { return [] }
      return try claim(found.run, request, at: now).map { [$0] } ?? []
    }
    guard request.max > 0 else { return [] }
    let slices = fairShare.deal(request.max, among: try loads(request), at: now.wall) {
      request.shares[$0] ?? request.defaultShare
    }
    var totals: [String: Int] = [:]
    for slice in slices { totals[slice.tenant, default: 0] += slice.count }
    var waiting: [String: ArraySlice<Int>] = [:]
    for (tenant, total) in totals {
      waiting[tenant] = try ints(
        "SELECT id FROM run WHERE state = 0 AND is_job = 0 AND tenant = ? ORDER BY priority, id LIMIT ?",
        [tenant, total])[...]
    }
    var claimed: [ClaimedRun] = []
    for slice in slices {
      for _ in 0..<slice.count {
        guard let id = waiting[slice.tenant]?.popFirst(), let found = try find(RunID(id)) else { continue }
        if let run = try claim(found.run, request, at: now) { claimed.append(run) }
      }
    }
    return claimed
  }

  /// Every tenant with something ready. Their count is looked at only as far as it matters.
  private func loads(_ request: ClaimRequest) throws -> [FairShare.Load] {
    let tenants = try statements.rows(
      """
      WITH RECURSIVE t (x) AS (
        SELECT min(tenant) FROM run WHERE state = 0 AND is_job = 0
        UNION ALL
        SELECT (SELECT min(tenant) FROM run WHERE state = 0 AND is_job = 0 AND tenant > x) FROM t WHERE x IS NOT NULL)
      SELECT x FROM t WHERE x IS NOT NULL
      """, [], { $0.text(0) })
    let limit = request.max == .max ? -1 : request.max + 1
    return try tenants.map { tenant in
      let ready = try int(
        "SELECT count(*) FROM (SELECT 1 FROM run WHERE state = 0 AND is_job = 0 AND tenant = ? LIMIT ?)",
        [tenant, limit])
      let share = request.shares[tenant] ?? request.defaultShare
      let running =
        share.maxRunning == .max ? 0 : try int("SELECT count(*) FROM run WHERE state = 1 AND tenant = ?", [tenant])
      return FairShare.Load(tenant: tenant, ready: ready ?? 0, running: running ?? 0)
    }
  }

  /// `nil` when the run had to be parked, because its event cannot be read.
  private func claim(_ found: RunRecord, _ request: ClaimRequest, at now: Moment) throws -> ClaimedRun? {
    let event: EventRecord?
    do { event = try found.event.map { try self.event($0) } } catch let unreadable as Unreadable {
      try park(found, unreadable, at: now)
      return nil
    }
    var run = found
    let attempt = lifecycle.claim(&run, by: request.worker, at: now)
    let until = now.uptime + request.ttl.wholeMilliseconds
    entries[run.id] = nil
    try write(run, until: until, from: .ready)
    try self.run(
      "INSERT INTO attempt (run_id, number, worker, program, started_at) VALUES (?, ?, ?, ?, ?)",
      [run.id.rawValue, attempt.number, attempt.worker, attempt.program, attempt.startedAt.milliseconds])
    count(.attempts)
    let lease = Lease(run: run.id, worker: request.worker, epoch: run.leaseEpoch, until: until)
    return ClaimedRun(lease: lease, run: run, event: event)
  }

  private func event(_ id: EventID) throws -> EventRecord {
    let found = try statements.first(Self.eventWithPayload, [id.rawValue]) { columns in
      EventRecord(columns).map { ($0, columns.bytes(8)) }
    }
    guard let (event, payload) = found else { throw Unreadable(message: "event \(id) is missing or damaged") }
    return try event.withPayload(payload ?? long("payload", id.rawValue, ""))
  }

  private static let eventWithPayload = SQL.kept("SELECT \(EventRecord.columns), payload FROM event WHERE id = ?")

  private func expire(at now: Moment) throws {
    for id in try ints("SELECT id FROM run WHERE state = 1 AND lease_until <= ? ORDER BY id", [now.uptime]) {
      if let found = try find(RunID(id)) { try lose(found.run, inCrash: false, at: now.wall) }
    }
  }

  /// Takes runs away from processes that are gone, and from the owner before this one: whoever has the lock now knows
  /// that it has ended, unless it took the store by force.
  func recover(at now: Timestamp, isByForce: Bool) throws {
    let former = try text("SELECT v FROM meta WHERE k = 'owner_process'")
    for id in try ints("SELECT id FROM run WHERE state = 1 ORDER BY id") {
      guard let found = try find(RunID(id)), found.run.state == .running else { continue }
      let process = found.process ?? ""
      if process == former && !isByForce || !ProcessIdentity.isAlive(process) {
        try lose(found.run, inCrash: true, at: now)
      }
    }
  }

  func renew(_ leases: [Lease], ttl: Duration, at now: Moment) throws -> [Renewal] {
    try leases.map { lease in
      var run: RunRecord
      do { run = try fenced(lease, at: now) } catch is DurableError { return .lost }
      run.leaseEpoch += 1
      let until = now.uptime + ttl.wholeMilliseconds
      try self.run(
        "UPDATE run SET lease_epoch = ?, lease_until = ? WHERE id = ?", [run.leaseEpoch, until, run.id.rawValue])
      let renewed = Lease(run: run.id, worker: lease.worker, epoch: run.leaseEpoch, until: until)
      return run.cancelRequested ? .cancelRequested(renewed) : .renewed(renewed)
    }
  }

  // MARK: Steps

  func beginStep(_ lease: Lease, _ intent: StepIntent, at now: Moment) throws -> StepState {
    let run = try fenced(lease, at: now)
    return try reading(run, at: now) {
      let recorded = try step(run.id, intent.ordinal)
      let (state, record) = try JournalRules.begin(intent, recorded: recorded, at: now.wall)
      if let record { try write(record, of: run.id, isNew: recorded == nil) }
      return state
    }
  }

  func beginWait(_ lease: Lease, _ intent: StepIntent, until due: Timestamp, at now: Moment) throws -> StepState {
    let run = try fenced(lease, at: now)
    return try reading(run, at: now) {
      let recorded = try step(run.id, intent.ordinal)
      let (state, record) = try JournalRules.beginWait(intent, until: due, recorded: recorded, at: now.wall)
      if let record { try write(record, of: run.id, isNew: recorded == nil) }
      return state
    }
  }

  func endStep(_ lease: Lease, _ intent: StepIntent, _ result: StepResult, at now: Moment) throws {
    let run = try fenced(lease, at: now)
    try reading(run, at: now) {
      let recorded = try step(run.id, intent.ordinal)
      guard let record = try JournalRules.end(intent, result, recorded: recorded, at: now.wall) else { return }
      try write(record, of: run.id, isNew: recorded == nil)
      if record.state.isDone, run.leaseLosses > 0 {
        try self.run("UPDATE run SET lease_losses = 0 WHERE id = ?", [run.id.rawValue])
      }
    }
  }

  /// Parks the run when its journal cannot be read; its worker hears that it has lost it.
  private func reading<Result>(_ run: RunRecord, at now: Moment, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let unreadable as Unreadable {
      try park(run, unreadable, at: now)
      throw DurableError.leaseLost(run.id)
    }
  }

  func step(_ run: RunID, _ ordinal: StepOrdinal) throws -> StepRecord? {
    try statements.first(Self.stepOfRun, [run.rawValue, ordinal.description]) { try StepRecord($0, blob: long) }
  }

  private static let stepOfRun = SQL.kept("SELECT \(StepRecord.columns) FROM step WHERE run_id = ? AND ordinal = ?")

  func write(_ record: StepRecord, of run: RunID, isNew: Bool) throws {
    if isNew {
      let count = try entries[run] ?? (int("SELECT count(*) FROM step WHERE run_id = ?", [run.rawValue]) ?? 0)
      guard count < StoreLimits.entriesPerRun else {
        throw DurableError.journalFull(run, limit: StoreLimits.entriesPerRun)
      }
      entries[run] = count + 1
    }
    let ordinal = record.ordinal.description
    let result = record.result?.serialized()
    try self.run(
      """
      INSERT OR REPLACE INTO step (run_id, ordinal, format, kind, name, args_hash, code_span, state, attempt, \
      started_at, ended_at, due_at, sum, failure, input, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        run.rawValue, ordinal, StepRecord.format, record.kind.rawValue, record.name, record.argumentsHash,
        record.codeSpan, record.state.rawValue, record.attempt, record.startedAt.milliseconds,
        record.endedAt?.milliseconds, record.dueAt?.milliseconds, record.checksum(result: result),
        record.failure?.stored, try inRow(record.input?.serialized(), "input", run, ordinal),
        try inRow(result, "result", run, ordinal),
      ])
  }

  /// The text if it may stay in the row; else it goes to the table of long values.
  private func inRow(_ text: String?, _ kind: String, _ run: RunID, _ ordinal: String) throws -> String? {
    guard let text, text.utf8.count > Self.inRow else { return text }
    try saveLong(kind, run.rawValue, ordinal, Array(text.utf8))
    return nil
  }

  // MARK: Ends and wakes

  func finish(_ lease: Lease, _ outcome: RunOutcome, at now: Moment) throws {
    var run = try fenced(lease, at: now)
    if case .done(let output) = outcome { try JournalRules.check(output, what: "the value of run \(run.id)") }
    let (ending, action) = lifecycle.finish(&run, outcome, at: now)
    if ending == .failed { count(.failures) }
    let failure: Failure? = if case .failed(let failure, _) = outcome { failure } else { nil }
    entries[run.id] = nil
    try end(attempt: run.attempt, of: run.id, ending, failure, at: now.wall)
    try write(run, action, from: .running)
  }

  func wake(dueBy now: Timestamp, max: Int) throws -> Int {
    guard max > 0 else { return 0 }
    let due = try ints(
      "SELECT id FROM run WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at, id LIMIT ?",
      [now.milliseconds, max])
    for id in due {
      guard var run = try find(RunID(id))?.run else { continue }
      let old = run.state
      let action = lifecycle.wake(&run)
      try write(run, action, from: old)
    }
    return due.count
  }
}
