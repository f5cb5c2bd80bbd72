// Programs that somebody hostile, or somebody's generator, might write, and that are too large to stand in a golden
// script. Each ends as it should, within two seconds in release.

import Foundation
import ICSVM
import Testing

@Suite struct BadInputTests {
  @Test("a bad input ends as it should", arguments: BadInput.all)
  func outcome(_ input: BadInput) async {
    let limits = Limits(
      fuel: 50_000_000, memory: input.memory, fibers: 2_000, output: 1 << 20, time: .seconds(60))
    let run = await ScriptRun(
      input.text(), name: "bad.ics", folder: URL(fileURLWithPath: "/nowhere", isDirectory: true), limits: limits)
    #expect(run.diagnostics.first?.code == input.code, "\(run.diagnostics.map(\.message)) \(run.output.prefix(1))")
    if let words = input.words {
      let found = input.code == nil ? run.output.joined(separator: "\n") : run.diagnostics.first?.message ?? ""
      #expect(found.contains(words))
    }
  }
}

struct BadInput: Sendable, CustomTestStringConvertible {
  /// What the program is made of.
  let testDescription: String
  /// What it ends with; nil when it ends well.
  let code: String?
  /// Words of the message, or the output of one that ends well.
  let words: String?
  /// The limit, in bytes.
  let memory: Int
  let text: @Sendable () -> [UInt8]

  init(
    _ topic: String, _ code: String?, _ words: String? = nil, memory: Int = 16 << 20,
    _ text: @escaping @autoclosure @Sendable () -> String
  ) {
    testDescription = topic
    self.code = code
    self.words = words
    self.memory = memory
    self.text = { Array(text().utf8) }
  }

  /// A size for optimised builds and one for the others, which take twenty times as long.
  private static func size(_ full: Int, debug: Int) -> Int {
    #if DEBUG
      return debug
    #else
      return full
    #endif
  }

  private static func times(_ count: Int, _ unit: String) -> String { String(repeating: unit, count: count) }

  private static func counted(_ count: Int, separator: String, _ unit: (Int) -> String) -> String {
    (0..<count).map(unit).joined(separator: separator)
  }

  static let all: [BadInput] = nested + chains + long + values + patterns + control

  // MARK: Source texts

  private static let nested: [BadInput] = [
    BadInput("parentheses", "E_SYNTAX", "nested too deeply", times(100_000, "(")),
    BadInput("brackets", "E_SYNTAX", "nested too deeply", times(100_000, "[")),
    BadInput("braces", "E_SYNTAX", nil, "let x = " + times(100_000, "{")),
    BadInput("minus signs", "E_SYNTAX", "nested too deeply", "let x = " + times(100_000, "-") + "1"),
    BadInput("negations", "E_SYNTAX", "nested too deeply", "let x = " + times(100_000, "!") + "true"),
    BadInput("blocks", "E_SYNTAX", "nested too deeply", times(100_000, "if true {")),
    BadInput("lambdas", "E_SYNTAX", "nested too deeply", "let f = " + times(100_000, "x => ") + "1"),
    BadInput("patterns", "E_SYNTAX", "nested too deeply", "let " + times(100_000, "[")),
    BadInput("negated conditions", "E_SYNTAX", "nested too deeply", "[] where " + times(100_000, "!") + "a == 1"),
    BadInput(
      "interpolations", "E_SYNTAX", "nested too deeply",
      "print(" + times(1000, "\"{{") + "1" + times(1000, "}}\"") + ")"),
  ]

  private static let chains: [BadInput] = [
    BadInput(
      "a sum", nil, "\(size(1_000_000, debug: 200_000) + 1)", memory: 1 << 30,
      "print(" + times(size(1_000_000, debug: 200_000), "1+") + "1)"),
    BadInput(
      "members", "E_NULL", "cannot read 'b' of null", memory: 1 << 30,
      "let a = {}\na" + times(size(200_000, debug: 50_000), ".b")),
    BadInput(
      "calls", nil, "f", memory: 1 << 30,
      "fn f() { f }\nprint(f" + times(size(200_000, debug: 50_000), "()") + ")"),
    BadInput(
      "else if", nil, "else",
      "let x = 5\nif x == 0 {}" + times(size(50_000, debug: 10_000), " else if x == 1 {}") + " else { print(\"else\") }"
    ),
  ]

  private static let long: [BadInput] = [
    BadInput("nothing", nil, nil, ""),
    BadInput("a byte order mark alone", nil, nil, "\u{FEFF}"),
    BadInput("a byte order mark before a program", nil, "1", "\u{FEFF}print(1)\n"),
    BadInput(
      "a string", nil, "\(size(50_000_000, debug: 1_000_000))", memory: 1 << 30,
      "let s = \"" + times(size(50_000_000, debug: 1_000_000), "x") + "\"\nprint(s.length)"),
    BadInput("a file over the limit", "E_SYNTAX", "too large", times(65 << 20, " ")),
    BadInput("a string without an end", "E_SYNTAX", "never closed", "let s = \"abc"),
    BadInput("a comment without an end", "E_SYNTAX", "never closed", "/* abc"),
    BadInput("a name", nil, "1", "let " + times(1_000_000, "a") + " = 1\nprint(1)"),
    BadInput(
      "names", nil, "1", memory: 1 << 30,
      counted(size(1_000_000, debug: 50_000), separator: "\n") { "let a\($0) = \($0)" } + "\nprint(1)"),
    BadInput("digits", "E_SYNTAX", "too large", "print(" + times(10_000, "9") + ")"),
    BadInput(
      "parameters", "E_SYNTAX", "255 parameters", "fn f(" + counted(10_000, separator: ",") { "a\($0)" } + ") {}"),
    BadInput("arguments", "E_SYNTAX", "255 arguments", "print(" + counted(10_000, separator: ",") { "\($0)" } + ")"),
    BadInput(
      "assignments", nil, "1", memory: 1 << 30,
      "var x = 0\n" + times(size(1_000_000, debug: 50_000), "x = 1\n") + "print(x)"),
  ]

  // MARK: Values

  private static let values: [BadInput] = [
    BadInput("a repeated text", "E_MEMORY", nil, "\"ab\".repeat(1_000_000_000_000)"),
    BadInput("a text times a number", "E_TYPE", "'*'", "\"a\" * 9223372036854775807"),
    BadInput("a text doubled", "E_MEMORY", nil, "var s = \"ab\"\nfor i in 0..<64 { s = s + s }"),
    BadInput("a list doubled", "E_MEMORY", nil, "var s = [1]\nfor i in 0..<64 { s = s + s }"),
    BadInput("join", "E_MEMORY", nil, "let x = \"x\".repeat(1000)\nprint([x].repeat(1_000_000).join(\"\").length)"),
    BadInput("a replacement everywhere", "E_MEMORY", nil, #""a".repeat(10_000_000).replace("", "xxxx")"#),
    BadInput("padding", "E_MEMORY", nil, "\"a\".pad_start(1_000_000_000_000, \"x\")"),
    BadInput("a repeated list", "E_MEMORY", nil, "[1].repeat(1_000_000_000)"),
    BadInput("a list of a range", "E_MEMORY", nil, "(0..<1_000_000_000_000).to_list()"),
    BadInput("windows", "E_MEMORY", nil, "(0..<100_000).to_list().window(50_000)"),
    BadInput(
      "numbers that are no ints", nil, "E_VALUE E_OVERFLOW E_OVERFLOW",
      """
      let kind = f => try { f() } catch e { e.kind }
      print(kind(() => int(0.0 / 0)), kind(() => int(1e300)), kind(() => int("9".repeat(400))))
      """),
    BadInput(
      "nan among numbers", nil, "3 2 2",
      """
      let nan = 0.0 / 0
      print([2, nan, 1].sort().length, [nan, nan].unique().length, [nan, 1].map(x => x).length)
      """),
    BadInput("brackets of JSON", "E_JSON", "1000", #"json.parse("[".repeat(100_000))"#),
    BadInput("keys of JSON", nil, "{a: 2, __proto__: 1}", #"print(json.parse("{\"a\":1,\"a\":2,\"__proto__\":1}"))"#),
    BadInput(
      "many keys of JSON", nil, "\(size(1_000_000, debug: 20_000))", memory: 1 << 30,
      """
      let parts = []
      for i in 0..<\(size(1_000_000, debug: 20_000)) { parts.push("\\"k{{i}}\\":{{i}}") }
      print(len(json.parse("\\{" + parts.join(",") + "}")))
      """),
    BadInput(
      "keys that a fixed hash would map to one place", nil, "\(size(1_000_000, debug: 50_000))", memory: 1 << 30,
      """
      let m = {}
      for i in 0..<\(size(1_000_000, debug: 50_000)) { m[i * 4294967296] = i }
      print(len(m))
      """),
  ]

  private static let patterns: [BadInput] = [
    BadInput(
      "patterns that go back elsewhere", nil, "false false false",
      #"print(regex("^(a+)+$").test("a".repeat(30) + "!"), regex("(a|aa)+$").test("a".repeat(30) + "!"), "#
        + #"regex("(.*)*x").test("a".repeat(30)))"#),
    BadInput("counts in counts", "E_VALUE", "too large", #"regex("a{1,1000}{1,1000}{1,1000}")"#),
    BadInput("a long pattern", "E_VALUE", "too large", #"regex("a".repeat(500_000))"#),
    BadInput("groups", "E_VALUE", "too large", #"regex("(a)".repeat(10_000))"#),
    BadInput("an open group", "E_VALUE", "'(' is not closed", #"regex("(")"#),
    BadInput("a bad escape", "E_VALUE", nil, #"regex("\\q")"#),
    BadInput("a back-reference", "E_VALUE", "back-reference", #"regex("(a)\\1")"#),
    BadInput("look-behind", "E_VALUE", "look-behind", #"regex("(?<=a)b")"#),
    BadInput("empty matches", nil, "-a-b-c-", #"print(regex("x*").replace("abc", "-"))"#),
  ]

  // MARK: Loops, calls and fibers

  private static let control: [BadInput] = [
    BadInput("an endless loop", "E_FUEL", nil, "while true {}"),
    BadInput("an endless stream", "E_FUEL", nil, "for x in stream(() => 1) {}"),
    BadInput("an endless range", "E_FUEL", nil, "for x in -9223372036854775808...9223372036854775807 {}"),
    BadInput("an endless comparison", "E_FUEL", nil, "[2, 1].sort((a, b) => { while true {} })"),
    BadInput("random comparisons", nil, "1000", "print((0..<1000).sort((a, b) => random.int(-1, 1)).length)"),
    BadInput("calls in a circle", "E_DEPTH", nil, "fn a() { b() }\nfn b() { a() }\na()"),
    BadInput("calls through comparisons", "E_DEPTH", nil, "fn f(a, b) { [1, 2].sort(f); 0 }\n[2, 1].sort(f)"),
    BadInput("a loop that catches", "E_FUEL", nil, "while true { try { while true {} } catch {} }"),
    BadInput("a recursion that catches", "E_FUEL", nil, "fn f() { try { f() } catch { f() } }\nf()"),
    BadInput(
      "errors in handlers", nil, "E_THROWN last",
      """
      fn f(n) {
        try { throw "a" } catch { if n == 0 { throw "last" } else { f(n - 1) } } finally { n }
      }
      try { f(9000) } catch e { print(e.kind, e.data) }
      """),
    BadInput(
      "errors in finally", nil, "9000",
      """
      fn f(n) { try { if n > 0 { f(n - 1) } } finally { throw n } }
      try { f(9000) } catch e { print(e.data) }
      """),
    BadInput("closures", "E_MEMORY", nil, "let fs = []\nwhile true { fs.push(() => fs) }"),
    BadInput(
      "closures that capture themselves", nil, "1",
      """
      for i in 0..<\(size(1_000_000, debug: 50_000)) { let f = n => if n == 0 { f } else { f(n - 1) } }
      print(1)
      """),
    BadInput("fibers", "E_MEMORY", nil, "while true { spawn(() => sleep(60)) }"),
    BadInput("a sleep without an end", "E_TIME_LIMIT", nil, "sleep(1e18)"),
    BadInput("output", "E_MEMORY", nil, "while true { print(\"x\".repeat(100_000)) }"),
  ]
}
