// Reading and writing runs, with their keys.

import ICSDurable
import ICSJSON

/// A run in a transaction, with what is about its lease.
struct StoredRun {
  var run: RunRecord
  /// When its lease ends, in milliseconds of uptime.
  var until: Int?
  /// The process that has it.
  var process: String?
}

extension Writer {
  func find(_ id: RunID) throws -> StoredRun? {
    try statements.first(Self.runByID, [id.rawValue]) { columns in
      guard let run = RunRecord(columns) else { throw Unreadable(message: "run \(id) is damaged") }
      return StoredRun(run: run, until: columns.int(25), process: columns.text(26))
    }
  }

  private static let runByID = SQL.kept("SELECT \(RunRecord.columns) FROM run WHERE id = ?")

  func existing(_ id: RunID) throws -> RunRecord {
    guard let found = try find(id) else { throw DurableError.notFound(what: "run", id: id.description) }
    return found.run
  }

  /// The run of a lease that holds.
  func fenced(_ lease: Lease, at now: Moment) throws -> RunRecord {
    guard let found = try find(lease.run), found.run.state == .running, found.run.worker == lease.worker,
      found.run.leaseEpoch == lease.epoch, let until = found.until, until > now.uptime
    else { throw DurableError.leaseLost(lease.run) }
    return found.run
  }

  /// Writes a run that was read in the state `old`. Its lease stays while it runs (or is the one that ends at `until`,
  /// of this process), and ends otherwise.
  func write(_ run: RunRecord, until: Int? = nil, from old: RunState) throws {
    if old != run.state {
      count(old, -1)
      count(run.state, 1)
    }
    try self.run(
      """
      UPDATE run SET state = ?1, attempt = ?2, failures = ?3, lease_losses = ?4, cancel_requested = ?5, due_at = ?6, \
      started_at = ?7, ended_at = ?8, first_failed_at = ?9, worker = ?10, lease_epoch = ?11, failure = ?12, \
      parked = ?13, output = ?14, program = ?15, lease_until = CASE WHEN ?1 = 1 THEN coalesce(?17, lease_until) END, \
      lease_process = CASE WHEN ?1 = 1 THEN coalesce(?18, lease_process) END WHERE id = ?16
      """,
      [
        run.state.rawValue, run.attempt, run.failures, run.leaseLosses, run.cancelRequested ? 1 : 0,
        run.dueAt?.milliseconds, run.startedAt?.milliseconds, run.endedAt?.milliseconds,
        run.firstFailedAt?.milliseconds, run.worker, run.leaseEpoch, run.failure?.stored, run.parked?.stored,
        run.output?.serialized(), run.program, run.id.rawValue, until, until.map { _ in process },
      ])
  }

  /// Carries out what the lifecycle says about a run's key, and writes the run.
  func write(_ changed: RunRecord, _ action: RunLifecycle.KeyAction, from old: RunState) throws {
    var run = changed
    guard let key = run.ordering?.key else {
      if action == .line { run.state = .ready }
      return try write(run, from: old)
    }
    switch action {
    case .keep: try write(run, from: old)
    case .line:
      run.state = try takeKey(key, run.tenant, for: run.id) ? .ready : .queued
      try write(run, from: old)
    case .release:
      try write(run, from: old)
      try releaseKey(key, run.tenant, of: run.id)
    }
  }

  /// Makes a run its key's holder if nobody else is.
  func takeKey(_ key: String, _ tenant: String, for run: RunID) throws -> Bool {
    try self.run(
      "INSERT INTO key_head (ord_key, tenant, run_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      [key, tenant, run.rawValue])
    if hasChanged { return true }
    return try int("SELECT run_id FROM key_head WHERE ord_key = ? AND tenant = ?", [key, tenant]) == run.rawValue
  }

  private func releaseKey(_ key: String, _ tenant: String, of run: RunID) throws {
    let holder = try int("SELECT run_id FROM key_head WHERE ord_key = ? AND tenant = ?", [key, tenant])
    guard holder == run.rawValue else { return }
    let next = try int(
      "SELECT id FROM run WHERE state = 8 AND ord_key = ? AND tenant = ? ORDER BY id LIMIT 1", [key, tenant])
    guard let next else {
      return try self.run("DELETE FROM key_head WHERE ord_key = ? AND tenant = ?", [key, tenant])
    }
    try self.run("UPDATE key_head SET run_id = ? WHERE ord_key = ? AND tenant = ?", [next, key, tenant])
    try self.run("UPDATE run SET state = 0 WHERE id = ?", [next])
    count(.queued, -1)
    count(.ready, 1)
  }

  func make(_ new: NewRun, event: EventID?, tenant: String, isJob: Bool, at time: Timestamp) throws -> RunID {
    try run(
      """
      INSERT INTO run (event_id, tenant, hook, is_job, program, ord_key, obstacle, patience, priority, created_at, state) \
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
      """,
      [
        event?.rawValue, tenant, new.hook, isJob ? 1 : 0, new.program, new.ordering?.key,
        new.ordering?.obstacle.rawValue, new.ordering?.patience?.wholeMilliseconds, new.priority, time.milliseconds,
      ])
    let id = RunID(lastRow)
    if let key = new.ordering?.key, try !takeKey(key, tenant, for: id) {
      try run("UPDATE run SET state = 8 WHERE id = ?", [id.rawValue])
      count(.queued, 1)
    } else {
      count(.ready, 1)
    }
    return id
  }

  func end(attempt number: Int, of run: RunID, _ ending: AttemptRecord.Ending, _ failure: Failure?, at now: Timestamp)
    throws
  {
    try self.run(
      "UPDATE attempt SET ended_at = ?, ending = ?, failure = ? WHERE run_id = ? AND number = ?",
      [now.milliseconds, ending.rawValue, failure?.stored, run.rawValue, number])
  }

  /// Takes a run away from its worker, whose lease has ended or whose process is gone.
  func lose(_ found: RunRecord, inCrash: Bool, at now: Timestamp) throws {
    var run = found
    let action = lifecycle.lose(&run, inCrash: inCrash, at: now)
    count(.leaseLosses)
    try end(attempt: run.attempt, of: run.id, .lost, nil, at: now)
    try write(run, action, from: .running)
  }

  /// Ends a run's attempt because something in the store cannot be read.
  func park(_ found: RunRecord, _ unreadable: Unreadable, at now: Moment) throws {
    var run = found
    let old = run.state
    let (ending, action) = lifecycle.finish(&run, .parked(unreadable.reason), at: now)
    if old == .running { try end(attempt: run.attempt, of: run.id, ending, nil, at: now.wall) }
    try write(run, action, from: old)
  }
}
