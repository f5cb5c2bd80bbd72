import Testing

@Suite struct ProgramTests {
  @Test(
    "expressions",
    arguments: [
      ("1 + 2 * 3 - 4 / 2", "5.0"), ("2 * 3 + 1", "7"), ("7 ~/ 2", "3"), ("-7 % 3", "-1"), ("1 < 2 && 3 >= 3", "true"),
      ("null && 1", "null"), ("0 || 2", "0"), ("false || null", "null"), ("null ?? false ?? 1", "false"),
      ("!null", "true"), ("1 in [1]", "true"), ("1 !in [1]", "false"), ("\"a{{1 + 1}}b{{\"c{{3}}\"}}\"", "a2bc3"),
      ("[1, ...[2, 3], ...0..<2]", "[1, 2, 3, 0, 1]"), ("({a: 1, ...{a: 2, b: 3}, [\"c\"]: 4})", "{a: 2, b: 3, c: 4}"),
      ("({a: {b: null}}).a?.b?.c.d(1)[2]", "null"), ("null?[0]", "null"), ("if false { 1 }", "null"),
      ("if let [a, b] = [1, 2] { a + b } else { 0 }", "3"), ("if let [a, b] = [1] { a + b } else { 0 }", "0"),
      ("if let x = null { 1 } else { 0 }", "0"), ("try { throw 1 } catch e { e.data } finally { 2 }", "1"),
      ("[1, 2, 3][0..<2]", "[1, 2]"), ("((a, b = a + 1, ...c) => [a, b, c])(1)", "[1, 2, []]"),
      ("((a, {b = 2, c}) => [a, b, c])(1, c: 3)", "[1, 2, 3]"), ("({f: x => x + 1}).f(...[1])", "2"),
      ("[5, 1, 9] where it > 3", "[5, 9]"), ("[{a: {b: 1}}, {a: null}] where a.b in [1] || !(a != 5)", "[{a: {b: 1}}]"),
      ("[{p: \"xy\"}] where p ~ \"Y\" && p ^= \"x\" && p !~ \"z\"", "[{p: \"xy\"}]"), ("step \"x\" { 40 + 2 }", "42"),
      ("[1, 2].stream().to_list()", "[1, 2]"), ("[{n: 1}].map(({n}) => n)", "[1]"),
    ])
  func expressions(_ script: String, _ expected: String) {
    #expect(run(script) == expected)
    #expect(run(script, stress: true) == expected)
    // The value of a variable and the value of a function are reached by other code.
    #expect(run("fn f() { let v = \(script)\n v }\nf()") == expected)
    #expect(run("fn f() { var v = 0\n v = \(script)\n v }\nf()") == expected)
    #expect(run("fn f() { return \(script) }\nf()") == expected)
  }

  @Test("an operand keeps its value when a later one assigns to the variable")
  func nestedAssignment() {
    #expect(run("fn f() { var x = 1\n let v = x + if true { x = 10\n 1 } else { 0 }\n [v, x] }\nf()") == "[2, 10]")
    #expect(run("fn f() { var x = 1\n x += if true { x = 10\n 1 } else { 0 }\n x }\nf()") == "2")
  }

  @Test("an assignment reads its old value until the new one is complete")
  func selfReference() {
    #expect(run("fn f(b) { var r = null\n r = r ?? [r, b]\n r = [r, r && b]\n r }\nf(1)") == "[[null, 1], 1]")
  }

  @Test("local functions see one another and themselves")
  func localFunctions() {
    #expect(
      run(
        """
        fn outer() {
          let base = 10
          fn twice(n) { if n == 0 { 0 } else { 2 + once(n) } }
          fn once(n) { base + twice(n - 1) }
          twice(2)
        }
        outer()
        """) == "24")
    #expect(run("fn f() { let g = n => if n < 2 { 1 } else { n * g(n - 1) }\n g(5) }\nf()") == "120")
  }

  @Test("a variable that is read before it has a value is an error while running")
  func uninitialized() {
    #expect(
      run("fn f() { later }\nlet kind = try { f() } catch e { e.kind }\nlet later = 1\n[kind, f()]")
        == "[\"E_UNINITIALIZED\", 1]")
    #expect(
      run("fn g() { let f = () => x\n let k = try { f() } catch e { e.kind }\n let x = 2\n [k, f()] }\ng()")
        == "[\"E_UNINITIALIZED\", 2]")
  }

  @Test("each turn of a loop has its own variables")
  func loopVariables() {
    #expect(
      run(
        """
        let fns = []
        for i in 0..<2 { var n = i * 10
          fns.push(() => { n += 1
            [i, n] }) }
        for [k, v] in ({a: 1}) { fns.push(() => [k, v]) }
        var j = 0
        while j < 2 { let k = j
          fns.push(() => k)
          j += 1 }
        fns[0]()
        fns.map(f => f())
        """) == "[[0, 2], [1, 11], [\"a\", 1], 0, 1]")
  }

  @Test("finally blocks run on every way out, inner ones first")
  func finallyBlocks() {
    #expect(
      run(
        """
        fn f() {
          for i in 0..<3 {
            try {
              try {
                if i == 1 { continue }
                if i == 2 { return "r" }
                print("body")
              } finally {
                let q = i
                let g = () => q
                print("inner", g())
              }
            } finally { print("outer", i) }
          }
        }
        f()
        """) == "body\ninner 0\nouter 0\ninner 1\nouter 1\ninner 2\nouter 2\nr")
    #expect(run("try { try { throw 1 } finally { throw 2 } } catch e { e.data }") == "2")
    #expect(run("fn f() { try { return 1 } finally { try { throw 3 } catch e { print(e.data) } } }\nf()") == "3\n1")
  }

  @Test("an error in a finally block on the way out goes to the handlers outside")
  func finallyRaises() {
    #expect(
      run(
        """
        fn f() {
          try {
            try { return 1 } catch e { print("wrong") } finally { throw "out" }
          } catch e { e.data }
        }
        f()
        """) == "out")
  }

  @Test("patterns take values apart, with defaults and rests")
  func patterns() {
    #expect(
      run("let [a, [b, ...c], {d = 4, e: {f}, ...g}] = [1, [2, 3], {e: {f: 5}, h: 6}]\n[a, b, c, d, f, g]")
        == "[1, 2, [3], 4, 5, {h: 6}]")
    #expect(run("let [a] = [1, 2]").hasPrefix("E_MATCH"))
    #expect(run("let {a} = null").hasPrefix("E_NULL"))
    #expect(
      run(
        """
        fn d(v) { match v {
          [] => "empty"
          1 | 2 | "x" => "few"
          -1 => "minus"
          null => "none"
          [{k: [n, ...q]}] => n
          {t: "u", name} => name
          n if n == 5 => "five"
          {z = 9, ...r} => [z, r]
          _ => "other" } }
        [[], 2, "x", -1, null, {t: "u", name: 3}, 5, {a: 1}, 8].map(v => d(v))
        """)
        == "[\"empty\", \"few\", \"few\", \"minus\", \"none\", 3, \"five\", [9, {a: 1}], \"other\"]")
    #expect(run("match 3 { 1 => 2 }").hasPrefix("E_MATCH"))
  }

  @Test("compound assignments evaluate object and index once")
  func compoundAssignment() {
    #expect(
      run(
        """
        let log = []
        let m = {n: {k: [1, 2]}}
        fn at(x) { log.push(x)
          x }
        m[at("n")].k[at(0)] += 5
        m.n["k"][at(-1)] *= 2
        m.n.z ??= 1
        m.n.z ??= at(9)
        [m, log]
        """) == "[{n: {k: [6, 4], z: 1}}, [\"n\", 0, -1]]")
  }

  @Test("a method of null is an error, also when its call has run with another receiver")
  func methodOfNull() {
    #expect(run("let o = null\no.name()").hasPrefix("E_NULL"))
    #expect(run("for o in [{f: () => 1}, null] { print(o.f()) }").hasPrefix("1\nE_NULL"))
  }

  @Test("a loop's condition with a block in it is tested each turn")
  func blockCondition() {
    #expect(run("var i = 0\nwhile if i < 3 { true } else { false } { i += 1 }\ni") == "3")
    #expect(run("var i = 0\nwhile true { i += 1\n if i > 4 { break } }\ni") == "5")
  }
}
