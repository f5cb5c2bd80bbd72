import ICSCompiler
import ICSDiagnostics
import ICSVM

@testable import ICSLibrary

/// What a script printed, and the error that ended it.
struct TestScript {
  private(set) var output: [String] = []
  private(set) var error: String?

  /// Runs a script in a world that `prepare` makes.
  init(_ text: String, prepare: (LibraryHost) -> Void = { _ in }) async {
    let host = LibraryHost(wallClock: { 1_714_559_400 }, randomSeed: 1)
    prepare(host)
    let library = Library(host: host)
    var nanoseconds: UInt64 = 0
    let machine = Machine(library: library, hashSeed: 1) {
      nanoseconds += 1000
      return nanoseconds
    }
    let printed = Printed()
    machine.output = { printed.bytes.append(contentsOf: $0) }
    let result = Compiler(prelude: library.names, loader: Standard())
      .compile(SourceFile(name: "test.ics", text: text))
    if let unit = result.unit, !result.hasErrors {
      for program in unit.programs.map({ machine.install($0) }) where error == nil {
        if case .failed(let errors) = await machine.run(machine.mainClosure(of: program)) {
          error = errors.first.map { machine.diagnostic(for: $0) }.map { "\($0.code) \($0.message)" }
        }
      }
    } else {
      error = result.diagnostics.first { $0.severity == .error }.map { "\($0.code) \($0.message)" }
    }
    output = String(decoding: printed.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    if output.last == "" { output.removeLast() }
  }

  private final class Printed {
    var bytes: [UInt8] = []
  }

  private struct Standard: ModuleLoader {
    func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile)
    {
      guard let text = StandardModules.source(of: path) else { throw .notFound }
      return (path, SourceFile(name: path, text: text))
    }
  }
}
