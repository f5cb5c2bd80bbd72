import Testing

@Suite struct LimitTests {
  private func times(_ count: Int, _ text: String, separator: String) -> String {
    Array(repeating: text, count: count).joined(separator: separator)
  }

  @Test("chains of any length compile without recursion")
  func chains() {
    #expect(run(times(100_000, "1", separator: "+")) == "100000")
    #expect(run("let x = 2\n" + times(50_000, "x * 2", separator: " + ")) == "200000")
    #expect(run("let m = {}\nm.b = m\nm" + times(50_000, ".b", separator: "") + " == null") == "false")
    #expect(run("let f = null\nf" + times(20_000, "?.a[0]()", separator: "")) == "null")
    #expect(run("let a = true\nif " + times(50_000, "a", separator: " && ") + " { 1 }") == "1")
    #expect(run(times(50_000, "null", separator: " ?? ") + " ?? 3") == "3")
    #expect(
      run("let a = 5\nif a == 1 { 1 }" + times(20_000, " else if a == 2 { 2 }", separator: "") + " else { 0 }")
        == "0")
    #expect(run("[{a: 1}] where " + times(1000, "a == 2", separator: " || ") + " || a == 1") == "[{a: 1}]")
  }

  @Test("large literals are built in parts")
  func largeLiterals() {
    #expect(run("let l = [" + times(20_000, "7", separator: ",") + "]\n[l.length, l[19999]]") == "[20000, 7]")
    let entries = (0..<5000).map { "k\($0): \($0)" }.joined(separator: ",")
    #expect(run("let m = {\(entries)}\n[m.k0, m.k4999]") == "[0, 4999]")
    #expect(run("let s = \"" + times(500, "{{1}}", separator: "") + "\"\ns.length") == "500")
  }

  @Test("names past the 4096th constant of a function still work")
  func manyConstants() {
    let lines = (0..<5000).map { "  m.k\($0) = m.j\($0) ?? \"s\($0)\"\n" }.joined()
    #expect(run("fn f(m) {\n\(lines)  m\n}\nf({}).k4999") == "s4999")
  }

  @Test("what does not fit the bytecode's format is an error, not wrong code")
  func tooLarge() {
    let calls = (0..<5000).map { "  m.k\($0)(1)\n" }.joined()
    #expect(check("fn f(m) {\n\(calls)}").hasPrefix("1: E_SYNTAX this function is too large"))
    let body = times(20_000, "i += 1\ni -= 1\n", separator: "")
    #expect(check("var i = 0\nwhile i < 3 {\n\(body)}") == "2: E_SYNTAX this block is too long")
    let variables = (0..<5000).map { "  let v\($0) = 1\n" }.joined()
    #expect(check("fn f() {\n\(variables)}").hasPrefix("1: E_SYNTAX this function is too large"))
  }

  @Test("many top-level variables are globals")
  func manyVariables() {
    let variables = (0..<5000).map { "let v\($0) = \($0)\n" }.joined()
    #expect(run(variables + "v0 + v4999") == "4999")
  }

  @Test("finally blocks inside finally blocks do not multiply without end")
  func nestedFinally() {
    let script = times(12, "try { 1 } finally { ", separator: "") + "2" + times(12, " }", separator: "")
    #expect(check(script).contains("E_SYNTAX"))
    let fine = times(4, "try { 1 } finally { ", separator: "") + "2" + times(4, " }", separator: "")
    #expect(run(fine) == "1")
  }
}
