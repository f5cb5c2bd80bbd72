// The contract: accepting events, and claiming their runs.

import ICSDurable
import ICSJSON
import Testing

extension Contract {
  static var inbox: [ContractCase] {
    [
      ContractCase("inbox: events and runs are numbered from 1") { (bench) async throws in
        let answers = try await bench.store.accept([bench.incoming(), bench.incoming()])
        #expect(answers == [.new(EventID(1), runs: [RunID(1)]), .new(EventID(2), runs: [RunID(2)])])
      },
      ContractCase("inbox: an event comes back as it was given") { (bench) async throws in
        _ = try await bench.store.accept([bench.incoming("n1", topic: "x.y", hash: [9], payload: #"{"a":"é"}"#)])
        let event = try #require(try await bench.store.event(EventID(1)))
        #expect(event.externalID == "n1")
        #expect(event.topic == "x.y")
        #expect(event.source == "intercom")
        #expect(event.payload == Array(#"{"a":"é"}"#.utf8))
        #expect(event.receivedAt == bench.now.wall)
        #expect(event.duplicates == 0)
      },
      ContractCase("inbox: nothing to accept") { (bench) async throws in
        #expect(try await bench.store.accept([]).isEmpty)
      },
      ContractCase("inbox: an event without a hook is kept, and runs nothing") { (bench) async throws in
        #expect(try await bench.store.accept([bench.incoming(runs: [])]) == [.new(EventID(1), runs: [])])
        #expect(try await bench.claim().isEmpty)
      },
      ContractCase("inbox: one run for each hook, in their order") { (bench) async throws in
        let runs = [bench.run("b"), bench.run("a")]
        #expect(
          try await bench.store.accept([bench.incoming(runs: runs)]) == [.new(EventID(1), runs: [RunID(1), RunID(2)])])
        #expect(try await bench.store.event(EventID(1))?.runs.map(\.hook) == ["b", "a"])
      },
      ContractCase("inbox: a hook that is named twice runs once") { (bench) async throws in
        let answer = try await bench.store.accept([bench.incoming(runs: [bench.run("a"), bench.run("a")])])
        #expect(answer == [.new(EventID(1), runs: [RunID(1)])])
      },
      ContractCase("inbox: the same id again is a duplicate, a hundred times") { (bench) async throws in
        _ = try await bench.store.accept([bench.incoming("n1", hash: [1])])
        for _ in 0..<100 {
          let again = try await bench.store.accept([bench.incoming("n1", hash: [1])])
          #expect(again == [.duplicate(of: EventID(1), conflict: false)])
        }
        #expect(try await bench.store.event(EventID(1))?.duplicates == 100)
        #expect(try await bench.store.counters().runs == [.ready: 1])
      },
      ContractCase("inbox: the same id twice in one call") { (bench) async throws in
        let answers = try await bench.store.accept([bench.incoming("n1"), bench.incoming("n1")])
        #expect(answers == [.new(EventID(1), runs: [RunID(1)]), .duplicate(of: EventID(1), conflict: false)])
      },
      ContractCase("inbox: the same id with another body is a conflict") { (bench) async throws in
        _ = try await bench.store.accept([bench.incoming("n1", hash: [1])])
        #expect(
          try await bench.store.accept([bench.incoming("n1", hash: [2])]) == [
            .duplicate(of: EventID(1), conflict: true)
          ])
        #expect(try await bench.store.counters().conflicts == 1)
      },
      ContractCase("inbox: the same body under another id is a duplicate") { (bench) async throws in
        _ = try await bench.store.accept([bench.incoming("n1", hash: [1])])
        #expect(
          try await bench.store.accept([bench.incoming("n2", hash: [1])]) == [
            .duplicate(of: EventID(1), conflict: false)
          ]
        )
      },
      ContractCase("inbox: without a body hash only ids count") { (bench) async throws in
        _ = try await bench.store.accept([bench.incoming("n1"), bench.incoming("n2")])
        #expect(try await bench.store.counters().accepted == 2)
        #expect(
          try await bench.store.accept([bench.incoming("n1", hash: [5])]) == [
            .duplicate(of: EventID(1), conflict: false)
          ]
        )
      },
      ContractCase("inbox: another tenant has other events") { (bench) async throws in
        let answers = try await bench.store.accept([
          bench.incoming("n1", tenant: "a", hash: [1]), bench.incoming("n1", tenant: "b", hash: [1]),
        ])
        #expect(answers == [.new(EventID(1), runs: [RunID(1)]), .new(EventID(2), runs: [RunID(2)])])
      },
      ContractCase("inbox: another source has other events") { (bench) async throws in
        _ = try await bench.store.accept([bench.incoming("n1", hash: [1])])
        let answer = try await bench.store.accept([bench.incoming("n1", source: "schedule", hash: [1])])
        #expect(answer == [.new(EventID(2), runs: [RunID(2)])])
      },
      ContractCase("inbox: 1,000 events in one call") { (bench) async throws in
        let answers = try await bench.store.accept((0..<1000).map { bench.incoming("n\($0)") })
        #expect(answers.last == .new(EventID(1000), runs: [RunID(1000)]))
        #expect(try await bench.store.backlog() == 1000)
      },
      ContractCase("inbox: a body of 1 MB") { (bench) async throws in
        let text = "\"" + String(repeating: "x", count: 1_000_000) + "\""
        _ = try await bench.store.accept([bench.incoming(payload: text)])
        #expect(try await bench.store.event(EventID(1))?.payload.count == 1_000_002)
        #expect(try await bench.claim().first?.event?.payload.count == 1_000_002)
      },
      ContractCase("inbox: a body beyond the limit is refused, and nothing of the call is kept") {
        (bench) async throws in
        let large = bench.incoming(payload: String(repeating: " ", count: StoreLimits.payload + 1))
        let refusal = try await bench.refusal { _ = try await bench.store.accept([bench.incoming(), large]) }
        #expect(
          refusal
            == .tooLarge(what: "the body of an event", bytes: StoreLimits.payload + 1, limit: StoreLimits.payload))
        #expect(try await bench.store.counters().accepted == 0)
      },
      ContractCase("inbox: a name beyond the limit is refused") { (bench) async throws in
        let event = bench.incoming(String(repeating: "x", count: 10_000))
        let refusal = try await bench.refusal { _ = try await bench.store.accept([event]) }
        guard case .tooLarge? = refusal else { throw Unexpected("\(String(describing: refusal))") }
      },
      ContractCase("inbox: a name with a zero byte is refused, not cut") { (bench) async throws in
        let refusal = try await bench.refusal { _ = try await bench.store.accept([bench.incoming("a\u{0}b")]) }
        #expect(
          refusal == .notSerialisable(what: "a name, key or id of an event", detail: "it holds a zero byte"))
      },
      ContractCase("inbox: odd names are kept as they are") { (bench) async throws in
        let odd = "a'b\"c;--\u{1}\u{1F600}\n"
        _ = try await bench.store.accept([
          bench.incoming(odd, tenant: odd, topic: odd, runs: [bench.run(odd, key: odd)])
        ])
        let run = try #require(try await bench.claim().first)
        #expect(run.run.hook == odd && run.run.tenant == odd && run.run.ordering?.key == odd)
        #expect(run.event?.externalID == odd && run.event?.topic == odd)
      },
      ContractCase("inbox: the backlog counts what is ready and what is queued") { (bench) async throws in
        for _ in 0..<3 { try await bench.accept(key: "k") }
        #expect(try await bench.store.backlog() == 3)
        _ = try await bench.claim()
        #expect(try await bench.store.backlog() == 2)
      },
      ContractCase("inbox: a program is kept once, and comes back") { (bench) async throws in
        let program = StoredProgram(hash: "p1", name: "w.ics", source: [1, 2, 0, 255], languageVersion: 1)
        try await bench.store.saveProgram(program)
        try await bench.store.saveProgram(StoredProgram(hash: "p1", name: "other", source: [], languageVersion: 2))
        #expect(try await bench.store.program("p1") == program)
        #expect(try await bench.store.program("p2") == nil)
      },
      ContractCase("inbox: many callers at once, each told its own") { (bench) async throws in
        let store = bench.store
        let events = (0..<200).map { bench.incoming("n\($0 % 100)") }
        let fresh = try await withThrowingTaskGroup(of: Bool.self) { group in
          for event in events {
            group.addTask { if case .new? = try await store.accept([event]).first { true } else { false } }
          }
          return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(fresh == 100)
        #expect(try await store.counters().duplicates == 100)
      },
      ContractCase("inbox: a closed store refuses") { (bench) async throws in
        await bench.store.close()
        #expect(try await bench.refusal { try await bench.accept() } == .closed)
      },
    ]
  }

  static var claims: [ContractCase] {
    [
      ContractCase("claim: nothing is ready") { (bench) async throws in
        #expect(try await bench.claim().isEmpty)
      },
      ContractCase("claim: at most as many as asked for, oldest first") { (bench) async throws in
        for _ in 0..<5 { try await bench.accept() }
        #expect(try await bench.claim(2).map(\.run.id.rawValue) == [1, 2])
        #expect(try await bench.claim(0).isEmpty)
        #expect(try await bench.claim(9).map(\.run.id.rawValue) == [3, 4, 5])
      },
      ContractCase("claim: what is claimed has its event, its attempt and its worker") { (bench) async throws in
        let run = try await bench.accept("n1")
        let claimed = try #require(try await bench.claim(worker: "w7").first)
        #expect(claimed.run.id == run && claimed.run.state == .running && claimed.run.attempt == 1)
        #expect(claimed.run.worker == "w7" && claimed.run.startedAt == bench.now.wall)
        #expect(claimed.event?.externalID == "n1" && claimed.event?.payload == Array("{}".utf8))
        #expect(claimed.lease.until == bench.now.uptime + 30_000 && claimed.lease.worker == "w7")
        #expect(try await bench.record(run) == claimed.run)
      },
      ContractCase("claim: nobody gets what another has") { (bench) async throws in
        try await bench.accept()
        _ = try await bench.claim(worker: "a")
        #expect(try await bench.claim(worker: "b").isEmpty)
      },
      ContractCase("claim: two hundred at once share a thousand without overlap") { (bench) async throws in
        _ = try await bench.store.accept((0..<1000).map { bench.incoming("n\($0)") })
        let (store, now) = (bench.store, bench.now)
        let ids = try await withThrowingTaskGroup(of: [RunID].self) { group in
          for worker in 0..<200 {
            group.addTask {
              try await store.claim(ClaimRequest(worker: "w\(worker)", max: 5, ttl: .seconds(30)), at: now).map(
                \.run.id)
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(ids.count == 1000 && Set(ids).count == 1000)
      },
      ContractCase("claim: lower priorities first, then by age") { (bench) async throws in
        for priority in [5, 0, 5, -1] { try await bench.accept(priority: priority) }
        #expect(try await bench.claim().map(\.run.id.rawValue) == [4, 2, 1, 3])
      },
      ContractCase("claim: tenants take turns") { (bench) async throws in
        for _ in 0..<50 { try await bench.accept(tenant: "a") }
        try await bench.accept(tenant: "b")
        #expect(try await bench.claim(2).map(\.run.tenant) == ["a", "b"])
      },
      ContractCase("claim: turns go on from claim to claim") { (bench) async throws in
        for tenant in ["a", "b", "c"] { for _ in 0..<4 { try await bench.accept(tenant: tenant) } }
        var order: [String] = []
        for _ in 0..<6 { order += try await bench.claim(1).map(\.run.tenant) }
        #expect(order == ["a", "b", "c", "a", "b", "c"])
      },
      ContractCase("claim: weights count") { (bench) async throws in
        for _ in 0..<8 {
          try await bench.accept(tenant: "a")
          try await bench.accept(tenant: "b")
        }
        let claimed = try await bench.claim(8, shares: ["a": TenantShare(weight: 3)])
        #expect(claimed.filter { $0.run.tenant == "a" }.count == 6)
      },
      ContractCase("claim: a tenant runs at most as many as it may") { (bench) async throws in
        for _ in 0..<5 { try await bench.accept(tenant: "a") }
        let shares = ["a": TenantShare(maxRunning: 2)]
        let first = try await bench.claim(shares: shares)
        #expect(first.count == 2)
        #expect(try await bench.claim(shares: shares).isEmpty)
        try await bench.finish(first[0].lease)
        #expect(try await bench.claim(shares: shares).count == 1)
      },
      ContractCase("claim: a paused tenant waits until its pause is over") { (bench) async throws in
        try await bench.accept(tenant: "a")
        let shares = ["a": TenantShare(pausedUntil: bench.now.wall + .seconds(10))]
        #expect(try await bench.claim(shares: shares).isEmpty)
        bench.advance(10)
        #expect(try await bench.claim(shares: shares).count == 1)
      },
      ContractCase("claim: only a run that is named") { (bench) async throws in
        try await bench.accept()
        let second = try await bench.accept()
        #expect(try await bench.claim(only: second).map(\.run.id) == [second])
        #expect(try await bench.claim(only: second).isEmpty)
        #expect(try await bench.claim(only: RunID(99)).isEmpty)
      },
      ContractCase("claim: a run that is named is claimed even from a paused tenant") { (bench) async throws in
        let run = try await bench.accept(tenant: "a")
        let shares = ["a": TenantShare(maxRunning: 0)]
        #expect(try await bench.claim(only: run, shares: shares).count == 1)
      },
    ]
  }
}
