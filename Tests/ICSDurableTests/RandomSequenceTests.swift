// Random sequences of operations on a store and on the one in memory, which says what is right.
//
// `ICS_DURABLE_SEQUENCES=100000 swift test --filter RandomSequence` makes it long. A failure prints its seed, and
// `ICS_DURABLE_SEED=17` repeats that one alone.

import Foundation
import ICSDurableSQLite
import ICSJSON
import Testing

@testable import ICSDurable

/// SplitMix64: the same numbers everywhere for a seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// One operation, with everything that it depends on, so that it does the same to both stores.
enum Operation: Sendable {
  case accept([IncomingEvent])
  case claim(ClaimRequest)
  case renew([Lease], Int)
  case begin(Lease, StepIntent)
  case wait(Lease, StepIntent, Int)
  case end(Lease, StepIntent, StepResult)
  case finish(Lease, RunOutcome)
  case wake(Int)
  case retry(RunID, fromStart: Bool)
  case retryAllDead
  case cancel(RunID)
  case settle(RunID, StepOrdinal, StepResult)
  case migrate(RunID, StepOrdinal?)
  case job(String)
  case prune(Int)
  case look

  /// Does it, and says everything that could be different.
  func apply(to store: any DurableStore, at now: Moment) async -> String {
    do throws(DurableError) {
      switch self {
      case .accept(let events): return "\(try await store.accept(events))"
      case .claim(let request):
        return "\(try await store.claim(request, at: now).map { "\($0.lease) \($0.run) \($0.event?.payload ?? [])" })"
      case .renew(let leases, let ttl): return "\(try await store.renew(leases, ttl: .seconds(ttl), at: now))"
      case .begin(let lease, let intent): return "\(try await store.beginStep(lease, intent, at: now))"
      case .wait(let lease, let intent, let seconds):
        return "\(try await store.beginWait(lease, intent, until: now.wall + .seconds(seconds), at: now))"
      case .end(let lease, let intent, let result): try await store.endStep(lease, intent, result, at: now)
      case .finish(let lease, let outcome): try await store.finish(lease, outcome, at: now)
      case .wake(let max): return "\(try await store.wake(dueBy: now.wall, max: max))"
      case .retry(let run, let fromStart): try await store.retry(run, fromStart: fromStart, at: now)
      case .retryAllDead: return "\(try await store.retryAllDead(RunFilter(), at: now))"
      case .cancel(let run): return "\(try await store.cancel(run, at: now))"
      case .settle(let run, let ordinal, let result): try await store.settle(run, ordinal, as: result, at: now)
      case .migrate(let run, let step):
        try await store.migrate(run, to: "p2", forgettingFrom: step, at: now)
      case .job(let name): return "\(try await store.startJob(named: name, tenant: "t", program: "p1", at: now))"
      case .prune(let max): return "\(try await store.prune(before: now.wall + .seconds(-60), max: max))"
      case .look: break
      }
      return "ok"
    } catch { return "\(error)" }
  }
}

/// Everything that can be seen of a store.
func portrait(_ store: any DurableStore) async throws -> [String] {
  var lines: [String] = []
  var (runs, events) = (RunFilter(), EventFilter())
  (runs.limit, events.limit) = (10_000, 10_000)
  for run in try await store.runs(runs) {
    let history = try await store.run(run.id)
    lines.append("\(run)")
    lines += (history?.steps ?? []).map { "  \($0)" }
    lines += (history?.attempts ?? []).map { "  \($0)" }
  }
  for event in try await store.events(events) { lines.append("\(event.id) \(event.topic) \(event.duplicates)") }
  let counters = try await store.counters()
  let states = counters.runs.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }
  lines.append("\(states) \(counters.accepted) \(counters.duplicates) \(counters.conflicts) \(counters.attempts)")
  lines.append("\(counters.failures) \(counters.leaseLosses) \(String(describing: counters.oldestReady))")
  let (wake, expiry) = (try await store.nextWake(), try await store.nextExpiry())
  lines.append("\(String(describing: wake)) \(String(describing: expiry))")
  return lines
}

/// Chooses operations by a seed, and by what the store in memory answers.
struct Sequence {
  var random: SeededGenerator
  var now = Moment(wall: Timestamp(seconds: 1_767_225_600), uptime: 5_000_000)
  var leases: [Lease] = []
  var lastRun = 0
  var lastID = 0

  init(seed: Int) { random = SeededGenerator(seed: seed) }

  private mutating func any<Item>(_ items: [Item]) -> Item? { items.randomElement(using: &random) }

  mutating func next() -> Operation {
    if random.chance(20) { tick() }
    let lease = any(leases)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<14: return .accept((0..<Int.random(in: 1...4, using: &random)).map { _ in event() })
    case 14..<30: return claim()
    case 30..<36: return .renew(lease.map { [$0] } ?? [], 20)
    case 36..<46: if let lease { return .begin(lease, intent()) }
    case 46..<50: if let lease { return .wait(lease, intent(.wait), Int.random(in: -5...60, using: &random)) }
    case 50..<64: if let lease { return .end(lease, intent(), result()) }
    case 64..<80: if let lease { return .finish(lease, outcome()) }
    case 80..<86: return .wake(Int.random(in: 0...5, using: &random))
    case 86..<89: return .retry(run(), fromStart: random.chance(30))
    case 89: return .retryAllDead
    case 90..<93: return .cancel(run())
    case 93: return .settle(run(), 1, random.chance(50) ? .notSent : .reconciled("settled"))
    case 94: return .migrate(run(), random.chance(50) ? 2 : nil)
    case 95..<97: return .job(any(["a", "b"]) ?? "a")
    case 97: return .prune(3)
    default: break
    }
    return .look
  }

  private mutating func tick() {
    let seconds = any([1, 5, 10, 20, 60]) ?? 1
    now.uptime += seconds * 1000
    now.wall = now.wall + .seconds(seconds)
    if random.chance(3) { now.wall = now.wall + .seconds(any([-3600, 3600, 86_400]) ?? 0) }
  }

  private mutating func run() -> RunID { RunID(Int.random(in: 1...max(1, lastRun), using: &random)) }

  private mutating func event() -> IncomingEvent {
    lastID += 1
    let id = random.chance(15) ? Int.random(in: 1...lastID, using: &random) : lastID
    let runs = (0..<Int.random(in: 0...2, using: &random)).map { index in
      var ordering: Ordering?
      if random.chance(60) {
        ordering = Ordering(
          key: any(["x", "y"]) ?? "x", obstacle: random.chance(30) ? .block : .skip,
          patience: random.chance(30) ? .seconds(15) : nil)
      }
      return NewRun(hook: "h\(index)", program: "p1", ordering: ordering, priority: random.chance(10) ? -1 : 0)
    }
    lastRun += runs.count
    return IncomingEvent(
      tenant: any(["t", "u", "v"]) ?? "t", source: "s", externalID: "n\(id)", topic: "topic.\(id % 3)",
      bodyHash: random.chance(50) ? [UInt8(truncatingIfNeeded: id), UInt8(id >> 8 & 255)] : [],
      payload: Array("{\"n\":\(id)}".utf8), receivedAt: now.wall, runs: runs)
  }

  private mutating func claim() -> Operation {
    var request = ClaimRequest(
      worker: any(["a", "b"]) ?? "a", max: Int.random(in: 0...4, using: &random), ttl: .seconds(20))
    if random.chance(20) { request.shares = ["t": TenantShare(weight: 2, maxRunning: 2)] }
    if random.chance(10) { request.shares["u"] = TenantShare(pausedUntil: now.wall + .seconds(5)) }
    if random.chance(10) { request.only = run() }
    return .claim(request)
  }

  private mutating func intent(_ kind: StepKind? = nil) -> StepIntent {
    let number = Int.random(in: 1...3, using: &random)
    let path = random.chance(20) ? [number, 1] : [number]
    let kinds: [StepKind] = [.step, .write, .value]
    return StepIntent(
      ordinal: StepOrdinal(path: path) ?? 1, kind: kind ?? kinds[number % 3], name: random.chance(5) ? "other" : "s",
      argumentsHash: [UInt8(number)], codeSpan: "w.ics:\(number):1",
      input: random.chance(20) ? ["n": .int(number)] : nil)
  }

  private mutating func result() -> StepResult {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<5: .done(random.chance(3) ? .string(String(repeating: "x", count: 70_000)) : ["v": 1])
    case 5, 6: .failed(Failure(code: "E", message: "no"))
    case 7: .raised(Failure(code: "E", message: "no"))
    case 8: .reconciled("found")
    default: .notSent
    }
  }

  private mutating func outcome() -> RunOutcome {
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<5: .done(["ok": true])
    case 5, 6: .failed(Failure(code: "E", message: "no"), retryAt: now.wall + .seconds(any([5, 10, 30]) ?? 5))
    case 7: .failed(Failure(code: "E", message: "dead"), retryAt: nil)
    case 8: .waiting(until: now.wall + .seconds(any([1, 60]) ?? 1))
    case 9: .parked(ParkReason(.uncertain, "?", at: 1))
    case 10: .cancelled
    default: .released
    }
  }

  /// Learns what a claim or a renewal has given.
  mutating func learn(_ operation: Operation, from store: any DurableStore, _ answer: [Lease]) {
    switch operation {
    case .claim, .renew: leases += answer
    default: break
    }
    // Old leases stay for a while: what they try must be refused.
    if leases.count > 12 { leases.removeFirst(leases.count - 12) }
  }
}

@Suite("Random sequences", .timeLimit(.minutes(60)))
struct RandomSequenceTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let count = environment["ICS_DURABLE_SEQUENCES"].flatMap { Int($0) } ?? 15
  private static let only = environment["ICS_DURABLE_SEED"].flatMap { Int($0) }

  @Test("SQLite does what memory does")
  func sqlite() async throws {
    let seeds = Self.only.map { $0..<$0 + 1 } ?? 0..<Self.count
    for seed in seeds {
      let divergence: String? = try await withFolder { folder in
        let store = try SQLiteStore(path: folder + "/store.db", role: .owner())
        let divergence = try await Self.diverges(seed: seed, from: store)
        await store.close()
        return divergence
      }
      if let divergence { return #expect(Bool(false), "ICS_DURABLE_SEED=\(seed): \(divergence)") }
    }
  }

  /// The first difference between a store and the model, or `nil`.
  private static func diverges(seed: Int, from store: any DurableStore) async throws -> String? {
    let model = MemoryStore()
    var sequence = Sequence(seed: seed)
    for program in ["p1", "p2"] {
      let stored = StoredProgram(hash: program, name: program, source: [], languageVersion: 1)
      try await store.saveProgram(stored)
      try await model.saveProgram(stored)
    }
    for index in 0..<120 {
      let operation = sequence.next()
      let expected = await operation.apply(to: model, at: sequence.now)
      let found = await operation.apply(to: store, at: sequence.now)
      if expected != found { return "operation \(index), \(operation):\n  memory: \(expected)\n  store: \(found)" }
      if case .claim = operation { sequence.learn(operation, from: model, try await presentLeases(model)) }
      if case .renew = operation { sequence.learn(operation, from: model, try await presentLeases(model)) }
      guard index % 20 == 19 else { continue }
      let (left, right) = (try await portrait(model), try await portrait(store))
      if left != right {
        let first = zip(left, right).first { $0 != $1 }
        return "after operation \(index), \(operation):\n  memory: \(first?.0 ?? "")\n  store: \(first?.1 ?? "")"
      }
    }
    return nil
  }

  private static func presentLeases(_ model: MemoryStore) async throws -> [Lease] { await model.presentLeases }
}
