// The contract: the journal.

import ICSDurable
import ICSJSON
import Testing

extension Contract {
  /// Values that a step may have.
  private static let values: [(String, JSONValue)] = [
    ("null", nil), ("true", true), ("an int", 9_223_372_036_854_775_807), ("a double", 1.5), ("a whole double", 2.0),
    ("text with quotes, zeros and emoji", "a\"\\\u{0}\u{1F600}\n"), ("an empty object", [:]),
    ("a nested value", ["b": [1, [:], nil], "a": ["x": "y"]]),
    ("64 KiB and more", .string(String(repeating: "é", count: 50_000))),
  ]

  private static let changes: [(String, @Sendable (inout StepIntent) -> Void)] = [
    ("name", { $0.name = "b" }), ("kind", { $0.kind = .value }), ("arguments", { $0.argumentsHash = [2] }),
  ]

  static var steps: [ContractCase] {
    values.map { name, value in
      ContractCase("step: its recorded value is \(name)") { (bench) async throws in
        let run = try await bench.accept()
        let lease = try await bench.claimOne()
        #expect(try await bench.begin(lease, bench.intent()) == .run(attempt: 1))
        try await bench.end(lease, bench.intent(), .done(value))
        #expect(try await bench.begin(lease, bench.intent()) == .done(value))
        #expect(try await bench.history(run).steps.map(\.result) == [value])
      }
    }
      + changes.map { name, change in
        ContractCase("step: another \(name) than the recorded one is a mismatch that names both") {
          (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne()
          try await bench.end(lease, bench.intent(), .done(1))
          var other = bench.intent()
          change(&other)
          guard case .mismatch(let mismatch) = try await bench.begin(lease, other) else {
            throw Unexpected("no mismatch")
          }
          #expect(mismatch.expected?.name == "a" && mismatch.found == other)
          #expect(try await bench.refusal { try await bench.end(lease, other) } != nil)
          #expect(try await bench.begin(lease, bench.intent()) == .done(1))
        }
      } + [
        ContractCase("step: its place in the source may change") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne()
          try await bench.end(lease, bench.intent(), .done(1))
          var moved = bench.intent()
          moved.codeSpan = "w.ics:99:1"
          #expect(try await bench.begin(lease, moved) == .done(1))
        },
        ContractCase("step: what is recorded survives a lost lease") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne(ttl: 1)
          try await bench.end(lease, bench.intent(), .done("once"))
          bench.advance(1)
          let next = try await bench.claimOne(worker: "b")
          #expect(try await bench.begin(next, bench.intent()) == .done("once"))
        },
        ContractCase("step: the first result stays") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          try await bench.end(lease, bench.intent(), .done(1))
          try await bench.end(lease, bench.intent(), .done(2))
          try await bench.end(lease, bench.intent(), .failed(Failure(code: "E", message: "late")))
          #expect(try await bench.begin(lease, bench.intent()) == .done(1))
          #expect(try await bench.history(run).steps.count == 1)
        },
        ContractCase("step: one that failed runs again, with its attempts counted") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          let failure = Failure(code: "E_HTTP", message: "no", place: "w.ics:1:1")
          for attempt in 1...3 {
            #expect(try await bench.begin(lease, bench.intent()) == .run(attempt: attempt))
            try await bench.end(lease, bench.intent(), .failed(failure))
          }
          let step = try #require(try await bench.history(run).steps.first)
          #expect(step.attempt == 3 && step.state == .failed && step.failure == failure)
        },
        ContractCase("step: one that was begun and not ended runs again") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne(ttl: 1)
          _ = try await bench.begin(lease, bench.intent())
          bench.advance(1)
          #expect(try await bench.begin(try await bench.claimOne(), bench.intent()) == .run(attempt: 1))
        },
        ContractCase("step: one that failed for good fails for ever") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne()
          let failure = Failure(code: "E_HTTP", message: "no")
          try await bench.end(lease, bench.intent(), .failed(failure))
          try await bench.end(lease, bench.intent(), .raised(failure))
          #expect(try await bench.begin(lease, bench.intent()) == .raised(failure))
        },
        ContractCase("step: those of another run are another's") { (bench) async throws in
          try await bench.accept()
          try await bench.accept()
          let leases = try await bench.claim().map(\.lease)
          try await bench.end(leases[0], bench.intent(), .done(1))
          #expect(try await bench.begin(leases[1], bench.intent()) == .run(attempt: 1))
        },
        ContractCase("step: ordinals sort as numbers, the inner ones after the outer") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          for path in [[10], [2], [2, 10], [2, 2], [1]] {
            try await bench.end(lease, bench.intent(StepOrdinal(path: path) ?? 1), .done(nil))
          }
          #expect(try await bench.history(run).steps.map(\.ordinal.description) == ["1", "2", "2.2", "2.10", "10"])
        },
        ContractCase("step: a person sees its input, its times and its place") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          var intent = bench.intent()
          intent.input = ["email": "a@b.c"]
          intent.startedAt = bench.now.wall
          bench.advance(3)
          try await bench.end(lease, intent, .done(1))
          let step = try #require(try await bench.history(run).steps.first)
          #expect(step.input == ["email": "a@b.c"] && step.codeSpan == "w.ics:1:1")
          #expect(step.endedAt.map { $0 - step.startedAt } == .seconds(3))
        },
        ContractCase("step: a result beyond 1 MiB is refused, and the step may still end otherwise") {
          (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne()
          let large = JSONValue.string(String(repeating: "x", count: 5_000_000))
          let refusal = try await bench.refusal { try await bench.end(lease, bench.intent(), .done(large)) }
          #expect(
            refusal
              == .tooLarge(what: "the result of step 1 (a)", bytes: 5_000_002, limit: StoreLimits.journalEntry))
          try await bench.end(lease, bench.intent(), .done("small"))
        },
        ContractCase("step: a result of exactly 1 MiB is kept") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          let value = JSONValue.string(String(repeating: "x", count: StoreLimits.journalEntry - 2))
          try await bench.end(lease, bench.intent(), .done(value))
          #expect(try await bench.history(run).steps.first?.result == value)
        },
        ContractCase("step: NaN is refused by name") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne()
          let refusal = try await bench.refusal {
            try await bench.end(lease, bench.intent(), .done([1, .double(.nan)]))
          }
          guard case .notSerialisable("the result of step 1 (a)", _)? = refusal else {
            throw Unexpected("\(String(describing: refusal))")
          }
        },
        ContractCase("step: a run's value beyond 1 MiB is refused, and the run may end otherwise") {
          (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          let large = JSONValue.string(String(repeating: "x", count: 2_000_000))
          guard case .tooLarge? = try await bench.refusal({ try await bench.finish(lease, .done(large)) }) else {
            throw Unexpected("it was kept")
          }
          try await bench.fail(lease, retryIn: nil)
          #expect(try await bench.state(run) == .dead)
        },
        // Writes.
        ContractCase("write: its intent is there before it is sent") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          #expect(try await bench.begin(lease, bench.intent(1, "contacts.create", .write)) == .run(attempt: 1))
          let step = try #require(try await bench.history(run).steps.first)
          #expect(step.state == .intended && step.kind == .write && step.attempt == 1)
        },
        ContractCase("write: one that was sent and not recorded is uncertain") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne(ttl: 1)
          let intent = bench.intent(1, "contacts.create", .write)
          _ = try await bench.begin(lease, intent)
          bench.advance(1)
          guard case .uncertain(let record) = try await bench.begin(try await bench.claimOne(), intent) else {
            throw Unexpected("it is certain")
          }
          #expect(record.name == "contacts.create" && record.state == .intended)
        },
        ContractCase("write: a look-up that finds it records it") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne(ttl: 1)
          let intent = bench.intent(1, "c", .write)
          _ = try await bench.begin(lease, intent)
          bench.advance(1)
          let next = try await bench.claimOne()
          try await bench.end(next, intent, .reconciled(["id": "7"]))
          #expect(try await bench.begin(next, intent) == .done(["id": "7"]))
          #expect(try await bench.history(run).steps.first?.state == .reconciled)
        },
        ContractCase("write: a look-up that does not find it sends it again") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne(ttl: 1)
          let intent = bench.intent(1, "c", .write)
          _ = try await bench.begin(lease, intent)
          bench.advance(1)
          let next = try await bench.claimOne()
          try await bench.end(next, intent, .notSent)
          #expect(try await bench.begin(next, intent) == .run(attempt: 2))
          try await bench.end(next, intent, .done(1))
          #expect(try await bench.begin(next, intent) == .done(1))
        },
        ContractCase("write: one that failed is sent again, with its intent first") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          let intent = bench.intent(1, "c", .write)
          _ = try await bench.begin(lease, intent)
          try await bench.end(lease, intent, .failed(Failure(code: "E_HTTP", message: "422")))
          #expect(try await bench.begin(lease, intent) == .run(attempt: 2))
          #expect(try await bench.history(run).steps.first?.state == .intended)
        },
        ContractCase("write: none ends that was not announced") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne()
          guard case .notFound? = try await bench.refusal({ try await bench.end(lease, bench.intent(1, "c", .write)) })
          else { throw Unexpected("it ended") }
        },
        ContractCase("write: a person says how an uncertain one ended") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          let intent = bench.intent(1, "c", .write)
          _ = try await bench.begin(lease, intent)
          try await bench.finish(lease, .parked(ParkReason(.uncertain, "?", at: 1)))
          try await bench.store.settle(run, 1, as: .reconciled("mine"), at: bench.now)
          #expect(try await bench.state(run) == .parked)
          try await bench.store.retry(run, fromStart: false, at: bench.now)
          #expect(try await bench.begin(try await bench.claimOne(), intent) == .done("mine"))
        },
        ContractCase("write: a person can only settle what is uncertain") { (bench) async throws in
          let run = try await bench.made(.parked)
          guard
            case .notFound? = try await bench.refusal({
              try await bench.store.settle(run, 1, as: .notSent, at: bench.now)
            })
          else { throw Unexpected("it was settled") }
          let ready = try await bench.accept()
          let refusal = try await bench.refusal { try await bench.store.settle(ready, 1, as: .notSent, at: bench.now) }
          #expect(refusal == .wrongState(ready, .ready, action: "settled"))
        },
        // Waits.
        ContractCase("wait: it is over when its time has come, counted from the first time") { (bench) async throws in
          try await bench.accept()
          let intent = bench.intent(1, "wait", .wait)
          let due = bench.now.wall + .seconds(100)
          let lease = try await bench.claimOne(ttl: 1)
          #expect(try await bench.store.beginWait(lease, intent, until: due, at: bench.now) == .sleep(until: due))
          bench.advance(50)
          let next = try await bench.claimOne()
          let later = due + .seconds(50)
          #expect(try await bench.store.beginWait(next, intent, until: later, at: bench.now) == .sleep(until: due))
          try await bench.finish(next, .waiting(until: due))
          bench.advance(50)
          #expect(try await bench.store.wake(dueBy: bench.now.wall, max: 10) == 1)
          let last = try await bench.claimOne()
          #expect(try await bench.store.beginWait(last, intent, until: later, at: bench.now) == .done(nil))
          #expect(try await bench.begin(last, intent) == .done(nil))
        },
        ContractCase("wait: one that is over already is recorded at once") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          let intent = bench.intent(1, "wait", .wait)
          #expect(try await bench.store.beginWait(lease, intent, until: bench.now.wall, at: bench.now) == .done(nil))
          #expect(try await bench.history(run).steps.first?.state == .done)
        },
        ContractCase("wait: another step in its place is a mismatch") { (bench) async throws in
          try await bench.accept()
          let lease = try await bench.claimOne()
          try await bench.end(lease, bench.intent(), .done(1))
          let state = try await bench.store.beginWait(
            lease, bench.intent(1, "wait", .wait), until: bench.now.wall, at: bench.now)
          guard case .mismatch = state else { throw Unexpected("\(state)") }
        },
      ]
  }
}
