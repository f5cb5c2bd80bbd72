import ICSCompiler
import ICSDiagnostics
import Testing

@Suite struct ResolverTests {
  @Test("an unknown name comes with the nearest known ones")
  func unknownName() {
    let result = compile("let contacts = []\nprint(contcts)")
    #expect(errors(result) == "2: E_UNKNOWN_NAME nothing here is called 'contcts'")
    #expect(result.diagnostics.first?.help == "did you mean 'contacts'?")
  }

  @Test(
    "names are judged before anything runs",
    arguments: [
      ("print(late)\nlet late = 1", "1: E_UNKNOWN_NAME 'late' is used before its declaration"),
      ("let x = 1\nif true { let x = x }", "2: E_UNKNOWN_NAME 'x' is used before its declaration"),
      ("let a = 1\na = 2", "2: E_ASSIGN_LET cannot assign to 'a': it was bound with let"),
      ("let a = 1\nlet a = 2", "2: E_DUPLICATE_NAME 'a' is declared twice"),
      ("let [a, {b: a}] = []", "1: E_DUPLICATE_NAME 'a' is declared twice"),
      ("fn f(p, p) { p }", "1: E_DUPLICATE_NAME 'p' is declared twice"),
      ("fn f(p) { p = 1 }", "1: E_ASSIGN_LET cannot assign to 'p': it is a parameter"),
      ("for i in [] { i += 1 }", "1: E_ASSIGN_LET cannot assign to 'i': it is the variable of a loop"),
      ("try { 1 } catch e { e = 1 }", "1: E_ASSIGN_LET cannot assign to 'e': it is bound by catch"),
      ("fn f() {}\nf = 1", "2: E_ASSIGN_LET cannot assign to 'f': it is a function"),
      ("print = 1", "1: E_ASSIGN_LET cannot assign to 'print': it is built in"),
      ("fn f(a = b, b) { a }", "1: E_UNKNOWN_NAME nothing here is called 'b'"),
      ("if true { let y = 1 }\ny", "2: E_UNKNOWN_NAME nothing here is called 'y'"),
      ("__where([], 1, 2)", "1: E_UNKNOWN_NAME nothing here is called '__where'"),
      ("step \"x\" { return 1 }", "1: E_SYNTAX 'return' cannot leave the block of a step"),
    ])
  func beforeRunning(_ script: String, _ expected: String) {
    #expect(check(script) == expected)
  }

  @Test(
    "what is allowed",
    arguments: [
      "fn f(p) { let p = p2()\n p }\nfn p2() { 1 }",
      "let f = n => f(n - 1)",
      "let print = 1\nprint + 1",
      "fn a() { later }\nlet later = 1",
      "let x = 1\nif true { let x = 2\n x }\nx",
      "match 1 { n if n > 0 => n, [n] => n }",
      "let _ = 1\nlet [_, _] = [1, 2]",
    ])
  func allowed(_ script: String) { #expect(check(script) == "") }

  @Test("all errors of a file come at once, in order, at most 20")
  func allAtOnce() {
    #expect(check("x1\nlet b = 1\nb = 2\nlet b = 3").split(separator: "\n").count == 3)
    let many = (0..<30).map { "unknown\($0)" }.joined(separator: "\n")
    #expect(check(many).split(separator: "\n").count == 20)
  }

  @Test("of thousands of errors or warnings the first of the text are shown, those in functions too")
  func manyFindings() {
    let lines = (1...3000).map { $0.isMultiple(of: 2) ? "fn f\($0)() { let x\($0) = 1 }" : "let v\($0) = 1" }
    let unused = compile(lines.joined(separator: "\n")).diagnostics
    #expect(unused.count == 20)
    #expect(unused.prefix(4).map(line).map { $0.split(separator: "'")[1] } == ["v1", "f2", "x2", "v3"])
    let assignments = (1...3000).map { "fn f\($0)() { f\($0) = 1 }\nf\($0) = 2" }.joined(separator: "\n")
    let errors = compile(assignments).diagnostics
    #expect(errors.count == 20 && errors.allSatisfy { $0.severity == .error })
    #expect(
      errors.map(\.span.start) == errors.map(\.span.start).sorted() && errors.last.map(line)?.hasPrefix("20:") == true)
  }

  @Test("what is never used or never reached is a warning")
  func warnings() {
    let result = compile("let a = 1\nfn f() { return 1\n print(2) }\nlet _b = 2\nexport let c = 3\nfor i in [] {}")
    #expect(
      result.diagnostics.map(line) == [
        "1: W_UNUSED 'a' is never used", "2: W_UNUSED 'f' is never used",
        "3: W_UNREACHABLE this is never reached",
      ])
    #expect(result.unit != nil)
  }

  @Test(
    "what stands behind an if that leaves either way is never reached; functions may stand behind a return",
    arguments: [
      ("if a { return 1 } else { return 2 }\nprint(3)", 1),
      ("if a { return 1 } else if b { throw 2 } else { if a { return 1 } else { return 3 } }\nprint(3)", 1),
      ("if a { return 1 } else if b { 2 } else { return 3 }\nprint(3)", 0),
      ("if a { return 1 }\nprint(3)", 0),
      ("for x in [1] { if a { continue } else { break }; print(x) }", 1),
      ("return g()\nfn g() { 1 }", 0),
      ("return g()\nfn g() { 1 }\nprint(2)", 1),
    ])
  func unreachable(body: String, count: Int) {
    let found = compile("fn f(a, b) {\n\(body)\n}\nprint(f(1, 2))").diagnostics.map(line)
    #expect(found.filter { $0.contains("W_UNREACHABLE") }.count == count, "\(found)")
  }

  @Test("a misspelt use does not make the name unused")
  func noFollowUps() {
    #expect(compile("let total = 1\nprint(totl)").diagnostics.count == 1)
  }

  private func compile(_ text: String) -> CompileResult {
    Compiler(prelude: PreludeNames(TestLibrary.names)).compile(SourceFile(name: "test.ics", text: text))
  }
}
