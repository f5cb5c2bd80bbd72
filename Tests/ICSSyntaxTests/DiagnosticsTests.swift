import ICSDiagnostics
import ICSSyntax
import Testing

@Suite struct DiagnosticsTests {
  @Test("every mistake is reported once, and what follows it is still read")
  func recovery() {
    let text = """
      let a = )
      foo(1, 2
      let b = 1 < 2 < 3
      if x = 1 { y = * }
      fn f(a b) { let c = ] }
      let d = "abc
      bar("e)
      let m = {a 1, b: 2}
      for x of xs { z z }
      let ok = 1
      match v { 1 -> 2
        3 => 4 5
        6 => 7 }
      print("Hi {{name")
      qux(]
      """
    #expect(
      errors(text) == [
        "1:9 expected an expression, found ')'",
        "2:4 this '(' is never closed",
        "3:15 comparisons do not chain",
        "4:6 expected '{' and the body of the 'if', found '='",
        "4:16 expected an expression, found '*'",
        "5:8 expected ',' or ')' after a parameter, found 'b'",
        "5:21 expected an expression, found ']'",
        "6:9 this string is never closed",
        "7:5 this string is never closed",
        "8:12 expected ',' or '}' after an entry of the map, found '1'",
        "9:7 expected 'in' and what to go through, found 'of'",
        "9:17 expected the end of the statement, found 'z'",
        "11:13 expected '=>' and what to do, found '-'",
        "12:10 expected ',' or a new line after an arm of 'match', found '5'",
        "14:11 this '{{' is never closed",
        "15:5 expected an expression, found ']'",
      ])
  }

  @Test("at most twenty errors are reported")
  func limit() {
    #expect(errors(String(repeating: "let = 1\n", count: 1000)).count == 20)
    #expect(errors(String(repeating: "\"\\q\"\n", count: 1000)).count == 20)
    #expect(errors(String(repeating: "§\n", count: 1000)).count == 20)
  }

  @Test("an unclosed bracket is reported where it opened")
  func unclosed() {
    #expect(errors("fn f() {\n  g(1\n}\nfn h() { }") == ["2:4 this '(' is never closed"])
    #expect(errors("fn f() {\n  if x {\n    y\n}\n") == ["1:8 this '{' is never closed"])
    #expect(errors("let x = [1, 2\nlet y = 3\nprint(y)") == ["1:9 this '[' is never closed"])
    #expect(errors("a = 1 }\nb = 2 )") == ["1:7 this '}' closes nothing", "2:7 this ')' closes nothing"])
    #expect(errors("if x {\n  print(\"abc)\n}\nlet y = 1") == ["2:9 this string is never closed"])
    #expect(errors("if x { print(\"abc) }\nlet y = 1") == ["1:14 this string is never closed"])
  }

  @Test(
    "a text that only stops too early is incomplete",
    arguments: [
      "let x =", "1 +", "fn f() {", "fn f() {\n  if x {\n", "foo(1,", "[1,\n2", "\"\"\"\n abc", "/* a", "if x",
      "try { 1 }", "\"{{ a", "x =>", "a.", "let", "for x in", "match v {\n 1 => 2", "x where", "a where b ==", "fn f(",
      "on contact.created", "step \"x\", retries: 5", "{", "f(x => {", "let {a,", "import {", "a &&",
    ])
  func incomplete(text: String) {
    #expect(parse(text).isIncomplete, "\(errors(text))")
  }

  @Test(
    "a text that more lines cannot mend is not",
    arguments: [
      "", "1", "let x = 1", "\"abc", "foo)", "let x = )\nfn f() {", "1 < 2 < 3", "foo(1 2", "{ a b", "'", "if x { }",
      "007 +",
    ])
  func notIncomplete(text: String) {
    #expect(!parse(text).isIncomplete)
  }

  @Test("invisible controls, look-alike letters and duplicate keys are warnings")
  func warningsOnly() {
    #expect(warnings("let a = 1 // \u{202E} evil") == ["W_BIDI"])
    #expect(warnings("/* \u{2066} */") == ["W_BIDI"])
    #expect(warnings("let a\u{200B}b = 1") == ["W_BIDI"])
    #expect(warnings("let d\u{430}ta = 1") == ["W_CONFUSABLE"])
    #expect(warnings("let \u{434}\u{430} = \u{3A9}1") == [])
    #expect(warnings("x = {a: 1, b: 2, \"a\": 3, ...c, [d]: 4, [d]: 5}") == ["W_DUPLICATE_KEY"])
    #expect(warnings("x = {\"a\\u0062\": 1, ab: 2}") == ["W_DUPLICATE_KEY"])
    #expect(warnings("// 👨\u{200D}👩") == [])
    #expect(!parse("x = {a: 1, a: 2}").hasErrors)
  }

  @Test("byte order marks")
  func byteOrderMarks() {
    #expect(dump("\u{FEFF}1") == "1")
    #expect(dump("\u{FEFF}#!/usr/bin/env ics\n1") == "1")
    #expect(errors("1\n\u{FEFF}2") == ["2:1 unexpected character U+FEFF"])
  }

  @Test(
    "bytes that are not UTF-8 are one error with their offset",
    arguments: [
      [0xC0, 0xAF], [0xFF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8], [0x80],
      [0xE0, 0x80, 0x80],
    ] as [[UInt8]])
  func invalidUTF8(bad: [UInt8]) {
    let tree = parse(bytes: Array("x = 1\n\"".utf8) + bad + Array("\"\n)".utf8))
    #expect(tree.diagnostics.map(\.message) == ["this file is not UTF-8"])
    #expect(tree.diagnostics.first?.span.start == 7)
    #expect(tree.diagnostics.first?.label.contains("line 2, at byte offset 7") == true)
  }
}
