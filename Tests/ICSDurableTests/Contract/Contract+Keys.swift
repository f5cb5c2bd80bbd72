// The contract: order per key, timers and retries.

import ICSDurable
import ICSJSON
import Testing

extension Contract {
  static var keys: [ContractCase] {
    [
      ContractCase("key: one at a time, in the order of arrival") { (bench) async throws in
        for _ in 0..<3 { try await bench.accept(key: "c1") }
        for expected in 1...3 {
          let claimed = try await bench.claim()
          #expect(claimed.map(\.run.id.rawValue) == [expected])
          try await bench.finish(claimed[0].lease)
        }
        #expect(try await bench.claim().isEmpty)
      },
      ContractCase("key: other keys, other tenants and no key do not wait") { (bench) async throws in
        try await bench.accept(key: "c1")
        try await bench.accept(key: "c2")
        try await bench.accept(tenant: "u", key: "c1")
        try await bench.accept()
        try await bench.accept()
        #expect(try await bench.claim().count == 5)
      },
      ContractCase("key: two hooks of one event, one after the other") { (bench) async throws in
        _ = try await bench.store.accept([bench.incoming(runs: [bench.run("a", key: "c"), bench.run("b", key: "c")])])
        let first = try await bench.claim()
        #expect(first.map(\.run.hook) == ["a"])
        try await bench.finish(first[0].lease)
        #expect(try await bench.claim().map(\.run.hook) == ["b"])
      },
      ContractCase("key: a higher priority does not overtake within its key") { (bench) async throws in
        try await bench.accept(key: "c", priority: 5)
        try await bench.accept(key: "c", priority: -5)
        #expect(try await bench.claim().map(\.run.id.rawValue) == [1])
      },
      ContractCase("key: a lost run goes on before the others") { (bench) async throws in
        try await bench.accept(key: "c")
        try await bench.accept(key: "c")
        _ = try await bench.claimOne(ttl: 1)
        bench.advance(1)
        #expect(try await bench.claim().map(\.run.id.rawValue) == [1])
      },
      ContractCase("key: a run that is retried holds it until it is dead") { (bench) async throws in
        try await bench.accept(key: "c")
        let second = try await bench.accept(key: "c")
        try await bench.fail(try await bench.claimOne(), retryIn: 10)
        #expect(try await bench.claim().isEmpty)
        bench.advance(10)
        _ = try await bench.store.wake(dueBy: bench.now.wall, max: 10)
        try await bench.fail(try await bench.claimOne(), retryIn: nil)
        #expect(try await bench.claim().map(\.run.id) == [second])
      },
      ContractCase("key: patience ends before a retry, and the run comes back in front") { (bench) async throws in
        let first = try await bench.accept(key: "c", patience: .seconds(15))
        let second = try await bench.accept(key: "c")
        let third = try await bench.accept(key: "c")
        try await bench.fail(try await bench.claimOne(), retryIn: 10)
        #expect(try await bench.claim().isEmpty)
        bench.advance(10)
        _ = try await bench.store.wake(dueBy: bench.now.wall, max: 10)
        try await bench.fail(try await bench.claimOne(), retryIn: 20)
        let claimed = try await bench.claim()
        #expect(claimed.map(\.run.id) == [second])
        bench.advance(20)
        _ = try await bench.store.wake(dueBy: bench.now.wall, max: 10)
        #expect(try await bench.state(first) == .queued)
        try await bench.finish(try await bench.renewOrSame(claimed[0].lease))
        #expect(try await bench.claim().map(\.run.id) == [first])
        #expect(try await bench.state(third) == .queued)
      },
      ContractCase("key: a dead run that blocks keeps the others back until it is retried") { (bench) async throws in
        let first = try await bench.accept(key: "c", .block)
        let second = try await bench.accept(key: "c", .block)
        try await bench.fail(try await bench.claimOne(), retryIn: nil)
        #expect(try await bench.claim().isEmpty)
        try await bench.store.retry(first, fromStart: false, at: bench.now)
        try await bench.finish(try await bench.claimOne(only: first))
        #expect(try await bench.claim().map(\.run.id) == [second])
      },
      ContractCase("key: a parked run that blocks keeps the others back until it is cancelled") {
        (bench) async throws in
        let first = try await bench.accept(key: "c", .block)
        let second = try await bench.accept(key: "c", .block)
        try await bench.finish(try await bench.claimOne(), .parked(ParkReason(.other, "?")))
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.store.cancel(first, at: bench.now) == .cancelled)
        #expect(try await bench.claim().map(\.run.id) == [second])
      },
      ContractCase("key: a parked run that skips lets the next one go") { (bench) async throws in
        try await bench.accept(key: "c")
        let second = try await bench.accept(key: "c")
        try await bench.finish(try await bench.claimOne(), .parked(ParkReason(.other, "?")))
        #expect(try await bench.claim().map(\.run.id) == [second])
      },
      ContractCase("key: a waiting run gives it back, and comes back in front") { (bench) async throws in
        let first = try await bench.accept(key: "c")
        let second = try await bench.accept(key: "c")
        let third = try await bench.accept(key: "c")
        try await bench.finish(try await bench.claimOne(), .waiting(until: bench.now.wall + .seconds(10)))
        let lease = try await bench.claimOne()
        #expect(lease.run == second)
        bench.advance(10)
        _ = try await bench.store.wake(dueBy: bench.now.wall, max: 10)
        #expect(try await bench.state(first) == .queued)
        try await bench.finish(lease)
        #expect(try await bench.claim().map(\.run.id) == [first])
        #expect(try await bench.state(third) == .queued)
      },
      ContractCase("key: a cancelled run that was queued is passed over") { (bench) async throws in
        for _ in 0..<3 { try await bench.accept(key: "c") }
        _ = try await bench.store.cancel(RunID(2), at: bench.now)
        try await bench.finish(try await bench.claimOne())
        #expect(try await bench.claim().map(\.run.id.rawValue) == [3])
      },
      ContractCase("key: a cancelled run that was first lets the next one go") { (bench) async throws in
        for _ in 0..<2 { try await bench.accept(key: "c") }
        _ = try await bench.store.cancel(RunID(1), at: bench.now)
        #expect(try await bench.claim().map(\.run.id.rawValue) == [2])
      },
      ContractCase("key: it is free again when all are done") { (bench) async throws in
        try await bench.accept(key: "c")
        try await bench.finish(try await bench.claimOne())
        let second = try await bench.accept(key: "c")
        #expect(try await bench.claim().map(\.run.id) == [second])
      },
      ContractCase("key: a retried old run queues behind the present one, before younger ones") {
        (bench) async throws in
        let first = try await bench.accept(key: "c")
        try await bench.accept(key: "c")
        let third = try await bench.accept(key: "c")
        try await bench.fail(try await bench.claimOne(), retryIn: nil)
        let lease = try await bench.claimOne()
        try await bench.store.retry(first, fromStart: false, at: bench.now)
        #expect(try await bench.state(first) == .queued)
        try await bench.finish(lease)
        let next = try await bench.claimOne()
        #expect(next.run == first)
        try await bench.finish(next)
        #expect(try await bench.claim().map(\.run.id) == [third])
      },
      ContractCase("key: 50 keys of 20 events each keep their order") { (bench) async throws in
        for index in 0..<1000 { try await bench.accept(key: "c\(index % 50)") }
        var seen: [String: Int] = [:]
        for _ in 0..<20 {
          let claimed = try await bench.claim(1000)
          #expect(claimed.count == 50)
          for run in claimed {
            let key = run.run.ordering?.key ?? ""
            #expect(seen[key, default: 0] < run.run.id.rawValue)
            seen[key] = run.run.id.rawValue
            try await bench.finish(run.lease)
          }
        }
        #expect(try await bench.store.counters().runs == [.done: 1000])
      },
    ]
  }

  static var timers: [ContractCase] {
    [
      ContractCase("timer: nothing to wake") { (bench) async throws in
        #expect(try await bench.store.nextWake() == nil)
        #expect(try await bench.store.wake(dueBy: bench.now.wall, max: 10) == 0)
      },
      ContractCase("timer: a waiting run wakes at its time, not before") { (bench) async throws in
        let run = try await bench.accept()
        let due = bench.now.wall + .seconds(172_800)
        try await bench.finish(try await bench.claimOne(), .waiting(until: due))
        #expect(try await bench.store.nextWake() == due)
        #expect(try await bench.store.wake(dueBy: due + .milliseconds(-1), max: 10) == 0)
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.store.wake(dueBy: due, max: 10) == 1)
        #expect(try await bench.state(run) == .ready)
        #expect(try await bench.store.nextWake() == nil)
      },
      ContractCase("timer: the earliest first, at most as many as asked for") { (bench) async throws in
        for seconds in [30, 10, 20] {
          let run = try await bench.accept()
          let lease = try await bench.claimOne(only: run)
          try await bench.finish(lease, .waiting(until: bench.now.wall + .seconds(seconds)))
        }
        #expect(try await bench.store.nextWake() == bench.now.wall + .seconds(10))
        #expect(try await bench.store.wake(dueBy: bench.now.wall + .seconds(60), max: 2) == 2)
        #expect(try await bench.state(RunID(1)) == .waiting)
        #expect(try await bench.state(RunID(2)) == .ready)
        #expect(try await bench.store.wake(dueBy: bench.now.wall + .seconds(60), max: 0) == 0)
      },
      ContractCase("timer: times beyond 2038 and 2106") { (bench) async throws in
        for seconds in [2_147_483_648, 4_294_967_296, 253_402_300_800] {
          let run = try await bench.accept()
          let due = Timestamp(seconds: seconds)
          try await bench.finish(try await bench.claimOne(only: run), .waiting(until: due))
          #expect(try await bench.record(run).dueAt == due)
        }
        #expect(try await bench.store.nextWake() == Timestamp(seconds: 2_147_483_648))
      },
      ContractCase("retry: a failed run comes back at its time, with its failure counted") { (bench) async throws in
        let run = try await bench.accept()
        try await bench.fail(try await bench.claimOne(), retryIn: 10)
        var record = try await bench.record(run)
        #expect(record.state == .retrying && record.failures == 1 && record.dueAt == bench.now.wall + .seconds(10))
        #expect(record.failure == Failure(code: "E_TEST", message: "no", place: "w.ics:2:3"))
        bench.advance(10)
        #expect(try await bench.store.wake(dueBy: bench.now.wall, max: 10) == 1)
        #expect(try await bench.claim().first?.run.attempt == 2)
        record = try await bench.record(run)
        #expect(record.failures == 1 && record.dueAt == nil)
      },
      ContractCase("retry: a dead run is kept with its error, and claimed no more") { (bench) async throws in
        let run = try await bench.accept()
        try await bench.fail(try await bench.claimOne(), retryIn: nil)
        let record = try await bench.record(run)
        #expect(record.state == .dead && record.failure?.code == "E_TEST" && record.endedAt == bench.now.wall)
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.history(run).attempts.first?.failure?.message == "no")
      },
      ContractCase("retry: attempts only go up") { (bench) async throws in
        let run = try await bench.accept()
        var last = 0
        for index in 0..<6 {
          let lease = try await bench.claimOne(ttl: 5)
          let attempt = try await bench.record(run).attempt
          #expect(attempt > last)
          last = attempt
          switch index % 3 {
          case 0: try await bench.finish(lease, .released)
          case 1: bench.advance(5)
          default:
            try await bench.fail(lease, retryIn: nil)
            try await bench.store.retry(run, fromStart: true, at: bench.now)
          }
        }
        #expect(try await bench.history(run).attempts.count == 6)
      },
    ]
  }
}

extension Bench {
  /// The lease, or a newer one when time has passed.
  func renewOrSame(_ lease: Lease) async throws -> Lease {
    lease.until > now.uptime ? lease : try await claimOne(only: lease.run)
  }
}
