// Generated programs run on the virtual machine and in the reference evaluator: they must print the same and end the
// same. ICS_DIFFERENTIAL=100000 sets how many programs, ICS_DIFFERENTIAL_SEED where they begin.

import ICSCompiler
import ICSDiagnostics
import ICSLibrary
import ICSVM
import ReferenceEvaluator
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func setting(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

@Suite struct DifferentialTests {
  private static let parts = 8

  @Test("generated programs run alike on the machine and in the reference evaluator", arguments: 0..<parts)
  func programs(part: Int) {
    let count = (setting("ICS_DIFFERENTIAL") ?? 160) / Self.parts
    let first = (setting("ICS_DIFFERENTIAL_SEED") ?? 1) + part * count
    var compared = 0
    var differences = 0
    for seed in first..<(first + count) {
      let program = ProgramGenerator.program(seed: UInt64(seed))
      switch compare(program) {
      case .equal: compared += 1
      case .notCompared: break
      case .notCompiled(let messages):
        Issue.record("seed \(seed) does not compile: \(messages)\n\(program.text)")
        return
      case .different:
        differences += 1
        report(program, seed)
        if differences == 3 { return }
      }
    }
    // Programs that take too long, and nothing else, are left out.
    #expect(compared * 100 >= count * 90, "only \(compared) of \(count) programs were compared")
  }

  // MARK: Comparing

  private enum Comparison: Equatable {
    case equal, different, notCompared
    case notCompiled([String])
  }

  private enum Run {
    case ended(Outcome)
    case stoppedByLimit
    case notCompiled([String])
  }

  private func compare(_ program: Code) -> Comparison {
    let text = program.text
    let expected: Outcome
    do {
      expected = try Evaluator.run(text, maximumSteps: 50_000)
    } catch EvaluationFailure.outOfSteps {
      return .notCompared
    } catch {
      return .notCompiled(["the evaluator: \(error)"])
    }
    switch runOnMachine(text) {
    case .ended(let found): return expected == found ? .equal : .different
    case .notCompiled(let messages): return .notCompiled(messages)
    case .stoppedByLimit: return .notCompared
    }
  }

  private func report(_ program: Code, _ seed: Int) {
    let small = program.shrunk { compare($0) == .different }.text
    let expected = (try? Evaluator.run(small)).map { "\($0.output)\($0.end)" } ?? "-"
    var found = "-"
    if case .ended(let outcome) = runOnMachine(small) { found = outcome.output + outcome.end }
    Issue.record(
      "seed \(seed) differs:\n\(small)\n--- the evaluator ---\n\(expected)\n--- the machine ---\n\(found)\n---")
  }

  private func runOnMachine(_ text: String) -> Run {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let result = Compiler(prelude: library.names).compile(SourceFile(name: "program", text: text))
    guard let program = result.unit?.programs.last, !result.hasErrors else {
      return .notCompiled(result.diagnostics.filter { $0.severity == .error }.map(\.message))
    }
    // The length is as good as a die: some programs run with a collection at every safe point, which is slow.
    let isStressed = text.utf8.count % 8 == 1
    let limits = Limits(fuel: isStressed ? 20_000 : 2_000_000, memory: 64 << 20)
    let machine = Machine(library: library, limits: limits, hashSeed: 7, clock: { 0 })
    if isStressed { machine.stressCollector() }
    let printed = Printed()
    machine.output = { printed.bytes += $0 }
    let main = machine.mainClosure(of: machine.install(program))
    let arguments = ICSVM.Value.object(Tag.list, machine.state.newList(capacity: 0))
    guard let fiber = machine.makeFiber(main, arguments: arguments) else { return .stoppedByLimit }
    let end: String
    switch machine.run(fiber) {
    case .finished(let value): end = machine.state.printedForm(value) ?? "too deep"
    case .failed(let error):
      end = machine.diagnostic(for: error).code
      if end == "E_FUEL" || end == "E_MEMORY" { return .stoppedByLimit }
    case .suspended: return .stoppedByLimit
    }
    return .ended(Outcome(output: String(decoding: printed.bytes, as: UTF8.self), end: end))
  }

  private final class Printed {
    var bytes: [UInt8] = []
  }
}
