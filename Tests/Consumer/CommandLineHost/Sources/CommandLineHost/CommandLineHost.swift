// A small program with scripts inside: it gives them two Swift functions, runs them and reads their results.
// Each line of its output is checked by `scripts/test`.

import IntercomScript

@main
struct CommandLineHost {
  static let accounts = ["acme.com": "pro", "tiny.org": "free"]

  static func main() async throws {
    var crm = HostModule("crm")
    crm.function("plan", doc: "The plan of a domain.") { (domain: String) in accounts[domain] ?? "none" }
    crm.function("seats", doc: "How many seats a domain has.") { (domain: String, extra: Int) async throws -> Int in
      guard let plan = accounts[domain] else { throw HostError("E_NO_ACCOUNT", "nobody here is called \(domain)") }
      await Task.yield()
      return (plan == "pro" ? 25 : 3) + extra
    }
    let engine = Engine(modules: [crm], limits: .untrusted) { line in print("script: \(line)", terminator: "") }

    try await readsResults(engine)
    try await reportsErrors(engine)
    try await keepsLimits(engine)
    try await runsMany(engine)
    try await leavesNothing(engine)
    try await needsNoThreads()
  }

  /// A script's value, as Swift types.
  static func readsResults(_ engine: Engine) async throws {
    let script = try engine.compile(
      """
      print("looking at {{domains.length}} domains")
      domains.map(d => "{{d}} is {{crm.plan(d)}}")
      """, name: "plans.ics", inputs: ["domains"])
    let lines: [String] = try await script.run(with: ["domains": ["acme.com", "tiny.org", "nobody.net"]])
    print(lines.joined(separator: ", "))

    let seats: Int = try await engine.compile("crm.seats(\"acme.com\", 2)").run()
    print("seats: \(seats)")
  }

  /// Errors of both sides, each as the other side's.
  static func reportsErrors(_ engine: Engine) async throws {
    do {
      _ = try engine.compile("let a = 1\na = 2\nprint(b)", name: "broken.ics")
    } catch {
      print("does not compile: \(error.diagnostics.map(\.code).joined(separator: ", "))")
    }
    let caught: String = try await engine.compile(
      "try { crm.seats(\"nobody.net\", 0) } catch e { \"{{e.kind}}: {{e.message}}\" }"
    ).run()
    print(caught)
    do {
      try await engine.compile("crm.plan(5)", name: "wrong.ics").run()
    } catch let error as ScriptError {
      print("\(error.code): \(error.message)")
    }
  }

  /// A script that never ends is stopped, and cannot catch it.
  static func keepsLimits(_ engine: Engine) async throws {
    do {
      try await engine.compile("while true { try { while true {} } catch {} }").run()
    } catch let error as ScriptError {
      print("stopped: \(error.code)")
    }
  }

  /// One compiled script, many runs at the same time.
  static func runsMany(_ engine: Engine) async throws {
    let script = try engine.compile("var sum = 0\nfor i in 0..<n { sum += i }\nsum", inputs: ["n"])
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
      for n in 1...100 { group.addTask { try await script.run(with: ["n": n]) } }
      return try await group.reduce(0, +)
    }
    print("many runs: \(total)")
  }

  /// Instances that are made, used and dropped leave no memory behind. Bytes that are allocated are counted, not pages: what
  /// else the system does makes no difference.
  static func leavesNothing(_ engine: Engine) async throws {
    let script = try engine.compile(
      """
      let plans = ["acme.com", "tiny.org"].map(d => ({domain: d, plan: crm.plan(d)}))
      export fn count(text) {
        try { throw error("no {{text}}", kind: "E_MINE") } catch e { e.message.length + plans.length }
      }
      """)
    func use(_ count: Int) async throws {
      for _ in 0..<count {
        let instance = try script.instance()
        let function: ScriptFunction = try await instance.value("count")
        let length: Int = try await function("more of it")
        guard length == 15 else { return print("growth: the script gave \(length)") }
      }
    }
    try await use(1_000)
    let before = Process.allocatedBytes
    let count = 20_000
    try await use(count)
    let grown = Process.allocatedBytes - before
    // Less than the smallest object for each.
    print("growth: \(grown < count * 24 ? "none" : "\(grown) bytes")")
  }

  /// Instances that wait at the same time share the threads that there are.
  static func needsNoThreads() async throws {
    let count = 1_000
    let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
    let (openings, opening) = AsyncStream.makeStream(of: Void.self)
    let opened = Task { for await _ in openings { return } }
    var gate = HostModule("gate")
    gate.function("pass") { () async in
      arrival.yield()
      await opened.value
    }
    let script = try Engine(modules: [gate], limits: .untrusted)
      .compile("var sum = 0\nfor i in 0..<n { sum += i }\ngate.pass()\nsum", inputs: ["n"])
    let before = Process.threads
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
      for n in 1...count { group.addTask { try await script.run(with: ["n": n % 10]) } }
      var waiting = 0
      for await _ in arrivals {
        waiting += 1
        if waiting == count { break }
      }
      let more = Process.threads - before
      print("at once: \(waiting), threads: \(more <= Process.cores ? "those of the pool" : "\(more) more")")
      opening.yield()
      return try await group.reduce(0, +)
    }
    print("their sum: \(total)")
  }
}
