// The snippets of the pages about limits and permissions.

import Foundation
import IntercomAPI
import IntercomScript
import Synchronization
import Testing

@Suite struct LimitSnippets {
  @Test("limits")
  func limits() async throws {
    // swift-format-ignore
    do {
    var limits = Limits.untrusted
    limits.fuel = 5_000_000
    limits.requests = 100
    do {
      try await Engine(limits: limits).compile("while true { try { while true {} } catch {} }").run()
    } catch let error as ScriptError where error.isLimit {
      print("stopped: \(error.code)")        // stopped: E_FUEL
    }
    let error = await #expect(throws: ScriptError.self) { try await Engine(limits: limits).compile("while true {}").run() }
    #expect(error?.code == "E_FUEL")
    }
    // swift-format-ignore
    do {
    let script = try Engine().compile("export fn work(n) { (0..<n).map(i => i * i).sum() }")
    var limits = Limits.untrusted
    limits.fuel = 2_000_000
    let instance = try script.instance(limits: limits)
    let total: Int = try await instance.call("work", 1_000)
    let usage = instance.usage
    print(total, usage.fuel, usage.peakMemory, usage.output, usage.requests, usage.wall)
    #expect(total == 332_833_500 && usage.fuel > 1_000 && usage.requests == 0)
    }
  }

  @Test("what the page says of the presets")
  func presets() {
    let (untrusted, trusted) = (Limits.untrusted, Limits.trusted)
    #expect(untrusted.fuel == 100_000_000 && untrusted.memory == 64 << 20 && untrusted.callDepth == 1_000)
    #expect(untrusted.fibers == 1_000 && untrusted.output == 1 << 20 && untrusted.requests == 1_000)
    #expect(untrusted.time == .seconds(30))
    #expect(trusted.fuel == nil && trusted.memory == 2 << 30 && trusted.callDepth == 20_000)
    #expect(trusted.fibers == 200_000 && trusted.output == nil && trusted.requests == nil && trusted.time == nil)
  }

  @Test("the same script uses the same fuel")
  func fuel() async throws {
    let script = try Engine().compile("var m = {}\nfor i in 0..<1000 { m[\"k{{i}}\"] = i }\nm.keys().sort().length")
    var used: Set<Int> = []
    for _ in 0..<5 {
      let instance = try script.instance()
      #expect(try await instance.run() as Int == 1000)
      used.insert(instance.usage.fuel)
    }
    #expect(used.count == 1, "\(used)")
  }

  @Test("stopping a script")
  func stopping() async throws {
    // swift-format-ignore
    do {
    let script = try Engine(limits: .trusted).compile("while true { sleep(0) }")
    let task = Task { try await script.run() }
    task.cancel()
    do {
      try await task.value
    } catch let error as ScriptError where error.isCancelled {
      print("stopped: \(error.code)")        // stopped: E_CANCELLED
    }
    let error = await #expect(throws: ScriptError.self) { try await task.value }
    #expect(error?.code == "E_CANCELLED")
    }
  }

  @Test("permissions")
  func permissions() async throws {
    // swift-format-ignore
    do {
    var permissions = Permissions()
    permissions.readableFolders = ["/srv/reports"]
    permissions.currentFolder = "/srv/reports"
    permissions.allowsVariable = { $0 == "REPORT_MONTH" }
    permissions.allowsHost = { name, port in name == "rates.example.com" && port == 443 }
    var environment = HostEnvironment()
    environment.variable = { name in name == "REPORT_MONTH" ? "2026-01" : nil }
    environment.transport = NetworkTransport()
    let engine = Engine(permissions: permissions, imports: .folder("/srv/scripts"), environment: environment)
    #expect(try await engine.compile("env(\"REPORT_MONTH\")").run() as String == "2026-01")
    let codes: [String] = try await engine.compile(
      """
      let actions = [() => env("HOME"), () => fs.read("../passwd"), () => http.get("https://example.com")]
      actions.map(action => try { action() } catch e { e.kind })
      """).run()
    #expect(codes == ["E_PERMISSION", "E_PERMISSION", "E_PERMISSION"])
    await environment.transport?.shutdown()
    }
    let plans = ["acme.com": "pro"]
    // swift-format-ignore
    do {
    func engine(for customer: String) -> Engine {
      var crm = HostModule("crm")
      crm.function("plan", doc: "The plan of this customer.") { () in plans[customer] ?? "none" }
      var permissions = Permissions()
      permissions.readableFolders = ["/srv/customers/\(customer)"]
      return Engine(modules: [crm], limits: .untrusted, permissions: permissions)
    }
    #expect(try await engine(for: "acme.com").compile("crm.plan()").run() as String == "pro")
    #expect(try await engine(for: "other.com").compile("crm.plan()").run() as String == "none")
    }
  }
}
