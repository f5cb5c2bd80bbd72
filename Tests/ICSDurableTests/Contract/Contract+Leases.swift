// The contract: leases and their fences.

import ICSDurable
import ICSJSON
import Testing

extension Contract {
  /// Everything that a lease allows, with its name.
  private static let fenced: [(String, @Sendable (Bench, Lease) async throws -> Void)] = [
    ("begin a step", { bench, lease in _ = try await bench.begin(lease, bench.intent()) }),
    ("begin a write", { bench, lease in _ = try await bench.begin(lease, bench.intent(1, "a", .write)) }),
    (
      "begin a wait",
      { bench, lease in
        _ = try await bench.store.beginWait(lease, bench.intent(1, "w", .wait), until: bench.now.wall, at: bench.now)
      }
    ),
    ("end a step", { bench, lease in try await bench.end(lease, bench.intent()) }),
    ("finish", { bench, lease in try await bench.finish(lease) }),
    ("fail", { bench, lease in try await bench.fail(lease, retryIn: 1) }),
    ("release", { bench, lease in try await bench.finish(lease, .released) }),
  ]

  static var leases: [ContractCase] {
    fenced.flatMap { name, operation in
      [
        ContractCase("lease: who has it may \(name)") { (bench) async throws in
          try await bench.accept()
          try await operation(bench, try await bench.claimOne())
        },
        ContractCase("lease: nobody may \(name) with one that has ended") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne(ttl: 30)
          bench.advance(30)
          #expect(try await bench.refusal { try await operation(bench, lease) } == .leaseLost(run))
          #expect(try await bench.history(run).steps.isEmpty)
          #expect(try await bench.state(run) == .running)
        },
        ContractCase("lease: nobody may \(name) with the token before a renewal") { (bench) async throws in
          let run = try await bench.accept()
          let old = try await bench.claimOne()
          let new = try await bench.renew(old)
          #expect(try await bench.refusal { try await operation(bench, old) } == .leaseLost(run))
          try await operation(bench, new)
        },
        ContractCase("lease: a sleeper may not \(name) when another goes on") { (bench) async throws in
          let run = try await bench.accept()
          let zombie = try await bench.claimOne(worker: "a", ttl: 1)
          bench.advance(2)
          let lease = try await bench.claimOne(worker: "b")
          #expect(try await bench.refusal { try await operation(bench, zombie) } == .leaseLost(run))
          try await operation(bench, lease)
        },
        ContractCase("lease: nobody may \(name) after the end") { (bench) async throws in
          let run = try await bench.accept()
          let lease = try await bench.claimOne()
          try await bench.finish(lease)
          #expect(try await bench.refusal { try await operation(bench, lease) } == .leaseLost(run))
          #expect(try await bench.state(run) == .done)
        },
      ]
    } + [
      ContractCase("lease: each claim and each renewal has another token") { (bench) async throws in
        try await bench.accept()
        let first = try await bench.claimOne()
        let second = try await bench.renew(first)
        #expect(second.epoch > first.epoch)
        try await bench.finish(second, .released)
        #expect(try await bench.claimOne().epoch > second.epoch)
      },
      ContractCase("lease: a renewal prolongs it from now on") { (bench) async throws in
        try await bench.accept()
        let lease = try await bench.claimOne(ttl: 30)
        bench.advance(29)
        let renewed = try await bench.renew(lease, ttl: 30)
        #expect(renewed.until == bench.now.uptime + 30_000)
        bench.advance(29)
        try await bench.finish(renewed)
      },
      ContractCase("lease: what has ended cannot be renewed") { (bench) async throws in
        try await bench.accept()
        let lease = try await bench.claimOne(ttl: 30)
        bench.advance(30)
        #expect(try await bench.store.renew([lease], ttl: .seconds(30), at: bench.now) == [.lost])
      },
      ContractCase("lease: renewals of many are answered one by one") { (bench) async throws in
        try await bench.accept()
        try await bench.accept()
        let leases = try await bench.claim().map(\.lease)
        try await bench.finish(leases[0])
        let answers = try await bench.store.renew(leases, ttl: .seconds(30), at: bench.now)
        #expect(answers.first == .lost)
        guard case .renewed? = answers.last else { throw Unexpected("\(answers)") }
        #expect(try await bench.store.renew([], ttl: .seconds(30), at: bench.now).isEmpty)
      },
      ContractCase("lease: another worker's name fits no lease") { (bench) async throws in
        let run = try await bench.accept()
        let lease = try await bench.claimOne(worker: "a")
        let forged = Lease(run: run, worker: "b", epoch: lease.epoch, until: lease.until)
        #expect(try await bench.refusal { try await bench.finish(forged) } == .leaseLost(run))
      },
      ContractCase("lease: a run of an ended lease is claimed again, and its loss is counted") { (bench) async throws in
        let run = try await bench.accept()
        _ = try await bench.claimOne(ttl: 30)
        bench.advance(30)
        let again = try #require(try await bench.claim(worker: "b").first)
        #expect(again.run.attempt == 2 && again.run.leaseLosses == 1 && again.run.failures == 0)
        let attempts = try await bench.history(run).attempts
        #expect(attempts.map(\.ending) == [.lost, nil])
      },
      ContractCase("lease: one second before its end nobody else gets the run") { (bench) async throws in
        try await bench.accept()
        _ = try await bench.claimOne(ttl: 30)
        bench.advance(29)
        #expect(try await bench.claim(worker: "b").isEmpty)
      },
      ContractCase("lease: a wall clock that jumps a day forward steals nothing") { (bench) async throws in
        try await bench.accept()
        let lease = try await bench.claimOne(ttl: 30)
        bench.now.wall = bench.now.wall + .seconds(86_400)
        #expect(try await bench.claim(worker: "b").isEmpty)
        try await bench.finish(lease)
      },
      ContractCase("lease: a wall clock that jumps an hour back prolongs nothing") { (bench) async throws in
        let run = try await bench.accept()
        let lease = try await bench.claimOne(ttl: 30)
        bench.now.wall = bench.now.wall + .seconds(-3600)
        bench.now.uptime += 30_000
        #expect(try await bench.refusal { try await bench.finish(lease) } == .leaseLost(run))
      },
      ContractCase("lease: a run that is lost six times in a row is parked") { (bench) async throws in
        let run = try await bench.accept()
        for _ in 0..<6 {
          _ = try await bench.claimOne(ttl: 1)
          bench.advance(1)
        }
        #expect(try await bench.claim().isEmpty)
        let record = try await bench.record(run)
        #expect(record.state == .parked && record.parked?.kind == .leaseLosses && record.leaseLosses == 6)
      },
      ContractCase("lease: a recorded step forgives the losses before it") { (bench) async throws in
        let run = try await bench.accept()
        for index in 1...20 {
          let lease = try await bench.claimOne(ttl: 1)
          let intent = bench.intent(StepOrdinal(path: [index]) ?? 1)
          _ = try await bench.begin(lease, intent)
          try await bench.end(lease, intent)
          bench.advance(1)
        }
        #expect(try await bench.claim().count == 1)
        #expect(try await bench.record(run).attempt == 21)
      },
      ContractCase("lease: the next end is known") { (bench) async throws in
        #expect(try await bench.store.nextExpiry() == nil)
        try await bench.accept()
        let lease = try await bench.claimOne(ttl: 30)
        #expect(try await bench.store.nextExpiry() == lease.until)
        try await bench.finish(lease)
        #expect(try await bench.store.nextExpiry() == nil)
      },
      ContractCase("lease: a released run is ready at once, with neither failure nor loss") { (bench) async throws in
        let run = try await bench.accept()
        try await bench.finish(try await bench.claimOne(), .released)
        let record = try await bench.record(run)
        #expect(record.state == .ready && record.failures == 0 && record.leaseLosses == 0 && record.attempt == 1)
        #expect(try await bench.history(run).attempts.map(\.ending) == [.released])
      },
    ]
  }
}
