// The contract: lives of runs, jobs, schedules, and what people do and see.

import ICSDurable
import ICSJSON
import Testing

extension Contract {
  /// Every state with every action of a person: what it leads to, or `nil` where it is refused.
  static var lives: [ContractCase] {
    RunState.allCases.flatMap { state in
      [
        ContractCase("life: cancelling a run that is \(state)") { (bench) async throws in
          let run = try await bench.made(state)
          let refusal = try await bench.refusal { _ = try await bench.store.cancel(run, at: bench.now) }
          switch state {
          case .done: #expect(refusal == .wrongState(run, .done, action: "cancelled"))
          case .running:
            #expect(refusal == nil)
            let record = try await bench.record(run)
            #expect(record.state == .running && record.cancelRequested)
          default:
            #expect(refusal == nil)
            #expect(try await bench.state(run) == .cancelled)
          }
        },
        ContractCase("life: retrying a run that is \(state)") { (bench) async throws in
          let run = try await bench.made(state)
          let refusal = try await bench.refusal { try await bench.store.retry(run, fromStart: false, at: bench.now) }
          switch state {
          case .dead, .parked, .cancelled, .retrying:
            #expect(refusal == nil)
            let record = try await bench.record(run)
            #expect(record.state == .ready && record.failures == 0 && record.parked == nil && record.endedAt == nil)
            #expect(try await bench.claim().map(\.run.id) == [run])
          default:
            #expect(refusal == .wrongState(run, state, action: "retried"))
          }
        },
        ContractCase("life: moving a run that is \(state) to another program") { (bench) async throws in
          let run = try await bench.made(state)
          let program = StoredProgram(hash: "p2", name: "w.ics", source: [], languageVersion: 1)
          try await bench.store.saveProgram(program)
          let refusal = try await bench.refusal {
            try await bench.store.migrate(run, to: "p2", forgettingFrom: nil, at: bench.now)
          }
          if state == .running || state == .done {
            #expect(refusal == .wrongState(run, state, action: "migrated"))
          } else {
            #expect(refusal == nil)
            let record = try await bench.record(run)
            #expect(record.program == "p2" && record.state == state)
          }
        },
      ]
    }
  }

  static var jobs: [ContractCase] {
    [
      ContractCase("job: it is a run without an event that no worker gets by chance") { (bench) async throws in
        let job = try await bench.store.startJob(named: "nightly", tenant: "t", program: "p1", at: bench.now)
        #expect(job.isJob && job.event == nil && job.hook == "nightly" && job.state == .ready)
        #expect(try await bench.claim().isEmpty)
        let claimed = try #require(try await bench.claim(only: job.id).first)
        #expect(claimed.event == nil && claimed.run.isJob)
      },
      ContractCase("job: it goes on where it was, with the program that it began with") { (bench) async throws in
        let job = try await bench.store.startJob(named: "n", tenant: "t", program: "p1", at: bench.now)
        let lease = try await bench.claimOne(ttl: 1, only: job.id)
        try await bench.end(lease, bench.intent(), .done("kept"))
        bench.advance(1)
        let again = try await bench.store.startJob(named: "n", tenant: "t", program: "p2", at: bench.now)
        #expect(again.id == job.id && again.program == "p1")
        let next = try await bench.claimOne(only: job.id)
        #expect(try await bench.begin(next, bench.intent()) == .done("kept"))
      },
      ContractCase("job: a finished one begins anew") { (bench) async throws in
        let job = try await bench.store.startJob(named: "n", tenant: "t", program: "p1", at: bench.now)
        try await bench.finish(try await bench.claimOne(only: job.id))
        let again = try await bench.store.startJob(named: "n", tenant: "t", program: "p2", at: bench.now)
        #expect(again.id != job.id && again.program == "p2" && again.attempt == 0)
      },
      ContractCase("job: a dead or parked one is made ready by starting it again") { (bench) async throws in
        for outcome in [
          RunOutcome.failed(Failure(code: "E", message: "no"), retryAt: nil), .parked(ParkReason(.other, "?")),
        ] {
          let job = try await bench.store.startJob(named: "n", tenant: "t", program: "p1", at: bench.now)
          try await bench.finish(try await bench.claimOne(only: job.id), outcome)
          #expect(try await bench.store.startJob(named: "n", tenant: "t", program: "p1", at: bench.now).state == .ready)
        }
      },
      ContractCase("job: names and tenants are told apart") { (bench) async throws in
        let ids = [
          try await bench.store.startJob(named: "a", tenant: "t", program: "p1", at: bench.now).id,
          try await bench.store.startJob(named: "b", tenant: "t", program: "p1", at: bench.now).id,
          try await bench.store.startJob(named: "a", tenant: "u", program: "p1", at: bench.now).id,
        ]
        #expect(Set(ids).count == 3)
      },
      ContractCase("job: a hook of the same name is none") { (bench) async throws in
        try await bench.accept()
        let job = try await bench.store.startJob(named: "h", tenant: "t", program: "p1", at: bench.now)
        #expect(job.id == RunID(2))
      },
      ContractCase("schedule: the next time is kept, replaced and forgotten") { (bench) async throws in
        #expect(try await bench.store.schedules().isEmpty)
        let first = ScheduleRecord(name: "b", rule: "0 9 * * *", next: bench.now.wall)
        try await bench.store.saveSchedule(first)
        try await bench.store.saveSchedule(ScheduleRecord(name: "a", rule: "15m", next: bench.now.wall))
        let moved = ScheduleRecord(name: "b", rule: "0 8 * * *", next: bench.now.wall + .seconds(60))
        try await bench.store.saveSchedule(moved)
        #expect(try await bench.store.schedules().map(\.name) == ["a", "b"])
        #expect(try await bench.store.schedules().last == moved)
        try await bench.store.removeSchedule("a")
        try await bench.store.removeSchedule("none")
        #expect(try await bench.store.schedules() == [moved])
      },
    ]
  }

  static var people: [ContractCase] {
    [
      ContractCase("people: what is not there is said so") { (bench) async throws in
        let missing = DurableError.notFound(what: "run", id: "7")
        let (store, now) = (bench.store, bench.now)
        #expect(try await store.run(RunID(7)) == nil)
        #expect(try await store.event(EventID(7)) == nil)
        #expect(try await bench.refusal { _ = try await store.cancel(RunID(7), at: now) } == missing)
        #expect(try await bench.refusal { try await store.retry(RunID(7), fromStart: false, at: now) } == missing)
        #expect(try await bench.refusal { try await store.settle(RunID(7), 1, as: .notSent, at: now) } == missing)
        let program = try await bench.refusal {
          try await store.migrate(RunID(7), to: "p", forgettingFrom: nil, at: now)
        }
        #expect(program == missing)
      },
      ContractCase("people: cancelling what runs is heard at the next renewal") { (bench) async throws in
        let run = try await bench.accept()
        let lease = try await bench.claimOne()
        #expect(try await bench.store.cancel(run, at: bench.now) == .running)
        guard
          case .cancelRequested(let renewed)? = try await bench.store.renew([lease], ttl: .seconds(30), at: bench.now)
            .first
        else { throw Unexpected("it was not heard") }
        try await bench.finish(renewed, .cancelled)
        #expect(try await bench.state(run) == .cancelled)
      },
      ContractCase("people: a run that is to be cancelled and fails, waits or is lost is cancelled") {
        (bench) async throws in
        for index in 0..<4 {
          let run = try await bench.accept()
          let lease = try await bench.claimOne(ttl: 5, only: run)
          _ = try await bench.store.cancel(run, at: bench.now)
          switch index {
          case 0: try await bench.fail(lease, retryIn: 10)
          case 1: try await bench.finish(lease, .waiting(until: bench.now.wall))
          case 2: try await bench.finish(lease, .released)
          default:
            bench.advance(5)
            #expect(try await bench.claim().isEmpty)
          }
          #expect(try await bench.state(run) == .cancelled)
        }
      },
      ContractCase("people: a run that is to be cancelled and is done is done") { (bench) async throws in
        let run = try await bench.accept()
        let lease = try await bench.claimOne()
        _ = try await bench.store.cancel(run, at: bench.now)
        try await bench.finish(lease, .done(1))
        #expect(try await bench.state(run) == .done)
      },
      ContractCase("people: retrying keeps the journal") { (bench) async throws in
        let run = try await bench.accept()
        let lease = try await bench.claimOne()
        try await bench.end(lease, bench.intent(), .done(1))
        try await bench.fail(lease, retryIn: nil)
        try await bench.store.retry(run, fromStart: false, at: bench.now)
        #expect(try await bench.begin(try await bench.claimOne(), bench.intent()) == .done(1))
      },
      ContractCase("people: retrying from the start forgets the journal") { (bench) async throws in
        let run = try await bench.accept()
        let lease = try await bench.claimOne()
        try await bench.end(lease, bench.intent(), .done(.string(String(repeating: "x", count: 100_000))))
        try await bench.fail(lease, retryIn: nil)
        try await bench.store.retry(run, fromStart: true, at: bench.now)
        #expect(try await bench.history(run).steps.isEmpty)
        let next = try await bench.claimOne()
        #expect(try await bench.begin(next, bench.intent()) == .run(attempt: 1))
        try await bench.end(next, bench.intent(), .done("short"))
        #expect(try await bench.begin(next, bench.intent()) == .done("short"))
      },
      ContractCase("people: all dead runs are retried, or those of a filter") { (bench) async throws in
        for index in 0..<4 {
          let run = try await bench.accept(tenant: index < 3 ? "t" : "u")
          try await bench.fail(try await bench.claimOne(only: run), retryIn: nil)
        }
        try await bench.accept()
        var filter = RunFilter()
        filter.tenant = "u"
        filter.limit = 0
        #expect(try await bench.store.retryAllDead(filter, at: bench.now) == 1)
        #expect(try await bench.store.retryAllDead(RunFilter(), at: bench.now) == 3)
        #expect(try await bench.store.retryAllDead(RunFilter(), at: bench.now) == 0)
        #expect(try await bench.store.counters().runs == [.ready: 5])
      },
      ContractCase("people: moving to another program keeps the steps before a given one") { (bench) async throws in
        let run = try await bench.accept()
        let lease = try await bench.claimOne()
        for path in [[1], [2], [2, 1], [3], [10]] {
          try await bench.end(lease, bench.intent(StepOrdinal(path: path) ?? 1), .done(1))
        }
        try await bench.fail(lease, retryIn: nil)
        try await bench.store.saveProgram(StoredProgram(hash: "p2", name: "w", source: [], languageVersion: 1))
        try await bench.store.migrate(run, to: "p2", forgettingFrom: 3, at: bench.now)
        #expect(try await bench.history(run).steps.map(\.ordinal.description) == ["1", "2", "2.1"])
      },
      ContractCase("people: there must be such a program to move to") { (bench) async throws in
        let run = try await bench.accept()
        let refusal = try await bench.refusal {
          try await bench.store.migrate(run, to: "none", forgettingFrom: nil, at: bench.now)
        }
        #expect(refusal == .notFound(what: "program", id: "none"))
      },
      ContractCase("people: why a run is parked is kept word for word") { (bench) async throws in
        let run = try await bench.accept()
        let reason = ParkReason(.mismatch, "expected `a`,\ngot \"b\"", at: StepOrdinal("3.1"))
        try await bench.finish(try await bench.claimOne(), .parked(reason))
        #expect(try await bench.record(run).parked == reason)
      },
    ]
  }

  static var listings: [ContractCase] {
    [
      ContractCase("list: newest first, page by page") { (bench) async throws in
        for _ in 0..<5 { try await bench.accept() }
        var filter = RunFilter()
        filter.limit = 2
        #expect(try await bench.store.runs(filter).map(\.id.rawValue) == [5, 4])
        filter.before = RunID(4)
        #expect(try await bench.store.runs(filter).map(\.id.rawValue) == [3, 2])
        var events = EventFilter()
        events.limit = 2
        events.before = EventID(3)
        #expect(try await bench.store.events(events).map(\.id.rawValue) == [2, 1])
      },
      ContractCase("list: runs by state, hook, tenant, event and time") { (bench) async throws in
        let first = try await bench.accept()
        bench.advance(10)
        _ = try await bench.store.accept([bench.incoming(tenant: "u", runs: [bench.run("other")])])
        try await bench.fail(try await bench.claimOne(only: first), retryIn: nil)
        func listed(_ change: (inout RunFilter) -> Void) async throws -> [Int] {
          var filter = RunFilter()
          change(&filter)
          return try await bench.store.runs(filter).map(\.id.rawValue)
        }
        #expect(try await listed { $0.states = [.dead] } == [1])
        #expect(try await listed { $0.states = [.dead, .ready] } == [2, 1])
        #expect(try await listed { $0.states = [.parked] } == [])
        #expect(try await listed { $0.hook = "other" } == [2])
        #expect(try await listed { $0.tenant = "t" } == [1])
        #expect(try await listed { $0.event = EventID(2) } == [2])
        #expect(try await listed { $0.since = bench.now.wall } == [2])
        #expect(try await listed { $0.until = bench.now.wall } == [1])
        #expect(try await listed { $0.limit = 0 } == [])
      },
      ContractCase("list: by topic, whole or by its beginning") { (bench) async throws in
        for topic in ["contact.user.created", "contact.lead.created", "conversation.user.replied", "contact_x"] {
          _ = try await bench.store.accept([bench.incoming(topic: topic)])
        }
        func listed(_ topic: String) async throws -> [Int] {
          var (runs, events) = (RunFilter(), EventFilter())
          (runs.topic, events.topic) = (topic, topic)
          let found = try await bench.store.runs(runs).map(\.id.rawValue)
          #expect(try await bench.store.events(events).map(\.id.rawValue) == found)
          return found
        }
        #expect(try await listed("contact.user.created") == [1])
        #expect(try await listed("contact.*") == [2, 1])
        #expect(try await listed("*") == [4, 3, 2, 1])
        #expect(try await listed("contact%") == [])
      },
      ContractCase("list: events by hook, by state of their runs and by time") { (bench) async throws in
        _ = try await bench.store.accept([bench.incoming(runs: [bench.run("a"), bench.run("b")])])
        bench.advance(1)
        _ = try await bench.store.accept([bench.incoming(runs: [])])
        try await bench.finish(try await bench.claimOne())
        func listed(_ change: (inout EventFilter) -> Void) async throws -> [Int] {
          var filter = EventFilter()
          change(&filter)
          return try await bench.store.events(filter).map(\.id.rawValue)
        }
        #expect(try await listed { _ in } == [2, 1])
        #expect(try await listed { $0.hook = "b" } == [1])
        #expect(try await listed { $0.hook = "c" } == [])
        #expect(try await listed { $0.states = [.done] } == [1])
        #expect(try await listed { ($0.hook, $0.states) = ("b", [.done]) } == [])
        #expect(try await listed { $0.since = bench.now.wall } == [2])
        #expect(try await listed { $0.until = bench.now.wall } == [1])
        #expect(try await bench.store.events(EventFilter()).last?.runs.map(\.state) == [.done, .ready])
        #expect(try await bench.store.events(EventFilter()).last?.payload == [])
      },
      ContractCase("list: counters say what is and what was") { (bench) async throws in
        for _ in 0..<6 { try await bench.accept() }
        let oldest = bench.now.wall
        bench.advance(1)
        let leases = try await bench.claim(5, ttl: 10).map(\.lease)
        try await bench.finish(leases[0])
        try await bench.fail(leases[1], retryIn: 1)
        try await bench.fail(leases[2], retryIn: nil)
        try await bench.finish(leases[3], .waiting(until: bench.now.wall))
        let counters = try await bench.store.counters()
        #expect(
          counters.runs == [.ready: 1, .running: 1, .done: 1, .retrying: 1, .dead: 1, .waiting: 1])
        #expect(counters.accepted == 6 && counters.attempts == 5 && counters.failures == 2)
        #expect(counters.oldestReady == oldest && counters.backlog == 1 && counters.leaseLosses == 0)
        bench.advance(10)
        _ = try await bench.claim()
        #expect(try await bench.store.counters().leaseLosses == 1)
      },
      ContractCase("list: an empty store has nothing to count") { (bench) async throws in
        #expect(try await bench.store.counters() == StoreCounters())
        #expect(try await bench.store.backlog() == 0)
        #expect(try await bench.store.runs(RunFilter()).isEmpty)
        #expect(try await bench.store.events(EventFilter()).isEmpty)
      },
      ContractCase("list: old events whose runs are done are forgotten, the others stay") { (bench) async throws in
        for _ in 0..<3 { try await bench.accept() }
        let leases = try await bench.claim().map(\.lease)
        try await bench.end(leases[0], bench.intent(), .done(1))
        try await bench.finish(leases[0])
        try await bench.fail(leases[1], retryIn: nil)
        try await bench.finish(leases[2])
        bench.advance(100)
        let young = try await bench.accept()
        _ = try await bench.store.cancel(young, at: bench.now)
        #expect(try await bench.store.prune(before: bench.now.wall, max: 1) == 1)
        #expect(try await bench.store.prune(before: bench.now.wall, max: 10) == 1)
        #expect(try await bench.store.prune(before: bench.now.wall, max: 10) == 0)
        #expect(try await bench.store.runs(RunFilter()).map(\.id.rawValue) == [4, 2])
        #expect(try await bench.store.events(EventFilter()).map(\.id.rawValue) == [4, 2])
        #expect(try await bench.store.counters().runs == [.dead: 1, .cancelled: 1])
      },
      ContractCase("list: what is forgotten is no duplicate any more, and numbers are not used twice") {
        (bench) async throws in
        _ = try await bench.store.accept([bench.incoming("n1", hash: [1])])
        try await bench.finish(try await bench.claimOne())
        bench.advance(1)
        #expect(try await bench.store.prune(before: bench.now.wall, max: 10) == 1)
        let again = try await bench.store.accept([bench.incoming("n1", hash: [1])])
        #expect(again == [.new(EventID(2), runs: [RunID(2)])])
      },
      ContractCase("list: old jobs are forgotten with the events") { (bench) async throws in
        let job = try await bench.store.startJob(named: "n", tenant: "t", program: "p1", at: bench.now)
        try await bench.finish(try await bench.claimOne(only: job.id))
        bench.advance(1)
        #expect(try await bench.store.prune(before: bench.now.wall, max: 10) == 1)
        #expect(try await bench.store.run(job.id) == nil)
      },
    ]
  }
}
