// What scripts/chaos kills: it accepts events and runs them, three effects on the outside each, until all are done.
//
// DurableChaos STORE EFFECTS EVENTS [FAIL-POINT[:HIT]]
//
// The outside world is a file to which each effect appends a line `run/step`; looking an effect up is reading it.

import Foundation
import ICSDurable
import ICSDurableSQLite
import ICSJSON
import Synchronization

@main
struct DurableChaos {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4, let events = Int(arguments[3]) else {
      print("usage: DurableChaos STORE EFFECTS EVENTS [FAIL-POINT[:HIT]]")
      exit(2)
    }
    if arguments.count > 4, !FailPoint.arm(arguments[4]) {
      print(FailPoint.allCases.map(\.rawValue).joined(separator: "\n"))
      exit(2)
    }
    let world = World(path: arguments[2])
    let store = try SQLiteStore(path: arguments[1], role: .owner())
    try await Chaos(store: store, world: world, events: events).run()
    await store.close()
  }
}

/// The outside: it remembers what was done to it, whoever is killed.
final class World: Sendable {
  private let descriptor: Int32
  private let known: Mutex<Set<String>>

  init(path: String) {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""  // None at the first start.
    known = Mutex(Set(text.split(separator: "\n").map(String.init)))
    descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
  }

  func happens(_ effect: String) {
    let line = Array((effect + "\n").utf8)
    precondition(write(descriptor, line, line.count) == line.count, "the outside world is full")
    known.withLock { _ = $0.insert(effect) }
  }

  func knows(_ effect: String) -> Bool { known.withLock { $0.contains(effect) } }
}

struct Chaos: Sendable {
  let store: SQLiteStore
  let world: World
  let events: Int

  func run() async throws {
    var options = WorkerOptions(name: "chaos-\(getpid())")
    options.concurrency = 32
    options.leaseTTL = .milliseconds(1500)
    options.longestSleep = .milliseconds(50)
    options.retry = RunRetryPolicy(retries: 100, backoff: .milliseconds(20), longest: .milliseconds(50))
    let worker = Worker(store: store, options: options) { claimed, journal in
      do { return try await execute(claimed, journal) } catch {
        return .failed(Failure(code: "E_STORE", message: "\(error)"))
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await worker.run() }
      group.addTask {
        try await receive(worker)
        try await finish()
        await worker.stop(within: .seconds(5))
      }
      try await group.waitForAll()
    }
  }

  /// The sender: it sends in order, and again what may not have been acknowledged.
  private func receive(_ worker: Worker) async throws {
    let acknowledged = try await store.counters().accepted
    var next = max(1, acknowledged - 20)
    while next <= events {
      let batch = next..<min(next + 25, events + 1)
      _ = try await store.accept(batch.map(event))
      worker.notify()
      next = batch.upperBound
      let now = SystemClock().now().wall
      try await store.saveSchedule(ScheduleRecord(name: "tick", rule: "1s", next: now))
      // Not faster than the runs end, so that kills meet all of them at work.
      while store.backlog() > 200 { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  private func event(_ number: Int) -> IncomingEvent {
    IncomingEvent(
      tenant: "t", source: "chaos", externalID: "n\(number)", topic: "chaos", payload: Array("{\"n\":\(number)}".utf8),
      receivedAt: SystemClock().now().wall,
      runs: [NewRun(hook: "h", program: "p", ordering: Ordering(key: "k\(number % 500)"))])
  }

  /// Waits for the last run, and sees to what is parked as a person would.
  private func finish() async throws {
    var parked = RunFilter()
    parked.states = [.parked]
    while true {
      let counters = try await store.counters()
      if counters.runs[.done] == events { return }
      for run in try await store.runs(parked) where run.parked?.kind == .leaseLosses {
        try await store.retry(run.id, fromStart: false, at: SystemClock().now())
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func execute(_ claimed: ClaimedRun, _ journal: StepJournal) async throws(DurableError) -> ExecutionResult {
    for step in 1...3 {
      let effect = "\(claimed.run.id)/\(step)"
      guard let ordinal = StepOrdinal("\(step)") else { return .cancelled }
      let intent = StepIntent(ordinal: ordinal, kind: .write, name: "append")
      var state = try await journal.begin(intent)
      if case .uncertain = state {
        try await journal.end(intent, world.knows(effect) ? .reconciled(true) : .notSent)
        state = try await journal.begin(intent)
      }
      if case .run = state {
        world.happens(effect)
        try await journal.end(intent, .done(true))
      }
      if step == 2, let pause = try await rest(claimed.run, journal) { return .waiting(until: pause) }
    }
    return .done(nil)
  }

  /// Some runs wait, and some take longer than a third of their lease.
  private func rest(_ run: RunRecord, _ journal: StepJournal) async throws(DurableError) -> Timestamp? {
    if run.id.rawValue % 40 == 0 { try? await Task.sleep(for: .milliseconds(700)) }  // Cancelled is over as well.
    guard run.id.rawValue % 10 == 5 else { return nil }
    let intent = StepIntent(ordinal: 4, kind: .wait, name: "wait")
    guard case .sleep(let due) = try await journal.beginWait(intent, for: .milliseconds(30)) else { return nil }
    return due
  }
}
