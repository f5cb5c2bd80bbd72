import ICSCompiler
import ICSDiagnostics
import ICSVM
import Testing

@testable import ICSLibrary

/// The host's limits hold inside of built-ins too.
@Suite struct LimitTests {
  /// The code of the error that a script ends with; nil when it ends well.
  private func code(_ text: String, _ limits: Limits, prepare: (Machine) -> Void = { _ in }) async -> String? {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let machine = Machine(library: library, limits: limits, hashSeed: 7) { 0 }
    prepare(machine)
    let result = Compiler(prelude: library.names).compile(SourceFile(name: "test.ics", text: text))
    guard let program = result.unit?.programs.last else { return result.diagnostics.first?.code }
    guard case .failed(let errors) = await machine.run(machine.mainClosure(of: machine.install(program))) else {
      return nil
    }
    return errors.first.map { machine.diagnostic(for: $0).code }
  }

  @Test(
    "built-ins that work for long pay fuel",
    arguments: [
      "(0..<100000).to_list()", "'a'.repeat(10000000)", "'ab,'.repeat(100000).split(',')",
      "'ab'.repeat(100000).replace('a', 'bb')", "(0..<100000).map(x => -x).sort()",
      "while true { [3, 1, 2].sort() }", "while true { json.parse('[[1, 2], 3]') }",
      "while true { json.stringify([1, [2]]) }", "while true { print(1) }",
      "let s = 'abc'.repeat(1000)\nwhile true { s.index_of('d') }",
    ])
  func fuel(_ text: String) async {
    #expect(await code(text, Limits(fuel: 20_000)) == "E_FUEL")
  }

  @Test("a loop that meets a limit is the place of the error, whichever step it is")
  func placeOfLimit() async throws {
    let text = "let t = 5\nvar i = 0\nwhile true {\n  i += 1\n  if i % 2 == 0 { continue }\n}"
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let result = Compiler(prelude: library.names).compile(SourceFile(name: "test.ics", text: text))
    let program = try #require(result.unit?.programs.last)
    for fuel in 300..<320 {
      let machine = Machine(library: library, limits: Limits(fuel: fuel), hashSeed: 7) { 0 }
      guard case .failed(let errors) = await machine.run(machine.mainClosure(of: machine.install(program))) else {
        Issue.record("it ended")
        continue
      }
      let place = errors.first.map { machine.diagnostic(for: $0).span.start } ?? 0
      #expect(
        place >= text.utf8.count - "while true {\n  i += 1\n  if i % 2 == 0 { continue }\n}".utf8.count, "\(fuel)")
    }
  }

  @Test(
    "nothing of a script runs after a write that the memory limit refuses",
    arguments: [
      "if m[k] == null { print(k) }", "if m[k] == null { sleep(0)\nbreak }",
      "if m[k] == null { failing.wait() }", "if m[k] == null { spawn(() => print(k)).wait() }",
    ])
  func refusedWrite(_ reaction: String) async {
    let text = """
      let m = {}
      let failing = spawn(() => { throw "c" })
      let other = spawn(() => { try { failing.wait() } catch { } })
      let writing = spawn(() => {
        var i = 0
        while true {
          let k = "k{{i}}"
          m[k] = i
          \(reaction)
          i += 1
        }
      })
      writing.wait()
      print("done")
      """
    let printed = Printed()
    let found = await code(text, Limits(memory: 2 << 20)) { machine in machine.output = { printed.bytes += $0 } }
    #expect(found == "E_MEMORY")
    #expect(printed.bytes.isEmpty)
  }

  private final class Printed {
    var bytes: [UInt8] = []
  }

  @Test(
    "no built-in makes what the memory limit forbids",
    arguments: [
      "'a'.repeat(100000000)", "[1].repeat(10000000)", "(0..<10000000).to_list()", "'x'.pad_start(50000000)",
      "'ab'.repeat(1000000).replace('', 'xxxxxxxxxxxxxxxxxxxx')", "(0..<1000).to_list().repeat(100).window(1000)",
      "json.parse('[' + '[1,2,3,4],'.repeat(900000) + '1]')", "range(0, 100000000, 2)",
      "var xs = [1]\nfor i in 0..<40 { xs = [xs, xs] }\njson.stringify(xs)",
    ])
  func memory(_ text: String) async {
    #expect(await code(text, Limits(memory: 16 << 20)) == "E_MEMORY")
  }

  @Test("output is limited")
  func output() async {
    #expect(await code("while true { print('a line') }", Limits(output: 1000)) == "E_MEMORY")
    #expect(await code("print('a line')", Limits(output: 1000)) == nil)
  }

  @Test("what the host ends runs no 'finally'; a fiber that the script itself gives up does")
  func finally() async {
    let endless = "try { while true { } } finally { while true { } }"
    #expect(await code(endless, Limits(fuel: 200_000)) == "E_FUEL")
    #expect(await code(endless, Limits()) { $0.interruption.request() } == "E_CANCELLED")
    let waiting = "try { sleep(60) } finally { print(1) }"
    #expect(await code(waiting, Limits(output: 1)) { $0.interruption.request() } == "E_CANCELLED")
    let parallel = """
      let done = []
      fn wait() { try { sleep(60) } finally { done.push(1) } }
      try { parallel([1, 0], n => if n == 0 { throw 1 } else { wait() }) } catch { }
      assert(done == [1])
      """
    #expect(await code(parallel, Limits()) == nil)
  }

  @Test("an interruption stops a built-in's work")
  func interruption() async {
    for text in ["while true { (0..<1000).map(x => x).sort() }", "json.parse('[' + '[1],'.repeat(100000) + '1]')"] {
      #expect(await code(text, Limits()) { $0.interruption.request() } == "E_CANCELLED")
    }
  }

  @Test("what a host adds to the prelude is found, and takes the place of what is there")
  func hostValues() async {
    let host = LibraryHost(wallClock: { 0 }, randomSeed: 1)
    host.values = [("now", { _ in .int(5) }), ("answer", { _ in .int(42) })]
    let library = Library(host: host)
    let machine = Machine(library: library, hashSeed: 7) { 0 }
    let result = Compiler(prelude: library.names).compile(SourceFile(name: "test.ics", text: "now + answer"))
    guard let program = result.unit?.programs.last,
      case .finished(let value) = await machine.run(machine.mainClosure(of: machine.install(program)))
    else {
      Issue.record("the script does not run")
      return
    }
    #expect(value.asInt == 47)
  }
}
