import ICSDiagnostics
import ICSSyntax
import Testing

/// SplitMix64: the same texts on every machine.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct FuzzTests {
  private static let vocabulary = [
    "let ", "var ", "fn ", "return ", "if ", "else ", "for ", "in ", "while ", "break", "continue", "match ", "try ",
    "catch ", "finally ", "throw ", "import ", "export ", "from ", "as ", "on ", "every ", "step ", "where ", "wait ",
    "true", "false", "null", "a", "b", "x", "_", "it", "1", "2.5", "30s", "0x1F", "\"s\"", "'r'", "\"", "'", "\"{{",
    "}}", "}}\"", "\"\"\"\n", "\n\"\"\"", "(", ")", "[", "]", "{", "}", "?[", "?.", ".", ",", ";", ":", "\n", "\n", " ",
    "=>", "=", "==", "!=", "<", "<=", "+", "-", "*", "/", "~/", "%", "!", "&&", "||", "??", "??=", "+=", "|", "...",
    "..<", "~", "!~", "^=", "$=", "!in ", "// c\n", "/* ", " */", "///d\n", "\\", "\\q", "é", "а", "\u{202E}", "§", "@",
  ]

  /// What must hold for the tree of any text at all.
  private func check(_ tree: SyntaxTree, _ text: String) {
    #expect(tree.tokens.last?.kind == .endOfFile)
    #expect(tree.kind(of: tree.root) == .program)
    let errors = tree.diagnostics.filter { $0.severity == .error }
    #expect(errors.count <= SyntaxTree.maximumErrors)
    #expect(tree.hasErrors == !errors.isEmpty)
    var end: UInt32 = 0
    for token in tree.tokens {
      if token.start < end || token.end < token.start { Issue.record("tokens overlap in \(text.debugDescription)") }
      end = token.end
    }
    #expect(Int(end) <= tree.source.bytes.count)
    for node in tree.nodes where node.last < node.first || Int(node.last) >= tree.tokens.count {
      Issue.record("a node ends before it starts in \(text.debugDescription)")
    }
    let hasMissing = tree.nodes.dropFirst().contains { $0.kind == .missing }
    if hasMissing, !tree.hasErrors { Issue.record("a gap without an error in \(text.debugDescription)") }
    _ = TreeDump(tree: tree).dump(tree.root)
  }

  @Test("any sequence of tokens gives a tree", arguments: 0..<8)
  func tokenSoup(seed: UInt64) {
    var random = Generator(state: seed)
    for _ in 0..<500 {
      let count = Int.random(in: 1...40, using: &random)
      let text = (0..<count).map { _ in Self.vocabulary.randomElement(using: &random) ?? "" }.joined()
      check(parse(text), text)
    }
  }

  @Test("any bytes give a tree", arguments: 0..<4)
  func randomBytes(seed: UInt64) {
    var random = Generator(state: seed &+ 1000)
    for _ in 0..<500 {
      let count = Int.random(in: 0...60, using: &random)
      let isText = Bool.random(using: &random)
      let bytes = (0..<count).map { _ in
        isText ? UInt8.random(in: 0...127, using: &random) : .random(in: 0...255, using: &random)
      }
      check(parse(bytes: bytes), "\(bytes)")
    }
  }

  @Test("every prefix of a program gives a tree, and most are incomplete")
  func prefixes() {
    let program = """
      /// Greets.
      import { first_name as first } from "std/text"
      on contact.created "welcome" where role == "lead" as {id, name = "x"}, event {
        let owner = step "find {{id}}", retries: 3 { admins.get(contact?.owner_id ?? [1, 2][0]) }
        match owner { {type: "a" | 1} => 2, [x, ...xs] if x > 1 => { x } _ => null }
        for i in 0..<10 { total += i; if i % 2 == 0 { continue } else { break } }
        print("Hi {{first(name) ?? "there"}}!", a: -1, b: x => ({...x, [id]: 'raw'}))
        try { throw error("x") } catch e { 1 } finally { 2 }
      }
      """
    let characters = Array(program)
    for length in 0...characters.count {
      let text = String(characters[..<length])
      check(parse(text), text)
    }
  }

  @Test("a text with one token removed gives a tree")
  func deletions() {
    let program = "fn f(a, {b}) { if a.c(1, \"x{{b}}\") { [1, {a: 2}] } else { g(x => { x + 1 }) } }\nlet y = f(1)\n"
    let tree = parse(program)
    for skipped in tree.tokens.dropLast() {
      let bytes = Array(program.utf8)
      let text = String(
        decoding: bytes[..<Int(skipped.start)] + bytes[Int(skipped.end)...], as: UTF8.self)
      check(parse(text), text)
    }
  }
}
