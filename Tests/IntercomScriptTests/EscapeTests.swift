// Hostile scripts: each ends as it should, and the program around it goes on.

import Foundation
import ICSJSON
import IntercomAPI
import IntercomScript
import Synchronization
import Testing

/// One after the other: each may use all of its limits, and the others' limits of time go on meanwhile.
@Suite(.serialized) struct EscapeTests {
  /// A script, what the host gives it, and the code that it ends with; nil when it ends well.
  struct Attempt: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let code: String?

    init(_ name: String, _ text: String, _ code: String?) {
      self.name = name
      self.text = text
      self.code = code
    }

    var testDescription: String { name }
  }

  /// Where a host function finds the instance that runs.
  final class Cell: Sendable {
    let value = Mutex<Instance?>(nil)
  }

  final class Door: ScriptObject {
    static let scriptMembers = ObjectMembers<Door>("door") { members in
      members.property("state", get: { _ in "shut" }) { _, value in
        if value.count > 10 { throw HostError("E_VALUE", "too long") }
      }
      members.method("knock") { (_, f: ScriptFunction) throws in try f.callNow() }
      members.method("wait") { (_, seconds: Double) async throws in try await Task.sleep(for: .seconds(seconds)) }
    }
  }

  /// How often a script went on after its limit.
  private static let escapes = Atomic<Int>(0)

  private static func host(instance: Cell) -> HostModule {
    var host = HostModule("host")
    host.function("echo") { (value: ScriptValue) in value }
    host.function("json") { (value: JSONValue) in value }
    host.function("ints") { (values: [Int]) in values.count }
    host.function("small") { (n: UInt8) in Int(n) }
    host.function("call") { (f: ScriptFunction) throws -> ScriptValue in try f.callNow() }
    host.function("call_with") { (f: ScriptFunction, value: ScriptValue) throws -> ScriptValue in try f.callNow(value) }
    host.function("swallow") { (f: ScriptFunction) -> String in
      do {
        try f.callNow()
        return "fine"
      } catch {
        return (error as? ScriptError)?.code ?? "\(error)"
      }
    }
    host.function("call_later") { (f: ScriptFunction) async throws -> ScriptValue in try await f() }
    host.function("swallow_later") { (f: ScriptFunction) async -> String in
      do {
        try await f()
        return "fine"
      } catch {
        return (error as? ScriptError)?.code ?? "\(error)"
      }
    }
    host.function("rerun") { () async throws -> Int in
      guard let instance = instance.value.withLock({ $0 }) else { return 0 }
      return try await instance.run()
    }
    host.function("fire") { () async throws -> Int in
      guard let instance = instance.value.withLock({ $0 }) else { return 0 }
      return try await instance.fire("a.b", item: 1)
    }
    host.function("door") { () in Hosted(Door()) }
    host.function("open") { (door: Hosted<Door>) in "\(type(of: door.object))" }
    host.function("forever") { () async throws in try await Task.sleep(for: .seconds(3600)) }
    host.function("escaped") { () in escapes.add(1, ordering: .relaxed) }
    host.function("huge") { (n: Int) in String(repeating: "x", count: n) }
    host.function("many") { (n: Int) in [Int](repeating: 7, count: n) }
    host.stream("ticks") { () in AsyncStream<Int> { $0.yield(1) } }
    host.stream("broken") { () in
      AsyncThrowingStream<Int, any Error> { $0.finish(throwing: HostError("E_BROKEN", "no")) }
    }
    return host
  }

  private static let limits: Limits = {
    var limits = Limits.untrusted
    limits.fuel = 5_000_000
    limits.memory = 8 << 20
    limits.callDepth = 200
    limits.fibers = 150
    limits.output = 10_000
    limits.requests = 3
    // More than any takes on a busy machine; those that should run into it have less.
    limits.time = .seconds(300)
    return limits
  }()

  private static func times(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  // MARK: Limits

  static let limitAttempts: [Attempt] = [
    Attempt("an endless loop", "while true { }", "E_FUEL"),
    Attempt("an endless loop that catches", "while true { try { while true { } } catch { } }", "E_FUEL"),
    Attempt("an endless finally", "try { throw 1 } finally { while true { } }", "E_FUEL"),
    Attempt("a finally against the limit", "try { while true { } } finally { while true { } }", "E_FUEL"),
    Attempt("throwing for ever", "while true { try { throw 1 } catch { } }", "E_FUEL"),
    Attempt("a recursion", "let f = n => f(n + 1) + 1\nf(1)", "E_DEPTH"),
    Attempt("two that call each other", "fn a() { b() + 1 }\nfn b() { a() + 1 }\na()", "E_DEPTH"),
    Attempt("a list without an end", "let l = []\nwhile true { l.push(1, 2, 3, 4, 5, 6, 7, 8) }", "E_MEMORY"),
    Attempt("a list that doubles", "var l = [1]\nwhile true { l = l + l }", "E_MEMORY"),
    Attempt("a string that doubles", "var s = \"x\"\nwhile true { s = s + s }", "E_MEMORY"),
    Attempt("a repeated string", "\"x\".repeat(1000000000)", "E_MEMORY"),
    Attempt("a padded string", "\"x\".pad_start(1000000000)", nil),
    Attempt("a map of keys", "let m = {}\nvar i = 0\nwhile true { m[\"k{{i}}\"] = i\ni += 1 }", "E_MEMORY"),
    Attempt("a range as a list", "range(0, 1000000000000, 1).to_list()", nil),
    Attempt("a spread range", "[...(0..<1000000000)]", "E_MEMORY"),
    Attempt("closures", "var f = () => 1\nwhile true { let g = f\nf = () => g }", "E_MEMORY"),
    Attempt("printing for ever", "while true { print(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\") }", "E_MEMORY"),
    Attempt("one long line", "print(\"x\".repeat(100000))", "E_MEMORY"),
    Attempt("fibers", "while true { spawn(() => sleep(1000)) }", "E_MEMORY"),
    Attempt("fibers that make fibers", "fn f() { spawn(f)\nspawn(f)\nsleep(0) }\nf()", nil),
    Attempt("sleeping too long", "sleep(1000000)", "E_TIME_LIMIT"),
    Attempt("a thousand parallel sleeps", "parallel(0..<10000, i => sleep(1000), limit: 10000)", nil),
    Attempt("a catastrophic pattern", "regex(\"(a+)+$\").test(\"a\".repeat(5000) + \"b\")", nil),
    Attempt("deep data printed", "var l = []\nfor i in 0..<100000 { l = [l] }\nprint(l)", nil),
    Attempt("deep data compared", "var a = []\nvar b = []\nfor i in 0..<100000 { a = [a]\nb = [b] }\na == b", nil),
    Attempt("deep data as JSON", "var l = []\nfor i in 0..<100000 { l = [l] }\njson.stringify(l)", nil),
    Attempt("deep JSON read", "json.parse(\"[\".repeat(100000))", nil),
    Attempt("a sort that lies", "(0..<1000).sort((a, b) => random.int(-1, 1))", nil),
    Attempt("a sort that changes its list", "let l = [3, 1, 2]\nl.sort((a, b) => { l.push(1)\na - b })", nil),
    Attempt("brackets without an end", times("(", 20_000), "E_SYNTAX"),
    Attempt("lists in lists without an end", times("[", 20_000) + times("]", 20_000), "E_SYNTAX"),
    Attempt("blocks in blocks without an end", times("if true { ", 20_000), "E_SYNTAX"),
    Attempt("a sum of many parts", "1" + times(" + 1", 20_000), nil),
    Attempt("many branches", "if false { 1 } " + times("else if false { 1 } ", 5_000), nil),
    Attempt("many variables", (0..<5_000).map { "let v\($0) = 1" }.joined(separator: "\n"), nil),
    Attempt(
      "a function of many parameters", "fn f(\((0..<3_000).map { "p\($0)" }.joined(separator: ", "))) { 1 }", nil),
    Attempt("a call with a million arguments", "fn f(...xs) { xs.length }\nf(...(0..<1000000))", nil),
    Attempt("a recursion in a sort", "fn f() { [2, 1].sort((a, b) => f()) }\nf()", "E_DEPTH"),
    Attempt("a recursion in a map", "fn f() { [1].map(x => f()) }\nf()", "E_DEPTH"),
    Attempt("a finally that goes on after the limit", "try { while true { } } finally { host.escaped() }", "E_FUEL"),
    Attempt("a catch that goes on after the limit", "try { while true { } } catch { host.escaped() }", "E_FUEL"),
    Attempt(
      "an error with deep data", "var l = []\nfor i in 0..<10000 { l = [l] }\nthrow error(\"x\", data: l)", "E_ERROR"),
    Attempt("an error within itself", "let m = {}\nm.m = m\nthrow error(\"x\", data: m)", "E_ERROR"),
    Attempt("a long message", "throw error(\"x\".repeat(1000000))", "E_ERROR"),
    Attempt("deep data matched", "var l = []\nfor i in 0..<100000 { l = [l] }\nmatch l { [[x]] => 1, else => 2 }", nil),
    Attempt("deep data as a key", "var l = []\nfor i in 0..<100000 { l = [l] }\nlet m = {}\nm[l] = 1", "E_TYPE"),
    Attempt("deep data sorted", "var a = []\nfor i in 0..<100000 { a = [a] }\n[a, a].sort()", nil),
    Attempt("deep data in text", "var l = []\nfor i in 0..<100000 { l = [l] }\n\"{{l}}\".length", nil),
    Attempt("deep data flattened", "var l = []\nfor i in 0..<100000 { l = [l] }\nl.flatten()", nil),
    Attempt("deep maps across", "var m = {}\nfor i in 0..<100000 { m = {m} }\nhost.echo(m)", "E_TYPE"),
    Attempt("more requests than allowed", "for i in 0..<10 { http.get(\"http://10.0.0.1/\") }", "E_PERMISSION"),
    Attempt("streams without an end", "while true { host.ticks() }", "E_FUEL"),
    Attempt(
      "fibers that wait for each other", "let a = spawn(() => b.value)\nlet b = spawn(() => a.value)\na.value", nil),
    Attempt("a number that overflows", "9223372036854775807 + 1", "E_OVERFLOW"),
  ]

  // MARK: Permissions

  static let permissionAttempts: [Attempt] = [
    Attempt("reading a file", "fs.read(\"/etc/passwd\")", "E_PERMISSION"),
    Attempt("reading by a link of dots", "fs.read(\"../../../../etc/passwd\")", "E_PERMISSION"),
    Attempt("writing a file", "fs.write(\"/tmp/ics-escape\", \"x\")", "E_PERMISSION"),
    Attempt("listing a folder", "fs.list(\"/\")", "E_PERMISSION"),
    Attempt("the environment", "env(\"HOME\")", "E_PERMISSION"),
    Attempt("the network", "http.get(\"http://127.0.0.1:1/\")", "E_PERMISSION"),
    Attempt("the cloud's own address", "http.get(\"http://169.254.169.254/latest/meta-data\")", "E_PERMISSION"),
    Attempt("a socket by another scheme", "http.get(\"file:///etc/passwd\")", nil),
    Attempt("a private name", "__spawn(() => 1)", "E_UNKNOWN_NAME"),
    Attempt("an intrinsic", "__self", "E_UNKNOWN_NAME"),
    Attempt("Intercom without an account", "contacts.list()", "E_UNKNOWN_NAME"),
    Attempt("an import", "import { x } from \"secrets.ics\"\nx", "E_IMPORT"),
    Attempt("an import from above", "import { x } from \"../secrets.ics\"\nx", "E_IMPORT"),
    Attempt("changing a module", "host.echo = 1", "E_TYPE"),
    Attempt("changing the prelude", "print = 1", "E_ASSIGN_LET"),
  ]

  // MARK: The boundary

  static let boundaryAttempts: [Attempt] = [
    Attempt("a list within itself across", "let l = []\nl.push(l)\nhost.echo(l)", "E_TYPE"),
    Attempt("a list within itself as JSON", "let l = []\nl.push(l)\nhost.json(l)", "E_TYPE"),
    Attempt("deep data across", "var l = []\nfor i in 0..<100000 { l = [l] }\nhost.echo(l)", "E_TYPE"),
    Attempt("an endless range across", "host.ints(0..<9000000000000000000)", "E_TYPE"),
    Attempt("a number that does not fit", "host.small(256)", "E_TYPE"),
    Attempt("too many arguments", "host.small(1, 2, 3)", "E_ARGUMENTS"),
    Attempt("too few arguments", "host.small()", "E_ARGUMENTS"),
    Attempt("a huge result", "host.huge(100000000)", "E_MEMORY"),
    Attempt("many results", "host.many(10000000)", "E_MEMORY"),
    Attempt("callbacks without an end", "fn f() { host.call(f) }\nf()", "E_DEPTH"),
    Attempt("awaited callbacks without an end", "fn f() { host.call_later(f) }\nf()", "E_MEMORY"),
    Attempt("a callback that spins", "host.call(() => { while true { } })", "E_FUEL"),
    Attempt("a limit that the host swallows", "host.swallow(() => { while true { } })\nwhile true { }", "E_FUEL"),
    Attempt("the same, awaited", "host.swallow_later(() => { while true { } })\nwhile true { }", "E_FUEL"),
    Attempt("a callback that waits", "host.call(() => sleep(1))", "E_VALUE"),
    Attempt("a callback that throws", "host.call(() => { throw error(\"x\", kind: \"E_MINE\") })", "E_MINE"),
    Attempt("running oneself", "host.rerun()", "E_VALUE"),
    Attempt("firing at oneself", "host.fire()", "E_VALUE"),
    Attempt("a bomb in a callback", "host.call_with(x => { var s = x\nwhile true { s = s + s } }, \"x\")", "E_MEMORY"),
    Attempt("waiting for ever", "host.forever()", "E_TIME_LIMIT"),
    Attempt("a stream that never goes on", "host.ticks().to_list()", "E_TIME_LIMIT"),
    Attempt("a stream that breaks", "host.broken().to_list()", "E_BROKEN"),
    Attempt(
      "two fibers at one stream", "let s = host.ticks()\nparallel([1, 2], i => { for x in s { } })", "E_VALUE"),
    Attempt("another object's method", "let f = host.door().knock\nf(() => 1)", "E_TYPE"),
    Attempt("no object", "host.open({state: \"shut\"})", "E_TYPE"),
    Attempt("an object's limits", "host.door().state = \"x\".repeat(100)", "E_VALUE"),
    Attempt("an object's callback", "let d = host.door()\nd.knock(() => d.knock(() => { while true { } }))", "E_FUEL"),
    Attempt("an error that pretends", "throw error(\"x\", kind: \"E_FUEL\")", "E_FUEL"),
    Attempt(
      "a callback that changes what is walked", "let l = [1, 2, 3]\nl.each(x => host.call(() => { l.clear()\n1 }))", nil
    ),
    Attempt(
      "a callback that breaks its stream", "for x in host.ticks() { host.call(() => { throw error(\"no\") }) }",
      "E_ERROR"),
    Attempt("an object's method without its object", "let k = host.door().knock\nhost.call(() => k())", nil),
    Attempt("an object that is no number", "host.door() + 1", "E_TYPE"),
    Attempt("an object as a key", "let m = {}\nm[host.door()] = 1", nil),
    Attempt("an object as JSON", "json.stringify(host.door())", nil),
    Attempt("an unknown member of an object", "host.door().secret", "E_MEMBER"),
    Attempt("a member that cannot be set", "host.door().knock = 1", nil),
    Attempt("the task of another's fiber", "host.call(() => spawn(() => sleep(1000)))\n1", nil),
    Attempt("a name in the way", "let host = 1\nhost.echo(1)", "E_MEMBER"),
    Attempt("a source that is not text", "let a = \"\u{0}\u{FEFF}\"\na.length", nil),
  ]

  // MARK: More than one instance

  @Test("scripts that call each other without an end are stopped, and can be used again")
  func circles() async throws {
    let functions = Mutex<[ScriptFunction]>([])
    var host = HostModule("host")
    host.function("next") { (i: Int) throws -> Int in
      let f = functions.withLock { $0[i % $0.count] }
      return try f.callNow(i + 1)
    }
    host.function("next_later") { (i: Int) async throws -> Int in
      let f = functions.withLock { $0[i % $0.count] }
      return try await f(i + 1)
    }
    let script = try Engine(modules: [host], limits: Self.limits).compile(
      "export fn now(i) { if i < 0 { 0 } else { host.next(i) } }\nexport fn later(i) { if i < 0 { 0 } else { host.next_later(i) } }"
    )
    for (name, code) in [("now", "E_DEPTH"), ("later", "E_MEMORY")] {
      var all: [ScriptFunction] = []
      for _ in 0..<8 { all.append(try await script.instance().value(name)) }
      functions.withLock { [all] in $0 = all }
      let error = await #expect(throws: ScriptError.self) { try await all[0](0) as Int }
      #expect(error?.code == code, "\(name): \(error?.description ?? "")")
      for f in all { #expect(try await f(-1) as Int == 0) }
      functions.withLock { $0 = [] }
    }
  }

  @Test("a function stays in its instance, an object in its run, deep results in the script")
  func borders() async throws {
    let kept = Mutex<ScriptFunction?>(nil)
    var host = HostModule("host")
    host.function("keep") { (f: ScriptFunction) in kept.withLock { $0 = f } }
    host.function("kept") { () throws -> ScriptFunction in
      guard let f = kept.withLock({ $0 }) else { throw HostError("E_VALUE", "nothing is kept") }
      return f
    }
    host.function("door") { () in Hosted(Door()) }
    host.function("open") { (door: Hosted<Door>) in "open" }
    host.stream("doors") { () in AsyncStream<Hosted<Door>> { $0.yield(Hosted(Door())) } }
    let engine = Engine(modules: [host], limits: Self.limits)
    let first = try engine.compile("host.keep(() => 1)").instance()
    try await first.run()
    let foreign = await #expect(throws: ScriptError.self) { try await engine.compile("host.kept()").run() }
    #expect(foreign?.code == "E_TYPE")

    // In a list, in a closure, from a stream: an object is refused after its run wherever it was kept.
    let holder = try engine.compile(
      """
      let held = []
      var f = null
      export fn take() { held.push(host.door())
        let d = host.door()
        f = () => host.open(d)
        for door in host.doors() { held.push(door)
          break }
        f() }
      export fn use(i) { held[i].state }
      export fn pass(i) { host.open(held[i]) }
      export fn call() { f() }
      """
    ).instance()
    #expect(try await holder.call("take") as String == "open")
    for (name, index) in [("use", 0), ("use", 1), ("pass", 0), ("pass", 1), ("call", 0)] {
      let error = await #expect(throws: ScriptError.self) {
        if name == "call" { try await holder.call(name) } else { try await holder.call(name, index) }
      }
      #expect(error?.code == "E_VALUE" && error?.message.contains("has ended") == true, "\(name) \(index)")
    }

    let deep = try engine.compile("var l = []\nfor i in 0..<100000 { l = [l] }\nl")
    await #expect(throws: ConversionError.self) { try await deep.run(as: ScriptValue.self) }
    let round = try engine.compile("let l = []\nl.push(l)\nl")
    await #expect(throws: ConversionError.self) { try await round.run(as: JSONValue.self) }
  }

  static var all: [Attempt] { limitAttempts + permissionAttempts + boundaryAttempts }

  @Test("at least sixty attempts are made") func count() { #expect(Self.all.count >= 60) }

  @Test("a hostile script ends as it should, and the host goes on", arguments: all)
  func attempt(_ attempt: Attempt) async throws {
    let own = Cell()
    var limits = Self.limits
    if attempt.code == "E_TIME_LIMIT" { limits.time = .milliseconds(100) }
    let engine = Engine(modules: [Self.host(instance: own)], limits: limits)
    var found: String?
    do {
      let instance = try engine.compile(attempt.text, name: "hostile.ics").instance()
      own.value.withLock { $0 = instance }
      try await instance.run()
    } catch let error as ScriptError {
      found = error.code
    } catch let error as CompileError {
      found = error.diagnostics.first?.code
    }
    own.value.withLock { $0 = nil }
    #expect(Self.escapes.load(ordering: .relaxed) == 0)
    // Where no code is given, any end will do that is one.
    if let code = attempt.code { #expect(found == code) }
    #expect(try await engine.compile("host.echo(1)").run() as Int == 1)
  }

  @Test("an object that a script has kept is refused after the run that it was given to")
  func outlived() async throws {
    var host = HostModule("host")
    host.function("door") { () in Hosted(Door()) }
    host.function("kept") { () in Hosted(Door(), lifetime: .instance) }
    let instance = try Engine(modules: [host]).compile(
      """
      var d = null
      var k = null
      export fn take() { d = host.door()
        k = host.kept()
        d.state }
      export fn use() { d.state }
      export fn set() { d.state = "x" }
      export fn knock() { d.knock(() => 1) }
      export fn use_kept() { k.state }
      """
    ).instance()
    #expect(try await instance.call("take") as String == "shut")
    for name in ["use", "set", "knock"] {
      let error = await #expect(throws: ScriptError.self) { try await instance.call(name) }
      #expect(error?.code == "E_VALUE" && error?.message.contains("has ended") == true, "\(name)")
    }
    #expect(try await instance.call("use_kept") as String == "shut")
  }

  @Test(
    "a cancelled task stops its script wherever it is",
    arguments: [
      "while true { }", "sleep(3600)", "host.forever()", "host.door().wait(3600)", "host.ticks().to_list()",
      "parallel(0..<20, i => sleep(3600))", "host.call_later(() => sleep(3600))",
      "spawn(() => { while true { sleep(0) } })",
      "while true { try { sleep(0) } catch { } }", "host.call(() => { while true { } })",
      "(0..<100000000).map(x => x).length",
      "try { sleep(3600) } finally { while true { } }",
    ])
  func cancellation(text: String) async throws {
    let script = try Engine(modules: [Self.host(instance: Cell())], limits: .trusted).compile(text)
    let instance = try script.instance()
    let task = Task { try await instance.run() }
    await Task.yield()
    task.cancel()
    let error = await #expect(throws: ScriptError.self, "\(text)") { try await task.value }
    #expect(error?.isCancelled == true, "\(error?.description ?? text)")
  }
}
