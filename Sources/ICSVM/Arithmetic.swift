// The arithmetic that the loop does not do in place: mixed numbers, strings, lists and errors. Never inlined: the loop
// hands values over and keeps its registers.

/// The operators of `slowArithmetic`.
enum ArithmeticOperator {
  case add, subtract, multiply, divide, divideInt, remainder
}

extension VM {
  /// The result of an operator in `target`; false with an error raised, or a fault noted.
  @inline(never)
  func slowArithmetic(_ op: ArithmeticOperator, _ target: ValuePointer, _ a: Value, _ b: Value) -> Bool {
    if a.isInt && b.isInt { return intArithmetic(op, target, a.asInt, b.asInt) }
    if a.isNumber && b.isNumber { return floatArithmetic(op, target, a.asDouble, b.asDouble) }
    if op == .add {
      if a.isString && b.isString {
        let bytes = b.address
        guard checkLength(stringLength(a.address) + stringLength(bytes)) else { return false }
        guard let s = append(a.address, stringBytes(bytes), stringLength(bytes)) else { return false }
        target.pointee = .object(Tag.string, s)
        return true
      }
      if a.isList && b.isList {
        guard checkLength((listCount(a.address) + listCount(b.address)) * Instruction.valueSize) else { return false }
        let list = newList(capacity: listCount(a.address) + listCount(b.address))
        for part in [a.address, b.address] {
          guard appendInRoom(list, listItems(part), listCount(part)) else { return false }
        }
        target.pointee = .object(Tag.list, list)
        return true
      }
    }
    pointee.fault = .operands(a, b)
    return false
  }

  /// Only for what the loop left: overflow, division by zero and by -1.
  private func intArithmetic(_ op: ArithmeticOperator, _ target: ValuePointer, _ a: Int, _ b: Int) -> Bool {
    let result: (partialValue: Int, overflow: Bool)
    switch op {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .divide:
      if b == 0 { return raiseZeroDivision(op) }
      target.pointee = .float(Double(a) / Double(b))
      return true
    case .divideInt:
      if b == 0 { return raiseZeroDivision(op) }
      result = a.dividedReportingOverflow(by: b)
    case .remainder:
      if b == 0 { return raiseZeroDivision(op) }
      // The smallest int has a remainder of 0 by -1, though its quotient overflows.
      result = b == -1 ? (0, false) : a.remainderReportingOverflow(dividingBy: b)
    }
    if result.overflow {
      pointee.fault = .overflow(a, b)
      return false
    }
    target.pointee = .int(result.partialValue)
    return true
  }

  private func floatArithmetic(_ op: ArithmeticOperator, _ target: ValuePointer, _ a: Double, _ b: Double) -> Bool {
    switch op {
    case .add: target.pointee = .float(a + b)
    case .subtract: target.pointee = .float(a - b)
    case .multiply: target.pointee = .float(a * b)
    case .divide: target.pointee = .float(a / b)
    case .remainder: target.pointee = .float(a.truncatingRemainder(dividingBy: b))
    case .divideInt:
      raise(
        "E_TYPE", "'~/' divides ints, and was given a float",
        help: "use math.trunc(a / b), or convert with int(...) first")
      return false
    }
    return true
  }

  private func raiseZeroDivision(_ op: ArithmeticOperator) -> Bool {
    raise("E_ZERO_DIVISION", op == .remainder ? "the remainder of a division by zero" : "an int divided by zero")
    return false
  }

  /// False, with an error, when something of this many bytes may not be made. Pays for the work of making it.
  func checkLength(_ bytes: Int) -> Bool {
    if bytes < 1 << 30 && fits(bytes) { return mayBegin(work: bytes >> 7) }
    raiseMemoryLimit()
    return false
  }

  /// -value; false with an error raised.
  @inline(never)
  func negate(_ target: ValuePointer, _ value: Value) -> Bool {
    if value.isFloat {
      target.pointee = .float(-value.asFloat)
      return true
    }
    guard value.isInt else {
      raise("E_TYPE", "'-' takes a number, and was given \(describe(value))")
      return false
    }
    guard value.asInt != Int.min else {
      raise("E_OVERFLOW", "the result of -(\(value.asInt)) does not fit a 64-bit int")
      return false
    }
    target.pointee = .int(-value.asInt)
    return true
  }

  /// E_TYPE for an operator between two values.
  func raiseOperandTypes(_ op: String, _ a: Value, _ b: Value) {
    if op == "+" && (a.isString || b.isString) {
      raise(
        "E_TYPE", "'+' cannot join \(describe(a)) and \(describe(b))",
        help: "interpolate it: write \"...{{value}}\" to put a value into a string")
    } else if a.isNull || b.isNull {
      raise(
        "E_TYPE", "'\(op)' cannot be used with null (\(describe(a)) \(op) \(describe(b)))",
        help: a.isNumber || b.isNumber ? "give what may be null a value: (x ?? 0)" : nil)
    } else {
      raise(
        "E_TYPE", "'\(op)' cannot be used between \(describe(a)) and \(describe(b))",
        help: op == "*" && a.isString && b.isInt ? "write text.repeat(n)" : nil)
    }
  }

  /// "a string", "an int", "null": how messages name a value's type.
  package func describe(_ value: Value) -> String {
    if value.isNull || value.isUnset { return "null" }
    let type = typeName(value)
    return "aeiou".contains(type.first ?? "x") ? "an \(type)" : "a \(type)"
  }

  /// What `type(x)` says.
  package func typeName(_ value: Value) -> String {
    switch value.tag {
    case Tag.bool: "bool"
    case Tag.int: "int"
    case Tag.float: "float"
    case Tag.string: "string"
    case Tag.list: "list"
    case Tag.map: "map"
    case Tag.closure, Tag.native: "function"
    case Tag.range: "range"
    case Tag.stream: "stream"
    case Tag.error: "error"
    case Tag.task: "task"
    case Tag.module: "module"
    case Tag.host: pointee.machine._withUnsafeGuaranteedRef { $0.hostObject(value)?.typeName } ?? "object"
    default: "null"
    }
  }
}
