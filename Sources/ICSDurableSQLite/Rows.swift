// Rows to records and back. Nothing in a row is trusted: what cannot be read is said, never trapped on.

import ICSDurable
import ICSJSON

extension RunRecord {
  static let columns = """
    run.id, run.event_id, run.tenant, run.hook, run.is_job, run.program, run.ord_key, run.obstacle, run.patience, \
    run.priority, run.created_at, run.state, run.attempt, run.failures, run.lease_losses, run.cancel_requested, \
    run.due_at, run.started_at, run.ended_at, run.first_failed_at, run.worker, run.lease_epoch, run.failure, \
    run.parked, run.output, run.lease_until, run.lease_process
    """

  /// `nil` for a row that no version of this program wrote.
  init?(_ columns: Columns) {
    guard let id = columns.int(0), let tenant = columns.text(2), let hook = columns.text(3),
      let program = columns.text(5), let state = columns.int(11).flatMap(RunState.init(rawValue:))
    else { return nil }
    let ordering = columns.text(6).map { key in
      Ordering(
        key: key, obstacle: columns.int(7).flatMap(Ordering.Obstacle.init(rawValue:)) ?? .skip,
        patience: columns.int(8).map { .milliseconds($0) })
    }
    self.init(
      id: RunID(id), event: columns.int(1).map { EventID($0) }, tenant: tenant, hook: hook, isJob: columns.bool(4),
      program: program, ordering: ordering, priority: columns.int(9) ?? 0, state: state,
      createdAt: columns.time(10) ?? Timestamp(milliseconds: 0))
    attempt = columns.int(12) ?? 0
    failures = columns.int(13) ?? 0
    leaseLosses = columns.int(14) ?? 0
    cancelRequested = columns.bool(15)
    dueAt = columns.time(16)
    startedAt = columns.time(17)
    endedAt = columns.time(18)
    firstFailedAt = columns.time(19)
    worker = columns.text(20)
    leaseEpoch = columns.int(21) ?? 0
    failure = columns.text(22).flatMap(Failure.init(stored:))
    parked = columns.text(23).flatMap(ParkReason.init(stored:))
    output = columns.text(24).flatMap { try? JSONValue(parsing: $0) }  // A damaged output is none.
  }
}

extension Failure {
  var stored: String {
    var object: JSONValue = ["code": .string(code), "message": .string(message)]
    if let place { object["place"] = .string(place) }
    return object.serialized()
  }

  init?(stored text: String) {
    guard let value = try? JSONValue(parsing: text) else { return nil }  // A damaged error is none.
    self.init(
      code: value["code"]?.stringValue ?? "", message: value["message"]?.stringValue ?? "",
      place: value["place"]?.stringValue)
  }
}

extension ParkReason {
  var stored: String {
    var object: JSONValue = ["kind": .string(kind.rawValue), "message": .string(message)]
    if let ordinal { object["ordinal"] = .string(ordinal.description) }
    return object.serialized()
  }

  init?(stored text: String) {
    guard let value = try? JSONValue(parsing: text) else { return nil }  // A damaged reason is none.
    self.init(
      value["kind"]?.stringValue.flatMap(Kind.init(rawValue:)) ?? .other, value["message"]?.stringValue ?? "",
      at: value["ordinal"]?.stringValue.flatMap { StepOrdinal($0) })
  }
}

extension StepRecord {
  static let columns = """
    ordinal, format, kind, name, args_hash, code_span, state, attempt, started_at, ended_at, due_at, sum, failure, \
    input, result, run_id
    """
  /// The layout of a journal entry that this program writes.
  static let format = 1

  /// Reads an entry; `blob` gets what is too long for its row.
  ///
  /// - Throws: ``Unreadable``, with the entry's place.
  init(_ columns: Columns, blob: (_ kind: String, _ owner: Int, _ ordinal: String) throws -> [UInt8]?) throws {
    let place = columns.text(0).flatMap { StepOrdinal($0) }
    let at = place.map { "step \($0)" } ?? "a step"
    guard let format = columns.int(1), format >= 1 else {
      throw Unreadable(message: "\(at) is damaged", ordinal: place)
    }
    guard format <= Self.format else {
      throw Unreadable(kind: .newerSchema, message: "\(at) was written by a later version", ordinal: place)
    }
    guard let kindName = columns.text(2), let ordinal = place, let owner = columns.int(15) else {
      throw Unreadable(message: "\(at) is damaged", ordinal: place)
    }
    guard let kind = StepKind(rawValue: kindName) else {
      throw Unreadable(message: "\(at) is of a kind that this version does not know: \(kindName)", ordinal: place)
    }
    guard let state = columns.int(6).flatMap(State.init(rawValue:)), let name = columns.text(3),
      let hash = columns.bytes(4) ?? (columns.text(4) == "" ? [] : nil), let attempt = columns.int(7),
      let started = columns.time(8)
    else { throw Unreadable(message: "\(at) is damaged", ordinal: place) }
    let input = try columns.text(13) ?? Self.long(blob("input", owner, ordinal.description))
    let result = try columns.text(14) ?? Self.long(blob("result", owner, ordinal.description))
    let intent = StepIntent(
      ordinal: ordinal, kind: kind, name: name, argumentsHash: hash, codeSpan: columns.text(5) ?? "",
      input: try Self.value(input, at, place))
    self.init(intent, state: state, attempt: attempt, startedAt: started)
    endedAt = columns.time(9)
    dueAt = columns.time(10)
    failure = columns.text(12).flatMap(Failure.init(stored:))
    self.result = try Self.value(result, at, place)
    guard columns.int(11) == checksum(result: result) else {
      throw Unreadable(message: "\(at) is damaged: its checksum is wrong", ordinal: place)
    }
  }

  private static func long(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

  private static func value(_ text: String?, _ at: String, _ place: StepOrdinal?) throws -> JSONValue? {
    guard let text else { return nil }
    do { return try JSONValue(parsing: text) } catch {
      throw Unreadable(message: "\(at) is damaged: \(error.message)", ordinal: place)
    }
  }

  /// Over all of an entry that decides what a run does.
  func checksum(result: String?) -> Int {
    var sum = Checksum()
    sum.add(ordinal.description)
    sum.add(kind.rawValue)
    sum.add(name)
    sum.add(argumentsHash)
    sum.add("\(state.rawValue)/\(attempt)/\(dueAt?.milliseconds ?? -1)")
    sum.add(result ?? "")
    return sum.value
  }
}

/// A quick sum over bytes, against flipped bits. It keeps nobody out who means it.
struct Checksum {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The sum; SQLite's integers have a sign.
  var value: Int { Int(bitPattern: UInt(hash ^ hash >> 32)) }

  mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    mix(UInt64(bytes.count))
    var index = 0
    while index + 8 <= bytes.count {
      mix(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    while index < bytes.count {
      mix(UInt64(bytes[index]))
      index += 1
    }
  }

  private mutating func mix(_ word: UInt64) {
    hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 29
  }
}
