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
}
