import ICSDiagnostics
import ICSSyntax
import Testing

@Suite struct ConditionTests {
  @Test(
    "conditions of where",
    arguments: [
      (
        "x where role == \"user\" && (custom_attributes.plan == \"pro\" || email $= \"@acme.com\")",
        "(where x (and (== @role \"user\") (p((or (== @custom_attributes.plan \"pro\") ($= @email \"@acme.com\"))))))"
      ),
      ("x where a ~ \"b\" || c !~ \"d\" || e ^= f", "(where x (or (or (~ @a \"b\") (!~ @c \"d\")) (^= @e f)))"),
      ("x where !(a == 1) && !b.c == 2", "(where x (and (not (p((== @a 1)))) (not (== @b.c 2))))"),
      ("x where last_seen_at < now() - 90d", "(where x (< @last_seen_at (- (call now) 7776000)))"),
      ("x where it > 3", "(where x (> @it 3))"),
      ("x where a in [1, 2] && b !in c", "(where x (and (in @a (list 1 2)) (!in @b c)))"),
      ("x where a[\"Plan X\"].b == 1", "(where x (== @a.Plan X.b 1))"),
      ("x where type == 1 && if == 2", "(where x (and (== @type 1) (== @if 2)))"),
      ("f(x where a == 1, 2)", "(call f (where x (== @a 1)) 2)"),
      ("(x where a == 1).map(f)", "(call (. (p((where x (== @a 1)))) map) f)"),
      ("a ?? b where c == 1", "(where (?? a b) (== @c 1))"),
      ("x where a in 0..<5", "(where x (in @a (..< 0 5)))"),
      ("x where a == -1 &&\n b == 2", "(where x (and (== @a -1) (== @b 2)))"),
    ])
  func conditions(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "what is no condition",
    arguments: [
      ("x where vip", "1:9 a condition compares a field with a value"),
      ("x where !vip", "1:10 a condition compares a field with a value"),
      ("x where f(a) == 1", "1:9 the left side of a comparison is a field, not a call"),
      ("x where a.b() == 1", "1:9 the left side of a comparison is a field, not a call"),
      ("x where \"a\" == b", "1:9 a condition starts with a field, found a string"),
      ("x where a + 1 == 2", "1:11 the left side of a comparison is a field, nothing computed"),
      ("x where a?.b == 2", "1:10 a field's path needs no '?.'"),
      ("x where a == 1 where b == 2", "1:16 a second 'where' cannot follow the first"),
      ("x where a == b == c", "1:16 comparisons do not chain"),
      ("x where a = 1", "1:11 expected a comparison, found '='"),
      ("x where", "1:8 expected a field's name, found the end of the file"),
    ])
  func noCondition(text: String, expected: String) {
    #expect(errors(text) == [expected])
  }

  @Test("the help for a bare field works when it is pasted")
  func bareField() {
    #expect(parse("x where a.vip").diagnostics.first?.help == "write a.vip == true")
  }
}
