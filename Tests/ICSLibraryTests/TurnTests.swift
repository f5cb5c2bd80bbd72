// Turns of machines that share their thread.

import ICSCompiler
import ICSDiagnostics
import ICSVM
import Testing

@testable import ICSLibrary

/// In a machine that shares its thread the work of built-ins counts for the turn, as that of loops does.
@Suite struct TurnTests {
  private static let data = """
    let xs = random.shuffle((0..<3_000).to_list())
    let ys = xs.copy()
    let text = json.stringify(xs)
    let s = "ab,é ".repeat(10_000)
    """

  @Test(
    "a turn ends after the built-in that was running when it was over",
    arguments: [
      "xs.sort()", "xs.sort_by(x => -x)", "xs.contains(-1)", "-1 in xs", "xs == ys", "[xs, ys].unique()", "str(xs)",
      #""{{xs}}""#, "json.stringify(xs)", "json.parse(text)", "s + s", "[...xs]", "s.replace(',', ';;')", "s.words()",
      "s[40_000]", "regex('(a+)+z').test(s)", "try { json.parse(text + ']') } catch { }",
      "try { xs.map(x => if x == 2_999 { 'x' } else { x }).sort() } catch { }", "try { throw 1 } catch { }",
      "xs.length",
    ])
  func turn(_ call: String) throws {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let machine = Machine(library: library, hashSeed: 7) { 0 }
    machine.takesTurns = true
    let text = "\(Self.data)\nwhile true { \(call) }"
    let result = Compiler(prelude: library.names).compile(SourceFile(name: "test.ics", text: text))
    let program = try #require(result.unit?.programs.last, "\(result.diagnostics.map(\.message))")
    let main = machine.mainClosure(of: machine.install(program))
    let fiber = try #require(
      machine.makeFiber(main, arguments: .object(Tag.list, machine.state.newList(capacity: 0)), isMain: true))
    var used = 0
    for number in 0..<10 {
      guard case .suspended(.turn) = machine.run(fiber) else {
        Issue.record("turn \(number) ended otherwise")
        return
      }
      let taken = machine.usedFuel - used
      used = machine.usedFuel
      #expect((900_000...1_700_000).contains(taken), "turn \(number) used \(taken)")
    }
  }
}
