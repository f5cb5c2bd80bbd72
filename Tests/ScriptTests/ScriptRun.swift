// Runs a script in this process, as `ics run` does in its own.

import Foundation
import ICSCompiler
import ICSDiagnostics
import ICSLibrary
import ICSVM
import Synchronization

/// What a script printed, and how it ended.
struct ScriptRun {
  var output: [String] = []
  var diagnostics: [Diagnostic] = []
  /// What the process would end with.
  var status = 0

  /// - Parameter folder: Where modules are found.
  /// - Parameter prepare: Allows the script more than nothing.
  init(
    _ text: [UInt8], name: String, folder: URL, limits: Limits = Limits(time: .seconds(120)), isStressed: Bool = false,
    prepare: (LibraryHost) -> Void = { _ in }
  ) async {
    let host = LibraryHost(wallClock: { Date().timeIntervalSince1970 }, randomSeed: 42)
    // Registered and never called, as by `ics run`.
    host.registerHook = { _, _ in }
    prepare(host)
    let library = Library(host: host)
    let clock = SkippingClock()
    let machine = Machine(library: library, limits: limits, hashSeed: .random(in: 0 ... .max)) { clock.now }
    machine.sleepUntil = { clock.skip(to: $0) }
    if isStressed { machine.stressCollector() }
    let printed = Printed()
    machine.output = { printed.bytes.append(contentsOf: $0) }

    let path = folder.appendingPathComponent(name).path
    let result = Compiler(prelude: library.names, loader: FolderLoader(root: folder.path))
      .compile(SourceFile(name: name, bytes: text), path: path)
    if let unit = result.unit, !result.hasErrors {
      await run(unit, on: machine)
    } else {
      diagnostics = result.diagnostics
      status = 2
    }
    output = String(decoding: printed.bytes, as: UTF8.self).components(separatedBy: "\n")
    if output.last == "" { output.removeLast() }
  }

  private mutating func run(_ unit: ICSVM.Unit, on machine: Machine) async {
    for program in unit.programs.map({ machine.install($0) }) {
      if case .failed(let errors) = await machine.run(machine.mainClosure(of: program)) {
        diagnostics = errors.map { machine.diagnostic(for: $0) }
        status = 1
        return
      }
    }
  }

  private final class Printed {
    var bytes: [UInt8] = []
  }
}

/// The system's clock, put forward by what scripts would sleep: nothing waits in these tests. What a script waits for a
/// thread behind other tests does not count.
private final class SkippingClock: Sendable {
  private struct Time {
    var now: UInt64
    /// The system's clock when it was last looked at.
    var system: UInt64
  }

  private static let longestStep: UInt64 = 20_000_000
  private let time = Mutex(Time(now: 1_000_000_000, system: DispatchTime.now().uptimeNanoseconds))

  var now: UInt64 {
    time.withLock {
      let system = max($0.system, DispatchTime.now().uptimeNanoseconds)
      $0.now += min(system - $0.system, Self.longestStep)
      $0.system = system
      return $0.now
    }
  }

  func skip(to moment: UInt64) { time.withLock { $0.now = max($0.now, moment) } }
}

/// Modules in a folder and below it.
struct FolderLoader: ModuleLoader {
  let root: String

  func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile) {
    if let text = StandardModules.source(of: path) { return (path, SourceFile(name: path, text: text)) }
    let base = importer.map { ($0 as NSString).deletingLastPathComponent } ?? root
    let file = URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: base, isDirectory: true)).standardizedFileURL
    guard file.path.hasPrefix(root + "/") else { throw .outsideRoot }
    // Why it cannot be read makes no difference here.
    guard let data = try? Data(contentsOf: file) else { throw .notFound }
    return (file.path, SourceFile(name: String(file.path.dropFirst(root.count + 1)), bytes: [UInt8](data)))
  }
}
