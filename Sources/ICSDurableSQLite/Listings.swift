// What is only read: listings, histories, counters. On a connection of its own, so that no listing holds up a write.

import Foundation
import GRDB
import ICSDurable

extension EventRecord {
  static let columns = """
    event.id, event.tenant, event.source, event.ext_id, event.topic, event.received_at, event.duplicates, \
    event.payload_sum
    """

  /// `nil` for a row that cannot be read.
  init?(_ row: Row) {
    let columns = Columns(row: row)
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
  let db: Database

  private func rows(_ sql: String, _ arguments: StatementArguments) throws -> [Row] {
    try Row.fetchAll(try db.cachedStatement(sql: sql), arguments: arguments)
  }

  /// Conditions that are joined with AND, and what they ask for.
  private struct Conditions {
    var terms: [String] = []
    var arguments: StatementArguments = []

    mutating func add(_ term: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      terms.append(term)
      arguments += [value]
    }

    mutating func addTopic(_ topic: String?) {
      guard let topic else { return }
      if topic.hasSuffix("*") {
        let prefix = String(topic.dropLast())
        add("substr(event.topic, 1, length(?)) = ?", prefix)
        arguments += [prefix]
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
    conditions.arguments += [max(0, filter.limit)]
    return try rows(
      "SELECT \(RunRecord.columns) FROM run \(join) \(conditions.clause) ORDER BY run.id DESC LIMIT ?",
      conditions.arguments
    ).compactMap { RunRecord($0) }
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
    conditions.arguments += [max(0, filter.limit)]
    let found = try rows(
      "SELECT \(EventRecord.columns) FROM event \(conditions.clause) ORDER BY event.id DESC LIMIT ?",
      conditions.arguments
    ).compactMap { EventRecord($0) }
    return try found.map { event in
      var event = event
      event.runs = try runs(of: event.id)
      return event
    }
  }

  func event(_ id: EventID) throws -> EventRecord? {
    let found = try rows("SELECT \(EventRecord.columns), payload FROM event WHERE id = ?", [id.rawValue]).first
    guard let found, var event = EventRecord(found) else { return nil }
    let payload = try Columns(row: found).bytes(8) ?? Writer.long(db, "payload", id.rawValue, "")
    do { event = try event.withPayload(payload) } catch is Unreadable {}  // A person still wants to see the rest.
    event.runs = try runs(of: id)
    return event
  }

  private func runs(of event: EventID) throws -> [RunRecord] {
    try rows("SELECT \(RunRecord.columns) FROM run WHERE event_id = ? ORDER BY id", [event.rawValue])
      .compactMap { RunRecord($0) }
  }

  func run(_ id: RunID) throws -> RunHistory? {
    let found = try rows("SELECT \(RunRecord.columns) FROM run WHERE id = ?", [id.rawValue]).first
    guard let run = found.flatMap({ RunRecord($0) }) else { return nil }
    var steps: [StepRecord] = []
    for row in try rows("SELECT \(StepRecord.columns) FROM step WHERE run_id = ?", [id.rawValue]) {
      do {
        let step = try StepRecord(row) { kind, owner, ordinal in try Writer.long(db, kind, owner, ordinal) }
        steps.append(step)
      } catch is Unreadable {}  // The run's own reason says so.
    }
    let attempts = try rows(
      """
      SELECT number, worker, program, started_at, ended_at, ending, failure FROM attempt WHERE run_id = ? \
      ORDER BY number
      """, [id.rawValue]
    ).compactMap { AttemptRecord($0) }
    return RunHistory(run: run, steps: steps.sorted { $0.ordinal < $1.ordinal }, attempts: attempts)
  }

  func program(_ hash: String) throws -> StoredProgram? {
    guard let row = try rows("SELECT name, source, language_version FROM program WHERE hash = ?", [hash]).first
    else { return nil }
    let columns = Columns(row: row)
    guard let name = columns.text(0), let source = columns.bytes(1), let version = columns.int(2) else { return nil }
    return StoredProgram(hash: hash, name: name, source: source, languageVersion: version)
  }

  func schedules() throws -> [ScheduleRecord] {
    try rows("SELECT name, rule, next FROM schedule ORDER BY name", []).compactMap { row in
      let columns = Columns(row: row)
      guard let name = columns.text(0), let rule = columns.text(1), let next = columns.time(2) else { return nil }
      return ScheduleRecord(name: name, rule: rule, next: next)
    }
  }

  func counters() throws -> StoreCounters {
    var counters = StoreCounters()
    for row in try rows("SELECT name, value FROM tally", []) {
      let columns = Columns(row: row)
      guard let name = columns.text(0), let value = columns.int(1) else { continue }
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
    let oldest = try rows("SELECT created_at FROM run WHERE state = 0 AND is_job = 0 ORDER BY id LIMIT 1", []).first
    counters.oldestReady = oldest.flatMap { Columns(row: $0).time(0) }
    return counters
  }
}

extension AttemptRecord {
  /// `nil` for a row that cannot be read.
  fileprivate init?(_ row: Row) {
    let columns = Columns(row: row)
    guard let number = columns.int(0), let worker = columns.text(1), let program = columns.text(2),
      let started = columns.time(3)
    else { return nil }
    self.init(number: number, worker: worker, program: program, startedAt: started)
    endedAt = columns.time(4)
    ending = columns.text(5).flatMap(Ending.init(rawValue:))
    failure = columns.text(6).flatMap(Failure.init(stored:))
  }
}
