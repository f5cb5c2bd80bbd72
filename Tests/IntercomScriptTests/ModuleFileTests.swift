// Modules as files: what may be imported, and what must not be reached.

import Foundation
import ICSCompiler
import ICSDiagnostics
import Testing

@testable import IntercomScript

@Suite struct ModuleFileTests {
  /// A folder with a root for modules and a secret beside it.
  private func inFolder(_ body: (_ root: URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ics-modules-\(UUID().uuidString)")
    let root = folder.appendingPathComponent("root")
    try FileManager.default.createDirectory(
      at: root.appendingPathComponent("lib"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try "export let word = \"secret\"".write(
      to: folder.appendingPathComponent("secret.ics"), atomically: true, encoding: .utf8)
    try "export let n = 1".write(to: root.appendingPathComponent("lib/a.ics"), atomically: true, encoding: .utf8)
    try body(root)
  }

  private func failure(_ path: String, root: String, from importer: String? = nil) -> ModuleError? {
    do {
      _ = try FileModules(root: root).load(path, from: importer)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "nothing outside the root is read, whatever the path says",
    arguments: [
      "../secret.ics", "../../../secret.ics", "lib/../../secret.ics", "/etc/passwd", "file:///etc/passwd",
      "file:/etc/passwd", "http://127.0.0.1/a.ics", "link.ics", "linked/secret.ics", "linked/../secret.ics", "..", ".",
      "chain.ics", "device.ics",
    ])
  func outside(_ path: String) throws {
    try inFolder { root in
      let manager = FileManager.default
      let outside = root.deletingLastPathComponent()
      func link(_ name: String, _ target: String) throws {
        try manager.createSymbolicLink(
          atPath: root.appendingPathComponent(name).path, withDestinationPath: target)
      }
      try link("link.ics", outside.appendingPathComponent("secret.ics").path)
      try link("linked", outside.path)
      try link("chain.ics", "link.ics")
      try link("device.ics", "/dev/zero")
      guard case .outsideRoot = failure(path, root: root.path) else {
        Issue.record("\(path): \(String(describing: failure(path, root: root.path)))")
        return
      }
    }
  }

  @Test(
    "what is no path is refused before the system sees it",
    arguments: ["", "a\0b.ics", String(repeating: "a/", count: 2500), String(repeating: "x", count: 5000)])
  func noPath(_ path: String) throws {
    try inFolder { root in
      guard case .unreadable = failure(path, root: root.path) else {
        Issue.record("\(String(describing: failure(path, root: root.path)))")
        return
      }
    }
  }

  #if os(Linux)
    @Test("a path in letters of another case is another file", arguments: ["lib/A.ics", "LIB/a.ics", "lib/a.ICS"])
    func letterCase(_ path: String) throws {
      try inFolder { root in
        #expect(failure("lib/a.ics", root: root.path) == nil)
        guard case .notFound = failure(path, root: root.path) else {
          Issue.record("\(String(describing: failure(path, root: root.path)))")
          return
        }
      }
    }
  #endif

  @Test("a folder, a FIFO, a device and a file of a gigabyte are refused at once")
  func unreadable() throws {
    try inFolder { root in
      mkfifo(root.appendingPathComponent("pipe.ics").path, 0o600)
      let large = root.appendingPathComponent("large.ics").path
      #expect(FileManager.default.createFile(atPath: large, contents: nil))
      #expect(truncate(large, 1 << 30) == 0)
      for (path, folder) in [
        ("lib", root.path), ("pipe.ics", root.path), ("large.ics", root.path), ("dev/zero", "/"), ("dev/null", "/"),
      ] {
        guard case .unreadable = failure(path, root: folder) else {
          Issue.record("\(path): \(String(describing: failure(path, root: folder)))")
          continue
        }
      }
    }
  }

  @Test("a module in another case is another module, or not there")
  func letterCase() throws {
    try inFolder { root in
      // On a file system without case both are the same file, and its path is the one of the folder.
      if case .notFound = failure("lib/A.ics", root: root.path) { return }
      let modules = FileModules(root: root.path)
      let upper = try modules.load("lib/A.ics", from: nil).canonicalPath
      let lower = try modules.load("lib/a.ics", from: nil).canonicalPath
      #expect(upper == lower)
    }
  }

  @Test("a link within the root is the file that it leads to")
  func links() throws {
    try inFolder { root in
      try FileManager.default.createSymbolicLink(
        atPath: root.appendingPathComponent("b.ics").path, withDestinationPath: "lib/a.ics")
      let modules = FileModules(root: root.path)
      let direct = try modules.load("lib/a.ics", from: nil)
      for (path, importer) in [
        ("b.ics", nil), ("./lib/../lib/a.ics", nil), ("a.ics", direct.canonicalPath),
      ] {
        let module = try modules.load(path, from: importer)
        #expect(module.canonicalPath == direct.canonicalPath)
      }
    }
  }

  @Test("a circle of files, and a file that imports itself, are said with their path")
  func cycles() throws {
    try inFolder { root in
      func write(_ name: String, _ text: String) throws {
        try text.write(to: root.appendingPathComponent(name), atomically: true, encoding: .utf8)
      }
      try write("x.ics", "import \"lib/y.ics\" as y")
      try write("lib/y.ics", "import \"../x.ics\" as x")
      try write("self.ics", "import \"self.ics\" as me")
      let modules = FileModules(root: root.path)
      for (file, words) in [("x.ics", "x.ics → lib/y.ics → x.ics"), ("self.ics", "self.ics → self.ics")] {
        let module = try modules.load(file, from: nil)
        let result = Compiler(prelude: PreludeNames([]), loader: modules)
          .compile(module.source, path: module.canonicalPath)
        #expect(result.diagnostics.first?.code == "E_IMPORT_CYCLE")
        #expect(result.diagnostics.first?.message.contains(words) == true, "\(result.diagnostics.map(\.message))")
      }
    }
  }
}
