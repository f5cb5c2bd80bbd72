// What an operator could not do. Its slow path knows the values and not the instruction, and only the instruction says
// how the script wrote the operator: `2 * x` runs as `x * 2`, `a > b` as `b < a`. So the slow path notes a fault, and the
// error is made when the loop has been left.

import ICSDiagnostics

/// A failure of the instruction before the frame's `pc`, of which no error has been made yet.
enum Fault {
  case none
  /// Values that the operator does not take, in the order of the operands.
  case operands(Value, Value)
  /// Two ints whose result fits no int.
  case overflow(Int, Int)
  /// A variable that has no value yet.
  case uninitialized
}

extension VM {
  /// Makes the error of a fault that was noted, if there is one.
  func raiseFault() {
    let fault = pointee.fault
    if case .none = fault { return }
    pointee.fault = .none
    guard let prototype = pointee.frame.prototype else { return }
    let offset = pointee.frame.pointee.pc - prototype.pointee.code - 1
    let (op, isReversed) = writtenOperator(prototype.pointee.code[offset])
    switch fault {
    case .none: return
    case .operands(let a, let b): isReversed ? raiseOperandTypes(op, b, a) : raiseOperandTypes(op, a, b)
    case .overflow(let a, let b):
      let (left, right) = isReversed ? (b, a) : (a, b)
      raise("E_OVERFLOW", "the result of \(left) \(op) \(right) does not fit a 64-bit int")
    case .uninitialized:
      let name = name(readBy: prototype, offset).map { "'\($0)'" } ?? "this variable"
      raise("E_UNINITIALIZED", "\(name) is read before its declaration has run")
    }
  }

  /// The operator of an instruction as the script wrote it, and whether its slow path takes the operands the other way
  /// round.
  private func writtenOperator(_ word: UInt64) -> (spelling: String, isReversed: Bool) {
    let isMarked = Instruction.d(word) == 1
    switch Opcode(rawValue: Instruction.opcodeByte(word)) {
    case .add, .addConstant: return ("+", isMarked)
    case .addImmediate: return (isMarked ? "-" : "+", false)
    case .subtract, .subtractConstant: return ("-", false)
    case .multiply, .multiplyConstant: return ("*", isMarked)
    case .divide, .divideConstant: return ("/", false)
    case .divideInt, .divideIntConstant: return ("~/", false)
    case .remainder, .remainderConstant: return ("%", false)
    case .jumpIfLess, .jumpIfNotLess: return (isMarked ? ">" : "<", isMarked)
    case .jumpIfLessEqual, .jumpIfNotLessEqual: return (isMarked ? ">=" : "<=", isMarked)
    case .jumpIfLessImmediate, .jumpIfNotLessImmediate: return ("<", false)
    case .jumpIfLessEqualImmediate, .jumpIfNotLessEqualImmediate: return ("<=", false)
    case .jumpIfGreaterImmediate, .jumpIfNotGreaterImmediate: return (">", true)
    case .jumpIfGreaterEqualImmediate, .jumpIfNotGreaterEqualImmediate: return (">=", true)
    default: return ("this operator", false)
    }
  }

  /// The name that stands at an instruction's place in the source; nil where something longer stands there.
  private func name(readBy prototype: UnsafeMutablePointer<LoadedPrototype>, _ offset: Int) -> String? {
    let program = prototype.pointee.program.takeUnretainedValue().program
    let index = Int(program.prototypes[Int(prototype.pointee.number)].code.lowerBound) + offset
    guard program.sites.indices.contains(index) else { return nil }
    let span = program.sourceMap.site(program.sites[index]).span
    let bytes = program.source.bytes
    guard span.end > span.start, span.end - span.start <= 60, Int(span.end) <= bytes.count else { return nil }
    let text = bytes[Int(span.start)..<Int(span.end)]
    let isName = text.allSatisfy { byte in
      byte >= 0x80 || byte == UInt8(ascii: "_") || (48...57).contains(byte) || (65...90).contains(byte & 0xDF)
    }
    return isName ? String(decoding: text, as: UTF8.self) : nil
  }
}
