// What listings are narrowed by, and what the counters say.

/// What a listing of events is narrowed by. Newest first.
public struct EventFilter: Sendable {
  /// The account.
  public var tenant: String?
  /// The topic; with a `*` as its end, every topic that begins with what is before it.
  public var topic: String?
  /// Events with a run of this hook.
  public var hook: String?
  /// Events with a run in one of these states; empty for all.
  public var states: Set<RunState> = []
  /// Events from this time on.
  public var since: Timestamp?
  /// Events before this time.
  public var until: Timestamp?
  /// Only events with a smaller number: the last one of the page before.
  public var before: EventID?
  /// How many at most.
  public var limit = 50

  /// A filter that lets everything through, 50 at most.
  public init() {}
}

/// What a listing of runs is narrowed by. Newest first.
public struct RunFilter: Sendable {
  /// The account.
  public var tenant: String?
  /// The topic of their events; with a `*` as its end, every topic that begins with what is before it.
  public var topic: String?
  /// The hook's or job's name.
  public var hook: String?
  /// The states; empty for all.
  public var states: Set<RunState> = []
  /// The event.
  public var event: EventID?
  /// Runs made at this time or later.
  public var since: Timestamp?
  /// Runs made before this time.
  public var until: Timestamp?
  /// Only runs with a smaller number: the last one of the page before.
  public var before: RunID?
  /// How many at most.
  public var limit = 50

  /// A filter that lets everything through, 50 at most.
  public init() {}
}

/// Numbers for `/metrics`: what is there now, and what happened since the store was made.
public struct StoreCounters: Sendable, Hashable {
  /// How many runs are in each state now; states without runs may be missing.
  public var runs: [RunState: Int] = [:]
  /// How many events were accepted as new, ever.
  public var accepted = 0
  /// How many came again, ever.
  public var duplicates = 0
  /// How many came again with another body, ever.
  public var conflicts = 0
  /// How many attempts were started, ever.
  public var attempts = 0
  /// How many attempts failed, ever.
  public var failures = 0
  /// How many leases were lost, ever.
  public var leaseLosses = 0
  /// When the oldest run that may be claimed was made.
  public var oldestReady: Timestamp?

  /// Nothing.
  public init() {}

  /// How many runs want a worker: ready, or behind another of their key.
  public var backlog: Int { runs[.ready, default: 0] + runs[.queued, default: 0] }
}

/// A schedule's place in time.
public struct ScheduleRecord: Sendable, Hashable {
  /// The hook's name.
  public var name: String
  /// What it was made of, as in `0 9 * * 1-5` with its time zone: when it changes, the stored time is worth nothing.
  public var rule: String
  /// When it fires next.
  public var next: Timestamp

  /// - Parameters:
  ///   - name: The hook's name.
  ///   - rule: What it was made of.
  ///   - next: When it fires next.
  public init(name: String, rule: String, next: Timestamp) {
    self.name = name
    self.rule = rule
    self.next = next
  }
}
