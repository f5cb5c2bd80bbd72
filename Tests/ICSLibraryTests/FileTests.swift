import Foundation
import Testing

@testable import ICSLibrary

/// `fs`, `csv.read` and `csv.write` on a folder of their own.
@Suite struct FileTests {
  private func inFolder(_ body: (URL) async throws -> Void) async throws {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent("ics-files-\(UUID().uuidString)")
    let folder = base.appendingPathComponent("allowed")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("secret".utf8).write(to: base.appendingPathComponent("secret.txt"))
    try await body(folder)
    try FileManager.default.removeItem(at: base)
  }

  private func run(_ script: String, in folder: URL) async -> TestScript {
    await TestScript(script) { host in
      host.files.readRoots = [folder.path]
      host.files.writeRoots = [folder.path]
      host.files.currentFolder = folder.path
    }
  }

  @Test("what was written is read, whole, by lines and as CSV")
  func roundTrip() async throws {
    try await inFolder { folder in
      let script = await run(
        """
        fs.write("a.txt", "one\\r\\ntwo\\n")
        fs.append("a.txt", "three")
        print(fs.read("a.txt").length, fs.lines("a.txt").to_list())
        csv.write("b.csv", [{name: "Ada, A.", age: 36}, {name: "Bo", age: null}])
        for row in csv.read("b.csv") { print(row) }
        print(csv.read("b.csv", header: false).first())
        print(fs.list("."), fs.exists("a.txt"), fs.exists("c.txt"))
        fs.write("a.txt", "x")
        print(fs.read("a.txt"))
        """, in: folder)
      #expect(script.error == nil)
      #expect(
        script.output == [
          #"14 ["one", "two", "three"]"#, #"{name: "Ada, A.", age: "36"}"#, #"{name: "Bo", age: ""}"#,
          #"["name", "age"]"#,
          #"["a.txt", "b.csv"] true false"#, "x",
        ])
    }
  }

  @Test("a large file is streamed in pieces")
  func streamed() async throws {
    try await inFolder { folder in
      let lines = (0..<50_000).map { "line \($0),é" }.joined(separator: "\n")
      try Data(lines.utf8).write(to: folder.appendingPathComponent("big.csv"))
      let script = await run(
        #"""
        print(fs.lines("big.csv").count(), csv.read("big.csv", header: false).filter(r => r[1] != "é").count())
        """#, in: folder)
      #expect(script.error == nil)
      #expect(script.output == ["50000 0"])
    }
  }

  @Test(
    "nothing outside the allowed folder is reached",
    arguments: [
      #"fs.read("../secret.txt")"#, #"fs.read("link.txt")"#, #"fs.read("/etc/passwd")"#,
      #"fs.read("linked/secret.txt")"#,
      #"fs.write("link.txt", "x")"#, #"fs.write("../new.txt", "x")"#, #"fs.write("linked/new.txt", "x")"#,
      #"fs.list("..")"#, #"fs.list("linked")"#, #"fs.exists("../secret.txt")"#, #"fs.append("link.txt", "x")"#,
      #"csv.read("link.txt").first()"#, #"fs.lines("../secret.txt").first()"#, #"fs.read("a\0b")"#, #"fs.read("")"#,
      #"fs.read("a/".repeat(5000))"#, #"fs.exists("link.txt")"#,
    ])
  func denied(_ expression: String) async throws {
    try await inFolder { folder in
      let outside = folder.deletingLastPathComponent()
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent("link.txt"), withDestinationURL: outside.appendingPathComponent("secret.txt"))
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent("linked"), withDestinationURL: outside)
      let script = await run("print(\(expression))", in: folder)
      #expect(script.error?.hasPrefix("E_PERMISSION") == true, "\(script.error ?? "no error")")
      let secret = try String(contentsOf: outside.appendingPathComponent("secret.txt"), encoding: .utf8)
      #expect(secret == "secret")
      #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).count == 2)
    }
  }

  @Test("folders, FIFOs, missing files and bytes that are no text are E_IO")
  func unreadable() async throws {
    try await inFolder { folder in
      mkfifo(folder.appendingPathComponent("pipe").path, 0o600)
      try Data([0x61, 0xFF]).write(to: folder.appendingPathComponent("bad.txt"))
      for expression in [
        #"fs.read("pipe")"#, #"fs.write("pipe", "x")"#, #"fs.read(".")"#, #"fs.read("none.txt")"#,
        #"fs.read("bad.txt")"#,
        #"fs.lines("bad.txt").to_list()"#, #"fs.list("bad.txt")"#, #"fs.write(".", "x")"#, #"fs.write("none/x", "x")"#,
      ] {
        let script = await run("print(\(expression))", in: folder)
        #expect(script.error?.hasPrefix("E_IO") == true, "\(expression): \(script.error ?? "no error")")
      }
    }
  }

  @Test("without permission there are no files and no variables")
  func nothingAllowed() async {
    for expression in [#"fs.read("x")"#, #"fs.write("x", "")"#, #"env("HOME")"#, #"http.get("https://example.com/")"#] {
      let script = await TestScript("print(\(expression))")
      #expect(script.error?.hasPrefix("E_PERMISSION") == true, "\(expression)")
    }
  }
}
