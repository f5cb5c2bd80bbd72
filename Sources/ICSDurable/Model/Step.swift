// Steps: the entries of a run's journal.

import ICSJSON

/// What a journal entry stands for. The raw values are what stores keep.
public enum StepKind: String, Sendable, Hashable, CaseIterable {
  /// A `step` of a script: runs again when it had not ended, takes its recorded value when it had.
  case step
  /// A write to the outside. Its intent is durable before it is sent; when nothing says how it ended, it is uncertain.
  case write
  /// A value that must be the same when the run is repeated, as in the time or a random number.
  case value
  /// A `wait`.
  case wait
}

/// What a step is about to do. On a repeated run its kind, name and hash must be those that are recorded.
public struct StepIntent: Sendable, Hashable {
  /// Where in the run it stands.
  public var ordinal: StepOrdinal
  /// What it stands for.
  public var kind: StepKind
  /// The step's name, or the operation's.
  public var name: String
  /// A hash over what it is done with, or empty. Of the caller's making; compared, never looked into.
  public var argumentsHash: [UInt8]
  /// Where in the source, for a person, as in `welcome.ics:3:5`.
  public var codeSpan: String
  /// What a person reads as the step's input, and what a look-up needs to find out whether a write happened.
  public var input: JSONValue?
  /// When this attempt began; what ``StepJournal`` fills in, and no part of what is compared.
  public var startedAt: Timestamp?

  /// - Parameters:
  ///   - ordinal: Where in the run it stands.
  ///   - kind: What it stands for.
  ///   - name: The step's name, or the operation's.
  ///   - argumentsHash: A hash over what it is done with.
  ///   - codeSpan: Where in the source.
  ///   - input: What a person reads as its input.
  public init(
    ordinal: StepOrdinal, kind: StepKind, name: String, argumentsHash: [UInt8] = [], codeSpan: String = "",
    input: JSONValue? = nil
  ) {
    self.ordinal = ordinal
    self.kind = kind
    self.name = name
    self.argumentsHash = argumentsHash
    self.codeSpan = codeSpan
    self.input = input
  }
}

/// What the journal says to a step that is about to begin.
public enum StepState: Sendable, Hashable {
  /// Do it; this is its attempt number, from 1.
  case run(attempt: Int)
  /// It is done: this is its recorded value, and it must not be done again.
  case done(JSONValue)
  /// It failed for good, and the script went on from there: raise the same error, and do not do it again.
  case raised(Failure)
  /// A write whose outcome is unknown: find out (``StepResult/reconciled(_:)`` or ``StepResult/notSent``), or park.
  case uncertain(StepRecord)
  /// A `wait` that is not over: suspend the run until then (``RunOutcome/waiting(until:)``).
  case sleep(until: Timestamp)
  /// Something else is recorded here: park the run.
  case mismatch(StepMismatch)
}

/// A step that is not the recorded one.
public struct StepMismatch: Sendable, Hashable {
  /// What is recorded; `nil` when nothing is recorded where the program does something that must have been.
  public var expected: StepRecord?
  /// What the program is about to do; `nil` when it ended before a step that is recorded.
  public var found: StepIntent?

  /// - Parameters:
  ///   - expected: What is recorded.
  ///   - found: What the program is about to do.
  public init(expected: StepRecord?, found: StepIntent?) {
    self.expected = expected
    self.found = found
  }
}

/// How a step ended.
public enum StepResult: Sendable, Hashable {
  /// It is done, with this value, and is never run again. At most ``StoreLimits/journalEntry`` bytes of JSON.
  case done(JSONValue)
  /// It failed; the next attempt runs it again.
  case failed(Failure)
  /// It failed, the script caught the error, and what came after builds on that: it fails for ever.
  /// ``StepJournal`` says this by itself.
  case raised(Failure)
  /// An uncertain write happened: a look-up found what it did.
  case reconciled(JSONValue)
  /// An uncertain write did not happen, or may safely be sent twice: it runs again.
  case notSent
}

/// A journal entry as it is stored.
public struct StepRecord: Sendable, Hashable {
  /// Where an entry is in its life. The raw values are what stores keep.
  public enum State: Int, Sendable, Hashable, CaseIterable {
    /// A write was announced, or a `wait` begun.
    case intended = 1
    /// Done, with its result.
    case done = 2
    /// Failed; it is run again with the next attempt.
    case failed = 3
    /// Done, which a look-up found out.
    case reconciled = 4
    /// To be run again: it was found not to have happened.
    case notSent = 5
    /// Failed for good.
    case raised = 6

    /// Whether what is recorded stands for the step from now on.
    public var isDone: Bool { self == .done || self == .reconciled || self == .raised }
  }

  /// Where in the run it stands.
  public var ordinal: StepOrdinal
  /// What it stands for.
  public var kind: StepKind
  /// The step's name, or the operation's.
  public var name: String
  /// A hash over what it was done with.
  public var argumentsHash: [UInt8]
  /// Where in the source.
  public var codeSpan: String
  /// Where it is in its life.
  public var state: State
  /// How often it was begun.
  public var attempt: Int
  /// When its last attempt began.
  public var startedAt: Timestamp
  /// When its last attempt ended.
  public var endedAt: Timestamp?
  /// When a `wait` is over.
  public var dueAt: Timestamp?
  /// What a person reads as its input.
  public var input: JSONValue?
  /// Its value; only when it is done.
  public var result: JSONValue?
  /// What its last attempt failed with.
  public var failure: Failure?

  package init(_ intent: StepIntent, state: State, attempt: Int, startedAt: Timestamp) {
    ordinal = intent.ordinal
    kind = intent.kind
    name = intent.name
    argumentsHash = intent.argumentsHash
    codeSpan = intent.codeSpan
    input = intent.input
    self.state = state
    self.attempt = attempt
    self.startedAt = startedAt
  }
}

/// The sizes that stores keep to.
public enum StoreLimits {
  /// The most bytes of JSON that one journal entry may hold: 1 MiB.
  public static let journalEntry = 1 << 20
  /// The most bytes of an event's body: 16 MiB.
  public static let payload = 16 << 20
  /// The most journal entries of one run.
  public static let entriesPerRun = 100_000
  /// The most bytes of a name, key or id.
  public static let name = 4096

  /// Refuses a name, key or id that is too long, or that holds a zero byte: databases cut text there, and two names
  /// would become one.
  package static func check(name: String, of what: String) throws(DurableError) {
    guard name.utf8.count <= self.name else {
      throw .tooLarge(what: "a name, key or id of \(what)", bytes: name.utf8.count, limit: self.name)
    }
    guard !name.utf8.contains(0) else {
      throw .notSerialisable(what: "a name, key or id of \(what)", detail: "it holds a zero byte")
    }
  }
}
