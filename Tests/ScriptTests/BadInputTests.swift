// Inputs that are too large to stand in a golden script, by their rows in the list of bad inputs. The others are golden
// scripts: `grep -r Row Tests/Scripts`.

import Foundation
import ICSVM
import Testing

@Suite struct BadInputTests {
  @Test("a bad input ends as it should", arguments: BadInput.all)
  func outcome(_ input: BadInput) async {
    let limits = Limits(fuel: 5_000_000, memory: 10 << 20, fibers: 2_000, output: 1 << 20, time: .seconds(60))
    let run = await ScriptRun(
      input.text(), name: "bad.ics", folder: URL(fileURLWithPath: "/nowhere", isDirectory: true), limits: limits)
    #expect(run.diagnostics.first?.code == input.code, "\(run.diagnostics.map(\.message)) \(run.output.prefix(1))")
    if let words = input.words {
      let found = input.code == nil ? run.output.joined(separator: "\n") : run.diagnostics.first?.message ?? ""
      #expect(found.contains(words))
    }
  }
}

/// A program that somebody hostile, or somebody's generator, might write.
struct BadInput: Sendable, CustomTestStringConvertible {
  let row: Int
  /// What it ends with; nil when it ends well.
  let code: String?
  /// Words of the message, or the output of one that ends well.
  let words: String?
  let text: @Sendable () -> [UInt8]

  var testDescription: String { "row \(row)" }

  init(_ row: Int, _ code: String?, _ words: String? = nil, _ text: @escaping @autoclosure @Sendable () -> String) {
    self.row = row
    self.code = code
    self.words = words
    self.text = { Array(text().utf8) }
  }

  private static func times(_ count: Int, _ unit: String) -> String { String(repeating: unit, count: count) }

  private static func counted(_ count: Int, separator: String, _ unit: (Int) -> String) -> String {
    (0..<count).map(unit).joined(separator: separator)
  }

  static let all: [BadInput] = sources + values + control

  // MARK: Source texts

  private static let sources: [BadInput] = [
    BadInput(1, nil, nil, ""),
    BadInput(2, nil, nil, "\u{FEFF}"),
    BadInput(2, nil, "1", "\u{FEFF}print(1)\n"),
    BadInput(5, "E_SYNTAX", "nested too deeply", times(100_000, "(")),
    BadInput(6, "E_SYNTAX", "nested too deeply", times(100_000, "[")),
    BadInput(6, "E_SYNTAX", nil, "let x = " + times(100_000, "{")),
    BadInput(6, "E_SYNTAX", "nested too deeply", "let x = " + times(100_000, "-") + "1"),
    BadInput(6, "E_SYNTAX", "nested too deeply", "let x = " + times(100_000, "!") + "true"),
    BadInput(6, "E_SYNTAX", "nested too deeply", times(100_000, "if true {")),
    BadInput(7, nil, "200001", "print(" + times(200_000, "1+") + "1)"),
    BadInput(8, "E_NULL", "cannot read 'b' of null", "let a = {}\na" + times(50_000, ".b")),
    BadInput(8, nil, "f", "fn f() { f }\nprint(f" + times(50_000, "()") + ")"),
    BadInput(
      9, nil, "else", "let x = 5\nif x == 0 {}" + times(10_000, " else if x == 1 {}") + " else { print(\"else\") }"),
    BadInput(10, nil, "1000000", "let s = \"" + times(1_000_000, "x") + "\"\nprint(s.length)"),
    BadInput(10, "E_SYNTAX", "never closed", "let s = \"abc"),
    BadInput(10, "E_SYNTAX", "never closed", "/* abc"),
    BadInput(11, nil, "1", "let " + times(1_000_000, "a") + " = 1\nprint(1)"),
    BadInput(11, nil, "1", counted(50_000, separator: "\n") { "let a\($0) = \($0)" } + "\nprint(1)"),
    BadInput(12, "E_SYNTAX", "too large", "print(" + times(10_000, "9") + ")"),
    BadInput(16, "E_SYNTAX", "nested too deeply", "print(" + times(1000, "\"{{") + "1" + times(1000, "}}\"") + ")"),
    BadInput(17, "E_SYNTAX", "255 parameters", "fn f(" + counted(10_000, separator: ",") { "a\($0)" } + ") {}"),
    BadInput(17, "E_SYNTAX", "255 arguments", "print(" + counted(10_000, separator: ",") { "\($0)" } + ")"),
    BadInput(19, nil, "1", "var x = 0\n" + times(50_000, "x = 1\n") + "print(x)"),
  ]

  // MARK: Values

  private static let values: [BadInput] = [
    BadInput(30, "E_MEMORY", nil, "\"ab\".repeat(1_000_000_000_000)"),
    BadInput(31, "E_MEMORY", nil, "var s = \"ab\"\nfor i in 0..<64 { s = s + s }"),
    BadInput(32, "E_MEMORY", nil, "let x = \"x\".repeat(1000)\nprint([x].repeat(1_000_000).join(\"\").length)"),
    BadInput(32, "E_MEMORY", nil, "\"a\".pad_start(1_000_000_000_000, \"x\")"),
    BadInput(
      39, nil, "false false", #"print(regex("^(a+)+$").test("a".repeat(30) + "!"), regex("(a|aa)+$").test("a!"))"#),
    BadInput(40, "E_VALUE", "too large", #"regex("a{1,1000}{1,1000}{1,1000}")"#),
    BadInput(40, "E_VALUE", "too large", #"regex("a".repeat(70_000))"#),
    BadInput(41, "E_VALUE", nil, #"regex("(")"#),
    BadInput(41, "E_VALUE", nil, #"regex("(a)\\1")"#),
    BadInput(41, "E_VALUE", nil, #"regex("(?<=a)b")"#),
    BadInput(42, nil, "-a-b-c-", #"print(regex("x*").replace("abc", "-"))"#),
    BadInput(49, "E_MEMORY", nil, "[1].repeat(1_000_000_000)"),
    BadInput(62, "E_JSON", "1000", #"json.parse("[".repeat(100_000))"#),
    BadInput(63, nil, "{a: 2, __proto__: 1}", #"print(json.parse("{\"a\":1,\"a\":2,\"__proto__\":1}"))"#),
  ]

  // MARK: Loops, calls and fibers

  private static let control: [BadInput] = [
    BadInput(51, "E_FUEL", nil, "while true {}"),
    BadInput(51, "E_FUEL", nil, "for x in stream(() => 1) {}"),
    BadInput(52, "E_DEPTH", nil, "fn a() { b() }\nfn b() { a() }\na()"),
    BadInput(53, "E_FUEL", nil, "while true { try { while true {} } catch {} }"),
    BadInput(53, "E_FUEL", nil, "fn f() { try { f() } catch { f() } }\nf()"),
    BadInput(56, "E_MEMORY", nil, "let fs = []\nwhile true { fs.push(() => fs) }"),
    BadInput(57, "E_MEMORY", nil, "while true { spawn(() => sleep(60)) }"),
    BadInput(60, "E_MEMORY", nil, "while true { print(\"x\".repeat(100_000)) }"),
  ]
}
