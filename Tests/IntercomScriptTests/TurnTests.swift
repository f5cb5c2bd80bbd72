// Instances that work without an end share the threads of the process with everybody else.

import IntercomScript
import Testing

@Suite struct TurnTests {
  @Test("instances in long built-ins leave the threads to other tasks", .timeLimit(.minutes(2)))
  func sharing() async throws {
    let engine = Engine()
    let endless = try engine.compile(
      "let xs = random.shuffle((0..<2_000).to_list())\nwhile true { xs.sort() }")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<3 {
        group.addTask {
          let error = await #expect(throws: ScriptError.self) { try await endless.run() }
          #expect(error?.isCancelled == true)
        }
      }
      // Each of these waits for a thread behind all of them: there may be two.
      let other = try engine.compile("export fn add(a, b) { a + b }").instance()
      for number in 0..<5 { #expect(try await other.call("add", number, 1) as Int == number + 1) }
      group.cancelAll()
    }
  }
}
