// Generated programs run on the virtual machine and in the reference evaluator: they must print the same and end the
// same. ICS_DIFFERENTIAL=100000 sets how many programs, ICS_DIFFERENTIAL_SEED where they begin.

import Foundation
import ICSCompiler
import ICSDiagnostics
import ICSLibrary
import ICSVM
import ReferenceEvaluator
import Testing

private func setting(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

@Suite struct DifferentialTests {
  private static let parts = 8

  @Test("generated programs run alike on the machine and in the reference evaluator", arguments: 0..<parts)
  func programs(part: Int) async {
    let count = (setting("ICS_DIFFERENTIAL") ?? 160) / Self.parts
    let first = (setting("ICS_DIFFERENTIAL_SEED") ?? 1) + part * count
    var compared = 0
    var differences = 0
    for seed in first..<(first + count) {
      let program = ProgramGenerator.program(seed: UInt64(seed))
      switch await compare(program) {
      case .equal: compared += 1
      case .notCompared: break
      case .notCompiled(let messages):
        Issue.record("seed \(seed) does not compile: \(messages)\n\(program.text)")
        return
      case .different:
        differences += 1
        await report(program, seed)
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

  private func compare(_ program: Code) async -> Comparison {
    let (text, modules) = Self.files(of: program)
    let expected: Outcome
    do {
      expected = try Evaluator.run(text, modules: modules, maximumSteps: 50_000)
    } catch EvaluationFailure.outOfSteps {
      return .notCompared
    } catch {
      return .notCompiled(["the evaluator: \(error)"])
    }
    switch await runOnMachine(text, modules) {
    case .ended(let found): return expected == found ? .equal : .different
    case .notCompiled(let messages): return .notCompiled(messages)
    case .stoppedByLimit: return .notCompared
    }
  }

  /// The program's own text, and the modules that it imports.
  private static func files(of program: Code) -> (text: String, modules: [(path: String, text: String)]) {
    let parts = program.text.components(separatedBy: ProgramGenerator.moduleEnd)
    return parts.count == 2 ? (parts[1], [("m", parts[0])]) : (parts[0], [])
  }

  private func report(_ program: Code, _ seed: Int) async {
    let reduced = await program.shrunk { await compare($0) == .different }
    let small = reduced.text
    let (text, modules) = Self.files(of: reduced)
    let expected = (try? Evaluator.run(text, modules: modules)).map { "\($0.output)\($0.end)" } ?? "-"
    var found = "-"
    if case .ended(let outcome) = await runOnMachine(text, modules) { found = outcome.output + outcome.end }
    Issue.record(
      "seed \(seed) differs:\n\(small)\n--- the evaluator ---\n\(expected)\n--- the machine ---\n\(found)\n---")
  }

  private func runOnMachine(_ text: String, _ modules: [(path: String, text: String)]) async -> Run {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let result = Compiler(prelude: library.names, loader: Modules(texts: modules))
      .compile(SourceFile(name: "program", text: text))
    guard let unit = result.unit, !result.hasErrors else {
      return .notCompiled(result.diagnostics.filter { $0.severity == .error }.map(\.message))
    }
    // The length is as good as a die: some programs run with a collection at every safe point, which is slow.
    let isStressed = text.utf8.count % 8 == 1
    let limits = Limits(fuel: isStressed ? 20_000 : 2_000_000, memory: 64 << 20)
    let machine = Machine(library: library, limits: limits, hashSeed: 7, clock: { 0 })
    if isStressed { machine.stressCollector() }
    let printed = Printed()
    machine.output = { printed.bytes += $0 }
    var end = ""
    for program in unit.programs.map({ machine.install($0) }) {
      switch await machine.run(machine.mainClosure(of: program)) {
      case .finished(let value):
        end = machine.state.printedForm(value) ?? "too deep"
        continue
      case .failed(let errors): end = errors.first.map { machine.diagnostic(for: $0).code } ?? ""
      }
      if end == "E_FUEL" || end == "E_MEMORY" { return .stoppedByLimit }
      break
    }
    return .ended(Outcome(output: String(decoding: printed.bytes, as: UTF8.self), end: end))
  }

  private struct Modules: ModuleLoader {
    let texts: [(path: String, text: String)]

    func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile)
    {
      guard let module = texts.first(where: { $0.path == path }) else { throw .notFound }
      return (path, SourceFile(name: path, text: module.text))
    }
  }

  private final class Printed {
    var bytes: [UInt8] = []
  }
}
