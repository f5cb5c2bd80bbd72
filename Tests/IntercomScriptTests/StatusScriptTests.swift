// The kinds of errors that need an Intercom with faults.

import IntercomSandbox
import Testing

@testable import IntercomScript

@Suite struct StatusScriptTests {
  @Test(
    "an answer that says no, or none in time, is an error of its own kind",
    arguments: [
      ("429:100%", "retries: 0", "E_RATE_LIMIT 429"), ("500:100%", "retries: 0", "E_HTTP 500"),
      ("slow:5000ms", "retries: 0, timeout: 50ms", "E_TIMEOUT null"),
    ])
  func kinds(faults: String, options: String, expected: String) async throws {
    let bench = try await Workbench(Sandbox.Configuration(faults: try Faults(faults), requestsPerMinute: nil))
    let lines = await bench.run(
      "try { intercom.request(\"/me\", \(options)) } catch e { print(e.kind, e.data?.status) }")
    #expect(lines == [expected])
    await bench.sandbox.stop()
  }
}
