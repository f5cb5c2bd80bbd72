// What the journal answers, and what it records: one place for all stores, and for trying a program on a journal.

import ICSJSON

/// The rules of the journal. A store looks the record up, asks, and writes what they say.
package enum JournalRules {
  /// What a step hears that is about to begin, and the record to write first, if any.
  package static func begin(
    _ intent: StepIntent, recorded: StepRecord?, at now: Timestamp
  ) throws(DurableError) -> (StepState, write: StepRecord?) {
    try StoreLimits.check(name: intent.name, of: "step \(intent.ordinal)")
    guard let recorded else {
      guard intent.kind == .write else { return (.run(attempt: 1), nil) }
      return (.run(attempt: 1), StepRecord(intent, state: .intended, attempt: 1, startedAt: now))
    }
    guard recorded.fits(intent) else { return (.mismatch(StepMismatch(expected: recorded, found: intent)), nil) }
    switch recorded.state {
    case .done, .reconciled: return (.done(recorded.result ?? .null), nil)
    case .raised: return (.raised(recorded.failure ?? Failure(code: "E_STEP", message: "the step failed")), nil)
    case .intended where intent.kind == .write: return (.uncertain(recorded), nil)
    case .intended, .failed, .notSent:
      let attempt = recorded.attempt + 1
      guard intent.kind == .write else { return (.run(attempt: attempt), nil) }
      return (.run(attempt: attempt), StepRecord(intent, state: .intended, attempt: attempt, startedAt: now))
    }
  }

  /// What a `wait` hears.
  package static func beginWait(
    _ intent: StepIntent, until due: Timestamp, recorded: StepRecord?, at now: Timestamp
  ) throws(DurableError) -> (StepState, write: StepRecord?) {
    try StoreLimits.check(name: intent.name, of: "step \(intent.ordinal)")
    if let recorded, !recorded.fits(intent) {
      return (.mismatch(StepMismatch(expected: recorded, found: intent)), nil)
    }
    if let recorded, recorded.state.isDone { return (.done(.null), nil) }
    let begun = recorded?.dueAt
    let end = begun ?? due
    var record = recorded ?? StepRecord(intent, state: .intended, attempt: 1, startedAt: now)
    record.dueAt = end
    guard end <= now else { return (.sleep(until: end), begun == nil ? record : nil) }
    record.state = .done
    record.endedAt = now
    record.result = .null
    return (.done(.null), record)
  }

  /// The record of a step that ends; `nil` when the journal has its value already, which stays.
  package static func end(
    _ intent: StepIntent, _ result: StepResult, recorded: StepRecord?, at now: Timestamp
  ) throws(DurableError) -> StepRecord? {
    if let recorded {
      guard recorded.fits(intent) else { throw .notFound(what: "step", id: "\(intent.ordinal) \(intent.name)") }
      if recorded.state.isDone { return nil }
    }
    try StoreLimits.check(name: intent.name, of: "step \(intent.ordinal)")
    try check(intent, result)
    let isAnnounced = recorded?.state == .intended
    if case .raised(let failure) = result, var record = recorded, record.state == .failed {
      record.state = .raised
      record.failure = failure
      return record
    }
    if intent.kind == .write, !isAnnounced {
      throw .notFound(what: "announced write", id: "\(intent.ordinal) \(intent.name)")
    }
    let attempt = (recorded?.attempt ?? 0) + (isAnnounced ? 0 : 1)
    let started = isAnnounced ? recorded?.startedAt : intent.startedAt
    var record = StepRecord(intent, state: .done, attempt: attempt, startedAt: started ?? now)
    record.endedAt = now
    record.dueAt = recorded?.dueAt
    switch result {
    case .done(let value): record.result = value
    case .failed(let failure):
      record.state = .failed
      record.failure = failure
    case .raised(let failure):
      record.state = .raised
      record.failure = failure
    case .reconciled(let value):
      record.state = .reconciled
      record.result = value
    case .notSent:
      record.state = .notSent
    }
    return record
  }

  /// The record of an uncertain write of which a person says how it ended.
  package static func settle(
    _ recorded: StepRecord?, _ ordinal: StepOrdinal, _ result: StepResult, at now: Timestamp
  ) throws(DurableError) -> StepRecord {
    guard var record = recorded, record.kind == .write, record.state == .intended else {
      throw .notFound(what: "uncertain step", id: ordinal.description)
    }
    let intent = record.intent
    try check(intent, result)
    record.endedAt = now
    switch result {
    case .done(let value), .reconciled(let value):
      record.state = .reconciled
      record.result = value
    case .notSent: record.state = .notSent
    case .failed(let failure):
      record.state = .failed
      record.failure = failure
    case .raised(let failure):
      record.state = .raised
      record.failure = failure
    }
    return record
  }

  /// Refuses what the journal cannot hold.
  private static func check(_ intent: StepIntent, _ result: StepResult) throws(DurableError) {
    switch result {
    case .done(let value), .reconciled(let value):
      try check(value, what: "the result of step \(intent.ordinal) (\(intent.name))")
    case .failed(let failure), .raised(let failure):
      let bytes = failure.message.utf8.count
      guard bytes <= StoreLimits.journalEntry else {
        throw .tooLarge(
          what: "the error of step \(intent.ordinal) (\(intent.name))", bytes: bytes, limit: StoreLimits.journalEntry)
      }
    case .notSent: break
    }
    if let input = intent.input { try check(input, what: "the input of step \(intent.ordinal) (\(intent.name))") }
  }

  /// Refuses what cannot be written as JSON, or is too large for one entry.
  package static func check(_ value: JSONValue, what: String) throws(DurableError) {
    let bytes: Int
    do { bytes = try value.strictlySerialized().utf8.count } catch {
      throw .notSerialisable(what: what, detail: error.message)
    }
    guard bytes <= StoreLimits.journalEntry else {
      throw .tooLarge(what: what, bytes: bytes, limit: StoreLimits.journalEntry)
    }
  }
}

extension StepRecord {
  /// Whether the step that is about to begin is the recorded one.
  package func fits(_ intent: StepIntent) -> Bool {
    kind == intent.kind && name == intent.name && argumentsHash == intent.argumentsHash
  }

  /// What it was begun with.
  package var intent: StepIntent {
    StepIntent(
      ordinal: ordinal, kind: kind, name: name, argumentsHash: argumentsHash, codeSpan: codeSpan, input: input)
  }
}
