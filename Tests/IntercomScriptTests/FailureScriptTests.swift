// What scripts see when something goes wrong.

import ICSJSON
import IntercomAPI
import IntercomSandbox
import Testing

@testable import IntercomScript

@Suite struct FailureScriptTests {
  @Test("an error has its kind and the API's own data")
  func data() async throws {
    let bench = try await Workbench()
    let lines = await bench.run(
      """
      try { contacts.get("5f0000000000000000000000") } catch e {
        print(e.kind, e.data.status, e.data.code, e.data.method, e.data.path, e.data.request_id != null)
      }
      contacts.create({role: "user", external_id: "1"})
      try { contacts.create({role: "user", external_id: "1"}) } catch e {
        print(e.kind, e.data.status, e.data.errors[0].code)
      }
      """)
    #expect(
      lines == [
        "E_NOT_FOUND 404 not_found GET /contacts/5f0000000000000000000000 true", "E_CONFLICT 409 conflict",
      ])
    await bench.sandbox.stop()
  }

  @Test("a body that is wrong says where, and nothing is sent")
  func findings() async throws {
    let bench = try await Workbench()
    let lines = await bench.run(
      """
      try { contacts.create({role: "user", emial: "a@b.c"}) } catch e {
        print(e.kind, e.data.findings[0].path, e.message)
      }
      """)
    #expect(lines.first?.hasPrefix("E_INVALID_REQUEST emial ") == true)
    #expect(lines.first?.contains("email") == true)
    #expect(bench.sent.isEmpty)
    // Unchecked it is the API that refuses it.
    let unchecked = await bench.failure("contacts.create({role: \"user\", emial: \"a@b.c\"}, check: false)")
    #expect(unchecked.code == "E_INVALID_REQUEST")
    #expect(bench.sent == ["POST /contacts"])
    await bench.sandbox.stop()
  }

  @Test("a wrong token is E_AUTH, and later requests are not sent")
  func token() async throws {
    let bench = try await Workbench()
    var wrong = bench.account
    wrong.accessToken = Secret("wr0ng-t0ken")
    let client = bench.client(wrong)
    let lines = await bench.run(
      """
      for i in 1...3 { try { contacts.get("a") } catch e { print(e.kind, e.data.status) } }
      """
    ) { configuration in configuration.connect = { client } }
    #expect(lines == ["E_AUTH 401", "E_AUTH 401", "E_AUTH 401"])
    #expect(bench.sent.count == 1)
    await bench.sandbox.stop()
  }

  @Test("a host that nobody answers at is E_NETWORK")
  func unreachable() async throws {
    let bench = try await Workbench()
    await bench.sandbox.stop()
    let client = bench.client { $0.retryPolicy.maximumAttempts = 1 }
    let lines = await bench.run(
      "try { contacts.get(\"a\") } catch e { print(e.kind, e.data.outcome_unknown) }"
    ) { configuration in configuration.connect = { client } }
    #expect(lines == ["E_NETWORK null"])
  }

  @Test("parallel creates contacts, each once")
  func parallelCreates() async throws {
    let bench = try await Workbench()
    let lines = await bench.run(
      """
      let made = parallel((1...40).to_list(), i => contacts.create({role: "user", external_id: "p{{i}}"}).id, limit: 8)
      print(made.length, made.unique().length, contacts.list().to_list().length)
      let both = parallel([1, 2], i => contacts.upsert({email: "same@x.io", name: "n{{i}}"}).id)
      print(both.unique().length)
      """)
    #expect(lines == ["40 40 40", "1"])
    await bench.sandbox.stop()
  }

  @Test("without Intercom its names are unknown; a connection that fails is the script's error")
  func connecting() async throws {
    let none = await ScriptResult("contacts.list()") { _ in }
    #expect(none.diagnostics.first?.code == "E_UNKNOWN_NAME")
    let failing = await ScriptResult("try { contacts.get(\"a\") } catch e { print(e.kind, e.message) }") {
      configuration in
      configuration.connect = { () async throws(APIError) in throw APIError(.auth, "no account") }
    }
    #expect(failing.lines == ["E_AUTH no account"])
  }

  @Test("a cancelled fiber's write is given up at once, and its outcome is said to be unknown")
  func cancelledWrite() async throws {
    var slow = Sandbox.Configuration(requestsPerMinute: nil)
    slow.faults = try Faults("slow:60s")
    let bench = try await Workbench(slow)
    let cancelled = Recorder<APIError>()
    let client = bench.client { $0.writeCancelled = { cancelled.add($0) } }
    var seen = HostModule("seen")
    seen.function("cancelled") { cancelled.all.count }
    let module = seen
    // The script goes on after the failure: nothing but the cancellation ends the request.
    let lines = await bench.run(
      """
      try {
        parallel([1, 2], n => {
          if n == 1 { sleep(50ms); throw "no" }
          contacts.create({role: "user", external_id: "1"})
        })
      } catch e { print(e.message) }
      while seen.cancelled() == 0 { sleep(10ms) }
      print("given up")
      """
    ) { configuration in
      configuration.connect = { client }
      configuration.modules = [module]
    }
    #expect(lines == ["no", "given up"])
    #expect(cancelled.all.first?.outcomeUnknown == true && cancelled.all.first?.path == "/contacts")
    #expect(cancelled.all.first?.message.contains("unknown") == true)
    await bench.sandbox.stop()
  }
}
