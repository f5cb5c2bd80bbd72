// What is only read: listings, histories, counters. On a connection of its own, so that no listing holds up a write.

import ICSDurable

extension EventRecord {
  static let columns = """
    event.id, event.tenant, event.source, event.ext_id, event.topic, event.received_at, event.duplicates, \
    event.payload_sum
    """

  /// `nil` for a row that cannot be read.
  init?(_ columns: Columns) {
    guard let id = columns.int(0), let tenant = columns.text(1), let source = columns.text(2),
      let externalID = columns.text(3), let topic = columns.text(4), let received = columns.time(5)
    else { return nil }
    self.init(
      id: EventID(id), tenant: tenant, source: source, externalID: externalID, topic: topic, payload: [],
      receivedAt: received, duplicates: columns.int(6) ?? 0, runs: [])
    sum = columns.int(7) ?? 0
  }

  /// The event with its body, which must be the one that was accepted.
  func withPayload(_ payload: [UInt8]?) throws -> EventRecord {
    var checksum = Checksum()
    checksum.add(payload ?? [])
    guard let payload, checksum.value == sum else {
      throw Unreadable(message: "the body of event \(id) is damaged: its checksum is wrong")
    }
    var event = self
    event.payload = payload
    return event
  }
}

/// Reads, in whatever transaction the connection is in.
struct Listings {
  let statements: Statements

  /// Conditions that are joined with AND, and what they ask for.
  private struct Conditions {
    var terms: [String] = []
    var arguments: [(any Bindable)?] = []

    mutating func add(_ term: String, _ value: (any Bindable)?) {
      guard let value else { return }
      terms.append(term)
      arguments.append(value)
    }

    mutating func addTopic(_ topic: String?) {
      guard let topic else { return }
      if topic.hasSuffix("*") {
        let prefix = String(topic.dropLast())
        add("substr(event.topic, 1, length(?)) = ?", prefix)
        arguments.append(prefix)
      } else {
        add("event.topic = ?", topic)
      }
    }

    /// A single state is written as a number, so that its partial index fits.
    mutating func addStates(_ states: Set<RunState>) {
      if states.isEmpty { return }
      let numbers = states.map(\.rawValue).sorted().map(String.init)
      terms.append(
        numbers.count == 1 ? "run.state = \(numbers[0])" : "run.state IN (\(numbers.joined(separator: ",")))")
    }

    var clause: String { terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ") }
  }

  func runs(_ filter: RunFilter) throws -> [RunRecord] {
    var conditions = Conditions()
    conditions.add("run.tenant = ?", filter.tenant)
    conditions.addTopic(filter.topic)
    conditions.add("run.hook = ?", filter.hook)
    conditions.addStates(filter.states)
    conditions.add("run.event_id = ?", filter.event?.rawValue)
    conditions.add("run.created_at >= ?", filter.since?.milliseconds)
    conditions.add("run.created_at < ?", filter.until?.milliseconds)
    conditions.add("run.id < ?", filter.before?.rawValue)
    let join = filter.topic == nil ? "" : "JOIN event ON event.id = run.event_id"
    conditions.arguments.append(max(0, filter.limit))
    return try statements.rows(
      .made("SELECT \(RunRecord.columns) FROM run \(join) \(conditions.clause) ORDER BY run.id DESC LIMIT ?"),
      conditions.arguments, RunRecord.init)
  }

  func events(_ filter: EventFilter) throws -> [EventRecord] {
    var conditions = Conditions()
    conditions.add("event.tenant = ?", filter.tenant)
    conditions.addTopic(filter.topic)
    conditions.add("event.received_at >= ?", filter.since?.milliseconds)
    conditions.add("event.received_at < ?", filter.until?.milliseconds)
    conditions.add("event.id < ?", filter.before?.rawValue)
    if filter.hook != nil || !filter.states.isEmpty {
      var inner = Conditions()
      inner.add("run.hook = ?", filter.hook)
      inner.addStates(filter.states)
      let clause = (["run.event_id = event.id"] + inner.terms).joined(separator: " AND ")
      conditions.terms.append("EXISTS (SELECT 1 FROM run WHERE \(clause))")
      conditions.arguments += inner.arguments
    }
    conditions.arguments.append(max(0, filter.limit))
    let found = try statements.rows(
      .made("SELECT \(EventRecord.columns) FROM event \(conditions.clause) ORDER BY event.id DESC LIMIT ?"),
      conditions.arguments, EventRecord.init)
    return try found.map { event in
      var event = event
      event.runs = try runs(of: event.id)
      return event
    }
  }

  func event(_ id: EventID) throws -> EventRecord? {
    let sql = SQL.made("SELECT \(EventRecord.columns), payload FROM event WHERE id = ?")
    let found = try statements.first(sql, [id.rawValue]) { columns in
      EventRecord(columns).map { ($0, columns.bytes(8)) }
    }
    guard var (event, payload) = found else { return nil }
    payload = try payload ?? statements.long("payload", id.rawValue, "")
    do { event = try event.withPayload(payload) } catch is Unreadable {}  // A person still wants to see the rest.
    event.runs = try runs(of: id)
    return event
  }

  private func runs(of event: EventID) throws -> [RunRecord] {
    try statements.rows(
      .made("SELECT \(RunRecord.columns) FROM run WHERE event_id = ? ORDER BY id"), [event.rawValue], RunRecord.init)
  }

  func run(_ id: RunID) throws -> RunHistory? {
    let sql = SQL.made("SELECT \(RunRecord.columns) FROM run WHERE id = ?")
    guard let run = try statements.first(sql, [id.rawValue], RunRecord.init) else { return nil }
    let steps = try statements.rows(
      .made("SELECT \(StepRecord.columns) FROM step WHERE run_id = ?"), [id.rawValue]
    ) { columns in
      // The run's own reason says what is wrong with one that cannot be read.
      do { return try StepRecord(columns, blob: statements.long) } catch is Unreadable { return nil }
    }
    let attempts = try statements.rows(
      """
      SELECT number, worker, program, started_at, ended_at, ending, failure FROM attempt WHERE run_id = ? \
      ORDER BY number
      """, [id.rawValue], AttemptRecord.init)
    return RunHistory(run: run, steps: steps.sorted { $0.ordinal < $1.ordinal }, attempts: attempts)
  }

  func program(_ hash: String) throws -> StoredProgram? {
    try statements.first("SELECT name, source, language_version FROM program WHERE hash = ?", [hash]) { columns in
      guard let name = columns.text(0), let source = columns.bytes(1), let version = columns.int(2) else { return nil }
      return StoredProgram(hash: hash, name: name, source: source, languageVersion: version)
    }
  }

  func schedules() throws -> [ScheduleRecord] {
    try statements.rows("SELECT name, rule, next FROM schedule ORDER BY name") { columns in
      guard let name = columns.text(0), let rule = columns.text(1), let next = columns.time(2) else { return nil }
      return ScheduleRecord(name: name, rule: rule, next: next)
    }
  }

  func counters() throws -> StoreCounters {
    var counters = StoreCounters()
    let tally = try statements.rows("SELECT name, value FROM tally") { columns -> (String, Int)? in
      guard let name = columns.text(0), let value = columns.int(1) else { return nil }
      return (name, value)
    }
    for (name, value) in tally {
      switch name {
      case "accepted": counters.accepted = value
      case "duplicates": counters.duplicates = value
      case "conflicts": counters.conflicts = value
      case "attempts": counters.attempts = value
      case "failures": counters.failures = value
      case "lease_losses": counters.leaseLosses = value
      default:
        guard name.hasPrefix("run."), let state = Int(name.dropFirst(4)).flatMap(RunState.init(rawValue:)) else {
          continue
        }
        if value > 0 { counters.runs[state] = value }
      }
    }
    counters.oldestReady = try statements.first(
      "SELECT created_at FROM run WHERE state = 0 AND is_job = 0 ORDER BY id LIMIT 1"
    ) { $0.time(0) }
    return counters
  }
}

extension AttemptRecord {
  /// `nil` for a row that cannot be read.
  fileprivate init?(_ columns: Columns) {
    guard let number = columns.int(0), let worker = columns.text(1), let program = columns.text(2),
      let started = columns.time(3)
    else { return nil }
    self.init(number: number, worker: worker, program: program, startedAt: started)
    endedAt = columns.time(4)
    ending = columns.text(5).flatMap(Ending.init(rawValue:))
    failure = columns.text(6).flatMap(Failure.init(stored:))
  }
}
