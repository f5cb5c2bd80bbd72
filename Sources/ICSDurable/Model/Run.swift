// Runs: one execution of a hook for an event, or of a job, with everything that happened to it.

import ICSJSON

/// Where a run is in its life. The raw values are what stores keep.
public enum RunState: Int, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  /// May be claimed.
  case ready = 0
  /// A worker has it.
  case running = 1
  /// In a `wait`, until its time has come.
  case waiting = 2
  /// Ended well.
  case done = 3
  /// Failed, and will be tried again.
  case retrying = 4
  /// Failed as often as it may. Kept with its error, until somebody retries it.
  case dead = 5
  /// Stopped for a reason that a person has to look at.
  case parked = 6
  /// Cancelled by a person.
  case cancelled = 7
  /// Behind another run of its key.
  case queued = 8

  /// Whether nothing will happen to it by itself any more.
  public var isFinal: Bool {
    switch self {
    case .done, .dead, .parked, .cancelled: true
    case .ready, .running, .waiting, .retrying, .queued: false
    }
  }

  /// The word that people read and filter by, as in `ics runs --state dead`.
  public var description: String {
    switch self {
    case .ready: "ready"
    case .running: "running"
    case .waiting: "waiting"
    case .done: "done"
    case .retrying: "retrying"
    case .dead: "dead"
    case .parked: "parked"
    case .cancelled: "cancelled"
    case .queued: "queued"
    }
  }

  /// The state with a name that ``description`` gives.
  public init?(name: String) {
    guard let state = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = state
  }
}

/// What went wrong in a run or a step: data that a person reads, with no secret in it.
public struct Failure: Sendable, Hashable {
  /// A stable code, as in `E_HTTP`.
  public var code: String
  /// One sentence.
  public var message: String
  /// Where in the script, as in `welcome.ics:3:5`; `nil` when there is no such place.
  public var place: String?

  /// - Parameters:
  ///   - code: A stable code.
  ///   - message: One sentence.
  ///   - place: Where in the script.
  public init(code: String, message: String, place: String? = nil) {
    self.code = code
    self.message = message
    self.place = place
  }
}

/// Why a run is parked.
public struct ParkReason: Sendable, Hashable {
  /// The kinds of reasons. The raw values are what stores keep.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A write was under way at a crash, and nobody can tell whether it happened.
    case uncertain
    /// The program does something else than what is recorded.
    case mismatch
    /// The journal has an entry that cannot be read, or of a kind that this program does not know.
    case unreadable
    /// The run was written by a later version of this program.
    case newerSchema
    /// Workers lost it too often: it may be what makes them crash.
    case leaseLosses
    /// The executor's own reason.
    case other
  }

  /// The kind.
  public var kind: Kind
  /// One or more lines for a person.
  public var message: String
  /// The step that it is about.
  public var ordinal: StepOrdinal?

  /// - Parameters:
  ///   - kind: The kind.
  ///   - message: For a person.
  ///   - ordinal: The step that it is about.
  public init(_ kind: Kind, _ message: String, at ordinal: StepOrdinal? = nil) {
    self.kind = kind
    self.message = message
    self.ordinal = ordinal
  }
}

/// A run as it is stored.
public struct RunRecord: Sendable, Hashable {
  /// Its number.
  public var id: RunID
  /// The event that it handles; `nil` for a job.
  public var event: EventID?
  /// The account that it belongs to.
  public var tenant: String
  /// The hook's name, or the job's.
  public var hook: String
  /// Whether this is a job (`ics run --job NAME`), which only ``ClaimRequest/only`` claims.
  public var isJob: Bool
  /// The hash of the program that it runs.
  public var program: String
  /// What it is ordered by.
  public var ordering: Ordering?
  /// Lower runs first.
  public var priority: Int
  /// Where it is in its life.
  public var state: RunState
  /// How often a worker has started it. Only goes up.
  public var attempt: Int
  /// How often it has failed since it was made or retried by a person: what retry policies count.
  public var failures: Int
  /// How often a worker lost it since its last recorded step.
  public var leaseLosses: Int
  /// Whether somebody asked to cancel it while it ran.
  public var cancelRequested: Bool
  /// When it was made.
  public var createdAt: Timestamp
  /// When it goes on, for ``RunState/waiting`` and ``RunState/retrying``.
  public var dueAt: Timestamp?
  /// When its last attempt started.
  public var startedAt: Timestamp?
  /// When it reached a final state.
  public var endedAt: Timestamp?
  /// When it first failed since it was made or retried by a person.
  public var firstFailedAt: Timestamp?
  /// Who has it; only for ``RunState/running``.
  public var worker: String?
  /// The fencing token: goes up with each claim and each renewal.
  public var leaseEpoch: Int
  /// What its last attempt failed with.
  public var failure: Failure?
  /// Why it is parked.
  public var parked: ParkReason?
  /// What it returned; only for ``RunState/done``.
  public var output: JSONValue?

  package init(
    id: RunID, event: EventID?, tenant: String, hook: String, isJob: Bool, program: String, ordering: Ordering?,
    priority: Int, state: RunState, createdAt: Timestamp
  ) {
    self.id = id
    self.event = event
    self.tenant = tenant
    self.hook = hook
    self.isJob = isJob
    self.program = program
    self.ordering = ordering
    self.priority = priority
    self.state = state
    self.createdAt = createdAt
    attempt = 0
    failures = 0
    leaseLosses = 0
    cancelRequested = false
    leaseEpoch = 0
  }
}

/// One start of a run by a worker.
public struct AttemptRecord: Sendable, Hashable {
  /// How an attempt ended. The raw values are what stores keep.
  public enum Ending: String, Sendable, Hashable, CaseIterable {
    /// The run is done.
    case done
    /// It failed; the run is tried again, or dead.
    case failed
    /// The run waits for a time.
    case waiting
    /// The run is parked until a person decides.
    case parked
    /// The run was cancelled.
    case cancelled
    /// Its worker gave the run back, as it does when it stops.
    case released
    /// Its worker was gone, or too late.
    case lost
  }

  /// 1 for the first.
  public var number: Int
  /// Who had it.
  public var worker: String
  /// The program's hash.
  public var program: String
  /// When it started.
  public var startedAt: Timestamp
  /// When it ended; `nil` while it runs.
  public var endedAt: Timestamp?
  /// How it ended; `nil` while it runs.
  public var ending: Ending?
  /// What it failed with.
  public var failure: Failure?

  package init(number: Int, worker: String, program: String, startedAt: Timestamp) {
    self.number = number
    self.worker = worker
    self.program = program
    self.startedAt = startedAt
  }
}

/// A run with its whole history.
public struct RunHistory: Sendable {
  /// The run.
  public var run: RunRecord
  /// Its journal, by ordinal.
  public var steps: [StepRecord]
  /// Its attempts, oldest first.
  public var attempts: [AttemptRecord]

  package init(run: RunRecord, steps: [StepRecord], attempts: [AttemptRecord]) {
    self.run = run
    self.steps = steps
    self.attempts = attempts
  }
}

/// A program as it was when it started a run: a run goes on with the version that started it.
public struct StoredProgram: Sendable, Hashable {
  /// What tells it from every other version, as in a SHA-256 of its source in hexadecimal.
  public var hash: String
  /// The file's name.
  public var name: String
  /// Its source, or whatever the runner needs to compile it again.
  public var source: [UInt8]
  /// The version of the language that it was written for.
  public var languageVersion: Int

  /// - Parameters:
  ///   - hash: What tells it from every other version.
  ///   - name: The file's name.
  ///   - source: Its source.
  ///   - languageVersion: The version of the language.
  public init(hash: String, name: String, source: [UInt8], languageVersion: Int) {
    self.hash = hash
    self.name = name
    self.source = source
    self.languageVersion = languageVersion
  }
}
