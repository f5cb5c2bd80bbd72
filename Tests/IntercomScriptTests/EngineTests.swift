// The public interface for programs that run scripts.

import ICSJSON
import IntercomAPI
import IntercomSandbox
import IntercomScript
import Synchronization
import Testing

@Suite struct EngineTests {
  private struct OutOfStock: Error {}

  private var shop: HostModule {
    var shop = HostModule("shop")
    shop.function("price", doc: "The price of an article.") { (name: String, count: Int) in Double(count) * 1.5 }
    shop.function("names") { () in ["a", "b"] }
    shop.function("slow") { (n: Int) async in
      await Task.yield()
      return n * 2
    }
    shop.function("order") { (name: String) throws -> Bool in
      if name == "none" { throw HostError("E_NO_STOCK", "nothing left of \(name)", data: ["left": 0]) }
      throw OutOfStock()
    }
    shop.function("maybe") { (value: Int?) in value }
    shop.function("sum") { (values: [String: Int]) in values.values.reduce(0, +) }
    return shop
  }

  @Test("a script gives its last value as the type that was asked for")
  func results() async throws {
    let engine = Engine()
    #expect(try await engine.compile("1 + 2").run() as Int == 3)
    #expect(try await engine.compile("\"a{{1}}\"").run() as String == "a1")
    #expect(try await engine.compile("[1, 2]").run(as: [Int].self) == [1, 2])
    #expect(try await engine.compile("({a: 1})").run(as: [String: Int].self) == ["a": 1])
    #expect(try await engine.compile("null").run(as: Int?.self) == nil)
    #expect(try await engine.compile("({a: [1, null, 2.5]})").run() as JSONValue == ["a": [1, nil, 2.5]])
    let text = try engine.compile("\"x\"")
    await #expect(throws: ConversionError.self) { try await text.run() as Int }
    let function = try engine.compile("x => x")
    await #expect(throws: ConversionError.self) { try await function.run() as JSONValue }
  }

  @Test("inputs are names of the script; runs of one script share nothing")
  func inputs() async throws {
    let script = try Engine().compile("let mine = []\nmine.push(n)\nmine.length * n", inputs: ["n"])
    let results = try await withThrowingTaskGroup(of: Int.self) { group in
      for n in 1...20 { group.addTask { try await script.run(with: ["n": n]) } }
      return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect(results == Set(1...20))
    #expect(try await script.run(with: ["n": 4]) as Int == 4)
  }

  @Test("functions of the host take and give values, wait, and fail as errors of the script")
  func modules() async throws {
    let engine = Engine(modules: [shop])
    let script = try engine.compile(
      """
      let out = [shop.price("x", 2), shop.names(), shop.slow(21), shop.maybe(null), shop.sum({a: 1, b: 2})]
      try { shop.order("none") } catch e { out.push([e.kind, e.message, e.data.left]) }
      try { shop.order("x") } catch e { out.push(e.kind) }
      try { shop.price("x", "two") } catch e { out.push([e.kind, e.message]) }
      try { shop.price("x") } catch e { out.push(e.kind) }
      out.push(parallel([1, 2, 3], i => shop.slow(i)))
      out
      """)
    let out = try await script.run() as [JSONValue]
    #expect(out.prefix(5) == [3.0, ["a", "b"], 42, nil, 3])
    #expect(out[5] == ["E_NO_STOCK", "nothing left of none", 0])
    #expect(out[6] == "E_ERROR")
    #expect(out[7][0] == "E_TYPE" && out[7][1]?.stringValue?.contains("argument 2") == true)
    #expect(out[8] == "E_ARGUMENTS" && out[9] == [2, 4, 6])
  }

  @Test("a script that does not compile says every error with its place")
  func compileErrors() {
    let error = #expect(throws: CompileError.self) {
      try Engine().compile("let x = y\nlet z = w", name: "bad.ics")
    }
    #expect(error?.diagnostics.count == 2)
    #expect(error?.description.contains("bad.ics:2:9") == true, "\(error?.description ?? "")")
  }

  @Test("an error that nothing catches is thrown with its code")
  func runtimeErrors() async throws {
    let script = try Engine().compile("throw error(\"no\", kind: \"E_MINE\")")
    let error = await #expect(throws: ScriptError.self) { try await script.run() }
    #expect(error?.code == "E_MINE" && error?.message == "no")
  }

  @Test(
    "limits stop a script",
    arguments: [
      ("while true { }", "E_FUEL"), ("let l = []\nwhile true { l.push(\"xxxxxxxxxxxxxxxxxxxxxxxx\") }", "E_MEMORY"),
      ("let f = n => f(n + 1) + 1\nf(1)", "E_DEPTH"),
      ("while true { print(\"xxxxxxxxxxxxxxxxxxxxxxxx\") }", "E_MEMORY"),
    ])
  func limits(text: String, code: String) async throws {
    var limits = Limits.untrusted
    limits.fuel = 20_000_000
    limits.memory = 4 << 20
    limits.output = 10_000
    let script = try Engine(limits: limits).compile(text)
    let error = await #expect(throws: ScriptError.self) { try await script.run() }
    #expect(error?.code == code)
  }

  @Test("time limits and cancellation stop a script that waits")
  func waiting() async throws {
    var limits = Limits.untrusted
    limits.time = .milliseconds(50)
    let script = try Engine(limits: limits).compile("sleep(60)")
    let error = await #expect(throws: ScriptError.self) { try await script.run() }
    #expect(error?.code == "E_TIME_LIMIT")
    let waiting = try Engine().compile("sleep(60)")
    let task = Task { try await waiting.run() }
    task.cancel()
    let cancelled = await #expect(throws: ScriptError.self) { try await task.value }
    #expect(cancelled?.code == "E_CANCELLED")
  }

  @Test("a sleep beyond the time limit ends by it, however late the machine is woken")
  func lateWaking() async throws {
    let time = Mutex<UInt64>(0)
    var environment = HostEnvironment()
    // A system so busy that whoever sleeps wakes a minute late.
    environment.clock = ScriptClock(
      unixTime: { 0 }, monotonic: { time.withLock { $0 } },
      sleepUntil: { moment in time.withLock { $0 = max($0, moment) + 60_000_000_000 } })
    let engine = Engine(limits: Limits(time: .milliseconds(10)), environment: environment)
    for text in ["sleep(10)", "sleep(0.01)", "parallel([10, 20], s => sleep(s))"] {
      let error = await #expect(throws: ScriptError.self, "\(text)") { try await engine.compile(text).run() }
      #expect(error?.code == "E_TIME_LIMIT", "\(text)")
    }
    let inTime: Int = try await engine.compile("sleep(0.009)\n5").run()
    #expect(inTime == 5)
  }

  @Test("a refused access names what the host can do, or says it in the host's own words")
  func refusals() async throws {
    let reads = "fs.read(\"/etc/passwd\")", writes = "fs.write(\"/etc/passwd\", \"x\")"
    let cases = [
      (reads, "Permissions.readableFolders"), (writes, "Permissions.writableFolders"),
      ("env(\"HOME\")", "Permissions.allowsVariable"), ("http.get(\"https://example.com/\")", "Permissions.allowsHost"),
    ]
    for (text, setting) in cases {
      let error = await #expect(throws: ScriptError.self, "\(text)") { try await Engine().compile(text).run() }
      let help = error?.diagnostics.first?.help ?? ""
      #expect(error?.code == "E_PERMISSION" && help.contains(setting), "\(text): \(help)")
      #expect(help.contains("GrantingPermissions") && !help.contains("--"), "\(text): \(help)")
    }
    var permissions = Permissions()
    permissions.allowsHost = { _, _ in true }
    let sending = try Engine(permissions: permissions).compile("http.get(\"https://example.com/\")")
    let unsent = await #expect(throws: ScriptError.self) { try await sending.run() }
    #expect(unsent?.diagnostics.first?.help?.contains("HostEnvironment has no transport") == true)
    permissions.help = { refusal in
      if case .variable(let name) = refusal { "ask support for \(name)" } else { nil }
    }
    let engine = Engine(permissions: permissions)
    let error = await #expect(throws: ScriptError.self) { try await engine.compile("env(\"HOME\")").run() }
    #expect(error?.diagnostics.first?.help == "ask support for HOME")
    let silent = await #expect(throws: ScriptError.self) { try await engine.compile(reads).run() }
    #expect(silent?.diagnostics.first?.help == nil)
  }

  @Test("nothing is allowed that was not opened")
  func permissions() async throws {
    for (text, code) in [
      ("import { x } from \"other.ics\"\nx", "E_IMPORT"), ("contacts.list()", "E_UNKNOWN_NAME"),
      ("intercom.request(\"/me\")", "E_UNKNOWN_NAME"),
    ] {
      let error = #expect(throws: CompileError.self) { try Engine().compile(text) }
      #expect(error?.diagnostics.first?.code == code, "\(error?.description ?? text)")
    }
    for text in ["files.read(\"/etc/passwd\")", "env(\"HOME\")", "http.get(\"http://127.0.0.1:1/\")"] {
      guard let script = try? Engine().compile(text) else { continue }
      let error = await #expect(throws: ScriptError.self, "\(text)") { try await script.run() }
      #expect(error?.code == "E_PERMISSION", "\(text): \(error?.description ?? "")")
    }
  }

  @Test("print goes to the closure; Intercom is the client's workspace, which outlives the run")
  func output() async throws {
    let sandbox = try await Sandbox.start()
    let client = IntercomClient(
      account: Account(accessToken: Secret(sandbox.accessToken), baseURL: try BaseURL(sandbox.url)))
    let lines = Recorder()
    let engine = Engine(intercom: .client(client)) { lines.add($0) }
    let script = try engine.compile(
      "print(contacts.create({role: \"user\", external_id: \"{{n}}\"}).external_id)", inputs: ["n"])
    try await script.run(with: ["n": 1])
    try await script.run(with: ["n": 2])
    #expect(lines.all.joined() == "1\n2\n")
    await client.shutdown()
    await sandbox.stop()
  }

  private final class Recorder: Sendable {
    private let items = Mutex<[String]>([])

    var all: [String] { items.withLock { $0 } }
    func add(_ item: String) { items.withLock { $0.append(item) } }
  }
}
