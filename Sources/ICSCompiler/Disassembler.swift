// Bytecode as text, for tests and for whoever looks at what the compiler makes of a script.

import ICSVM

extension Program {
  /// The program's functions, instruction by instruction: registers as `r3`, constants as their values, jumps with the
  /// position that they go to.
  package var disassembly: String {
    var text = ""
    for number in prototypes.indices {
      if number > 0 { text += "\n" }
      text += disassembly(ofPrototype: number)
    }
    return text
  }

  /// One function of it.
  package func disassembly(ofPrototype number: Int) -> String {
    let prototype = prototypes[number]
    var text = "#\(number) \(strings[prototype.name]): \(prototype.requiredCount)"
    if prototype.parameterCount != prototype.requiredCount { text += "-\(prototype.parameterCount)" }
    if prototype.hasRest { text += "..." }
    text += " parameters, \(prototype.registerCount) registers\n"
    for index in prototype.captures {
      let capture = captures[Int(index)]
      text += "  captures \(capture.fromRegister ? "r" : "capture ")\(capture.index)\n"
    }
    var position = 0
    while position < prototype.code.count {
      let word = code[Int(prototype.code.lowerBound) + position]
      guard let op = Opcode(rawValue: Instruction.opcodeByte(word)) else { break }
      let extra = op.extraWords > 0 ? code[Int(prototype.code.lowerBound) + position + 1] : 0
      text += "  \(position) \(op)\(operands(op, word, extra, position, prototype))\n"
      position += 1 + op.extraWords
    }
    for index in prototype.handlers {
      let handler = handlers[Int(index)]
      text += "  \(handler.isFinally ? "finally" : "catch") \(handler.start)..<"
      text += "\(handler.end) -> \(handler.target) r\(handler.register)\n"
    }
    return text
  }

  private func operands(
    _ op: Opcode, _ word: UInt64, _ extra: UInt64, _ position: Int, _ prototype: Prototype
  ) -> String {
    let a = "r\(Instruction.a(word) / 16)"
    let b = "r\(Instruction.b(word) / 16)"
    let c = "r\(Instruction.c(word) / 16)"
    let rawB = Instruction.b(word)
    let rawC = Instruction.c(word)
    let wideTarget = "-> \(position + 1 + Instruction.signedWide(word))"
    let shortTarget = "-> \(position + 1 + Instruction.signedB(word))"
    let constantC = constant(rawC / 16, prototype)
    let flag = Instruction.d(word) == 0 ? "" : " d\(Instruction.d(word))"
    let parts: [String]
    switch op {
    case .halt, .returnNull: parts = []
    case .loadConstant: parts = [a, constant(Instruction.wide(word) / 16, prototype)]
    case .loadInt: parts = [a, "\(Instruction.signedWide(word))"]
    case .loadSimple: parts = [a, simple(rawB, rawC)]
    case .loadSelf, .newCell, .expectMap, .raiseNoMatch, .return, .throw, .rethrow, .callSpread, .materialize,
      .unpackPair:
      parts = [a]
    case .getGlobal, .setGlobal: parts = [a, link(Instruction.wide(word))]
    case .getPrelude: parts = [a, "prelude \(Instruction.wide(word))"]
    case .closure: parts = [a, "#\(Instruction.wide(word))"]
    case .getCapture, .getCaptureCell, .setCaptureCell: parts = [a, "capture \(rawB)"]
    case .move, .getCell, .setCell, .negate, .not, .listExtend, .mapSpread, .streamNext, .newStream, .listPush:
      parts = [a, b]
    case .addImmediate: parts = [a, b, "\(Instruction.signedC(word))"]
    case .addConstant, .subtractConstant, .multiplyConstant, .divideConstant, .divideIntConstant, .remainderConstant,
      .getField, .queryField:
      parts = [a, b, constantC]
    case .concatenate, .newList, .listAppend, .listRest, .getIndexImmediate: parts = [a, b, "\(rawC)"]
    case .jump, .loop: parts = [wideTarget]
    case .jumpIfTrue, .jumpIfFalse, .jumpIfNull, .jumpIfNotNull, .jumpIfSet, .jumpIfEnd, .forRange, .forRangeNext,
      .forClosedRange, .forClosedRangeNext, .iterateNext, .iterateCheck:
      parts = [a, wideTarget]
    case .jumpIfLess, .jumpIfLessEqual, .jumpIfNotLess, .jumpIfNotLessEqual, .jumpIfEqual, .jumpIfNotEqual:
      parts = [a, c, shortTarget]
    case .jumpIfEqualConstant, .jumpIfNotEqualConstant, .jumpIfMissing: parts = [a, constantC, shortTarget]
    case .jumpIfLessImmediate, .jumpIfLessEqualImmediate, .jumpIfGreaterImmediate, .jumpIfGreaterEqualImmediate,
      .jumpIfNotLessImmediate, .jumpIfNotLessEqualImmediate, .jumpIfNotGreaterImmediate,
      .jumpIfNotGreaterEqualImmediate, .jumpIfEqualImmediate, .jumpIfNotEqualImmediate:
      parts = [a, "\(Instruction.signedC(word))", shortTarget]
    case .jumpIfNotList: parts = [a, length(rawC), shortTarget]
    case .jumpIfNotMap: parts = [a, shortTarget]
    case .expectList: parts = [a, length(rawC)]
    case .iterate: parts = [a, b]
    case .newMap:
      let keys = shapeTemplates[Int(extra)].keys.map { strings[$0] }
      parts = [a, b, "{\(keys.joined(separator: ", "))}"]
    case .setField: parts = [a, constant(rawB / 16, prototype), c]
    case .call, .callback: parts = [a, "\(rawB)"]
    case .invoke: parts = [a, "\(rawB)", constantC]
    case .invokeSpread: parts = [a, constantC]
    case .add, .subtract, .multiply, .divide, .divideInt, .remainder, .newRange, .getIndex, .setIndex, .contains,
      .mapRest, .queryTest:
      parts = [a, b, c]
    }
    return (parts.isEmpty ? "" : " " + parts.joined(separator: " ")) + flag
  }

  private func constant(_ index: Int, _ prototype: Prototype) -> String {
    guard index < prototype.constants.count else { return "k\(index)" }
    switch constants[Int(prototype.constants.lowerBound) + index] {
    case .int(let value): return "\(value)"
    case .float(let bits): return "\(Double(bitPattern: bits))"
    case .string(let string): return "\"\(strings[string])\""
    case .null: return "null"
    case .bool(let value): return "\(value)"
    }
  }

  private func simple(_ tag: Int, _ bits: Int) -> String {
    switch UInt8(truncatingIfNeeded: tag) {
    case Tag.null: "null"
    case Tag.bool: bits == 0 ? "false" : "true"
    case Tag.unset: "unset"
    case Tag.end: "end"
    default: "tag \(tag)"
    }
  }

  private func length(_ c: Int) -> String { c & 0x8000 == 0 ? "\(c)" : "\(c & 0x7FFF)..." }

  private func link(_ index: Int) -> String {
    switch links[index] {
    case .own(let slot): "global \(strings[globals[Int(slot)].name])"
    case .imported(let program, let slot): "program \(program) global \(slot)"
    }
  }
}
