// How long a script goes on after its time is over or somebody has stopped it, on a real clock. The promise is 50
// milliseconds in an optimised build on a machine that does nothing else: ICS_TIME_BOUNDS=1 holds the tests to it and
// prints what was measured. Without it they allow for other tests beside them and for builds that are not optimised.
//
//     ICS_TIME_BOUNDS=1 swift test -c release --filter TimeBoundTests

import Foundation
import ICSCompiler
import ICSDiagnostics
import ICSLibrary
import ICSVM
import Synchronization
import Testing

@Suite(.serialized) struct TimeBoundTests {
  private static let isStrict = ProcessInfo.processInfo.environment["ICS_TIME_BOUNDS"] != nil

  private static var bound: Duration {
    if isStrict { return .milliseconds(50) }
    #if DEBUG
      return .seconds(5)
    #else
      return .seconds(1)
    #endif
  }

  /// What runs when the time is over. It prints when its preparations are done.
  struct Work: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
  }

  static let works = [
    Work(testDescription: "a loop", text: "print(0)\nwhile true { }"),
    Work(
      testDescription: "a loop that catches", text: "print(0)\nwhile true { try { throw 1 } catch { } finally { } }"),
    Work(
      testDescription: "a sort of a million",
      text: """
        let xs = random.shuffle((0..<1_000_000).to_list())
        print(0)
        while true { xs.copy().sort() }
        """),
    Work(
      testDescription: "a sort of a million by a function",
      text: """
        let xs = random.shuffle((0..<1_000_000).to_list())
        print(0)
        while true { xs.sort_by(x => -x) }
        """),
    Work(
      testDescription: "a pattern on 20 MB",
      text: """
        let text = "a".repeat(20_000_000)
        let pattern = regex("(a+)+b")
        print(0)
        while true { pattern.test(text) }
        """),
    Work(
      testDescription: "parsing 50 MB of JSON",
      text: """
        let text = "[" + '{"a": [1, 2.5, "text", null]},'.repeat(1_600_000) + "0]"
        print(0)
        while true { json.parse(text) }
        """),
    Work(
      testDescription: "printing JSON",
      text: """
        let list = json.parse("[" + '{"a": [1, 2.5, "text", null]},'.repeat(100_000) + "0]")
        print(0)
        while true { json.stringify([list, list, list, list, list, list, list, list]) }
        """),
    Work(
      testDescription: "replacing in 20 MB",
      text: "let text = \"ab\".repeat(10_000_000)\nprint(0)\nwhile true { text.replace(\"a\", \"xy\") }"),
    Work(
      testDescription: "a comparison of large lists",
      text: """
        let a = [1].repeat(5_000_000)
        let b = a.copy()
        print(0)
        while true { a == b }
        """),
    Work(testDescription: "a sleep", text: "print(0)\nsleep(600)"),
    Work(
      testDescription: "sleeping tasks", text: "for i in 0..<100 { spawn(() => sleep(600)) }\nprint(0)\nsleep(600)"),
    Work(
      testDescription: "tasks that hand over", text: "spawn(() => { while true { sleep(0) } })\nprint(0)\nsleep(600)"),
  ]

  @Test("a script that is stopped ends at once", arguments: works)
  func interruption(_ work: Work) async throws {
    let run = try #require(await Self.run(work.text, stop: .milliseconds(60)))
    #expect(run.code == "E_CANCELLED")
    report(work, "after it was stopped", run.late)
  }

  @Test("a script whose time is over ends at once", arguments: works)
  func timeLimit(_ work: Work) async throws {
    let run = try #require(await Self.run(work.text, limit: .milliseconds(400)))
    #expect(run.code == "E_TIME_LIMIT")
    report(work, "after its time was over", run.late)
  }

  private func report(_ work: Work, _ what: String, _ late: Duration) {
    #expect(late < Self.bound)
    guard Self.isStrict else { return }
    let milliseconds = Double(late.components.attoseconds) / 1e15 + Double(late.components.seconds) * 1000
    print("time bound: \(work.testDescription) ends \(String(format: "%.1f", milliseconds)) ms \(what)")
  }

  #if !DEBUG
    @Test("a million lines, and a million names, are compiled and run within two seconds")
    func longSources() async throws {
      let lines = "var x = 0\n" + String(repeating: "x = 1\n", count: 1_000_000)
      let names = (0..<1_000_000).map { "let a\($0) = \($0)" }.joined(separator: "\n")
      for (what, text) in [("a million lines", lines), ("a million names", names)] {
        let start = ContinuousClock.now
        let run = try #require(await Self.run(text))
        let taken = start.duration(to: .now)
        #expect(run.code == nil)
        #expect(taken < .seconds(Self.isStrict ? 2 : 20))
        if Self.isStrict { print("time bound: \(what) take \(taken)") }
      }
    }
  #endif

  // MARK: Running

  /// What a script ended with, and how long after it should have.
  private struct Run {
    var code: String?
    var late: Duration
  }

  /// - Parameters:
  ///   - limit: The time that the script has.
  ///   - stop: How long after its first line of output it is stopped.
  private static func run(_ text: String, limit: Duration? = nil, stop: Duration? = nil) async -> Run? {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let result = Compiler(prelude: library.names).compile(SourceFile(name: "work.ics", text: text))
    guard let program = result.unit?.programs.last else {
      Issue.record("\(result.diagnostics.map(\.message))")
      return nil
    }
    let due = Due()
    if let limit { due.moment.withLock { $0 = .now + limit } }
    let code = await end(of: program, limit: limit, stop: stop, due)
    return Run(code: code, late: due.moment.withLock { $0 }.map { $0.duration(to: .now) } ?? .zero)
  }

  /// When a script should have ended.
  private final class Due: Sendable {
    let moment = Mutex<ContinuousClock.Instant?>(nil)
    let isStopping = Atomic<Bool>(false)
  }

  /// The code of the error that a program ends with. Its machine is gone with what it held when this returns.
  private static func end(of program: Program, limit: Duration?, stop: Duration?, _ due: Due) async -> String? {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let machine = Machine(library: library, limits: Limits(memory: 4 << 30, time: limit), hashSeed: 7) {
      DispatchTime.now().uptimeNanoseconds
    }
    machine.sleepUntil = { moment in
      let now = DispatchTime.now().uptimeNanoseconds
      // The scheduler cancels the wait when the script ends.
      if moment > now { try? await Task.sleep(nanoseconds: moment - now) }
    }
    let interruption = machine.interruption
    machine.output = { _ in
      guard let stop, !due.isStopping.exchange(true, ordering: .relaxed) else { return }
      let (seconds, attoseconds) = stop.components
      DispatchQueue.global().asyncAfter(deadline: .now() + Double(seconds) + Double(attoseconds) / 1e18) {
        due.moment.withLock { $0 = .now }
        interruption.request()
      }
    }
    switch await machine.run(machine.mainClosure(of: machine.install(program))) {
    case .finished: return nil
    case .failed(let errors): return errors.first.map { machine.diagnostic(for: $0).code }
    }
  }
}
