// JSON and regular expressions.

import Dispatch
import ICSCompiler
import ICSDiagnostics
import ICSJSON
import ICSLibrary
import ICSVM

extension FuzzTarget {
  /// What is parsed is printed, and parsed again it is the same.
  static let json = FuzzTarget(name: "json") { bytes in
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: Array(bytes))
    } catch {
      if error.offset > bytes.count { fail("an error behind the text") }
      return
    }
    for text in [value.serialized(), value.serialized(indent: 2)] {
      do throws(JSONError) {
        if try JSONValue(parsing: text) != value { fail("another value after a round trip: \(text)") }
      } catch {
        fail("the printed text is no JSON: \(text)")
      }
    }
  }

  /// The pattern is the first line, the text is the rest. Every method runs under the fuel that a short text may cost.
  static let regex = FuzzTarget(name: "regex") { bytes in
    let lines = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
    let pattern = String(decoding: lines[0], as: UTF8.self)
    let text = lines.count > 1 ? String(decoding: lines[1], as: UTF8.self) : ""
    let host = LibraryHost(wallClock: { 0 }, randomSeed: 1)
    host.values.append((name: "pattern", make: { .object(Tag.string, $0.state.newString(pattern)) }))
    host.values.append((name: "subject", make: { .object(Tag.string, $0.state.newString(text)) }))
    let library = Library(host: host)
    guard let program = Compiler(prelude: library.names).compile(regexScript).unit?.programs.last else {
      fail("the script of the regex target does not compile")
    }
    let machine = Machine(
      library: library, limits: Limits(fuel: 20_000_000, memory: 64 << 20), hashSeed: 7, clock: { 0 })
    let main = machine.mainClosure(of: machine.install(program))
    let arguments = Value.object(Tag.list, machine.state.newList(capacity: 0))
    guard let fiber = machine.makeFiber(main, arguments: arguments) else { fail("no fiber") }
    if case .failed(let error) = machine.run(fiber) {
      let diagnostic = machine.diagnostic(for: error)
      // A pattern may be refused, and a subject may cost its steps; nothing else may go wrong.
      if diagnostic.code != "E_VALUE" { fail("\(diagnostic.code): \(diagnostic.message)") }
    }
  }

  private static let regexScript = SourceFile(
    name: "regex",
    text: """
      let r = regex(pattern)
      let all = r.find_all(subject)
      let first = r.match(subject)
      assert((first == null) == (all.length == 0), "match and find_all")
      assert(r.test(subject) == (first != null), "match and test")
      var end = 0
      for m in all {
        assert(m.start >= end, "matches overlap")
        assert(subject.slice(m.start, m.start + m.text.length) == m.text, "the text of a match")
        end = m.start + m.text.length
      }
      let same = r.replace(subject, "$0")
      assert(same == subject, "replacing each match with itself")
      """)
}
