// What a case of the contract works with: a fresh store, a clock, and short words for what it does.

import Foundation
import ICSDurable
import ICSDurableSQLite
import ICSJSON
import Testing

/// A kind of store that keeps the contract.
struct StoreKind: Sendable, CustomTestStringConvertible {
  var testDescription: String
  /// Makes an empty store in a folder that is removed afterwards.
  var make: @Sendable (_ folder: String) throws -> any DurableStore

  static let all = [
    StoreKind(testDescription: "memory") { _ in MemoryStore() },
    StoreKind(testDescription: "SQLite") { folder in
      try SQLiteStore(path: folder + "/store.db", role: .owner())
    },
  ]
}

/// One promise of the contract.
struct ContractCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var body: @Sendable (Bench) async throws -> Void

  // The closures say `async throws` themselves: a closure whose only `try` is in a macro would be taken for one without.
  init(_ name: String, _ body: @escaping @Sendable (Bench) async throws -> Void) {
    testDescription = name
    self.body = body
  }
}

/// A folder of its own for each case.
func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = NSTemporaryDirectory() + "/ics-durable-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

/// A store and what time it is.
final class Bench {
  let store: any DurableStore
  var now = Moment(wall: Timestamp(seconds: 1_767_225_600), uptime: 5_000_000)
  private var lastID = 0

  init(_ store: any DurableStore) { self.store = store }

  func advance(_ seconds: Int) {
    now.wall = now.wall + .seconds(seconds)
    now.uptime += seconds * 1000
  }

  func incoming(
    _ id: String? = nil, tenant: String = "t", source: String = "intercom", topic: String = "contact.user.created",
    hash: [UInt8] = [], payload: String = "{}", runs: [NewRun]? = nil
  ) -> IncomingEvent {
    lastID += 1
    return IncomingEvent(
      tenant: tenant, source: source, externalID: id ?? "notif_\(lastID)", topic: topic, bodyHash: hash,
      payload: Array(payload.utf8), receivedAt: now.wall, runs: runs ?? [NewRun(hook: "h", program: "p1")])
  }

  func run(
    _ hook: String = "h", key: String? = nil, _ obstacle: Ordering.Obstacle = .skip, patience: Duration? = nil,
    priority: Int = 0
  ) -> NewRun {
    NewRun(
      hook: hook, program: "p1", ordering: key.map { Ordering(key: $0, obstacle: obstacle, patience: patience) },
      priority: priority)
  }

  /// Accepts an event with one run, and tells the run.
  @discardableResult
  func accept(
    _ id: String? = nil, tenant: String = "t", key: String? = nil, _ obstacle: Ordering.Obstacle = .skip,
    patience: Duration? = nil, priority: Int = 0
  ) async throws -> RunID {
    let new = run(key: key, obstacle, patience: patience, priority: priority)
    let answer = try await store.accept([incoming(id, tenant: tenant, runs: [new])])
    guard case .new(_, let runs)? = answer.first, let run = runs.first else { throw Unexpected("\(answer)") }
    return run
  }

  func claim(
    _ max: Int = 100, worker: String = "w", ttl: Int = 30, only: RunID? = nil, shares: [String: TenantShare] = [:]
  ) async throws -> [ClaimedRun] {
    try await store.claim(
      ClaimRequest(worker: worker, max: max, ttl: .seconds(ttl), shares: shares, only: only), at: now)
  }

  /// Claims the one run that is ready.
  func claimOne(worker: String = "w", ttl: Int = 30, only: RunID? = nil) async throws -> Lease {
    let claimed = try await claim(1, worker: worker, ttl: ttl, only: only)
    guard let lease = claimed.first?.lease else { throw Unexpected("nothing to claim") }
    return lease
  }

  func renew(_ lease: Lease, ttl: Int = 30) async throws -> Lease {
    switch try await store.renew([lease], ttl: .seconds(ttl), at: now).first {
    case .renewed(let renewed), .cancelRequested(let renewed): return renewed
    case .lost, nil: throw Unexpected("the lease is lost")
    }
  }

  func intent(
    _ ordinal: StepOrdinal = 1, _ name: String = "a", _ kind: StepKind = .step, hash: [UInt8] = [1]
  ) -> StepIntent {
    StepIntent(ordinal: ordinal, kind: kind, name: name, argumentsHash: hash, codeSpan: "w.ics:1:1")
  }

  func begin(_ lease: Lease, _ intent: StepIntent) async throws -> StepState {
    try await store.beginStep(lease, intent, at: now)
  }

  func end(_ lease: Lease, _ intent: StepIntent, _ result: StepResult = .done(nil)) async throws {
    try await store.endStep(lease, intent, result, at: now)
  }

  func finish(_ lease: Lease, _ outcome: RunOutcome = .done(nil)) async throws {
    try await store.finish(lease, outcome, at: now)
  }

  func fail(_ lease: Lease, retryIn seconds: Int?) async throws {
    let failure = Failure(code: "E_TEST", message: "no", place: "w.ics:2:3")
    try await finish(lease, .failed(failure, retryAt: seconds.map { now.wall + .seconds($0) }))
  }

  func state(_ run: RunID) async throws -> RunState { try await record(run).state }

  func record(_ run: RunID) async throws -> RunRecord { try await history(run).run }

  func history(_ run: RunID) async throws -> RunHistory {
    guard let history = try await store.run(run) else { throw Unexpected("no run \(run)") }
    return history
  }

  /// A run in a state, however it gets there.
  func made(_ state: RunState) async throws -> RunID {
    if state == .queued {
      try await accept(key: "k-\(state)")
      return try await accept(key: "k-\(state)")
    }
    let run = try await accept()
    if state == .ready { return run }
    if state == .cancelled {
      _ = try await store.cancel(run, at: now)
      return run
    }
    let lease = try await claimOne(only: run)
    switch state {
    case .running, .ready, .queued, .cancelled: break
    case .waiting: try await finish(lease, .waiting(until: now.wall + .seconds(60)))
    case .done: try await finish(lease)
    case .retrying: try await fail(lease, retryIn: 10)
    case .dead: try await fail(lease, retryIn: nil)
    case .parked: try await finish(lease, .parked(ParkReason(.uncertain, "?", at: 1)))
    }
    return run
  }

  /// What an operation refuses with.
  func refusal(_ body: () async throws -> Void) async throws -> DurableError? {
    do {
      try await body()
      return nil
    } catch let error as DurableError { return error }
  }
}

struct Unexpected: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
