// A library just large enough to run the compiler's tests: the compiler is tested on the real machine.

import ICSCompiler
import ICSDiagnostics
import ICSVM

/// A few built-ins, some of them written in the language, as those of the real library are.
final class TestLibrary: MachineLibrary {
  static let scripts: [String: String] = [
    "__where": """
    (collection, predicate, condition) => {
      let kept = []
      for item in collection { if __call(predicate, item) { __push(kept, item) } }
      kept
    }
    """,
    "__describe": "(collection, predicate, condition) => condition",
    "__module": "(name, members) => members",
    "__step": "(name, options, body) => body()",
    "__wait": "seconds => seconds",
    "list.map": """
    f => {
      let mapped = []
      for item in __self { __push(mapped, __call(f, item, 1)) }
      mapped
    }
    """,
    "list.stream": """
    () => {
      var position = 0
      let items = __self
      __stream(() => if position < items.length { position += 1; items[position - 1] } else { __end })
    }
    """,
    "stream.to_list": """
    () => {
      let items = []
      while true {
        let item = __next(__self)
        if __is_end(item) { break }
        __push(items, item)
      }
      items
    }
    """,
  ]

  static let names = [
    "print", "str", "len", "error", "type", "log", "__where", "__module", "__step", "__wait", "__on", "__every",
  ]

  /// What hooks were registered, as `__on` and `__every` were called.
  var hooks: [String] = []
  let names = PreludeNames(TestLibrary.names)

  var preludeCount: Int { names.names.count }

  func preludeValue(_ index: Int, machine: Machine) -> Value {
    let name = names.names[index]
    if let source = Self.scripts[name] { return compiled(source, name, machine) }
    switch name {
    case "print":
      return native(name, 0...100, machine) { call throws(Raised) in
        var line: [String] = []
        for index in 0..<call.count { line.append(call.vm.printedForm(call[index]) ?? "?") }
        var text = line.joined(separator: " ") + "\n"
        text.withUTF8 { call.machine.output($0) }
        return .null
      }
    case "str":
      return native(name, 1...1, machine) { call throws(Raised) in call.makeString(call.vm.printedForm(call[0]) ?? "?")
      }
    case "len":
      return native(name, 1...1, machine) { call throws(Raised) in .int(listCount(try call.list(0))) }
    case "error":
      return native(name, 1...2, machine) { call throws(Raised) in
        let kind = call.named("kind").isString ? swiftString(call.named("kind").address) : "E_ERROR"
        throw call.fail(kind, try call.text(0))
      }
    case "__on", "__every":
      return native(name, 4...4, machine) { [unowned self] call throws(Raised) in
        hooks.append((0..<3).map { call.vm.printedForm(call[$0]) ?? "?" }.joined(separator: " "))
        return .null
      }
    default:
      return native(name, 0...9, machine) { _ throws(Raised) in .null }
    }
  }

  func method(_ name: String, of tag: UInt8, machine: Machine) -> Value? {
    let type = tag == Tag.list ? "list" : tag == Tag.stream ? "stream" : "other"
    if let source = Self.scripts["\(type).\(name)"] { return compiled(source, name, machine) }
    guard tag == Tag.list, name == "push" else { return nil }
    return native(name, 1...1, machine) { call throws(Raised) in
      call.vm.listPush(call.receiver.address, call[0])
      return .null
    }
  }

  func methodNames(of tag: UInt8) -> [String] { ["push", "map"] }

  private func native(
    _ name: String, _ arity: ClosedRange<Int>, _ machine: Machine, _ body: @escaping (Call) throws(Raised) -> Value
  ) -> Value {
    machine.value(of: NativeFunction(name, arity: arity, body))
  }

  private func compiled(_ source: String, _ name: String, _ machine: Machine) -> Value {
    let result = Compiler(prelude: names).compile(SourceFile(name: name, text: source), mode: .prelude)
    guard let program = result.unit?.programs.last else {
      preconditionFailure("\(name): \(result.diagnostics.map(\.message))")
    }
    return machine.preludeFunction(program)
  }
}

/// What running a unit gave.
struct Run {
  /// What was printed, and the value or the error's code and message as the last line.
  var text: String
  var diagnostic: Diagnostic?
}

/// A machine with the test library.
final class TestMachine {
  let library = TestLibrary()
  let machine: Machine
  private var printed: [UInt8] = []

  init(stress: Bool = false) {
    machine = Machine(library: library, hashSeed: 1, clock: { 0 })
    machine.output = { [unowned self] bytes in printed += bytes }
    if stress { machine.stressCollector() }
  }

  /// Runs the programs of a unit, each to its end.
  func run(_ unit: ICSVM.Unit) -> Run {
    printed = []
    var value = "null"
    for program in unit.programs {
      let loaded = machine.install(program)
      let arguments = Value.object(Tag.list, machine.state.newList(capacity: 0))
      guard let fiber = machine.makeFiber(machine.mainClosure(of: loaded), arguments: arguments) else { break }
      switch machine.run(fiber) {
      case .finished(let result): value = machine.state.printedForm(result) ?? "?"
      case .failed(let error):
        let diagnostic = machine.diagnostic(for: error)
        return Run(
          text: String(decoding: printed, as: UTF8.self) + "\(diagnostic.code): \(diagnostic.message)",
          diagnostic: diagnostic)
      case .suspended: return Run(text: "suspended")
      }
    }
    return Run(text: String(decoding: printed, as: UTF8.self) + value)
  }
}

/// Compiles and runs a script: what it prints, then its value or error; diagnostics when it does not compile.
func run(_ text: String, stress: Bool = false) -> String {
  let machine = TestMachine(stress: stress)
  let result = Compiler(prelude: machine.library.names).compile(SourceFile(name: "test.ics", text: text))
  guard let unit = result.unit else { return errors(result) }
  return machine.run(unit).text
}

/// The errors of a result, one line each: `line: CODE message`.
func errors(_ result: CompileResult) -> String {
  result.diagnostics.filter { $0.severity == .error }.map(line).joined(separator: "\n")
}

/// A diagnostic as `line: CODE message`.
func line(_ diagnostic: Diagnostic) -> String {
  let place = diagnostic.source?.lineAndColumn(at: Int(diagnostic.span.start)).line ?? 0
  return "\(place): \(diagnostic.code) \(diagnostic.message)"
}

/// Compiles a script for its diagnostics.
func check(_ text: String) -> String {
  errors(Compiler(prelude: PreludeNames(TestLibrary.names)).compile(SourceFile(name: "test.ics", text: text)))
}
