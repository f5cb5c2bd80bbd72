import Foundation
import ICSLibrary
import ICSVM
import Testing

/// The golden scripts: the behaviour of the language and of its built-ins.
@Suite struct ScriptTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Scripts")

  @Test("a golden script does what its comments say", arguments: try Golden.all(in: folder))
  func golden(_ golden: Golden) async {
    let run = await ScriptRun(
      golden.text, name: golden.file.lastPathComponent, folder: golden.file.deletingLastPathComponent())
    for line in golden.differences(run) { Issue.record("\(line)") }
  }

  @Test("a golden script does the same when the collector runs at every chance", arguments: try Golden.all(in: folder))
  func stressed(_ golden: Golden) async {
    let run = await ScriptRun(
      golden.text, name: golden.file.lastPathComponent, folder: golden.file.deletingLastPathComponent(),
      limits: Limits(fuel: 5_000, time: .seconds(120)), isStressed: true)
    // Whatever runs for long may hold much, and would mark it at every step: such a program is given up.
    if run.diagnostics.contains(where: { $0.code == "E_FUEL" }) { return }
    for line in golden.differences(run) { Issue.record("\(line)") }
  }

  @Test("every built-in's example does what its comments say", arguments: Example.all)
  func example(_ example: Example) async {
    for golden in Golden.programs(of: URL(fileURLWithPath: "/example.ics"), bytes: Array(example.text.utf8)) {
      let run = await ScriptRun(
        golden.text, name: "example.ics", folder: URL(fileURLWithPath: "/example", isDirectory: true),
        prepare: example.prepare)
      for line in golden.differences(run) { Issue.record("\(line)") }
    }
  }
}

/// The example of a built-in.
struct Example: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  let capability: BuiltIn.Capability

  var testDescription: String { name }

  /// The network and Intercom are not there in these tests.
  static let all: [Example] = BuiltIn.all
    .filter { !$0.example.isEmpty && $0.capability != .network && $0.capability != .intercom }
    .map { Example(name: $0.name, text: $0.example, capability: $0.capability) }

  /// Allows what the example is about: a folder of its own, a variable.
  func prepare(_ host: LibraryHost) {
    if capability == .files {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("example-\(UUID().uuidString)")
      // A folder that cannot be made shows as an example that fails.
      try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let path = folder.resolvingSymlinksInPath().path
      host.files.readRoots = [path]
      host.files.writeRoots = [path]
      host.files.currentFolder = path
    }
    host.allowsVariable = { $0 == "HOME" }
    host.environment = { $0 == "HOME" ? "/home/ada" : nil }
  }
}
