import ICSCompiler
import ICSDiagnostics
import Testing

@testable import ICSLibrary

/// The table of built-ins is whole.
@Suite struct RegistryTests {
  @Test("every built-in that is written in the language compiles")
  func scriptsCompile() {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    for row in BuiltIn.all {
      guard case .script(let source) = row.implementation else { continue }
      let result = Compiler(prelude: library.names)
        .compile(SourceFile(name: row.name, text: source), mode: .prelude)
      #expect(!result.hasErrors && result.unit != nil, "\(row.name): \(result.diagnostics.map(\.message))")
    }
  }

  @Test("every name of the prelude has a row, or is a module with members")
  func preludeNames() {
    for (name, topic) in Topic.prelude {
      let rows = topic.rows
      #expect(rows.contains { $0.name == name || $0.name.hasPrefix(name + ".") }, "\(name)")
    }
  }

  @Test("every row outside the types' methods belongs to a name of the prelude")
  func rowsAreReachable() {
    let names = Set(Topic.prelude.map(\.name))
    let types: Set<String> = ["string", "list", "map", "range", "stream", "task", "regex"]
    for row in BuiltIn.all {
      let first = row.name.split(separator: ".").first.map(String.init) ?? ""
      #expect(names.contains(first) || types.contains(first), "\(row.name)")
    }
  }

  @Test("names are unique")
  func uniqueNames() {
    var seen: Set<String> = []
    for row in BuiltIn.all { #expect(seen.insert(row.name).inserted, "\(row.name)") }
    #expect(Set(Topic.prelude.map(\.name)).count == Topic.prelude.count)
  }

  @Test("every row that scripts can name has a signature, a sentence and an example")
  func documentation() {
    for row in BuiltIn.all where !row.name.hasPrefix("__") {
      #expect(row.signature.hasPrefix(row.name), "\(row.name)")
      #expect(row.doc.hasSuffix("."), "\(row.name)")
      #expect(!row.example.isEmpty, "\(row.name)")
    }
  }

  @Test("the reference's methods are all there")
  func referenceMethods() {
    let wanted = [
      "string": """
      upper lower trim trim_start trim_end split words lines chars starts_with ends_with contains index_of replace \
      repeat pad_start pad_end slice bytes
      """,
      "list": """
      push pop insert remove_at clear copy reverse slice concat join contains index_of find find_index map filter \
      reject flat_map flatten reduce each any all count sum min max sort sort_by repeat group_by count_by index_by \
      partition unique unique_by chunk window take drop take_while drop_while zip enumerate to_map
      """,
      "map": """
      keys values entries has get set delete clear copy merge pick omit map_values filter each find any all invert
      """,
      "stream": """
      map filter reject flat_map take drop take_while chunk enumerate to_list first count each reduce find group_by \
      count_by
      """,
      "range": "to_list", "task": "wait",
    ]
    let names = Set(BuiltIn.all.map(\.name))
    for (type, methods) in wanted {
      for method in methods.split(separator: " ") { #expect(names.contains("\(type).\(method)"), "\(type).\(method)") }
    }
  }
}
