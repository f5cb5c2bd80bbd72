import ICSCompiler
import ICSDiagnostics
import ICSVM
import Testing

/// The code of a script's function number `number`.
private func code(_ text: String, _ number: Int = 0) -> String {
  let result = Compiler(prelude: PreludeNames(TestLibrary.names)).compile(SourceFile(name: "test.ics", text: text))
  guard let program = result.unit?.programs.last else { return errors(result) }
  let lines = program.disassembly(ofPrototype: number).split(separator: "\n").dropFirst()
  return lines.map { $0.drop { $0 == " " } }.joined(separator: "\n")
}

@Suite struct DisassemblyTests {
  @Test("both branches of a last `if` return, and small numbers are part of the instructions")
  func tailBranches() {
    #expect(
      code("fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }", 1) == """
        0 jumpIfNotLessImmediate r0 2 -> 2
        1 return r0
        2 getGlobal r1 global fib
        3 addImmediate r2 r0 -1 d1
        4 call r1 1
        5 getGlobal r2 global fib
        6 addImmediate r3 r0 -2 d1
        7 call r2 1
        8 add r1 r1 r2
        9 return r1
        """)
  }

  @Test("the test of a loop stands at its bottom")
  func invertedLoop() {
    #expect(
      code("fn f(n) { var i = 0\n while i < n && n != 7 { i += 2 } }", 1) == """
        0 loadInt r1 0
        1 jumpIfNotLess r1 r0 -> 6
        2 jumpIfEqualImmediate r0 7 -> 6
        3 addImmediate r1 r1 2
        4 jumpIfNotLess r1 r0 -> 6
        5 jumpIfNotEqualImmediate r0 7 -> 3
        6 returnNull
        """)
  }

  @Test("a loop over a range counts in the variable's register")
  func rangeLoop() {
    #expect(
      code("fn f() { var s = 0\n for i in 0..<9 { s += i } }", 1) == """
        0 loadInt r0 0
        1 loadInt r1 0
        2 loadInt r2 9
        3 forRange r1 -> 6
        4 add r0 r0 r1
        5 forRangeNext r1 -> 4
        6 returnNull
        """)
  }

  @Test("other loops iterate, and pairs are taken apart by the loop")
  func itemLoop() {
    #expect(
      code("fn f(m) { for [k, v] in m { k } }", 1) == """
        0 move r1 r0
        1 iterate r1 r1 d1
        2 jump -> 4
        3 unpackPair r1
        4 iterateNext r1 -> 3 d1
        5 iterateCheck r1 -> 3 d1
        6 returnNull
        """)
  }

  @Test("a variable that never changes is captured by value, any other in a cell")
  func captures() {
    let script = "fn f() { let a = 1\n var b = 2\n () => { b += a } }"
    #expect(
      code(script, 1) == """
        0 loadInt r0 1
        1 loadInt r1 2
        2 newCell r1
        3 closure r2 #2
        4 return r2
        """)
    #expect(
      code(script, 2) == """
        captures r0
        captures r1
        0 getCaptureCell r0 capture 1
        1 getCapture r1 capture 0
        2 add r0 r0 r1
        3 setCaptureCell r0 capture 1
        4 returnNull
        """)
  }

  @Test("a number on the left of a product is taken as the right side")
  func swappedConstant() {
    #expect(
      code("fn f(x) { 2.5 * x }", 1) == """
        0 multiplyConstant r1 r0 2.5 d1
        1 return r1
        """)
  }

  @Test("method calls, fields and literals")
  func postfix() {
    #expect(
      code("fn f(o) { o.a.go([1, o.b], name: \"x\") }", 1) == """
        0 getField r1 r0 "a"
        2 loadInt r2 1
        3 getField r3 r0 "b"
        5 newList r2 r2 2
        6 loadConstant r4 "x"
        7 newMap r3 r4 {name}
        9 invoke r1 2 "go"
        12 return r1
        """)
  }

  @Test("handlers cover their block but not the finally block on the way out")
  func handlers() {
    #expect(
      code("fn f() { try { return 1 } catch e { e } finally { 2 } }", 1) == """
        0 loadInt r2 1
        1 move r1 r2
        2 loadInt r2 2
        3 return r1
        4 jump -> 6
        5 move r0 r2
        6 loadInt r2 2
        7 jump -> 10
        8 loadInt r2 2
        9 rethrow r1
        10 return r0
        catch 0..<1 -> 5 r2
        finally 0..<1 -> 8 r1
        finally 4..<6 -> 8 r1
        """)
  }

  @Test("top-level variables are registers unless a function or another file sees them")
  func topLevel() {
    #expect(
      code("var a = 1\nvar b = 2\nexport var c = 3\nfn f() { b }\na = 4\nb = 5") == """
        0 closure r0 #1
        1 loadInt r1 1
        2 loadInt r2 2
        3 setGlobal r2 global b
        4 loadInt r2 3
        5 setGlobal r2 global c
        6 loadInt r1 4
        7 loadInt r2 5
        8 setGlobal r2 global b
        9 returnNull
        """)
  }
}
