// The snippets of the page about testing a host's scripts.

import Foundation
import IntercomAPI
import IntercomSandbox
import IntercomScript
import Synchronization
import Testing

@Suite struct TestingSnippets {
  final class JumpingClock: Sendable {
    private let time = Mutex<UInt64>(0)

    var clock: ScriptClock {
      ScriptClock(
        unixTime: { [self] in 1_700_000_000 + Double(time.withLock { $0 }) / 1e9 },
        monotonic: { [self] in time.withLock { $0 } },
        sleepUntil: { [self] moment in time.withLock { $0 = max($0, moment) } })
    }
  }

  struct Canned: HTTPTransport {
    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
      TransportResponse(status: 200, body: Array("{\"rate\": 1.08}".utf8))
    }
    func shutdown() async {}
  }

  @Test("time, chance and the network are the host's")
  func environment() async throws {
    // swift-format-ignore
    do {
    var environment = HostEnvironment()
    environment.seed = 42
    environment.clock.unixTime = { 1_700_000_000 }
    environment.log = { record in print(record.level, record.message) }
    let script = try Engine(environment: environment).compile("[now(), random.int(1, 6)]")
    let (first, second): (ScriptValue, ScriptValue) = (try await script.run(), try await script.run())
    #expect(first == second)
    }
    // swift-format-ignore
    do {
    var environment = HostEnvironment()
    environment.clock = JumpingClock().clock
    let script = try Engine(limits: .trusted, environment: environment)
      .compile("let before = now()\nsleep(3600)\nnow() - before")
    let seconds: Double = try await script.run()
    #expect(seconds == 3600)
    }
    // swift-format-ignore
    do {
    var environment = HostEnvironment()
    environment.transport = Canned()
    var permissions = Permissions()
    permissions.allowsHost = { name, _ in name == "rates.example.com" }
    let script = try Engine(permissions: permissions, environment: environment)
      .compile("json.parse(http.get(\"https://rates.example.com/eur\").body).rate")
    let rate: Double = try await script.run()
    #expect(rate == 1.08)
    }
  }

  @Test("a local Intercom")
  func sandbox() async throws {
    // swift-format-ignore
    do {
    let sandbox = try await Sandbox.start()
    let account = Account(accessToken: Secret(sandbox.accessToken), baseURL: try BaseURL(sandbox.url))
    let client = IntercomClient(account: account)
    let script = try Engine(intercom: .client(client)).compile(
      """
      contacts.create({role: "user", email: "ada@example.com"})
      (contacts where role == "user").count()
      """)
    let users: Int = try await script.run()
    await client.shutdown()
    await sandbox.stop()
    #expect(users == 1)
    }
  }

  @Test("the connector by itself")
  func connector() async throws {
    let sandbox = try await Sandbox.start()
    let account = Account(accessToken: Secret(sandbox.accessToken), baseURL: try BaseURL(sandbox.url))
    // swift-format-ignore
    do {
    let client = IntercomClient(account: account)
    let made = try await client.contacts.create(["role": "user", "email": "ada@example.com", "name": "Ada"])
    for try await page in client.contacts.list() {
      for contact in try page.items() { print(contact["email"]?.stringValue ?? "") }
    }
    let tags = try await client.call("tags.list")
    await client.shutdown()
    #expect(made["name"]?.stringValue == "Ada" && tags["type"]?.stringValue == "list")
    }
    await sandbox.stop()
  }

  @Test("observers")
  func observers() async throws {
    // swift-format-ignore
    do {
    let script = try Engine().compile("let a = 1\nif a > 2 {\n  print(a)\n}", name: "a.ics", isObserved: true)
    let coverage = ScriptCoverage()
    try await script.instance(observer: coverage).run()
    let missed = coverage.lines(of: script).filter { $0.value == 0 }.keys.map(\.line)
    #expect(missed == [3])
    }
    // swift-format-ignore
    do {
    let script = try Engine().compile("let a = 20\nlet b = a + 1\nb * 2", name: "a.ics", isObserved: true)
    let debugger = ScriptDebugger(breakpoints: [ScriptPlace(source: "a.ics", line: 3)]) { stop in
      print(stop.place, stop.variables.map { "\($0.name) = \($0.value)" })   // a.ics:3:1 ["a = 20", "b = 21"]
      return .proceed
    }
    let result: Int = try await script.instance(observer: debugger).run()
    #expect(result == 42)
    }
  }
}
