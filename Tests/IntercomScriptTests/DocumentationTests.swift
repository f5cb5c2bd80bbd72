// The examples of the reference's page about Intercom, each in an empty sandbox.

import Foundation
import Testing

@testable import IntercomScript

@Suite struct DocumentationTests {
  @Test("an example of the page about Intercom does what its comments say", arguments: try Example.all())
  func example(_ example: Example) async throws {
    let bench = try await Workbench()
    let result = await ScriptResult(example.text) { configuration in
      let client = bench.client()
      configuration.connect = { client }
    }
    #expect(result.lines == example.output, "\(result.rendered)")
    #expect(result.diagnostics.first?.code == example.error?.code, "\(result.rendered)")
    if let error = example.error { #expect(result.rendered.contains(error.words), "\(result.rendered)") }
    await bench.sandbox.stop()
  }

  @Test("the README's first script prints what the README shows")
  func tour() async throws {
    let readme = Example.root.appendingPathComponent("README.md")
    let text = try String(contentsOf: readme, encoding: .utf8)
    let blocks = text.components(separatedBy: "```")
    let script = try #require(blocks.first { $0.hasPrefix("ics\n") }).dropFirst("ics\n".count)
    let shown = try #require(blocks.first { $0.hasPrefix("\n$ scripts/ics run welcome.ics\n") })
    let bench = try await Workbench()
    let lines = await bench.run(String(script))
    #expect(lines == shown.split(separator: "\n").dropFirst().map(String.init))
    await bench.sandbox.stop()
  }

  /// A block of the page: a script with `// expect:` and `// expect error CODE: WORDS`.
  struct Example: Sendable, CustomTestStringConvertible {
    let line: Int
    let text: String

    var testDescription: String { "line \(line)" }
    var output: [String] { text.matches(of: /\/\/ expect: (.*)/).map { String($0.1) } }
    var error: (code: String, words: String)? {
      text.firstMatch(of: /\/\/ expect error (E_[A-Z_]+): (.*)/).map { (String($0.1), String($0.2)) }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()

    static func all() throws -> [Example] {
      let page = root.appendingPathComponent("Sources/IntercomScript/Documentation.docc/Intercom.md")
      let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
      return lines.indices.filter { lines[$0] == "```ics" }.map { start in
        Example(line: start + 2, text: lines[(start + 1)...].prefix { $0 != "```" }.joined(separator: "\n"))
      }
    }
  }
}
