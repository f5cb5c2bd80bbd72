import ICSDiagnostics
import ICSSyntax
import Testing

@Suite struct StatementTests {
  @Test(
    "declarations and assignments",
    arguments: [
      ("let x = 1; var y = 2", "(let x 1) (var y 2)"),
      ("export let x = 1\nexport fn f() { }", "(export let x 1) (export fn f () (do))"),
      ("fn f(a, {b = 2, c}, ...d) { a }", "(fn f (a {b:b=2 c:c} ...d) (do a))"),
      ("import \"a.ics\" as a", "(import \"a.ics\" a)"),
      ("import {a, b as c,\n} from \"a.ics\"", "(import (a>a b>c) \"a.ics\")"),
      ("a = 1; a.b += 2; a[0] ??= 3", "(set a 1) (set+ (. a b) 2) (set?? (at a 0) 3)"),
      ("a -= 1; a *= 2; a /= 3; a %= 4", "(set- a 1) (set* a 2) (set/ a 3) (set% a 4)"),
      ("for [k, v] in m { k }", "(for [k v] m (do k))"),
      ("for x in xs where a == 1 { x }", "(for x (where xs (== @a 1)) (do x))"),
      ("while a { break; continue }", "(while a (do break continue))"),
      ("fn f() { return }\nfn g() { return 1 }", "(fn f () (do (return -))) (fn g () (do (return 1)))"),
      ("throw error(\"x\")", "(throw (call error \"x\"))"),
      ("return\nprint(1)", "(return -) (call print 1)"),
    ])
  func statements(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "a newline ends a statement where it can",
    arguments: [
      ("let a = 1 +\n  2 *\n  3", "(let a (+ 1 (* 2 3)))"),
      ("let a =\n  1", "(let a 1)"),
      ("a +=\n  1", "(set+ a 1)"),
      ("a\n  .b\n\n  // a comment\n  ?.c()", "(chain (call (?. (. a b) c)))"),
      ("a\n && b\n || c\n ?? d", "(?? (|| (&& a b) c) d)"),
      ("a\n-b", "a (- b)"),
      ("a\n(b)", "a (p(b))"),
      ("a\n[b]", "a (list b)"),
      ("f(a\n  + b\n)", "(call f (+ a b))"),
      ("f(\n a,\n b\n)", "(call f a b)"),
      ("f(x => {\n a\n b\n})", "(call f (\\ (x) (do a b)))"),
      ("x in\n  y", "(in x y)"),
      ("xs\n  where a == 1\n  && b == 2", "(where xs (and (== @a 1) (== @b 2)))"),
      ("if a { 1 }\nelse { 2 }", "(if a (do 1) (do 2))"),
      ("let f = x =>\n  x", "(let f (\\ (x) x))"),
      ("let {a,\n b} = m", "(let {a:a b:b} m)"),
      ("a\r\nb\rc\u{2028}d", "a b c d"),
      ("/* a\n */ b /* c */", "b"),
      ("a; ; b;", "a b"),
    ])
  func newlines(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test("an index never starts on a new line, even an optional one")
  func optionalIndexOnNewLine() {
    #expect(errors("a\n?[0]").count == 1)
  }

  @Test("soft keywords are ordinary names")
  func softKeywords() {
    let text = "let from = 1\nlet as = 2\nlet on = 3\nlet every = 4\nlet step = 5\nlet where = 6\nlet wait = 7"
    #expect(errors(text) == [])
    #expect(dump("step = on + every\nwhere = wait") == "(set step (+ on every)) (set where wait)")
    #expect(dump("step(1)\non(2)\nevery(3)\nwait(4)") == "(call step 1) (call on 2) (call every 3) (call wait 4)")
    #expect(dump("f(step, on)") == "(call f step on)")
    #expect(dump("a.step.where.let") == "(. (. (. a step) where) let)")
  }

  @Test(
    "match",
    arguments: [
      (
        "match v { 1 | 2 => \"a\", n if n > 3 => \"b\"\n_ => \"c\" }",
        "(match v (1|2 => \"a\") (n if (> n 3) => \"b\") (_ => \"c\"))"
      ),
      (
        "match v {\n [] => 0\n [x] => 1\n [x, ...r] => { 2 }\n {type: \"u\", name} => 3\n -1 => 4\n}",
        "(match v ([] => 0) ([x] => 1) ([x ...r] => (do 2)) ({type:\"u\" name:name} => 3) (-1 => 4))"
      ),
      ("match v { n if ready => x, 1 |\n 2 => y = 3 }", "(match v (n if ready => x) (1|2 => (set y 3)))"),
      (
        "fn f(v) { match v { 1 => return 2\n null => throw 3 } }",
        "(fn f (v) (do (match v (1 => (return 2)) (null => (throw 3)))))"
      ),
      ("match f({a: 1}) { {a: {b: [c, _]}} => c }", "(match (call f (map (:a 1))) ({a:{b:[c _]}} => c))"),
      ("match v { n if (a) => b }", "(match v (n if (p(a)) => b))"),
      ("match v { -9223372036854775808 => 1, 30s => 2 }", "(match v (-9223372036854775808 => 1) (30 => 2))"),
    ])
  func match(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "what the rulings forbid",
    arguments: [
      "break", "continue", "fn f() { break }", "for x in y { f(z => { break }) }",
      "for x in y { try { 1 } finally { break } }", "fn f() { try { 1 } finally { return 2 } }",
      "if a { import \"x\" as y }", "if a { export let x = 1 }", "match v { 1 | x => 2 }",
      "match v { [1, a] | [2, a] => 3 }",
      "let 5 = x", "let [1, a] = x", "fn f(1) { }", "for 1 in x { }", "let [...a, b] = x", "fn f(...a, b) { }",
      "a?.b = 1", "a?[0] = 1", "f() = 1", "1 = 2", "[a, b] = [b, a]", "let x", "fn (x) { x }", "fn f { 1 }",
      "{ let x = 1 }", "{a: 1}", "{}", "let f = x => {a: 1}", "if { a: 1 } { }", "let if = 1", "import \"x\"",
      "import {a} from b", "import \"{{a}}\" as b", "throw\n1", "a = b = c", "x++", "for (x in y) { }",
      "match v { \"{{a}}\" => 1 }", "export 1", "let x = 5 let y = 6",
    ])
  func forbidden(text: String) {
    #expect(errors(text).count == 1, "\(errors(text))")
    #expect(parse(text).diagnostics.first?.code == "E_SYNTAX")
  }

  @Test("a loop inside finally may break, and a function in it may return")
  func jumpsInsideFinally() {
    #expect(errors("try { 1 } finally { for x in y { break } }") == [])
    #expect(errors("try { 1 } finally { f(x => { return 1 }) }") == [])
  }

  @Test("doc comments belong to the declaration that follows")
  func docComments() {
    let tree = parse(
      "//// no\n/// Adds.\n///   deeply\nexport fn add(a) { a }\n// plain\nlet x = 1\n/// Far.\n\nlet y = 2\n/// A\n// b\n/// C\nlet z = 3"
    )
    let statements = tree.statements(of: tree.root)
    #expect(tree.docComment(of: statements[0]) == "Adds.\n  deeply")
    #expect(tree.docComment(of: statements[1]) == nil)
    #expect(tree.docComment(of: statements[2]) == nil)
    #expect(tree.docComment(of: statements[3]) == "C")
  }
}
