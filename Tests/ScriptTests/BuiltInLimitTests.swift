// What built-ins pay, and how close to a limit they stop.

import ICSCompiler
import ICSDiagnostics
import ICSVM
import Testing

@testable import ICSLibrary

/// Every built-in that works in proportion to its data pays for that in fuel, stops close to the limit, and makes no more
/// than the memory limit allows.
@Suite(.serialized) struct BuiltInLimitTests {
  /// A call of a built-in on some ten thousand items, or more bytes.
  struct Work: Sendable, CustomTestStringConvertible {
    /// What is made before, and not measured.
    let data: String
    let text: String
    var testDescription: String { text }
  }

  private static func works(_ data: String, _ texts: String...) -> [Work] { texts.map { Work(data: data, text: $0) } }

  #if DEBUG
    /// A part of them: without optimisation all take a minute.
    static let works = stride(from: 0, to: all.count, by: 6).map { all[$0] }
  #else
    static let works = all
  #endif

  private static let all: [Work] =
    works(
      "let xs = (0..<20_000).to_list()\nlet ys = xs.copy()",
      "xs.reverse()", "xs.slice(1)", "xs.take(19_999)", "xs.drop(1)", "xs.chunk(10)", "xs.window(4)", "xs.unique()",
      "xs.unique_by(x => x)", "xs.concat(ys)", "xs.repeat(3)", "[xs, ys].flatten()", "xs.zip(ys)", "xs.enumerate()",
      "xs.join(',')", "xs.contains(-1)", "xs.index_of(-1)", "-1 in xs", "xs.sum()", "xs.min()", "xs.max()",
      "xs.map(x => -x)", "xs.filter(x => x > 3)", "xs.group_by(x => x % 7)", "xs.sort_by(x => -x)",
      "xs.sort((a, b) => b - a)", "xs.copy()", "[...xs]", "xs + ys", "xs == ys", "[xs] == [ys]", "random.shuffle(xs)",
      "range(0, 40_000, 2)", "str(xs)", "json.stringify(xs)", "csv.stringify(xs.chunk(5))", "(0..<20_000).to_list()",
      "stream(xs).map(x => x).to_list()", "xs.insert(0, 1)", "xs.remove_at(0)")
    + works("let xs = random.shuffle((0..<20_000).to_list())", "xs.sort()", "xs.map(x => x + 0.5).sort()")
    + works(
      "let xs = (0..<20_000).map(x => [x % 10, x])", "xs.sort_by(x => x)", "xs.to_map()", "xs == xs.map(x => [...x])")
    + works("let xs = ['a'.repeat(5000) + 'b', 'a'.repeat(5000)].repeat(200)", "xs.sort()", "xs.unique()", "xs.min()")
    + works(
      "let s = 'ab,é '.repeat(10_000)",
      "s.upper()", "s.lower()", "s.replace(',', ';;')", "s.replace('', '-')", "s.repeat(3)", "s.pad_start(80_000)",
      "s.pad_end(80_000)", "s.slice(1)", "s.split(',')", "s.split('')", "s.words()", "s.lines()", "s.chars()",
      "s.bytes()", "s.starts_with(s)", "s.ends_with(s)", "s.contains('zz')", "s.index_of('zz')", "'zz' in s", "s + s",
      #""{{s}}!""#, "hash.sha256(s)", "hash.sha1(s)", "hash.md5(s)", "hash.hmac_sha256('key', s)", "base64.encode(s)",
      "url.encode(s)", "url.query({s: s})", "regex('(a+)+z').test(s)", "regex('z').match(s)", "regex('b').find_all(s)",
      "regex('b').replace(s, 'xx')", "csv.parse(s.replace(',', 'x'), header: false)", "json.stringify([s])", "str([s])")
    + works("let s = ' '.repeat(60_000)", "s.trim()", "s.words()", "s.trim_start()")
    + works("let s = base64.encode('ab'.repeat(4_000))", "base64.decode(s)")
    + works("let s = url.encode('é'.repeat(10_000))", "url.decode(s)")
    + works("let s = 'a'.repeat(40_000)\nlet t = 'a'.repeat(4_000) + 'b'", "s.contains(t)", "t in s", "s.split(t)")
    + works("let s = '[' + '1,'.repeat(4_000) + '1]'", "json.parse(s)")
    + works("let s = '[' + '{\"a\": [1, \"x\"]},'.repeat(4_000) + '1]'", "json.parse(s)")
    + works("let s = \"a,b\\n\" + \"1,2\\n\".repeat(10_000)", "csv.parse(s)", "s.lines()")
    + works("let s = \"a\\n\\\"\" + 'x'.repeat(60_000) + '\"'", "csv.parse(s)")
    + works(
      "let m = {}\nfor i in 0..<5_000 { m['k' + str(i)] = i }\nlet n = m.copy()",
      "m.keys()", "m.values()", "m.entries()", "m.copy()", "m.merge(n)", "m.pick(n.keys())", "m.omit(['k1'])",
      "m.invert()", "({...m})", "m.map_values(v => v)", "m.filter(v => v > 1)", "m == n", "[m] == [n]",
      "json.stringify(m)", "str(m)", "[m, n].unique()", "csv.stringify([m])")

  /// What became of a script.
  private struct Run {
    var code: String?
    var usedFuel: Int
    var takenMemory: Int
  }

  private func run(_ text: String, _ limits: Limits) async throws -> Run {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let machine = Machine(library: library, limits: limits, hashSeed: 7) { 0 }
    // Other tests wait for the same threads.
    machine.takesTurns = true
    let result = Compiler(prelude: library.names).compile(SourceFile(name: "test.ics", text: text))
    let program = try #require(result.unit?.programs.last, "\(result.diagnostics.map(\.message))")
    var code: String?
    if case .failed(let errors) = await machine.run(machine.mainClosure(of: machine.install(program))) {
      code = errors.first.map { machine.diagnostic(for: $0).code }
    }
    return Run(code: code, usedFuel: machine.usedFuel, takenMemory: machine.takenMemory)
  }

  @Test("a built-in pays for its work, and stops at the limit of fuel", arguments: works)
  func fuel(_ work: Work) async throws {
    // A limit that the last instruction reaches is noticed at the next call.
    let text = "\(work.data)\nlet result = \(work.text)\nlen([])"
    let before = try await run(work.data, Limits(memory: 1 << 30))
    let whole = try await run(text, Limits(memory: 1 << 30))
    #expect(before.code == nil)
    #expect(whole.code == nil)
    let price = whole.usedFuel - before.usedFuel
    #expect(price >= 100, "\(price) for all of it")
    let limit = before.usedFuel + price / 2
    let stopped = try await run(text, Limits(fuel: limit, memory: 1 << 30))
    #expect(stopped.code == "E_FUEL")
    #expect(stopped.usedFuel <= limit + limit / 20, "\(stopped.usedFuel) of \(limit)")
  }

  @Test("a built-in makes no more than the memory limit allows", arguments: works)
  func memory(_ work: Work) async throws {
    let text = "\(work.data)\nlet result = \(work.text)\nlet copy = [result]"
    let before = try await run(work.data, Limits(memory: 1 << 30))
    // Room for a quarter of a megabyte more than there is.
    let limit = before.takenMemory + 1 << 18
    let run = try await run(text, Limits(memory: limit))
    #expect(run.code == nil || run.code == "E_MEMORY")
    #expect(run.takenMemory <= limit + limit / 10, "\(run.takenMemory) of \(limit)")
  }

  @Test("a limit that is met while a table grows is met once, not again at every key")
  func growingTable() async throws {
    let library = Library(host: LibraryHost(wallClock: { 0 }, randomSeed: 1))
    let text = """
      let m = json.parse("{" + (0..<66_000).map(i => '"k' + str(i) + '": 1').join(",") + "}")
      print(0)
      let copy = {...m}
      """
    let program = try #require(
      Compiler(prelude: library.names).compile(SourceFile(name: "test.ics", text: text)).unit?.programs.last)
    let watch = Watch()
    let machine = Machine(
      library: library, limits: Limits(memory: 1 << 30, time: .seconds(1)), hashSeed: 7, clock: watch.now)
    machine.output = { _ in watch.begin(machine) }
    let outcome = await machine.run(machine.mainClosure(of: machine.install(program)))
    watch.machine = nil
    machine.output = { _ in }
    guard case .failed(let errors) = outcome else {
      Issue.record("the time was not over")
      return
    }
    #expect(errors.map { machine.diagnostic(for: $0).code } == ["E_TIME_LIMIT"])
    #expect(machine.takenMemory < watch.atStart + 16 << 20)
  }

  /// A clock on which the time is over as soon as 6 MB more are taken than at the start: with the last table of 66,000
  /// keys, before they are in it.
  private final class Watch {
    var machine: Machine?
    var atStart = 0

    func begin(_ machine: Machine) {
      self.machine = machine
      atStart = machine.takenMemory
    }

    func now() -> UInt64 {
      guard let machine, machine.takenMemory > atStart + 6 << 20 else { return 0 }
      return 2_000_000_000
    }
  }

  @Test("JSON may be as long as the memory limit allows")
  func longJSON() async throws {
    let text = """
      let s = 'a'.repeat(9_000_000)
      if json.stringify([s].repeat(8)).length < 72_000_000 { throw 1 }
      """
    #expect(try await run(text, Limits(memory: 1 << 30)).code == nil)
    #expect(try await run(text, Limits(memory: 60 << 20)).code == "E_MEMORY")
  }
}
