// Events: what came in, and the runs that the receiver chose for it.

import ICSJSON

/// An event on its way into a store, with the runs that it causes.
public struct IncomingEvent: Sendable {
  /// The account that it belongs to. Fairness and deduplication are per tenant.
  public var tenant: String
  /// Where it came from, as in `intercom`, `schedule`, `request`.
  public var source: String
  /// The sender's id. The same id from the same source to the same tenant is the same event.
  public var externalID: String
  /// The topic, as in `contact.user.created`.
  public var topic: String
  /// The SHA-256 of the body (32 bytes), or empty to tell events apart by their id alone.
  public var bodyHash: [UInt8]
  /// The body: JSON text in UTF-8. It is stored as it is.
  public var payload: [UInt8]
  /// When it arrived.
  public var receivedAt: Timestamp
  /// One for each hook that the event starts; empty when none fits. Hooks are named once each.
  public var runs: [NewRun]

  /// - Parameters:
  ///   - tenant: The account that it belongs to.
  ///   - source: Where it came from, as in `intercom`.
  ///   - externalID: The sender's id of it.
  ///   - topic: The topic.
  ///   - bodyHash: The SHA-256 of the body, or empty.
  ///   - payload: The body, JSON text in UTF-8.
  ///   - receivedAt: When it arrived.
  ///   - runs: One for each hook that it starts.
  public init(
    tenant: String, source: String, externalID: String, topic: String, bodyHash: [UInt8] = [], payload: [UInt8],
    receivedAt: Timestamp, runs: [NewRun] = []
  ) {
    self.tenant = tenant
    self.source = source
    self.externalID = externalID
    self.topic = topic
    self.bodyHash = bodyHash
    self.payload = payload
    self.receivedAt = receivedAt
    self.runs = runs
  }
}

/// A run that an event, a schedule or a job starts.
public struct NewRun: Sendable, Hashable {
  /// The hook's name, its identity across restarts and edits. There is one run for each event and hook, for ever.
  public var hook: String
  /// The hash of the program that runs; it has been given to ``DurableStore/saveProgram(_:)``.
  public var program: String
  /// What the run is ordered by; `nil` when it may run beside any other.
  public var ordering: Ordering?
  /// Lower runs first within a tenant. 0 for everything that nobody thought about.
  public var priority: Int

  /// - Parameters:
  ///   - hook: The hook's name.
  ///   - program: The program's hash.
  ///   - ordering: The key that orders it.
  ///   - priority: Lower runs first.
  public init(hook: String, program: String, ordering: Ordering? = nil, priority: Int = 0) {
    self.hook = hook
    self.program = program
    self.ordering = ordering
    self.priority = priority
  }
}

/// Runs of one tenant with the same key run one at a time, in the order in which their events arrived.
///
/// A run holds its key from when it is first in line until it has ended. A run in a `wait` gives it back meanwhile, and
/// gets in line again, in front of what came after it, when it wakes up.
public struct Ordering: Sendable, Hashable {
  /// What happens to the others of a key when one of its runs is dead or parked.
  public enum Obstacle: Int, Sendable, Hashable, CaseIterable {
    /// The next one goes on.
    case skip = 0
    /// The key stays blocked until somebody retries or cancels the run.
    case block = 1
  }

  /// The key, as in a contact's or a conversation's id.
  public var key: String
  /// What a dead or parked run does to the others.
  public var obstacle: Obstacle
  /// How long a failing run may keep the others waiting while it is retried, from its first failure on; `nil` until
  /// it is dead. Only for ``Obstacle/skip``.
  public var patience: Duration?

  /// - Parameters:
  ///   - key: The key.
  ///   - obstacle: What a dead or parked run does to the others.
  ///   - patience: How long a failing run may keep the others waiting.
  public init(key: String, obstacle: Obstacle = .skip, patience: Duration? = nil) {
    self.key = key
    self.obstacle = obstacle
    self.patience = patience
  }
}

/// What a store says to an event.
public enum Acceptance: Sendable, Hashable {
  /// It is stored, durably, with its runs in the order in which they were given.
  case new(EventID, runs: [RunID])
  /// It was there already, by its id or by its body, and nothing is run. `conflict` when the same id came with
  /// another body: somebody's ids are not unique, or somebody is forging.
  case duplicate(of: EventID, conflict: Bool)
}

/// An event as it is stored.
public struct EventRecord: Sendable {
  /// Its number.
  public var id: EventID
  /// The account that it belongs to.
  public var tenant: String
  /// Where it came from.
  public var source: String
  /// The sender's id.
  public var externalID: String
  /// The topic.
  public var topic: String
  /// The body, JSON text in UTF-8. Listings leave it empty; ``DurableStore/event(_:)`` has it.
  public var payload: [UInt8]
  /// When it arrived.
  public var receivedAt: Timestamp
  /// How often it came again.
  public var duplicates: Int
  /// Its runs, in the order of their making, without their steps.
  public var runs: [RunRecord]
  /// A store's own sum over the body.
  package var sum = 0

  package init(
    id: EventID, tenant: String, source: String, externalID: String, topic: String, payload: [UInt8],
    receivedAt: Timestamp, duplicates: Int, runs: [RunRecord]
  ) {
    self.id = id
    self.tenant = tenant
    self.source = source
    self.externalID = externalID
    self.topic = topic
    self.payload = payload
    self.receivedAt = receivedAt
    self.duplicates = duplicates
    self.runs = runs
  }
}
