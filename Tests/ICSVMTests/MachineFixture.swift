// What the tests build programs and machines with: bytecode assembled by hand, natives as the prelude, a clock that
// moves when the scheduler sleeps.

import ICSDiagnostics
import ICSVM
import Synchronization
import Testing

/// Every site is the place of the same number.
private struct NumberedSites: SourceMap {
  func site(_ number: UInt32) -> Site { Site(span: Span(start: number, end: number)) }
}

/// Builds a program function by function. Function 0 is the top level.
struct Assembler {
  private(set) var program = Program(source: SourceFile(name: "test", text: ""), sourceMap: NumberedSites())

  /// The constant for a text.
  mutating func text(_ text: String) -> Constant { .string(program.strings.append(Array(text.utf8))) }

  mutating func template(_ keys: [String]) -> UInt64 {
    let texts = keys.map { program.strings.append(Array($0.utf8)) }
    program.shapeTemplates.append(ShapeTemplate(keys: texts))
    return UInt64(program.shapeTemplates.count - 1)
  }

  /// Adds a function; the site of each of its words is the word's offset in the whole code.
  mutating func function(
    named name: String = "f", parameters: Int = 0, required: Int? = nil, hasRest: Bool = false, registers: Int = 16,
    constants: [Constant] = [], captures: [Capture] = [], handlers: [Handler] = [], isInternal: Bool = false,
    _ code: [UInt64]
  ) {
    func slice<Element>(_ new: [Element], _ all: inout [Element]) -> Range<Int32> {
      let start = Int32(all.count)
      all += new
      return start..<Int32(all.count)
    }
    var prototype = Prototype()
    prototype.name = program.strings.append(Array(name.utf8))
    prototype.code = slice(code, &program.code)
    prototype.constants = slice(constants, &program.constants)
    prototype.captures = slice(captures, &program.captures)
    prototype.handlers = slice(handlers, &program.handlers)
    prototype.registerCount = Int32(registers)
    prototype.parameterCount = Int32(parameters)
    prototype.requiredCount = Int32(required ?? parameters)
    prototype.hasRest = hasRest
    prototype.isInternal = isInternal
    program.sites = (0..<UInt32(program.code.count)).map { $0 }
    program.prototypes.append(prototype)
  }
}

/// The offset of register or constant number `index`.
func r(_ index: Int) -> Int { index * 16 }

func op(_ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, d: Int = 0) -> UInt64 {
  Instruction.make(opcode, a: a, b: b, c: c, d: d)
}

func op(_ opcode: Opcode, _ a: Int = 0, wide: Int, d: Int = 0) -> UInt64 {
  Instruction.make(opcode, a: a, wide: wide, d: d)
}

/// A prelude of natives, by number.
final class NativeLibrary: MachineLibrary {
  let natives: [NativeFunction]
  var methods: [String: NativeFunction] = [:]

  init(_ natives: [NativeFunction]) { self.natives = natives }

  var preludeCount: Int { natives.count }
  func preludeValue(_ index: Int, machine: Machine) -> Value { machine.value(of: natives[index]) }
  func method(_ name: String, of tag: UInt8, machine: Machine) -> Value? {
    methods[name].map { machine.value(of: $0) }
  }
  func methodNames(of tag: UInt8) -> [String] { Array(methods.keys) }
}

/// Time that passes only while everybody sleeps.
final class VirtualClock: Sendable {
  private let nanoseconds = Mutex<UInt64>(1_000)

  var now: UInt64 { nanoseconds.withLock { $0 } }
  func advance(to moment: UInt64) { nanoseconds.withLock { $0 = max($0, moment) } }
}

func makeMachine(
  _ natives: [NativeFunction] = [], limits: Limits = Limits(), interruption: Interruption = Interruption(),
  stress: Bool = false
) -> Machine {
  let clock = VirtualClock()
  let machine = Machine(
    library: NativeLibrary(natives), limits: limits, interruption: interruption, hashSeed: 7, clock: { clock.now })
  machine.sleepUntil = { clock.advance(to: $0) }
  if stress { machine.stressCollector() }
  return machine
}

extension Machine {
  /// The printed result of a program, or the kind and message of its error.
  func result(of assembler: Assembler, arguments: [Value] = []) -> String {
    let list = state.newList(capacity: arguments.count)
    for argument in arguments { state.listPush(list, argument) }
    let main = mainClosure(of: install(assembler.program))
    guard let fiber = makeFiber(main, arguments: .object(Tag.list, list)) else { return "no fiber" }
    switch run(fiber) {
    case .finished(let value): return state.printedForm(value) ?? "too deep"
    case .failed(let error):
      let diagnostic = diagnostic(for: error)
      return "\(diagnostic.code): \(diagnostic.message)"
    case .suspended: return "suspended"
    }
  }

  /// Runs a program with all its fibers.
  func completion(of assembler: Assembler) async -> String {
    switch await run(mainClosure(of: install(assembler.program))) {
    case .finished(let value): state.printedForm(value) ?? "too deep"
    case .failed(let errors): errors.map { diagnostic(for: $0).code }.joined(separator: " ")
    }
  }

  func string(_ text: String) -> Value { .object(Tag.string, state.newString(text)) }
}

/// What one function without parameters gives.
func result(registers: Int = 16, constants: [Constant] = [], limits: Limits = Limits(), _ code: [UInt64]) -> String {
  var assembler = Assembler()
  assembler.function(registers: registers, constants: constants, code)
  return makeMachine(limits: limits).result(of: assembler)
}
