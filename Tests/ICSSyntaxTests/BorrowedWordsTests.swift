// What the errors say to people who write from the habit of another language.

import Testing

@testable import ICSSyntax

@Suite("Words of other languages")
struct BorrowedWordsTests {
  @Test(
    "an error names what ICS has in the place of a habit",
    arguments: [
      ("const a = 1", "write 'let'"),
      ("function f(x) { }", "write 'fn name(x) { ... }', or (x) => { ... } for one without a name"),
      ("let f = function(x) { }", "write 'fn name(x) { ... }', or (x) => { ... } for one without a name"),
      ("if a { } elif b { }", "write 'else if'"),
      ("switch a { }", "write 'match value { pattern => ... }'"),
      ("foreach x in xs { }", "write 'for x in xs { ... }'"),
      ("for (let i = 0; i < 3; i++) { }", "write 'for x in xs { ... }'"),
      ("let a = b and c", "write '&&'"),
      ("f(a or b)", "write '||'"),
      ("f(not a)", "write '!'"),
      ("let a = await f()", "leave it out: a call that has to wait does so by itself"),
      ("throw new Error()", "leave out 'new': call the function"),
      ("raise \"x\"", "write 'throw error(\"...\")'"),
      ("try { } except e { }", "write 'catch'"),
      ("print x", "call it: print(...)"),
      ("x++", "write 'x += 1'"),
      ("x--", "write 'x -= 1'"),
      ("f(a ** b)", "write math.pow(x, y)"),
      ("f(a <> b)", "write '!='"),
      ("f(a ? b : c)", "write 'if condition { a } else { b }'"),
      ("x := 1", "write 'let x = ...' to declare, 'x = ...' to assign"),
      ("let x: int = 1", "the types of values are not written"),
      ("fn f() -> int { }", "the types of values are not written"),
      ("if a: b", "a body stands in braces: { ... }"),
      ("if a then { }", "a body stands in braces: { ... }"),
    ])
  func habits(source: String, help: String) {
    #expect(parse(source).diagnostics.first?.help == help)
  }

  @Test("the words are ordinary names where nothing is wrong")
  func ordinaryNames() {
    #expect(parse("let and = 1\nfn is(new) { new + and }\nlet class = {const: is(2)}").diagnostics.isEmpty)
  }
}
