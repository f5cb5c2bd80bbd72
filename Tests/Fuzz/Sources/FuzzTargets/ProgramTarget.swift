// Compiles and runs: any text, under small limits, with the collector under stress for half of the inputs.

import Dispatch
import ICSCompiler
import ICSDiagnostics
import ICSLibrary
import ICSVM
import Synchronization

extension FuzzTarget {
  /// A program ends: with a value, an error of the script's, or a limit. Its diagnostics can be shown.
  static let program = FuzzTarget(name: "program") { bytes in
    // The first byte is part of the program, so that seeds are plain scripts.
    let isStressed = bytes.count % 2 == 1
    let source = SourceFile(name: "input", bytes: Array(bytes))
    let clock = VirtualClock()
    let host = LibraryHost(wallClock: { 1_700_000_000 }, randomSeed: 1)
    let library = Library(host: host)
    let result = Compiler(prelude: library.names).compile(source)
    let renderer = DiagnosticRenderer(color: false)
    for diagnostic in result.diagnostics { _ = renderer.render(diagnostic) }
    if result.diagnostics.contains(where: { $0.message.contains("internal") }) { fail("an internal error") }
    guard let unit = result.unit, !result.hasErrors else { return }
    wait { await run(unit, isStressed: isStressed, clock: clock, host: host) }
  }

  private static let limits = Limits(
    fuel: 30_000, memory: 16 << 20, callDepth: 500, fibers: 50, output: 1 << 16, time: .seconds(1_000_000_000))

  private static func run(_ unit: ICSVM.Unit, isStressed: Bool, clock: VirtualClock, host: LibraryHost) async {
    let machine = Machine(library: Library(host: host), limits: limits, hashSeed: 7, clock: { clock.now })
    machine.sleepUntil = { clock.advance(to: $0) }
    if isStressed { machine.stressCollector() }
    let renderer = DiagnosticRenderer(color: false)
    for program in unit.programs {
      let loaded = machine.install(program)
      switch await machine.run(machine.mainClosure(of: loaded)) {
      case .finished(let value): _ = machine.state.printedForm(value, maximumLength: 10_000)
      case .failed(let errors):
        for error in errors { _ = renderer.render(machine.diagnostic(for: error)) }
        return
      }
    }
    let overshoot = machine.usedFuel - (limits.fuel ?? 0)
    if overshoot > 5_000 { fail("the fuel limit was passed by \(overshoot)") }
  }

  /// Blocks until an asynchronous function has ended: libFuzzer's loop is synchronous.
  private static func wait(_ body: sending @escaping () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      await body()
      done.signal()
    }
    done.wait()
  }
}

/// Time that passes only when a script sleeps.
final class VirtualClock: Sendable {
  private let nanoseconds = Atomic<UInt64>(0)

  var now: UInt64 { nanoseconds.load(ordering: .relaxed) }
  func advance(to moment: UInt64) { nanoseconds.store(max(moment, now), ordering: .relaxed) }
}
