// A simulation: many events, workers that crash, sleep and come back, a clock that jumps, an outside world that counts.
//
// One seed decides everything, and a failure prints it: `ICS_DURABLE_SEED=17 swift test --filter Simulation` repeats
// it. `ICS_DURABLE_SIMULATIONS=10000` makes it long.

import Foundation
import ICSJSON
import Testing

@testable import ICSDurable
@testable import ICSDurableSQLite

/// Runs of three external writes each, executed by workers that fail at every place where they could.
struct Simulation {
  /// A worker's work on one run, between two of its awaits.
  private struct Execution {
    enum Phase { case begin, send, end, lookUp, finish }
    var lease: Lease
    var key: String
    var step = 1
    var phase = Phase.begin
  }

  let seed: Int
  let store: any DurableStore
  private var random: SeededGenerator
  private var now = Moment(wall: Timestamp(seconds: 1_767_225_600), uptime: 5_000_000)
  private var executions: [Execution] = []
  /// How often the outside world did what a step asks for.
  private var effects: [String: Int] = [:]
  private var recorded: [String: Int] = [:]
  private var lastStarted: [String: Int] = [:]
  private var started: Set<RunID> = []
  private var accepted = 0
  private let events = 30
  private var faults = true

  init(seed: Int, store: any DurableStore) {
    self.seed = seed
    self.store = store
    random = SeededGenerator(seed: seed)
  }

  /// What went wrong, or `nil`.
  mutating func run() async throws -> String? {
    for tick in 0..<6_000 {
      // In the end everything works, and what is left must come to its end.
      if tick == 1_500 { faults = false }
      if let wrong = try await act() { return wrong }
      if !faults, tick % 50 == 0, try await store.counters().runs[.done] == events { return verdict() }
    }
    return "not everything came to its end: \(try await store.counters().runs)"
  }

  private mutating func act() async throws -> String? {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<8: try await accept()
    case 8..<20: return try await claim()
    case 20..<70:
      if let index = executions.indices.randomElement(using: &random) { return await advance(index) }
    case 70..<76: await renew()
    case 76..<90: tick()
    case 90..<96: _ = try await store.wake(dueBy: now.wall, max: 3)
    case 96..<98:
      // A crash: whatever it was about to do, it does not, and nobody is told.
      if faults, let index = executions.indices.randomElement(using: &random) { executions.remove(at: index) }
    default:
      // A person sees to what is parked.
      var parked = RunFilter()
      parked.states = [.parked]
      for run in try await store.runs(parked) { try await store.retry(run.id, fromStart: false, at: now) }
    }
    return nil
  }

  private mutating func tick() {
    let seconds = random.chance(10) ? 40 : Int.random(in: 0...4, using: &random)
    now.uptime += seconds * 1000
    now.wall = now.wall + .seconds(seconds)
    if faults, random.chance(4) { now.wall = now.wall + .seconds(random.chance(50) ? 3600 : -3600) }
    if faults, random.chance(1) { now.wall = now.wall + .seconds(86_400) }
    // Nothing may depend on the wall clock staying behind what it once was.
    if !faults { now.wall = now.wall + .seconds(600) }
  }

  private mutating func accept() async throws {
    guard accepted < events else { return }
    accepted += 1
    let run = NewRun(hook: "h", program: "p", ordering: Ordering(key: "k\(accepted % 4)"))
    let event = IncomingEvent(
      tenant: accepted % 2 == 0 ? "a" : "b", source: "s", externalID: "n\(accepted)", topic: "t",
      payload: Array("{}".utf8),
      receivedAt: now.wall, runs: [run])
    // The sender repeats itself when it hears nothing.
    for _ in 0..<Int.random(in: 1...3, using: &random) { _ = try await store.accept([event]) }
  }

  private mutating func claim() async throws -> String? {
    let request = ClaimRequest(worker: "w\(Int.random(in: 0..<3, using: &random))", max: 3, ttl: .seconds(30))
    for claimed in try await store.claim(request, at: now) {
      let key = claimed.run.tenant + (claimed.run.ordering?.key ?? "")
      if started.insert(claimed.run.id).inserted {
        guard lastStarted[key, default: 0] < claimed.run.id.rawValue else { return "run \(claimed.run.id) overtook" }
        lastStarted[key] = claimed.run.id.rawValue
      }
      // A crash between the claim and the first step.
      if faults, random.chance(5) { continue }
      executions.append(Execution(lease: claimed.lease, key: key))
    }
    return nil
  }

  private mutating func renew() async {
    guard let index = executions.indices.randomElement(using: &random) else { return }
    let answer = try? await store.renew([executions[index].lease], ttl: .seconds(30), at: now).first
    switch answer {
    case .renewed(let lease), .cancelRequested(let lease): executions[index].lease = lease
    case .lost, nil: executions.remove(at: index)
    }
  }

  /// One step of one execution, from one await to the next.
  private mutating func advance(_ index: Int) async -> String? {
    var execution = executions[index]
    let effect = "\(execution.lease.run)/\(execution.step)"
    guard let ordinal = StepOrdinal(path: [execution.step]) else { return "no ordinal" }
    let intent = StepIntent(ordinal: ordinal, kind: .write, name: "messages.send")
    do throws(DurableError) {
      switch execution.phase {
      case .begin:
        switch try await store.beginStep(execution.lease, intent, at: now) {
        case .run:
          if recorded[effect] != nil { return "step \(effect) is recorded and was to run again" }
          execution.phase = .send
        case .done: next(&execution)
        case .uncertain: execution.phase = .lookUp
        case .raised, .sleep, .mismatch: return "step \(effect) is something else"
        }
      case .send:
        // What a worker looks at last: its own clock.
        if execution.lease.until <= now.uptime { throw .leaseLost(execution.lease.run) }
        effects[effect, default: 0] += 1
        execution.phase = .end
      case .lookUp:
        let result: StepResult = effects[effect] == nil ? .notSent : .reconciled("found")
        try await store.endStep(execution.lease, intent, result, at: now)
        execution.phase = .begin
        if effects[effect] != nil { if let wrong = record(effect) { return wrong } }
      case .end:
        try await store.endStep(execution.lease, intent, .done("sent"), at: now)
        if let wrong = record(effect) { return wrong }
        next(&execution)
      case .finish:
        try await store.finish(execution.lease, outcome(), at: now)
        executions.remove(at: index)
        return nil
      }
      // A crash after what was just done, before anything else.
      if faults, random.chance(4) { executions.remove(at: index) } else { executions[index] = execution }
    } catch {
      guard case .leaseLost = error else { return "\(error)" }
      executions.remove(at: index)
    }
    return nil
  }

  private mutating func record(_ effect: String) -> String? {
    recorded[effect, default: 0] += 1
    return recorded[effect] == 1 ? nil : "step \(effect) was recorded twice"
  }

  private func next(_ execution: inout Execution) {
    execution.step += 1
    execution.phase = execution.step > 3 ? .finish : .begin
  }

  private mutating func outcome() -> RunOutcome {
    guard faults else { return .done(nil) }
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return .failed(Failure(code: "E", message: "no"), retryAt: now.wall + .seconds(20))
    case 1: return .waiting(until: now.wall + .seconds(100))
    case 2: return .released
    default: return .done(nil)
    }
  }

  private func verdict() -> String? {
    for run in 1...events {
      for step in 1...3 where effects["\(run)/\(step)"] != 1 {
        return "the effect of step \(run)/\(step) happened \(effects["\(run)/\(step)"] ?? 0) times"
      }
    }
    return nil
  }
}

@Suite("Simulation", .timeLimit(.minutes(60)))
struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let only = environment["ICS_DURABLE_SEED"].flatMap { Int($0) }
  private static let count = environment["ICS_DURABLE_SIMULATIONS"].flatMap { Int($0) } ?? 60

  private static func seeds(_ count: Int) -> Range<Int> { only.map { $0..<$0 + 1 } ?? 0..<count }

  @Test("nothing is lost, done twice or overtaken, in memory")
  func memory() async throws {
    for seed in Self.seeds(Self.count) {
      var simulation = Simulation(seed: seed, store: MemoryStore())
      if let wrong = try await simulation.run() { Issue.record("ICS_DURABLE_SEED=\(seed): \(wrong)") }
    }
  }

  @Test("nothing is lost, done twice or overtaken, on SQLite")
  func sqlite() async throws {
    for seed in Self.seeds(max(1, Self.count / 30)) {
      try await withFolder { folder in
        let store = try SQLiteStore(path: folder + "/store.db", role: .owner())
        var simulation = Simulation(seed: seed, store: store)
        if let wrong = try await simulation.run() { Issue.record("ICS_DURABLE_SEED=\(seed): \(wrong)") }
        await store.close()
      }
    }
  }
}
