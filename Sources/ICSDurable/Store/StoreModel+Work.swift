// The inbox and the work of the store in memory.

import ICSJSON

extension StoreModel {
  mutating func accept(_ incoming: [IncomingEvent]) throws(DurableError) -> [Acceptance] {
    for event in incoming { try event.check() }
    var answers: [Acceptance] = []
    for event in incoming {
      if let found = duplicate(event) {
        answers.append(found)
        continue
      }
      answers.append(insert(event))
    }
    return answers
  }

  private mutating func duplicate(_ event: IncomingEvent) -> Acceptance? {
    let byID = eventsByID[Sender(tenant: event.tenant, source: event.source, identity: Array(event.externalID.utf8))]
    let byBody = eventsByBody[Sender(tenant: event.tenant, source: event.source, identity: event.bodyHash)]
    guard let id = byID ?? (event.bodyHash.isEmpty ? nil : byBody) else { return nil }
    let known = events[id]?.bodyHash ?? []
    let conflict = byID != nil && !event.bodyHash.isEmpty && !known.isEmpty && known != event.bodyHash
    events[id]?.event.duplicates += 1
    totals.duplicates += 1
    totals.conflicts += conflict ? 1 : 0
    return .duplicate(of: id, conflict: conflict)
  }

  private mutating func insert(_ event: IncomingEvent) -> Acceptance {
    lastEvent += 1
    totals.accepted += 1
    let id = EventID(lastEvent)
    let record = EventRecord(
      id: id, tenant: event.tenant, source: event.source, externalID: event.externalID, topic: event.topic,
      payload: event.payload, receivedAt: event.receivedAt, duplicates: 0, runs: [])
    events[id] = Entry(event: record, bodyHash: event.bodyHash, runs: [])
    eventsByID[Sender(tenant: event.tenant, source: event.source, identity: Array(event.externalID.utf8))] = id
    if !event.bodyHash.isEmpty {
      eventsByBody[Sender(tenant: event.tenant, source: event.source, identity: event.bodyHash)] = id
    }
    let runs = event.distinctRuns.map { new in
      make(new, event: id, tenant: event.tenant, isJob: false, at: event.receivedAt)
    }
    events[id]?.runs = runs
    return .new(id, runs: runs)
  }

  mutating func make(_ new: NewRun, event: EventID?, tenant: String, isJob: Bool, at time: Timestamp) -> RunID {
    lastRun += 1
    let id = RunID(lastRun)
    let run = RunRecord(
      id: id, event: event, tenant: tenant, hook: new.hook, isJob: isJob, program: new.program, ordering: new.ordering,
      priority: new.priority, state: .ready, createdAt: time)
    put(run, .line)
    return id
  }

  var backlog: Int { counts[.ready, default: 0] + counts[.queued, default: 0] }

  // MARK: Work

  mutating func claim(_ request: ClaimRequest, at now: Moment) -> [ClaimedRun] {
    expire(at: now)
    if let only = request.only {
      guard let run = runs[only], run.state == .ready else { return [] }
      return [claim(run, request, at: now)]
    }
    let loads = ready.map { FairShare.Load(tenant: $0, ready: $1.items.count, running: running[$0, default: 0]) }
    let slices = fairShare.deal(max(0, request.max), among: loads, at: now.wall) {
      request.shares[$0] ?? request.defaultShare
    }
    var claimed: [ClaimedRun] = []
    for slice in slices {
      for place in (ready[slice.tenant]?.items ?? []).prefix(slice.count) {
        if let run = runs[place.run] { claimed.append(claim(run, request, at: now)) }
      }
    }
    return claimed
  }

  private mutating func claim(_ found: RunRecord, _ request: ClaimRequest, at now: Moment) -> ClaimedRun {
    var run = found
    let attempt = lifecycle.claim(&run, by: request.worker, at: now)
    put(run)
    attempts[run.id, default: []].append(attempt)
    totals.attempts += 1
    let until = now.uptime + request.ttl.wholeMilliseconds
    leases[run.id] = until
    return ClaimedRun(
      lease: Lease(run: run.id, worker: request.worker, epoch: run.leaseEpoch, until: until), run: run,
      event: run.event.flatMap { events[$0]?.event })
  }

  private mutating func expire(at now: Moment) {
    for (id, until) in leases.sorted(by: { $0.key < $1.key }) where until <= now.uptime {
      if let run = runs[id] { lose(run, at: now) }
    }
  }

  mutating func lose(_ found: RunRecord, at now: Moment) {
    var run = found
    let action = lifecycle.lose(&run, at: now.wall)
    totals.leaseLosses += 1
    end(attemptOf: run.id, .lost, nil, at: now.wall)
    put(run, action)
  }

  mutating func renew(_ leases: [Lease], ttl: Duration, at now: Moment) -> [Renewal] {
    leases.map { lease in
      guard var run = try? fenced(lease, at: now) else { return .lost }  // Why it is lost makes no difference.
      run.leaseEpoch += 1
      put(run)
      let until = now.uptime + ttl.wholeMilliseconds
      self.leases[run.id] = until
      let renewed = Lease(run: run.id, worker: lease.worker, epoch: run.leaseEpoch, until: until)
      return run.cancelRequested ? .cancelRequested(renewed) : .renewed(renewed)
    }
  }

  mutating func beginStep(
    _ lease: Lease, _ intent: StepIntent, at now: Moment
  ) throws(DurableError) -> StepState {
    _ = try fenced(lease, at: now)
    let (state, record) = try JournalRules.begin(intent, recorded: steps[lease.run]?[intent.ordinal], at: now.wall)
    if let record { try write(record, of: lease.run) }
    return state
  }

  mutating func beginWait(
    _ lease: Lease, _ intent: StepIntent, until due: Timestamp, at now: Moment
  ) throws(DurableError) -> StepState {
    _ = try fenced(lease, at: now)
    let recorded = steps[lease.run]?[intent.ordinal]
    let (state, record) = try JournalRules.beginWait(intent, until: due, recorded: recorded, at: now.wall)
    if let record { try write(record, of: lease.run) }
    return state
  }

  mutating func endStep(
    _ lease: Lease, _ intent: StepIntent, _ result: StepResult, at now: Moment
  ) throws(DurableError) {
    var run = try fenced(lease, at: now)
    let recorded = steps[lease.run]?[intent.ordinal]
    guard let record = try JournalRules.end(intent, result, recorded: recorded, at: now.wall) else { return }
    try write(record, of: lease.run)
    guard record.state.isDone, run.leaseLosses > 0 else { return }
    run.leaseLosses = 0
    put(run)
  }

  private mutating func write(_ record: StepRecord, of run: RunID) throws(DurableError) {
    if steps[run]?[record.ordinal] == nil, steps[run, default: [:]].count >= StoreLimits.entriesPerRun {
      throw .journalFull(run, limit: StoreLimits.entriesPerRun)
    }
    steps[run, default: [:]][record.ordinal] = record
  }

  mutating func finish(_ lease: Lease, _ outcome: RunOutcome, at now: Moment) throws(DurableError) {
    var run = try fenced(lease, at: now)
    if case .done(let output) = outcome {
      try JournalRules.check(output, what: "the value of run \(run.id)")
    }
    let (ending, action) = lifecycle.finish(&run, outcome, at: now)
    if ending == .failed { totals.failures += 1 }
    let failure: Failure? = if case .failed(let failure, _) = outcome { failure } else { nil }
    end(attemptOf: run.id, ending, failure, at: now.wall)
    put(run, action)
  }

  private mutating func end(
    attemptOf run: RunID, _ ending: AttemptRecord.Ending, _ failure: Failure?, at now: Timestamp
  ) {
    guard var list = attempts.removeValue(forKey: run), var last = list.popLast() else { return }
    last.ending = ending
    last.endedAt = now
    last.failure = failure
    list.append(last)
    attempts[run] = list
  }

  mutating func wake(dueBy now: Timestamp, max: Int) -> Int {
    let due = sleepers.items.prefix { $0.due <= now }.prefix(Swift.max(0, max))
    for sleeper in due {
      guard var run = runs[sleeper.run] else { continue }
      let action = lifecycle.wake(&run)
      put(run, action)
    }
    return due.count
  }
}

extension IncomingEvent {
  /// The runs, of each hook the first.
  package var distinctRuns: [NewRun] {
    guard runs.count > 1 else { return runs }
    var hooks: Set<String> = []
    return runs.filter { hooks.insert($0.hook).inserted }
  }

  /// Refuses what no store takes.
  package func check() throws(DurableError) {
    guard payload.count <= StoreLimits.payload else {
      throw .tooLarge(what: "the body of an event", bytes: payload.count, limit: StoreLimits.payload)
    }
    let names = [tenant, source, externalID, topic] + runs.flatMap { [$0.hook, $0.program, $0.ordering?.key ?? ""] }
    for name in names { try StoreLimits.check(name: name, of: "an event") }
  }
}
