// Jobs, schedules, listings and what people do, of the store in memory.

import ICSJSON

extension StoreModel {
  mutating func startJob(
    named name: String, tenant: String, program: String, at now: Moment
  ) throws(DurableError) -> RunRecord {
    try StoreLimits.check(name: name, of: "a job")
    let unfinished = runs.values.filter {
      $0.isJob && $0.hook == name && $0.tenant == tenant && $0.state != .done && $0.state != .cancelled
    }
    if var run = unfinished.max(by: { $0.id < $1.id }) {
      if run.state == .dead || run.state == .parked || run.state == .retrying {
        let action = try lifecycle.retry(&run)
        put(run, action)
      }
      return try existing(run.id)
    }
    let new = NewRun(hook: name, program: program)
    let id = make(new, event: nil, tenant: tenant, isJob: true, at: now.wall)
    return try existing(id)
  }

  // MARK: Listings

  func events(_ filter: EventFilter) -> [EventRecord] {
    let found = events.values.filter { matches($0, filter) }.sorted { $0.event.id > $1.event.id }
    return found.prefix(max(0, filter.limit)).map { entry in
      var record = entry.event
      record.payload = []
      record.runs = entry.runs.compactMap { runs[$0] }
      return record
    }
  }

  private func matches(_ entry: Entry, _ filter: EventFilter) -> Bool {
    let event = entry.event
    if let tenant = filter.tenant, event.tenant != tenant { return false }
    if let topic = filter.topic, !Self.topic(event.topic, fits: topic) { return false }
    if let since = filter.since, event.receivedAt < since { return false }
    if let until = filter.until, event.receivedAt >= until { return false }
    if let before = filter.before, event.id >= before { return false }
    if filter.hook == nil, filter.states.isEmpty { return true }
    return entry.runs.contains { id in
      guard let run = runs[id] else { return false }
      if let hook = filter.hook, run.hook != hook { return false }
      return filter.states.isEmpty || filter.states.contains(run.state)
    }
  }

  func event(_ id: EventID) -> EventRecord? {
    guard let entry = events[id] else { return nil }
    var record = entry.event
    record.runs = entry.runs.compactMap { runs[$0] }
    return record
  }

  func runs(_ filter: RunFilter) -> [RunRecord] {
    let found = runs.values.filter { matches($0, filter) }.sorted { $0.id > $1.id }
    return Array(found.prefix(max(0, filter.limit)))
  }

  private func matches(_ run: RunRecord, _ filter: RunFilter) -> Bool {
    if let tenant = filter.tenant, run.tenant != tenant { return false }
    if let topic = filter.topic {
      guard let event = run.event.flatMap({ events[$0] }), Self.topic(event.event.topic, fits: topic) else {
        return false
      }
    }
    if let hook = filter.hook, run.hook != hook { return false }
    if !filter.states.isEmpty, !filter.states.contains(run.state) { return false }
    if let event = filter.event, run.event != event { return false }
    if let since = filter.since, run.createdAt < since { return false }
    if let until = filter.until, run.createdAt >= until { return false }
    if let before = filter.before, run.id >= before { return false }
    return true
  }

  private static func topic(_ topic: String, fits pattern: String) -> Bool {
    pattern.hasSuffix("*") ? topic.hasPrefix(pattern.dropLast()) : topic == pattern
  }

  func run(_ id: RunID) -> RunHistory? {
    guard let run = runs[id] else { return nil }
    let journal = (steps[id] ?? [:]).values.sorted { $0.ordinal < $1.ordinal }
    return RunHistory(run: run, steps: journal, attempts: attempts[id] ?? [])
  }

  // MARK: What people do

  mutating func retry(_ id: RunID, fromStart: Bool) throws(DurableError) {
    var run = try existing(id)
    let action = try lifecycle.retry(&run)
    if fromStart { steps[id] = nil }
    put(run, action)
  }

  mutating func retryAllDead(_ filter: RunFilter) throws(DurableError) -> Int {
    var filter = filter
    filter.states = [.dead]
    filter.limit = .max
    let dead = runs(filter).map(\.id).sorted()
    for id in dead { try retry(id, fromStart: false) }
    return dead.count
  }

  mutating func cancel(_ id: RunID, at now: Moment) throws(DurableError) -> RunState {
    var run = try existing(id)
    let action = try lifecycle.cancel(&run, at: now.wall)
    put(run, action)
    return run.state
  }

  mutating func settle(
    _ id: RunID, _ ordinal: StepOrdinal, as result: StepResult, at now: Moment
  ) throws(DurableError) {
    let run = try existing(id)
    guard run.state == .parked else { throw .wrongState(id, run.state, action: "settled") }
    steps[id, default: [:]][ordinal] = try JournalRules.settle(steps[id]?[ordinal], ordinal, result, at: now.wall)
  }

  mutating func migrate(
    _ id: RunID, to program: String, forgettingFrom step: StepOrdinal?
  ) throws(DurableError) {
    var run = try existing(id)
    try lifecycle.checkMigration(of: run)
    guard programs[program] != nil else { throw .notFound(what: "program", id: program) }
    run.program = program
    put(run)
    if let step { steps[id] = steps[id]?.filter { $0.key < step } }
  }

  func counters() -> StoreCounters {
    var counters = totals
    counters.runs = counts.filter { $0.value > 0 }
    let first = ready.values.compactMap { $0.items.min { $0.run < $1.run } }.min { $0.run < $1.run }
    counters.oldestReady = first.flatMap { runs[$0.run]?.createdAt }
    return counters
  }

  mutating func prune(before: Timestamp, max: Int) -> Int {
    func isOver(_ run: RunRecord) -> Bool { run.state == .done || run.state == .cancelled }
    let old = events.values.filter { entry in
      entry.event.receivedAt < before && entry.runs.allSatisfy { id in runs[id].map(isOver) ?? true }
    }.sorted { $0.event.id < $1.event.id }.prefix(Swift.max(0, max))
    for entry in old {
      let event = entry.event
      for run in entry.runs { remove(run) }
      events[event.id] = nil
      eventsByID[
        Sender(tenant: event.tenant, source: event.source, identity: Array(event.externalID.utf8))] = nil
      eventsByBody[Sender(tenant: event.tenant, source: event.source, identity: entry.bodyHash)] = nil
    }
    let jobs = runs.values.filter { $0.isJob && isOver($0) && $0.createdAt < before }
      .sorted { $0.id < $1.id }.prefix(Swift.max(0, max - old.count))
    for job in jobs { remove(job.id) }
    return old.count + jobs.count
  }
}
