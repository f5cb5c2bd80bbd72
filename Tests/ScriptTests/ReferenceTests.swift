import Foundation
import ICSCompiler
import ICSDiagnostics
import ICSLibrary
import ICSVM
import Testing

/// The reference: generated pages are current, and every example does what it says.
@Suite struct ReferenceTests {
  @Test("a generated page is what the tables give", arguments: Reference.generated.map(\.name))
  func current(_ name: String) throws {
    let file = Reference.folder.appendingPathComponent(name)
    let text = try #require(Reference.generated.first { $0.name == name }?.text)
    if ProcessInfo.processInfo.environment["ICS_BLESS"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let committed = try String(contentsOf: file, encoding: .utf8)
    #expect(committed == text, "\(name) is stale: scripts/bless --reference")
  }

  @Test("every topic with built-ins for readers is in the library's page")
  func whole() {
    #expect(Reference.missingTopics.isEmpty)
  }

  /// The examples of the built-ins and of the error codes run from their tables, those of Intercom's page against the
  /// sandbox.
  @Test("an example of the language's page does what its comments say", arguments: try examples("Language.md"))
  func language(_ example: DocumentedExample) async {
    let name = "\(example.page).ics"
    for golden in Golden.programs(of: URL(fileURLWithPath: "/\(name)"), bytes: Array(example.text.utf8)) {
      let run = await ScriptRun(golden.text, name: name, folder: URL(fileURLWithPath: "/nowhere", isDirectory: true))
      for line in golden.differences(run) { Issue.record("\(line)") }
    }
  }

  private static func examples(_ page: String) throws -> [DocumentedExample] {
    try DocumentedExample.all(in: Reference.folder.appendingPathComponent(page))
  }

  @Test("an error's example ends with the error", arguments: ErrorExample.all)
  func errorExample(_ example: ErrorExample) async {
    let folder = ScriptTests.folder.resolvingSymlinksInPath()
    let run = await ScriptRun(Array(example.text.utf8), name: "a.ics", folder: folder, limits: example.limits) { host in
      host.files.readRoots = [folder.path]
      host.files.currentFolder = folder.path
    }
    #expect(run.diagnostics.first?.code == example.code, "\(run.diagnostics.map(\.message)) \(run.output)")
    #expect(run.status == Int(ErrorCode(example.code).exitStatus))
  }

  @Test("a warning's example is warned about, and runs", arguments: ErrorCode.table.filter { $0.phase == .warning })
  func warningExample(_ entry: ErrorCode.Entry) async {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let result = Compiler(prelude: library.names).compile(SourceFile(name: "a.ics", text: entry.example))
    #expect(result.diagnostics.contains { $0.code == entry.code.rawValue }, "\(result.diagnostics.map(\.code))")
    #expect(!result.hasErrors)
  }
}

/// The example of an error that needs nothing from outside.
struct ErrorExample: Sendable, CustomTestStringConvertible {
  let code: String
  let text: String

  var testDescription: String { code }

  /// Requests need Intercom, queries its collections; a cycle needs a second file, cancelling another task, and
  /// durable steps a journal. Those are tested where they belong.
  static let all: [ErrorExample] = ErrorCode.table
    .filter { ![.command, .request, .warning].contains($0.phase) }
    .filter { !["E_QUERY", "E_IMPORT_CYCLE", "E_CANCELLED", "E_STEP"].contains($0.code.rawValue) }
    .map { ErrorExample(code: $0.code.rawValue, text: $0.example) }

  /// Those that the example's first line gives to `ics run`; a time is shortened.
  var limits: Limits {
    var limits = Limits(time: .seconds(20))
    if text.contains("--fuel 1000000") { limits.fuel = 1_000_000 }
    if text.contains("--memory 64MB") { limits.memory = 64 << 20 }
    if text.contains("--timeout 1s") { limits.time = .milliseconds(20) }
    return limits
  }
}
