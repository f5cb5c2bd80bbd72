import ICSDiagnostics
import ICSSyntax
import Testing

@Suite struct ExpressionTests {
  @Test(
    "operators bind as the table of the reference says",
    arguments: [
      ("1 + 2 * 3", "(+ 1 (* 2 3))"),
      ("10 - 4 - 3", "(- (- 10 4) 3)"),
      ("-2 * 3", "(* -2 3)"),
      ("-a * 3", "(* (- a) 3)"),
      ("-a.b", "(- (. a b))"),
      ("a ?? b || c && d == e in 0..<g + h * i", "(?? a (|| b (&& c (== d (in e (..< 0 (+ g (* h i))))))))"),
      ("!a && !b", "(&& (! a) (! b))"),
      ("7 ~/ 2 % 3", "(% (~/ 7 2) 3)"),
      ("a !in b", "(!in a b)"),
      ("a && !inner", "(&& a (! inner))"),
      ("3 in 0..<n + 1", "(in 3 (..< 0 (+ n 1)))"),
      ("1...n", "(... 1 n)"),
      ("a ?? b ?? c", "(?? (?? a b) c)"),
      ("(1 + 2) * 3", "(* (p((+ 1 2))) 3)"),
      ("!!a", "(! (! a))"),
      ("- -1", "(- -1)"),
    ])
  func precedence(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "comparisons and ranges do not chain",
    arguments: ["1 < 2 < 3", "a == b == c", "a == b != c", "0..<1..<2", "a in b in c", "1 < 2 in x", "1...2...3"])
  func chains(text: String) {
    #expect(errors(text).count == 1)
    #expect(errors(text).first?.hasSuffix("do not chain") == true)
  }

  @Test("an equality may hold comparisons")
  func mixedComparisons() {
    #expect(dump("a < b == c < d") == "(== (< a b) (< c d))")
    #expect(dump("(a == b) == c") == "(== (p((== a b))) c)")
  }

  @Test(
    "members, indexes and calls",
    arguments: [
      ("a.b.c", "(. (. a b) c)"),
      ("a.if.match", "(. (. a if) match)"),
      ("a[0][1]", "(at (at a 0) 1)"),
      ("xs[1..<3]", "(at xs (..< 1 3))"),
      ("f()(1)", "(call (call f) 1)"),
      ("f(1, ...xs, a: 2, if: 3,)", "(call f 1 ...xs a:2 if:3)"),
      ("a?.b.c", "(chain (. (?. a b) c))"),
      ("a?.b?[0]?.c()", "(chain (call (?. (?at (?. a b) 0) c)))"),
      ("(a?.b).c", "(. (p((chain (?. a b)))) c)"),
      ("a?.b + c?.d", "(+ (chain (?. a b)) (chain (?. c d)))"),
      ("5.str()", "(call (. 5 str))"),
      ("\"a\".length", "(. \"a\" length)"),
    ])
  func postfix(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "lists and maps",
    arguments: [
      ("[]", "(list)"),
      ("[1, ...a, [2,],]", "(list 1 ...a (list 2))"),
      ("x = {}", "(set x (map))"),
      (
        "x = {a: 1, \"b c\": 2, [k]: 3, email, ...m, if: 4, \"{{k}}\": 5,}",
        "(set x (map (:a 1) (\"b c\" 2) ([k] 3) (:email email) ...m (:if 4) ((cat k) 5)))"
      ),
      ("f({a: 1}.a)", "(call f (. (map (:a 1)) a))"),
      ("x = {\n\"a\"\n:\n1\n,\n\"b\": [\n]\n}", "(set x (map (\"a\" 1) (\"b\" (list))))"),
    ])
  func collections(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "lambdas",
    arguments: [
      ("f = x => x + 1", "(set f (\\ (x) (+ x 1)))"),
      ("f = () => ({a: 1})", "(set f (\\ () (p((map (:a 1))))))"),
      ("f = (a, b = 1, {c}, [d], ...e) => { a }", "(set f (\\ (a (= b 1) {c:c} [d] ...e) (do a)))"),
      ("f = x => y => x", "(set f (\\ (x) (\\ (y) x)))"),
      ("f(_ => 1, (x) => x)", "(call f (\\ (_) 1) (\\ (x) x))"),
      ("f = x => xs where a == x", "(set f (\\ (x) (where xs (== @a x))))"),
      ("f = x => { x }\n(3)", "(set f (\\ (x) (do x))) (p(3))"),
    ])
  func lambdas(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "if, match and try are expressions",
    arguments: [
      ("x = if a { 1 } else if b { 2 } else { 3 }", "(set x (if a (do 1) b (do 2) (do 3)))"),
      ("if let {a} = f() { a }\nelse { 0 }", "(if (let {a:a} (call f)) (do a) (do 0))"),
      ("x = try { 1 } catch e { 2 } finally { 3 }", "(set x (try (do 1) e (do 2) (do 3)))"),
      ("try { 1 }\ncatch { 2 }", "(try (do 1) - (do 2) -)"),
      ("try { 1 } catch _ { 2 }", "(try (do 1) _ (do 2) -)"),
      ("try { 1 } finally { 2 }", "(try (do 1) - - (do 2))"),
      ("f(if a { 1 }, 2)", "(call f (if a (do 1)) 2)"),
      ("if a { 1 }\n-b", "(if a (do 1)) (- b)"),
      ("if ({a: 1}).a == 1 { 2 }", "(if (== (. (p((map (:a 1)))) a) 1) (do 2))"),
      ("if f({a: 1}) { 2 }", "(if (call f (map (:a 1))) (do 2))"),
    ])
  func control(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "what is no expression",
    arguments: [
      ("f = fn(x) { x }", "1:5 'fn' declares a function and is no expression"),
      ("x = ...a", "1:5 '...' spreads only in lists, maps and calls"),
      ("x = a ~ b", "1:7 '~' compares only in the condition of a 'where'"),
      ("x = ^= 1", "1:5 '^=' compares only in the condition of a 'where'"),
      ("x = {1: a}", "1:6 a key that is no name or string stands in brackets"),
      ("x = {if}", "1:8 expected ':' and a value after the key, found '}'"),
      ("f(a: 1, b)", "1:9 an argument without a name cannot follow one with a name"),
      ("f(a: 1, ...b)", "1:9 an argument without a name cannot follow one with a name"),
      ("try { 1 }", "1:10 expected 'catch' or 'finally' after the body of 'try', found the end of the file"),
      ("try { 1 } catch {a} { 2 }", "1:21 expected the end of the statement, found '{'"),
      ("a ?? x => x", "1:8 unexpected '=>'"),
      ("()", "1:2 expected an expression, found ')'"),
      ("if x = 1 { }", "1:6 expected '{' and the body of the 'if', found '='"),
      ("a + + b", "1:5 expected an expression, found '+'"),
    ])
  func noExpression(text: String, expected: String) {
    #expect(errors(text) == [expected])
  }

  @Test("the help for a number as a key works when it is pasted")
  func numberKeyHelp() {
    #expect(parse("let x = 2\nlet m = {1: x}").diagnostics.first?.help == "write [1]: x")
  }

  @Test("a span covers exactly its node")
  func spans() {
    let tree = parse("let x = a.b( 1 ) + [2]  // end\n")
    let value = tree.variable(tree.statements(of: tree.root)[0]).value
    #expect(tree.text(of: value) == "a.b( 1 ) + [2]")
    let (op, left, right) = tree.binary(value)
    #expect(op == .add)
    #expect(tree.text(of: left) == "a.b( 1 )")
    #expect(tree.text(of: right) == "[2]")
    #expect(tree.source.text(in: tree.mainSpan(of: value)) == "+")
  }
}
