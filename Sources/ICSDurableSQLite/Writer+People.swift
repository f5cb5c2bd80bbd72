// Jobs, programs, schedules, and what people do.

import ICSDurable

extension Writer {
  func startJob(named name: String, tenant: String, program: String, at now: Moment) throws -> RunRecord {
    try StoreLimits.check(name: name, of: "a job")
    let id = try int(
      """
      SELECT id FROM run WHERE is_job = 1 AND hook = ? AND tenant = ? AND state NOT IN (3, 7) ORDER BY id DESC LIMIT 1
      """, [name, tenant])
    guard let id, let found = try find(RunID(id)) else {
      let new = NewRun(hook: name, program: program)
      return try existing(make(new, event: nil, tenant: tenant, isJob: true, at: now.wall))
    }
    switch found.run.state {
    case .dead, .parked, .retrying:
      var run = found.run
      let action = try lifecycle.retry(&run)
      try write(run, action, from: found.run.state)
    case .running where !ProcessIdentity.isAlive(found.process ?? ""):
      // Killed, and started again: it need not wait for the lease to end.
      try lose(found.run, inCrash: true, at: now.wall)
    case .ready, .running, .waiting, .done, .cancelled, .queued: break
    }
    return try existing(RunID(id))
  }

  func saveProgram(_ program: StoredProgram) throws {
    try run(
      "INSERT INTO program (hash, name, source, language_version) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      [program.hash, program.name, program.source, program.languageVersion])
  }

  func saveSchedule(_ schedule: ScheduleRecord) throws {
    try run(
      """
      INSERT INTO schedule (name, rule, next) VALUES (?, ?, ?) \
      ON CONFLICT (name) DO UPDATE SET rule = excluded.rule, next = excluded.next
      """, [schedule.name, schedule.rule, schedule.next.milliseconds])
  }

  func retry(_ id: RunID, fromStart: Bool) throws {
    var run = try existing(id)
    let old = run.state
    let action = try lifecycle.retry(&run)
    if fromStart { try forgetSteps(of: id, from: nil) }
    try write(run, action, from: old)
  }

  func retryAllDead(_ filter: RunFilter) throws -> Int {
    var filter = filter
    filter.states = [.dead]
    filter.limit = .max
    let dead = try Listings(statements: statements).runs(filter).map(\.id).sorted()
    for id in dead { try retry(id, fromStart: false) }
    return dead.count
  }

  func cancel(_ id: RunID, at now: Moment) throws -> RunState {
    var run = try existing(id)
    let old = run.state
    let action = try lifecycle.cancel(&run, at: now.wall)
    try write(run, action, from: old)
    return run.state
  }

  func settle(_ id: RunID, _ ordinal: StepOrdinal, as result: StepResult, at now: Moment) throws {
    let run = try existing(id)
    guard run.state == .parked else { throw DurableError.wrongState(id, run.state, action: "settled") }
    let recorded: StepRecord?
    do { recorded = try step(id, ordinal) } catch is Unreadable { recorded = nil }
    try write(JournalRules.settle(recorded, ordinal, result, at: now.wall), of: id, isNew: false)
  }

  func migrate(_ id: RunID, to program: String, forgettingFrom step: StepOrdinal?) throws {
    var run = try existing(id)
    try lifecycle.checkMigration(of: run)
    guard try int("SELECT 1 FROM program WHERE hash = ?", [program]) != nil else {
      throw DurableError.notFound(what: "program", id: program)
    }
    run.program = program
    try write(run, from: run.state)
    if let step { try forgetSteps(of: id, from: step) }
  }

  /// Forgets a run's steps, or those from one on, with their long values.
  private func forgetSteps(of id: RunID, from first: StepOrdinal?) throws {
    entries[id] = nil
    let names = try statements.rows("SELECT ordinal FROM step WHERE run_id = ?", [id.rawValue]) { $0.text(0) }
    for name in names {
      if let first, let ordinal = StepOrdinal(name), ordinal < first { continue }
      try run("DELETE FROM step WHERE run_id = ? AND ordinal = ?", [id.rawValue, name])
      try run(
        "DELETE FROM blob WHERE owner = ? AND kind IN ('input', 'result') AND ordinal = ?", [id.rawValue, name])
    }
  }

  func prune(before: Timestamp, max: Int) throws -> Int {
    guard max > 0 else { return 0 }
    let events = try ints(
      """
      SELECT id FROM event WHERE received_at < ? AND NOT EXISTS \
      (SELECT 1 FROM run WHERE run.event_id = event.id AND state NOT IN (3, 7)) ORDER BY id LIMIT ?
      """, [before.milliseconds, max])
    for event in events {
      let runs = try statements.rows("SELECT id, state FROM run WHERE event_id = ?", [event], Self.ended)
      for run in runs { try remove(run.id, run.state) }
      try run("DELETE FROM blob WHERE owner = ? AND kind = 'payload'", [event])
      try run("DELETE FROM event WHERE id = ?", [event])
    }
    let jobs = try statements.rows(
      "SELECT id, state FROM run WHERE is_job = 1 AND state IN (3, 7) AND created_at < ? ORDER BY id LIMIT ?",
      [before.milliseconds, max - events.count], Self.ended)
    for job in jobs { try remove(job.id, job.state) }
    return events.count + jobs.count
  }

  private static func ended(_ columns: Columns) -> (id: Int, state: RunState?)? {
    columns.int(0).map { ($0, columns.int(1).flatMap(RunState.init(rawValue:))) }
  }

  private func remove(_ id: Int, _ state: RunState?) throws {
    if let state { count(state, -1) }
    try run("DELETE FROM step WHERE run_id = ?", [id])
    try run("DELETE FROM blob WHERE owner = ? AND kind IN ('input', 'result')", [id])
    try run("DELETE FROM attempt WHERE run_id = ?", [id])
    try run("DELETE FROM run WHERE id = ?", [id])
  }
}
