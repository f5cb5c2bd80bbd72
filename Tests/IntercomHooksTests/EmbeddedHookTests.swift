// Hooks on an embedder's engine: what its scripts find there, they find in their hooks.

import ICSDurable
import IntercomAPI
import IntercomHooks
import IntercomScript
import Synchronization
import Testing

@Suite struct EmbeddedHookTests {
  /// Serves a script on an engine, sends one notification, and gives what its run printed and how it ended.
  private func lines(
    _ source: String, name: String = "flow.ics", imports: Imports = .standard, permissions: Permissions = .none,
    prepare: (inout HostEnvironment) -> Void = { _ in }
  ) async throws -> (printed: [String], state: RunState, error: String?) {
    let printed = Lines()
    var crm = HostModule("crm")
    crm.function("plan") { (domain: String) in domain == "acme.com" ? "pro" : "free" }
    crm.function("seats") { (domain: String) async in domain.utf8.count }
    crm.value("regions", ["eu", "us"])
    var environment = HostEnvironment()
    prepare(&environment)
    let engine = Engine(
      modules: [crm], permissions: permissions, imports: imports, environment: environment,
      output: { printed.add(String($0.dropLast())) })
    let store = MemoryStore()
    var options = HookService.Options()
    options.retry = .never
    let service = HookService(engine, store: store, secrets: [TestService.secret], options: options)
    try await service.serve([try await service.compile(source, name: name)])
    async let work: Void = service.run()
    let body = TestService.body(
      "contact.user.created", item: ["type": "contact", "id": "c1", "email": "ada@acme.com"], id: "notif_1")
    let answer = await service.receiver.receive(TestService.request(body))
    #expect(answer.status == 200)
    let ended: Set<RunState> = [.done, .dead, .parked, .cancelled]
    var run: RunHistory?
    for _ in 0..<2000 where run == nil {
      if let first = try await store.runs(RunFilter()).first, ended.contains(first.state) {
        run = try await store.run(first.id)
      } else {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    await service.stop(within: .seconds(5))
    await work
    let history = try #require(run)
    return (printed.all, history.run.state, history.attempts.last?.failure?.code)
  }

  private let importing = """
    import { domain } from "lib/mail.ics"
    import { slug } from "std/text"
    on contact.user.created "welcome" as contact {
      let name = domain(contact.email)
      print(slug("{{name}} {{crm.plan(name)}}"), crm.seats(name), crm.regions.length)
    }
    """
  private let modules = [
    "lib/mail.ics": "import { last } from \"lists.ics\"\nexport fn domain(email) { last(email.split(\"@\")) }",
    "lib/lists.ics": "export fn last(items) { items.last }",
  ]

  @Test("a hook finds the modules that the engine's scripts import, and the host's functions and values")
  func modulesAndImports() async throws {
    let (printed, state, _) = try await lines(importing, imports: .memory(modules))
    #expect(printed == ["acme-com-pro 8 2"] && state == .done)
  }

  @Test("a version keeps its modules: a run sees those that it was made with")
  func keptModules() async throws {
    let texts = Mutex(modules)
    let engine = Engine(imports: .custom { path in texts.withLock { $0[path] } })
    let service = HookService(engine, store: MemoryStore(), secrets: [TestService.secret])
    let source = "import { domain } from \"lib/mail.ics\"\non contact.user.created as c { domain(c.email) }"
    let first = try await service.compile(source, name: "flow.ics")
    let again = try await service.compile(source, name: "flow.ics")
    texts.withLock { $0["lib/lists.ics"] = "export fn last(items) { items[-1] }" }
    let changed = try await service.compile(source, name: "flow.ics")
    #expect(first.digest == again.digest && first.digest != changed.digest)
    texts.withLock { $0 = [:] }
    await #expect(throws: CompileError.self) { try await service.compile(source, name: "flow.ics") }
  }

  @Test("a hook imports nothing that the engine refuses")
  func refusedImports() async throws {
    for imports in [Imports.none, .memory(["other.ics": ""])] {
      await #expect(throws: CompileError.self) { try await lines(importing, imports: imports) }
    }
    let library = "import { slug } from \"std/text\"\non contact.user.created as c { print(slug(\"A b\")) }"
    #expect(try await lines(library).printed == ["a-b"])
    await #expect(throws: CompileError.self) { try await lines(library, imports: .none) }
  }

  @Test("a hook has the engine's clock, permissions and network")
  func world() async throws {
    struct Canned: HTTPTransport {
      func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        TransportResponse(status: 200, body: Array("from memory".utf8))
      }
      func shutdown() async {}
    }
    var permissions = Permissions()
    permissions.allowsHost = { name, _ in name == "rates.example.com" }
    permissions.allowsVariable = { $0 == "MONTH" }
    let source = """
      on contact.user.created as contact {
        step "all" { print(http.get("https://rates.example.com/").body, env("MONTH"), args) }
      }
      """
    let (printed, state, _) = try await lines(source, permissions: permissions) { environment in
      environment.transport = Canned()
      environment.variable = { _ in "May" }
      environment.arguments = ["a"]
    }
    #expect(printed == ["from memory May [\"a\"]"] && state == .done)
    // Without a transport nothing is sent, though the host is allowed.
    let unsent = try await lines(source, permissions: permissions)
    #expect(unsent.printed == [] && unsent.error == "E_PERMISSION")
  }
}
