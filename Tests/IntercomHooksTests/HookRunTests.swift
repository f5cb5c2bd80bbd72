import ICSDurable
import ICSJSON
import IntercomScript
import Testing

@testable import IntercomHooks

@Suite struct HookRunTests {
  @Test("a hook gets the object and the whole event")
  func item() async throws {
    let test = try await TestService(
      "on contact.created \"hello\" as contact, event { print(contact.email, event.topic, event.data.item.id) }")
    await test.send("contact.user.created", item: ["type": "contact", "id": "c7", "email": "ada@example.com"])
    let history = try await test.history(of: "hello")
    #expect(history.run.state == .done)
    #expect(test.printed.all == ["ada@example.com contact.user.created c7"])
    await test.stop()
  }

  @Test("a pattern takes the object apart, and a topic with a '*' takes all that begin alike")
  func patterns() async throws {
    let test = try await TestService("on \"conversation.*\" as {id, title} { print(id, title ?? \"none\") }")
    await test.send("conversation.user.replied", item: ["type": "conversation", "id": "9"])
    _ = try await test.history()
    #expect(test.printed.all == ["9 none"])
    await test.stop()
  }

  @Test("a condition keeps an event from becoming a run")
  func conditions() async throws {
    let test = try await TestService(
      "on contact.updated where role == \"lead\" && name ^= \"A\" as c { print(c.name) }")
    for (role, name) in [("user", "Ann"), ("lead", "Bo"), ("lead", "Ada")] {
      await test.send(
        "contact.\(role).updated",
        item: ["type": "contact", "id": .string(name), "role": .string(role), "name": .string(name)])
    }
    _ = try await test.history()
    #expect(try await test.store.runs(RunFilter()).count == 1)
    #expect(try await test.store.events(EventFilter()).count == 3)
    #expect(test.printed.all == ["Ada"])
    await test.stop()
  }

  @Test("a run that is tried again takes the values of its steps from the journal")
  func replay() async throws {
    let test = try await TestService(
      """
      on contact.created "steps" as c {
        let a = step "a" { print("a runs")
          [1, 2.5, "x", {k: null}] }
        let n = step "count" { print("count runs")
          a.length }
        print("between", a, n)
        step "flaky" { if fs.exists("/ics-hooks-test-never") { 1 } else { throw error("not yet", kind: "E_LATER") } }
      }
      """, retry: RunRetryPolicy(retries: 1, backoff: .milliseconds(1)))
    await test.send("contact.lead.created")
    let history = try await test.history()
    #expect(history.run.state == .dead)
    #expect(history.run.attempt == 2)
    #expect(test.printed.all.filter { $0 == "a runs" }.count == 1)
    #expect(test.printed.all.filter { $0 == "count runs" }.count == 1)
    #expect(test.printed.all.filter { $0.hasPrefix("between [1, 2.5, \"x\", {k: null}] 4") }.count == 2)
    #expect(history.steps.map(\.name) == ["a", "count", "flaky"])
    #expect(history.steps.map(\.state) == [.done, .done, .failed])
    await test.stop()
  }

  @Test("a wait ends the attempt, and the run goes on after it in a new one")
  func waiting() async throws {
    let test = try await TestService(
      """
      on contact.created "patient" as c {
        step "before" { print("before") }
        wait 30ms
        step "after" { print("after") }
      }
      """)
    await test.send("contact.user.created")
    let history = try await test.history()
    #expect(history.run.state == .done)
    #expect(history.run.attempt == 2)
    #expect(test.printed.all == ["before", "after"])
    #expect(history.steps.map(\.kind) == [.step, .wait, .step])
    await test.stop()
  }

  @Test(
    "what a step cannot record is an error that names the step",
    arguments: [
      ("0.0 / 0.0", "nan"), ("() => 1", "function"), ("intercom_like", "host"), ("\"x\".repeat(5_000_000)", "bytes"),
      ("(() => { let m = {}\n m.self = m\n return m })()", "contains itself"),
    ])
  func unrecordable(expression: String, reason: String) async throws {
    let test = try await TestService(
      "on contact.created as c { step \"odd one\" { \(expression == "intercom_like" ? "spawn(() => 1)" : expression) } }"
    )
    await test.send("contact.user.created")
    let history = try await test.history()
    #expect(history.run.state == .dead)
    #expect(history.run.failure?.code == "E_VALUE")
    #expect(history.run.failure?.message.contains("odd one") == true, "\(history.run.failure?.message ?? "")")
    if reason != "host" {
      #expect(history.run.failure?.message.contains(reason) == true, "\(history.run.failure?.message ?? "")")
    }
    await test.stop()
  }

  @Test(
    "steps that could not be found again are errors",
    arguments: [
      ("for i in 0..<2 { step \"same\" { i } }", "two steps called 'same'"),
      ("step \"outer\" { let f = () => step \"inner\" { 1 }\n f() }", "stands in the step 'outer'"),
      ("step \"outer\" { let f = () => { wait 1s }\n f() }", "stands in the step 'outer'"),
      ("let t = spawn(() => sleep(1))\n wait 1s", "other tasks"),
      ("let f = now\n f()", "'now' stands outside of a step"),
      ("let r = [random][0]\n r.int(1, 2)", "'random' stands outside of a step"),
    ])
  func refusedSteps(body: String, reason: String) async throws {
    // What can be seen before running is found by the check: here it hides from it.
    let source = "fn hidden(c) { \(body) }\non contact.created as c { hidden(c) }"
    let test = try await TestService(source)
    await test.send("contact.user.created")
    let history = try await test.history()
    #expect(history.run.failure?.code == "E_STEP")
    #expect(history.run.failure?.message.contains(reason) == true, "\(history.run.failure?.message ?? "")")
    await test.stop()
  }

  @Test("a step that is one too many is an error with advice")
  func fullJournal() async throws {
    let store = MemoryStore()
    let test = try await TestService(
      "on contact.created as c { step \"one too many\" { 1 } }", store: store, isIdle: true)
    await test.send("contact.user.created")
    let now = SystemClock().now()
    let claim = ClaimRequest(worker: "filler", max: 1, ttl: .seconds(300))
    let lease = try required(try await store.claim(claim, at: now).first).lease
    for number in 1...StoreLimits.entriesPerRun {
      // Inside of what the script does first: no mismatch.
      let ordinal = try required(StepOrdinal(path: [1, number]))
      try await store.endStep(lease, StepIntent(ordinal: ordinal, kind: .step, name: "s"), .done(nil), at: now)
    }
    try await store.finish(lease, .released, at: now)
    test.begin()
    let failure = try await test.history().run.failure
    #expect(failure?.code == "E_STEP")
    #expect(failure?.message.contains("'one too many' is one too many: a run has at most 100000") == true)
    await test.stop()
  }

  @Test("the clock and chance are free inside of steps")
  func clockInSteps() async throws {
    let test = try await TestService(
      "on contact.created as c { print(step \"time\" { type(now()) + type(random.int(1, 2)) + type(uuid()) }) }")
    await test.send("contact.user.created")
    #expect(try await test.history().run.state == .done)
    #expect(test.printed.all == ["intintstring"])
    await test.stop()
  }

  @Test("steps of tasks side by side are found again whichever was faster")
  func parallelSteps() async throws {
    let test = try await TestService(
      """
      on contact.created as c {
        let done = parallel([3, 1, 2], n => step "item {{n}}" { sleep(n * 2ms)
          print("item", n)
          n * 10 }, limit: 2)
        let sum = step "sum" { done.sum() }
        wait 10ms
        print(done, sum)
      }
      """)
    await test.send("contact.user.created")
    let history = try await test.history()
    #expect(
      history.run.state == .done, "\(String(describing: history.run.parked)) \(String(describing: history.run.failure))"
    )
    #expect(test.printed.all.sorted() == ["[30, 10, 20] 60", "item 1", "item 2", "item 3"])
    await test.stop()
  }

  @Test("an error that the script caught is thrown again when the run starts again")
  func caughtErrors() async throws {
    let test = try await TestService(
      """
      on contact.created as c {
        let x = try { step "bad" { print("bad runs")
          throw error("broken", kind: "E_BROKEN") } } catch e { e.kind }
        wait 10ms
        print(x)
      }
      """)
    await test.send("contact.user.created")
    #expect(try await test.history().run.state == .done)
    #expect(test.printed.all == ["bad runs", "E_BROKEN"])
    await test.stop()
  }

  @Test("a step keeps its own retries and its timeout")
  func stepPolicies() async throws {
    let test = try await TestService(
      """
      var tries = 0
      on contact.created as c {
        print(step "flaky", retries: 3, backoff: 1ms { tries += 1
          if tries < 3 { throw "no" }
          tries })
        try { step "slow", timeout: 5ms { sleep(60) } } catch e { print(e.kind) }
      }
      """)
    await test.send("contact.user.created")
    #expect(try await test.history().run.state == .done)
    #expect(test.printed.all == ["3", "E_TIMEOUT"])
    await test.stop()
  }

  @Test("runs share no variables, and the top level is heard once")
  func isolation() async throws {
    let test = try await TestService(
      "var count = 0\nprint(\"loaded\")\non contact.created as c { count += 1\n print(count) }")
    for id in ["a", "b", "c"] { await test.send("contact.user.created", item: ["type": "contact", "id": .string(id)]) }
    for _ in 0..<1000 where test.printed.all.count < 4 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(test.printed.all == ["top: loaded", "1", "1", "1"])
    await test.stop()
  }

  @Test("events of one contact run in the order in which they came, one at a time")
  func order() async throws {
    let test = try await TestService(
      "on contact.updated as c { print(\"in\", c.n)\n sleep(2ms)\n print(\"out\", c.n) }")
    for n in 0..<10 { await test.send("contact.user.updated", item: ["type": "contact", "id": "one", "n": .int(n)]) }
    for _ in 0..<1000 where test.printed.all.count < 20 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(test.printed.all == (0..<10).flatMap { ["in \($0)", "out \($0)"] })
    await test.stop()
  }

  @Test("a schedule runs its hook")
  func schedules() async throws {
    let test = try await TestService("every 1s \"tick\" { print(\"tick\") }")
    let history = try await test.history(of: "tick")
    #expect(history.run.state == .done)
    await test.stop()
  }

  @Test("a script that is served anew takes new runs, and begun ones keep their version")
  func reload() async throws {
    let test = try await TestService(
      "on contact.created \"v\" as c { step \"p\" { print(\"old before\") }\n wait 50ms\n print(\"old after\") }")
    await test.send("contact.user.created", item: ["type": "contact", "id": "a"])
    _ = try await test.history(in: [.waiting, .done])
    var settings = HookSettings()
    let printed = test.printed
    settings.output = { text, _ in printed.add(text.split(separator: "\n").joined()) }
    try await test.service.serve([
      try await ScriptVersion("on contact.created \"v\" as c { print(\"new\") }", name: "test.ics", settings: settings)
    ])
    await test.send("contact.user.created", item: ["type": "contact", "id": "b"])
    for _ in 0..<1000 where test.printed.all.count < 3 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(Set(test.printed.all) == ["old before", "new", "old after"])
    await test.stop()
  }

  @Test("a run whose script has other steps after a migration is parked, and says which two")
  func mismatch() async throws {
    let test = try await TestService("on contact.created \"v\" as c { step \"one\" { 1 }\n wait 1h }")
    await test.send("contact.user.created")
    let run = try await test.history(in: [.waiting]).run
    let edited = try await ScriptVersion("on contact.created \"v\" as c { step \"two\" { 2 } }", name: "test.ics")
    try await test.store.saveProgram(edited.stored)
    _ = try await test.store.cancel(run.id, at: .now)
    try await test.store.migrate(run.id, to: edited.digest, forgettingFrom: nil, at: .now)
    try await test.store.retry(run.id, fromStart: false, at: .now)
    test.service.notify()
    let history = try await test.history(in: [.parked, .done])
    #expect(history.run.parked?.kind == .mismatch)
    #expect(
      history.run.parked?.message.contains("`step one`") == true
        && history.run.parked?.message.contains("`step two`") == true,
      "\(history.run.parked?.message ?? "")")
    await test.stop()
  }
}
