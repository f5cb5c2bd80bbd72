// Every snippet of the documentation's pages is compiled: it stands in one of the files `...Snippets.swift`, or in the
// sources of the tutorial's app, word by word.

import Foundation
import IntercomScript
import Testing

@Suite struct SnippetTests {
  @Test("a page's Swift is compiled", arguments: try Page.all())
  func swift(_ page: Page) throws {
    let compiled = try Self.compiled()
    for block in page.blocks("swift") {
      // What every file begins with is not repeated there.
      let text = Self.plain(block).replacing(/import Intercom[A-Za-z]+\n/, with: "")
      #expect(compiled.contains { $0.contains(text) }, "\(page.name): not compiled:\n\(block)")
    }
  }

  /// Names of Intercom's and of hooks are known everywhere; what the scripts do is tested elsewhere.
  @Test("a page's scripts compile, or fail as they say", arguments: try Page.all())
  func scripts(_ page: Page) throws {
    let engine = Engine(intercom: .accessToken("none"), modules: [HostModule("crm")])
    for block in page.blocks("ics") where !block.contains("expect error") && !Self.isAboutAnError(page, block) {
      for program in block.components(separatedBy: "// ---\n") {
        let errors = engine.check(program, name: page.name).filter { $0.severity == .error }
        #expect(errors.isEmpty, "\(page.name): \(errors.map(\.message)) in\n\(program)")
      }
    }
  }

  @Test("the pages have what there is to compile")
  func pages() throws {
    let pages = try Page.all()
    #expect(pages.count >= 16)
    #expect(pages.flatMap { $0.blocks("swift") }.count >= 25)
    #expect(pages.first { $0.name == "Hooks.md" }?.blocks("ics").isEmpty == false)
  }

  @Test("the tutorial's script is the one that the app's test serves")
  func tutorial() throws {
    let test = DocumentationTests.Example.root.appendingPathComponent("Tests/Consumer/run.py")
    let script = try #require(try Page.all().first { $0.name == "WebhookApp.md" }?.blocks("ics").first)
    #expect(try String(contentsOf: test, encoding: .utf8).contains(script))
  }

  /// The examples of errors are run by `ReferenceTests`.
  private static func isAboutAnError(_ page: Page, _ block: String) -> Bool { page.name == "Errors.md" }

  /// The texts that the compiler has seen, without indentation.
  private static func compiled() throws -> [String] {
    try ["Tests/IntercomScriptTests/Snippets", "Tests/IntercomHooksTests", "Tests/Consumer"].flatMap { folder in
      let root = DocumentationTests.Example.root.appendingPathComponent(folder)
      let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
      return try names.filter {
        $0.hasSuffix(".swift") && ($0.hasSuffix("Snippets.swift") || folder.hasSuffix("Consumer"))
      }
      .filter { !$0.contains(".build") }
      .map { plain(try String(contentsOf: root.appendingPathComponent($0), encoding: .utf8)) }
    }
  }

  private static func plain(_ text: some StringProtocol) -> String {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
  }

  /// A page of the documentation, or the README.
  struct Page: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String

    var testDescription: String { name }

    /// The fenced blocks of a language.
    func blocks(_ language: String) -> [String] {
      text.components(separatedBy: "```\(language)\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    }

    static func all() throws -> [Page] {
      let root = DocumentationTests.Example.root
      let sources = root.appendingPathComponent("Sources")
      let names = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
      let pages = names.filter { $0.hasSuffix(".md") && $0.contains("Documentation.docc/") }.sorted()
      let files = pages.map { sources.appendingPathComponent($0) } + [root.appendingPathComponent("README.md")]
      return try files.map { Page(name: $0.lastPathComponent, text: try String(contentsOf: $0, encoding: .utf8)) }
    }
  }
}
