// Instances: state that stays, turns, limits of each run, usage, hooks, what is injected.

import Foundation
import IntercomAPI
import IntercomScript
import Synchronization
import Testing

@Suite struct InstanceTests {
  @Test("variables stay between calls, and each instance has its own")
  func state() async throws {
    let script = try Engine().compile("var n = 0\nexport let name = \"x\"\nexport fn add(by) { n += by\nn }")
    #expect(script.exports == ["name", "add"])
    let (a, b) = (try script.instance(), try script.instance())
    #expect(try await a.call("add", 2) as Int == 2)
    #expect(try await a.call("add", 3) as Int == 5)
    #expect(try await b.call("add", 1) as Int == 1)
    #expect(try await a.value("name") as String == "x")
    let error = await #expect(throws: ScriptError.self) { try await a.call("nope") }
    #expect(error?.code == "E_UNKNOWN_NAME")
    let missing = await #expect(throws: ScriptError.self) { try await script.run(with: ["typo": 1]) }
    #expect(missing?.code == "E_ARGUMENTS")
  }

  @Test("a function is kept, outlives what gave it, and is called from many tasks at once")
  func keptFunctions() async throws {
    func make() async throws -> ScriptFunction {
      try await Engine().compile("var n = 0\nexport fn add(by) { n += by\nn }").instance().value("add")
    }
    let add = try await make()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 { group.addTask { try await add(1) } }
      try await group.waitForAll()
    }
    #expect(try await add(0) as Int == 200)
    #expect(try add.callNow(1) as Int == 201)
  }

  @Test("a call takes as many arguments as one likes, by each way to call")
  func manyArguments() async throws {
    var host = HostModule("host")
    host.function("call") { (f: ScriptFunction) in try f.callNow(1, 2, 3, 4, 5, 6, 7, "8") as String }
    let instance = try Engine(modules: [host]).compile(
      """
      export fn all(...values) { values.join(" ") }
      export fn six(a, b, c, d, e, f) { [f, e, d, c, b, a].join(" ") }
      export fn nested() { host.call(all) }
      """
    ).instance()
    let all: ScriptFunction = try await instance.value("all"), six: ScriptFunction = try await instance.value("six")
    // More than once: what a call leaves is used by the next.
    for _ in 0..<2 {
      #expect(try await all() as String == "")
      #expect(try await all(1) as String == "1")
      #expect(try await six(1, 2, 3, 4, 5, 6) as String == "6 5 4 3 2 1")
      #expect(try await all(1, 2, 3, 4, 5, 6, 7, 8) as String == "1 2 3 4 5 6 7 8")
      #expect(try all.callNow(1, 2, 3, 4, 5, 6, 7) as String == "1 2 3 4 5 6 7")
      #expect(try await instance.call("all", 1, 2, 3, 4, 5, 6, 7, "x") as String == "1 2 3 4 5 6 7 x")
      #expect(try await instance.call("nested") as String == "1 2 3 4 5 6 7 8")
      let tooFew = await #expect(throws: ScriptError.self) { try await six(1, 2, 3, 4, 5) as String }
      #expect(tooFew?.code == "E_ARGUMENTS")
      for count in [0, 5, 6, 7] {
        // An argument that is no value, after some that are.
        let error = await #expect(throws: ConversionError.self) {
          switch count {
          case 0: try await all(UInt.max) as String
          case 5: try await all(1, 2, 3, 4, 5, UInt.max) as String
          case 6: try await all(1, 2, 3, 4, 5, 6, UInt.max) as String
          default: try all.callNow(1, 2, 3, 4, 5, 6, 7, UInt.max) as String
          }
        }
        #expect(error != nil)
      }
    }
  }

  @Test("the arguments of a nested call stay, whenever the machine looks at its fuel and collects")
  func nestedArguments() async throws {
    var host = HostModule("host")
    host.function("call") { (f: ScriptFunction, n: Int) in
      try f.callNow(String(repeating: "x", count: 20_000), "second \(n)", "third \(n)") as String
    }
    var limits = Limits.untrusted
    // Slices of 500 steps, and a collection for every few calls.
    limits.fuel = 20_000
    limits.memory = 1 << 20
    let engine = Engine(modules: [host], limits: limits)
    let script = try engine.compile(
      """
      let join = (a, b, c) => "{{a.length}} {{b}} {{c}}"
      for i in 0..<300 {
        let found = host.call(join, i)
        if found != "20000 second {{i}} third {{i}}" { throw "lost: {{found}}" }
      }
      """)
    for padding in 0..<8 {
      let shifted = try engine.compile(String(repeating: "len([])\n", count: padding) + script.source)
      try await shifted.run()
    }
  }

  @Test("a call that comes while the instance waits runs beside it")
  func beside() async throws {
    let reached = AsyncStream<Void>.makeStream()
    let open = AsyncStream<Void>.makeStream()
    var gate = HostModule("gate")
    gate.function("wait") { () async in
      reached.continuation.yield()
      for await _ in open.stream { break }
    }
    let script = try Engine(modules: [gate]).compile("export fn slow() { gate.wait()\n1 }\nexport fn quick() { 2 }")
    let instance = try script.instance()
    let slow: ScriptFunction = try await instance.value("slow")
    let quick: ScriptFunction = try await instance.value("quick")
    async let first: Int = slow()
    for await _ in reached.stream { break }
    #expect(try await quick() as Int == 2)
    let cancelled = Task { try await instance.call("quick") as Int }
    cancelled.cancel()
    let error = await #expect(throws: ScriptError.self) { try await cancelled.value }
    #expect(error?.isCancelled == true)
    open.continuation.yield()
    #expect(try await first == 1)
  }

  @Test("each run has its allowance, and says what it used")
  func usage() async throws {
    var limits = Limits.untrusted
    limits.fuel = 200_000
    limits.output = 10
    let script = try Engine(limits: limits).compile(
      "export fn work(n) { for i in 0..<n { } }\nexport fn say(n) { print(\"x\".repeat(n)) }")
    let instance = try script.instance()
    for _ in 0..<5 { try await instance.call("work", 10_000) }
    #expect((10_000..<100_000).contains(instance.usage.fuel) && instance.usage.peakMemory > 0)
    let error = await #expect(throws: ScriptError.self) { try await instance.call("work", 1_000_000) }
    #expect(error?.code == "E_FUEL" && error?.isLimit == true)
    #expect(instance.usage.fuel >= 200_000)
    try await instance.call("say", 9)
    try await instance.call("say", 9)
    #expect(instance.usage.output == 10 && instance.usage.wall > .zero)
    let own = try script.instance(limits: .trusted)
    try await own.call("work", 1_000_000)
  }

  @Test("a run that was cancelled or failed leaves its instance usable")
  func afterwards() async throws {
    let instance = try Engine().compile(
      "export fn spin() { while true { } }\nexport fn nap() { sleep(60) }\nexport fn ok() { 1 }"
    )
    .instance()
    for name in ["spin", "nap"] {
      let task = Task { try await instance.call(name) }
      task.cancel()
      let error = await #expect(throws: ScriptError.self) { try await task.value }
      #expect(error?.isCancelled == true)
      #expect(try await instance.call("ok") as Int == 1)
    }
  }

  @Test("hooks run for their topics, with their conditions")
  func hooks() async throws {
    let lines = Mutex<[String]>([])
    let script = try Engine { line in lines.withLock { $0.append(line) } }.compile(
      """
      var count = 0
      on contact.created "welcome" where role == "lead" as contact, event {
        count += 1
        print("hello {{contact.name}} {{event.topic}} {{count}}")
      }
      on "contact.*" as contact { print("any {{contact.name}}") }
      on conversation.user.created as c { print("conversation") }
      every 15m "tidy" { print("tidy") }
      """)
    let instance = try script.instance()
    #expect(try await instance.fire("contact.user.created", item: ["name": "Ada", "role": "lead"]) == 2)
    #expect(try await instance.fire("contact.user.created", item: ["name": "Bob", "role": "user"]) == 1)
    #expect(try await instance.fire("company.created", item: ["name": "x"]) == 0)
    #expect(try await instance.fire("contact.email.updated", item: ["name": "Cid"]) == 1)
    #expect(
      lines.withLock { $0 } == ["hello Ada contact.user.created 1\n", "any Ada\n", "any Bob\n", "any Cid\n"])
    #expect(try await script.fire("contact.lead.created", item: ["name": "Eve", "role": "lead"]) == 2)
    #expect(lines.withLock { $0.contains("hello Eve contact.lead.created 1\n") })
    let hooks = try await instance.hooks()
    #expect(hooks.map(\.name) == ["welcome", nil, nil, "tidy"] && hooks[3].trigger == .interval(.seconds(900)))
  }

  @Test("time, chance, output, variables and the network are the host's")
  func environment() async throws {
    struct Canned: HTTPTransport {
      func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        TransportResponse(status: 200, body: Array("\(request.method) \(request.url)".utf8))
      }
      func shutdown() async {}
    }
    let logged = Mutex<[String]>([])
    var environment = HostEnvironment()
    environment.seed = 42
    environment.clock.unixTime = { 1_700_000_000 }
    environment.arguments = ["a", "b"]
    environment.variable = { $0 == "MONTH" ? "may" : nil }
    environment.transport = Canned()
    environment.log = { record in logged.withLock { $0.append("\(record.level) \(record.message) \(record.fields)") } }
    var permissions = Permissions()
    permissions.allowsVariable = { $0 == "MONTH" }
    permissions.allowsHost = { name, port in name == "rates.example.com" && port == 443 }
    let script = try Engine(permissions: permissions, environment: environment).compile(
      """
      log.warn("careful", {n: 1})
      [now(), random.int(1, 1000000), uuid(), args, env("MONTH"), http.get("https://rates.example.com/x").body]
      """)
    let (one, two) = (try await script.run(as: ScriptValue.self), try await script.run(as: ScriptValue.self))
    #expect(one == two && one[0].double == 1_700_000_000 && one[3] == ["a", "b"] && one[4] == "may")
    #expect(one[5] == "GET https://rates.example.com/x")
    #expect(logged.withLock { $0.first } == "warn careful [(name: \"n\", json: \"1\")]")
    var limits = Limits.untrusted
    limits.requests = 2
    let many = try Engine(limits: limits, permissions: permissions, environment: environment).compile(
      "for i in 0..<3 { try { http.get(\"https://rates.example.com/x\") } catch { } }")
    let error = await #expect(throws: ScriptError.self) { try await many.run() }
    #expect(error?.message.contains("2 requests") == true)
  }

  @Test("an error in a host's module stands where it is, also in a folder that is called std")
  func ownStandardFolder() async throws {
    let engine = Engine(imports: .memory(["std/x.ics": "export fn boom() {\n  throw \"inner\"\n}"]))
    let error = await #expect(throws: ScriptError.self) {
      try await engine.compile("import { boom } from \"./std/x.ics\"\nboom()", name: "t.ics").run()
    }
    #expect(error?.description.contains("std/x.ics:2:3") == true, "\(error?.description ?? "")")
  }

  @Test("modules come from where the host says, and from nowhere else")
  func imports() async throws {
    let engine = Engine(
      imports: .memory([
        "lib/a.ics": "import { b } from \"b.ics\"\nexport fn a() { b() + 1 }",
        "lib/b.ics": "export fn b() { 41 }",
      ]))
    #expect(try await engine.compile("import { a } from \"lib/a.ics\"\na()").run() as Int == 42)
    for path in ["../x.ics", "/etc/passwd", "lib/../../x", "https://x/y.ics", "nope.ics"] {
      #expect(throws: CompileError.self, "\(path)") { try engine.compile("import \"\(path)\" as x") }
    }
    #expect(throws: CompileError.self) {
      try Engine(imports: .none).compile("import { first_name } from \"std/text\"\nfirst_name(\"a\")")
    }
    _ = try Engine().compile("import { first_name } from \"std/text\"\nfirst_name(\"a b\")")
  }

  @Test("modules of a folder are found relative to the script, whatever the process's own folder is")
  func folderImports() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("imports-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder + "/flows/lib", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // What an absolute name names is there; the others need not be.
    for name in ["main.ics", "flows/main.ics"] {
      try "".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }
    try "export let a = 1".write(toFile: folder + "/a.ics", atomically: true, encoding: .utf8)
    try "import { a } from \"../../a.ics\"\nexport let b = a + 1"
      .write(toFile: folder + "/flows/lib/b.ics", atomically: true, encoding: .utf8)
    let engine = Engine(imports: .folder(folder))
    let atRoot = "import { a } from \"a.ics\"\nimport { b } from \"flows/lib/b.ics\"\na + b"
    let below = "import { a } from \"../a.ics\"\nimport { b } from \"lib/b.ics\"\na + b"
    for (name, text) in [
      ("script", atRoot), ("main.ics", atRoot), ("/elsewhere/main.ics", atRoot), (folder + "/main.ics", atRoot),
      ("flows/main.ics", below), (folder + "/flows/main.ics", below),
    ] {
      let sum: Int = try await engine.compile(text, name: name).run()
      #expect(sum == 3, "\(name)")
    }
    for path in ["../x.ics", "/etc/passwd", "nope.ics"] {
      #expect(throws: CompileError.self, "\(path)") { try engine.compile("import \"\(path)\" as x", name: "main.ics") }
    }
    #expect(throws: CompileError.self) { try engine.compile(below, name: "../flows/main.ics") }
  }

  @Test("compiling again reloads: new runs have the new script, old ones end as they began")
  func reload() async throws {
    let texts = Mutex(["v.ics": "export let v = 1"])
    let engine = Engine(imports: .custom { path in texts.withLock { $0[path] } })
    let old = try engine.compile("import { v } from \"v.ics\"\nv")
    texts.withLock { $0["v.ics"] = "export let v = 2" }
    let new = try engine.compile("import { v } from \"v.ics\"\nv")
    #expect(try await old.run() as Int == 1)
    #expect(try await new.run() as Int == 2)
  }
}
