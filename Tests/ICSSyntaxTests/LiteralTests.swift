import ICSDiagnostics
import ICSSyntax
import Testing

@Suite struct LiteralTests {
  @Test(
    "numbers and durations",
    arguments: [
      ("42", "42"), ("1_000_000", "1000000"), ("0xFF", "255"), ("0b1010", "10"), ("0x1d", "29"),
      ("0xdead_beef", "3735928559"),
      ("1.5", "1.5"), ("2e-3", "0.002"), ("1E5", "100000.0"), ("1.5e+1", "15.0"), ("0", "0"), ("0.5", "0.5"),
      ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
      ("-0.0", "-0.0"), ("250ms", "0.25"), ("1000ms", "1.0"), ("30s", "30"), ("15m", "900"), ("2h", "7200"),
      ("7d", "604800"), ("1w", "604800"), ("1.5h", "5400.0"), ("1_000s", "1000"), ("0..<5", "(..< 0 5)"),
      ("0...5", "(... 0 5)"), ("1_0.2_5", "10.25"),
    ])
  func numbers(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "what is no number is one error",
    arguments: [
      "007", "1__0", "1_", ".5", "5.", "5. + 1", "0x", "0b", "0b12", "0xg", "12abc", "1.5x", "9223372036854775808",
      "-9223372036854775809", "5 - 9223372036854775808", "0x1_0000_0000_0000_0000", "1e400", "15250284452472w", "1e",
      "1_s",
      "99999999999999999999", "-9223372036854775808.abs()", "0xFFFFFFFFFFFFFFFF", "00",
    ])
  func badNumbers(text: String) {
    #expect(errors("let x = " + text).count == 1, "\(errors("let x = " + text))")
  }

  @Test("a number of 10,000 digits names the range")
  func longNumber() {
    let tree = parse("let x = " + String(repeating: "9", count: 10_000))
    #expect(tree.diagnostics.map(\.message) == ["this number is too large for an int"])
    #expect(tree.diagnostics.first?.label.contains("9223372036854775807") == true)
  }

  @Test(
    "strings",
    arguments: [
      (#""a\rb\"c\"\\""#, "\"a\rb\\\"c\\\"\\\\\""),
      (#""\u{1F600}\u00e9\ud83d\ude00\/""#, #""😀é😀/""#),
      (#"'{{x}} \n "q"'"#, ##""{{x}} \\n \"q\"""##),
      (#"'it\'s \\ here'"#, #""it's \\ here""#),
      (#""{ } {a}""#, #""{ } {a}""#),
      (#""\{{name}}""#, #""{{name}}""#),
      (#""\{x""#, #""{x""#),
      (#""}}""#, #""}}""#),
      (#""""#, #""""#),
    ])
  func strings(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "interpolations",
    arguments: [
      (#""Hi {{nick ?? "there"}}!""#, #"(cat "Hi " (?? nick "there") "!")"#),
      (#""{{a}}{{b}}""#, "(cat a b)"),
      (#""{{{a: 1}}}""#, "(cat (map (:a 1)))"),
      (#""{{ {k: {j: "v"}} }}""#, #"(cat (map (:k (map (:j "v")))))"#),
      (#""{{f(x => { x })}}""#, "(cat (call f (\\ (x) (do x))))"),
      ("\"{{\n a // comment\n}}\"", "(cat a)"),
      (#""a{{"b{{"c{{d}}"}}"}}""#, #"(cat "a" (cat "b" (cat "c" d)))"#),
      ("\"\"\"\n  a {{b}}\n    c\n  \"\"\"", #"(cat "a " b "\n  c")"#),
      ("\"\"\"\n  {{a}}\n  {{b}}\n  \"\"\"", #"(cat a "\n" b)"#),
    ])
  func interpolations(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "triple quotes",
    arguments: [
      ("\"\"\"\n  a\n    \"b\"\n\n  c\n  \"\"\"", "a\n  \"b\"\n\nc"),
      ("\"\"\"\n\"\"\"", ""),
      ("\"\"\"\n  \"\"\"", ""),
      ("\"\"\"\n\n\"\"\"", ""),
      ("\"\"\"\n\n\n\"\"\"", "\n"),
      ("\"\"\"\r\n a\r\n b\r\n \"\"\"", "a\nb"),
      ("\"\"\"\n  a\n      \n  b\n  \"\"\"", "a\n    \nb"),
      ("\"\"\"\n  a\n \n  b\n  \"\"\"", "a\n\nb"),
      ("\"\"\"\n\ta\\n\\\"\\\"\\\"\n\t\"\"\"", "a\n\"\"\""),
    ])
  func tripleQuotes(text: String, expected: String) {
    let tree = parse("x = " + text)
    #expect(tree.diagnostics.isEmpty)
    #expect(tree.stringValue(tree.assignment(tree.statements(of: tree.root)[0]).value) == expected)
  }

  @Test(
    "what is no string is one error",
    arguments: [
      #""\q""#, #""\x41""#, #""\ud800""#, #""\ude00""#, #""\ud800\u0041""#, #""\u{110000}""#, #""\u{}""#, #""\u12""#,
      #""\u{d800}""#, "\"abc", "'abc", "\"abc\ndef", "\"abc\\", "\"\"\"abc\"\"\"", "\"\"\"\n  a\n b\n  \"\"\"",
      "\"\"\"\n a \"\"\"", "\"\"\"\nabc", #""{{a""#, #""{{""#, #""{{}}""#, #""{{a b}}""#, #""{{a}""#, "\"Hi {{name\")",
      "\"\"\"\na\n{{b}}\"\"\"", "print(\"abc)\nprint(1)",
    ])
  func badStrings(text: String) {
    #expect(errors("x = " + text).count == 1, "\(errors("x = " + text))")
  }

  @Test("JSON is a subset of the expressions")
  func json() {
    let text = """
      {"type": "contact", "id": -5, "tags": ["a", "b"], "owner": null, "score": 1.5e1, "active": true,
       "nested": {"url": "https:\\/\\/x.io", "é": "\\u00e9"}, "e": [], "f": {}, "g": 0.0E-2
      }
      """
    #expect(
      dump("x = " + text)
        == #"(set x (map ("type" "contact") ("id" -5) ("tags" (list "a" "b")) ("owner" null) ("score" 15.0) "#
        + #"("active" true) ("nested" (map ("url" "https://x.io") ("é" "é"))) ("e" (list)) ("f" (map)) ("g" 0.0)))"#)
  }

  @Test("a NUL byte may stand in a string and not in a name")
  func nulBytes() {
    #expect(dump("x = \"a\0b\"") == "(set x \"a\0b\")")
    #expect(errors("a\0b = 1") == ["1:2 unexpected character U+0000"])
  }

  @Test("names are equal in NFC, keys as they are spelled")
  func normalisation() {
    let tree = parse("let \u{E9} = 1\ne\u{301} = {e\u{301}: 2, \u{E9}}")
    let statements = tree.statements(of: tree.root)
    let declared = tree.name(of: tree.variable(statements[0]).pattern)
    let (_, target, value) = tree.assignment(statements[1])
    #expect(tree.name(of: target) == declared)
    let keys = tree.elements(of: value).map { tree.keyText(tree.mapEntry($0).key) }
    #expect(keys.map { Array($0.utf8) } == [Array("e\u{301}".utf8), Array("\u{E9}".utf8)])
    #expect(tree.name(of: tree.mapEntry(tree.elements(of: value)[1]).value) == declared)
  }

  @Test("names may use letters of any script")
  func scripts() {
    #expect(dump("größe + 名前 + _private1") == "(+ (+ größe 名前) _private1)")
    #expect(errors("a € b").count == 1)
    #expect(errors("😀 = 1") == ["1:1 unexpected character '😀'"])
  }
}
