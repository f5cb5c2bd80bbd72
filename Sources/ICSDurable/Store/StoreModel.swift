// The store in memory as a plain struct: what every operation means. The other stores are tested against it.

import ICSJSON

/// What a store may be told.
public struct StoreOptions: Sendable {
  /// How many times in a row a run may be lost by its workers, without a recorded step between, before it is parked.
  public var maxLeaseLosses: Int

  /// The same for a run whose worker's process ended. A crash takes all the runs of a process, and most of them are not
  /// the one that caused it, so it may happen more often.
  public var maxCrashes: Int

  /// - Parameters:
  ///   - maxLeaseLosses: How many times in a row a run may be lost before it is parked.
  ///   - maxCrashes: The same when its worker's process ended.
  public init(maxLeaseLosses: Int = 5, maxCrashes: Int = 20) {
    self.maxLeaseLosses = maxLeaseLosses
    self.maxCrashes = maxCrashes
  }
}

/// The state of a store, and what each operation does to it. Its operations are those of ``DurableStore``.
struct StoreModel: Sendable {
  struct Key: Hashable, Sendable {
    var tenant: String
    var key: String
  }

  struct Sender: Hashable, Sendable {
    var tenant: String
    var source: String
    var identity: [UInt8]
  }

  struct Entry: Sendable {
    var event: EventRecord
    var bodyHash: [UInt8]
    var runs: [RunID]
  }

  let lifecycle: RunLifecycle
  var events: [EventID: Entry] = [:]
  var eventsByID: [Sender: EventID] = [:]
  var eventsByBody: [Sender: EventID] = [:]
  var runs: [RunID: RunRecord] = [:]
  var steps: [RunID: [StepOrdinal: StepRecord]] = [:]
  var attempts: [RunID: [AttemptRecord]] = [:]
  var programs: [String: StoredProgram] = [:]
  var scheduleRecords: [String: ScheduleRecord] = [:]
  var lastEvent = 0
  var lastRun = 0
  var totals = StoreCounters()
  var fairShare = FairShare()

  // What follows is derived from `runs`, and kept by `put`.

  /// When the leases of the running ones end.
  var leases: [RunID: Int] = [:]
  /// INVARIANT: a run with a key that is ready or running is its key's holder; so may be one that is retrying, dead or
  /// parked. A run that is queued never is.
  var holders: [Key: RunID] = [:]
  var ready: [String: SortedList<ReadyPlace>] = [:]
  var running: [String: Int] = [:]
  var queued: [Key: SortedList<RunID>] = [:]
  var sleepers = SortedList<Sleeper>()
  var counts: [RunState: Int] = [:]

  struct ReadyPlace: Comparable, Sendable {
    var priority: Int
    var run: RunID
    static func < (left: ReadyPlace, right: ReadyPlace) -> Bool {
      (left.priority, left.run) < (right.priority, right.run)
    }
  }

  struct Sleeper: Comparable, Sendable {
    var due: Timestamp
    var run: RunID
    static func < (left: Sleeper, right: Sleeper) -> Bool { (left.due, left.run) < (right.due, right.run) }
  }

  init(options: StoreOptions) { lifecycle = RunLifecycle(options) }

  // MARK: Keeping the indexes

  /// Writes a run: the only way in which one changes.
  mutating func put(_ run: RunRecord) {
    if let old = runs[run.id] { index(old, adding: false) }
    runs[run.id] = run
    index(run, adding: true)
    if run.state != .running { leases[run.id] = nil }
  }

  mutating func remove(_ id: RunID) {
    guard let old = runs.removeValue(forKey: id) else { return }
    index(old, adding: false)
    leases[id] = nil
    steps[id] = nil
    attempts[id] = nil
  }

  private mutating func index(_ run: RunRecord, adding: Bool) {
    counts[run.state, default: 0] += adding ? 1 : -1
    switch run.state {
    case .ready:
      guard !run.isJob else { break }
      let place = ReadyPlace(priority: run.priority, run: run.id)
      if adding {
        ready[run.tenant, default: SortedList()].insert(place)
      } else {
        ready[run.tenant]?.remove(place)
        if ready[run.tenant]?.items.isEmpty == true { ready[run.tenant] = nil }
      }
    case .running:
      running[run.tenant, default: 0] += adding ? 1 : -1
    case .queued:
      guard let key = Self.key(run) else { break }
      if adding {
        queued[key, default: SortedList()].insert(run.id)
      } else {
        queued[key]?.remove(run.id)
        if queued[key]?.items.isEmpty == true { queued[key] = nil }
      }
    case .waiting, .retrying:
      guard let due = run.dueAt else { break }
      let place = Sleeper(due: due, run: run.id)
      if adding { sleepers.insert(place) } else { sleepers.remove(place) }
    case .done, .dead, .parked, .cancelled: break
    }
  }

  static func key(_ run: RunRecord) -> Key? { run.ordering.map { Key(tenant: run.tenant, key: $0.key) } }

  // MARK: Keys

  /// Carries out what the lifecycle says about a run's key, and writes the run.
  mutating func put(_ changed: RunRecord, _ action: RunLifecycle.KeyAction) {
    var run = changed
    guard let key = Self.key(run) else {
      if action == .line { run.state = .ready }
      put(run)
      return
    }
    switch action {
    case .keep:
      put(run)
    case .line:
      let isFree = holders[key] == nil || holders[key] == run.id
      run.state = isFree ? .ready : .queued
      if isFree { holders[key] = run.id }
      put(run)
    case .release:
      put(run)
      guard holders[key] == run.id else { return }
      holders[key] = nil
      guard let next = queued[key]?.items.first, var successor = runs[next] else { return }
      holders[key] = next
      successor.state = .ready
      put(successor)
    }
  }

  /// The run of a lease that holds.
  func fenced(_ lease: Lease, at now: Moment) throws(DurableError) -> RunRecord {
    guard let run = runs[lease.run], run.state == .running, run.worker == lease.worker, run.leaseEpoch == lease.epoch,
      let until = leases[lease.run], until > now.uptime
    else { throw .leaseLost(lease.run) }
    return run
  }

  func existing(_ id: RunID) throws(DurableError) -> RunRecord {
    guard let run = runs[id] else { throw .notFound(what: "run", id: id.description) }
    return run
  }
}

/// Items in order, each once.
struct SortedList<Item: Comparable & Sendable>: Sendable {
  private(set) var items: [Item] = []

  mutating func insert(_ item: Item) {
    let index = position(of: item)
    if index == items.count || items[index] != item { items.insert(item, at: index) }
  }

  mutating func remove(_ item: Item) {
    let index = position(of: item)
    if index < items.count, items[index] == item { items.remove(at: index) }
  }

  /// The first index whose item is not smaller.
  private func position(of item: Item) -> Int {
    if let last = items.last, last < item { return items.count }
    var low = 0
    var high = items.count
    while low < high {
      let middle = (low + high) / 2
      if items[middle] < item { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
