import ICSDiagnostics
import ICSSyntax
import Testing

/// The rows of the list of bad inputs that concern the parser.
@Suite struct HostileInputTests {
  @Test("an empty file is an empty program", arguments: ["", "\u{FEFF}", "#!x", "\n", "// a", ";;"])
  func empty(text: String) {
    let tree = parse(text)
    #expect(tree.diagnostics.isEmpty)
    #expect(tree.statements(of: tree.root).isEmpty)
  }

  @Test(
    "nesting is limited, with one error at the place",
    arguments: [
      "(", "[", "{", "-", "!", "a(", "a[", "x=>", "(x)=>", "if true {", "f(x => {", "{a:", "b = [{a:", "let [",
      "let {a:",
      "match a { 1 => [", "\"{{", "x where (", "x where !", "try {", "if a { } else {", "on a {", "step \"a\" {",
      "fn f() {",
      "fn f(a = b(", "a?[", "...", "[...", "a ?? (", "match a { 1 => match b {",
    ])
  func nesting(unit: String) {
    let prefix = unit.hasPrefix("x where ") ? "x where " : unit.hasPrefix("let ") ? "let " : ""
    let text = prefix + String(repeating: String(unit.dropFirst(prefix.count)), count: 100_000)
    let found = errors(text)
    #expect(found.count <= 20 && !found.isEmpty)
    if unit != "...", unit != "{" {
      #expect(found.last?.contains("nested too deeply") == true, "\(found)")
      #expect(found.filter { $0.contains("nested too deeply") }.count == 1, "\(found)")
    }
  }

  @Test("nesting up to the limit is fine")
  func allowedNesting() {
    let depth = SyntaxTree.maximumDepth
    #expect(errors("x = " + String(repeating: "(", count: depth) + "1" + String(repeating: ")", count: depth)) == [])
    #expect(errors("x = " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)) == [])
    #expect(errors(String(repeating: "if a {", count: depth) + String(repeating: "}", count: depth)) == [])
    #expect(errors("x = " + String(repeating: "!", count: depth) + "a") == [])
  }

  @Test("chains to the left are long and flat")
  func chains() {
    let sum = parse("x = " + String(repeating: "1+", count: 200_000) + "1")
    #expect(sum.diagnostics.isEmpty)
    let value = sum.assignment(sum.statements(of: sum.root)[0]).value
    var length = 1
    var node = value
    while sum.kind(of: node) == .binary {
      node = sum.binary(node).left
      length += 1
    }
    #expect(length == 200_001)
    #expect(errors("a" + String(repeating: ".b", count: 50_000)) == [])
    #expect(errors("f" + String(repeating: "()", count: 50_000)) == [])
    #expect(errors("f" + String(repeating: "?.b[0]", count: 20_000)) == [])
    #expect(errors("x where a == 1" + String(repeating: " && b == 2", count: 20_000)) == [])
    #expect(errors("if a { 1 }" + String(repeating: " else if b { 2 }", count: 20_000)) == [])
  }

  @Test("long names, strings and comments")
  func longTokens() {
    let name = String(repeating: "a", count: 200_000)
    #expect(errors(name + " = 1") == [])
    #expect(errors("x = \"" + name + "\"") == [])
    #expect(errors("// " + name) == [])
    #expect(errors("x = \"" + name).count == 1)
    #expect(errors("let let\(name) \(name)").first.map { $0.utf8.count < 200 } == true)
  }

  @Test("many names")
  func manyNames() {
    let text = (0..<20_000).map { "a\($0)=1\n" }.joined()
    let tree = parse(text)
    #expect(tree.diagnostics.isEmpty)
    #expect(tree.names.count > 20_000)
  }

  @Test("a call has at most 255 arguments and a function 255 parameters")
  func arguments() {
    func list(_ count: Int) -> String { (0..<count).map { "a\($0)" }.joined(separator: ",") }
    #expect(errors("f(\(list(255)))\nfn g(\(list(255))) { }") == [])
    #expect(errors("f(\(list(10_000)))").count == 1)
    #expect(errors("fn g(\(list(10_000))) { }").count == 1)
    #expect(errors("x = (\(list(256))) => 1").count == 1)
  }

  @Test("a file over the limit of size is not read")
  func size() {
    let tree = SyntaxTree.parse(SourceFile(name: "test.ics", text: "let x = 1"), maximumSize: 8)
    #expect(tree.diagnostics.count == 1)
    #expect(tree.statements(of: tree.root).isEmpty)
  }

  @Test("line ends of all kinds")
  func lineEnds() {
    #expect(errors("a\r\nb\rc\n\u{0C}\u{0B}d\u{2028}e\r\r\n)") == ["6:1 this ')' closes nothing"])
  }
}
