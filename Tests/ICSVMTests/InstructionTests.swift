import ICSVM
import Testing

@Suite struct InstructionTests {
  private func binary(_ opcode: Opcode, _ a: Constant, _ b: Constant) -> String {
    result(
      constants: [a, b],
      [
        op(.loadConstant, r(0), wide: r(0)), op(.loadConstant, r(1), wide: r(1)), op(opcode, r(2), r(0), r(1)),
        op(.return, r(2)),
      ])
  }

  @Test("operands survive the encoding, negative ones too")
  func encoding() {
    let word = op(.setField, 0xFFF0, -3, 0x8001, d: 255)
    #expect(Instruction.opcodeByte(word) == Opcode.setField.rawValue)
    #expect(Instruction.a(word) == 0xFFF0)
    #expect(Instruction.signedB(word) == -3)
    #expect(Instruction.signedC(word) == Int(Int16(bitPattern: 0x8001)))
    #expect(Instruction.d(word) == 255)
    #expect(Instruction.signedWide(op(.jump, wide: -70_000)) == -70_000)
  }

  @Test("opcodes number 0 ..< count without a gap")
  func opcodes() {
    #expect(Opcode.allCases.map { Int($0.rawValue) } == Array(0..<Opcode.allCases.count))
  }

  @Test("int arithmetic neither wraps nor traps")
  func overflow() {
    #expect(binary(.add, .int(.max), .int(1)).hasPrefix("E_OVERFLOW"))
    #expect(binary(.subtract, .int(.min), .int(1)).hasPrefix("E_OVERFLOW"))
    #expect(binary(.multiply, .int(.max), .int(2)).hasPrefix("E_OVERFLOW"))
    #expect(binary(.divideInt, .int(.min), .int(-1)).hasPrefix("E_OVERFLOW"))
    #expect(binary(.remainder, .int(.min), .int(-1)) == "0")
    #expect(binary(.divideInt, .int(1), .int(0)).hasPrefix("E_ZERO_DIVISION"))
    #expect(binary(.remainder, .int(1), .int(0)).hasPrefix("E_ZERO_DIVISION"))
    #expect(binary(.divide, .int(1), .int(0)).hasPrefix("E_ZERO_DIVISION"))
    #expect(binary(.divide, .float((1.0).bitPattern), .int(0)) == "inf")
    #expect(
      result([op(.loadInt, r(0), wide: -5), op(.negate, r(0), r(0)), op(.return, r(0))]) == "5")
    #expect(
      result(constants: [.int(.min)], [op(.loadConstant, r(0), wide: 0), op(.negate, r(0), r(0)), op(.return, r(0))])
        .hasPrefix("E_OVERFLOW"))
  }

  @Test("NaN is neither less nor not less")
  func nan() {
    func jumps(_ opcode: Opcode) -> String {
      result(
        constants: [.float(Double.nan.bitPattern)],
        [
          op(.loadConstant, r(0), wide: r(0)), op(.loadInt, r(1), wide: 1), op(opcode, r(0), 1, r(1)),
          op(.return, r(1)), op(.returnNull),
        ])
    }
    #expect(jumps(.jumpIfLess) == "1")
    #expect(jumps(.jumpIfNotLess) == "null")
    #expect(jumps(.jumpIfEqual) == "1")
    #expect(jumps(.jumpIfNotEqual) == "null")
  }

  @Test("a closed range up to the largest int ends")
  func closedRange() {
    let code = [
      op(.loadConstant, r(0), wide: r(0)), op(.loadConstant, r(1), wide: r(1)), op(.loadInt, r(2), wide: 0),
      op(.forClosedRange, r(0), wide: 2), op(.addImmediate, r(2), r(2), 1), op(.forClosedRangeNext, r(0), wide: -2),
      op(.return, r(2)),
    ]
    #expect(result(constants: [.int(.max - 2), .int(.max)], code) == "3")
    #expect(result(constants: [.int(5), .int(4)], code) == "0")
    #expect(result(constants: [.bool(true), .int(4)], code).hasPrefix("E_TYPE"))
  }

  @Test("an unset variable is no value")
  func unset() {
    #expect(
      result([
        op(.loadSimple, r(0), Int(Tag.unset)), op(.newCell, r(0)), op(.getCell, r(1), r(0)), op(.return, r(1)),
      ]).hasPrefix("E_UNINITIALIZED"))
  }

  @Test("an empty method cache does not answer for null")
  func nullMethod() {
    var assembler = Assembler()
    let name = assembler.text("go")
    assembler.function(
      constants: [name],
      [
        op(.loadSimple, r(0)), op(.invoke, r(0), 0, r(0)), 0, 0, op(.return, r(0)),
      ])
    #expect(makeMachine().result(of: assembler) == "E_NULL: cannot call 'go' of null")
  }

  @Test("a field's cache follows the shape of the map that is there")
  func fieldCache() {
    var assembler = Assembler()
    let a = assembler.text("a")
    let ab = assembler.template(["a", "b"])
    let ba = assembler.template(["b", "a"])
    let none = assembler.template([])
    // One getField word in function 1 sees maps of two shapes, a dictionary and a map without the key.
    assembler.function(
      constants: [a],
      [
        op(.loadInt, r(1), wide: 1), op(.loadInt, r(2), wide: 2), op(.newMap, r(4), r(1), 2), ab,
        op(.newMap, r(5), r(1), 2), ba, op(.newMap, r(6), r(1), 0), none,
        op(.loadConstant, r(7), wide: r(0)), op(.setIndex, r(6), r(7), r(2)),
        op(.newList, r(8), r(4), 0),
        op(.closure, r(9), wide: 1), op(.move, r(10), r(4)), op(.call, r(9), 1), op(.listAppend, r(8), r(9), 1),
        op(.closure, r(9), wide: 1), op(.move, r(10), r(5)), op(.call, r(9), 1), op(.listAppend, r(8), r(9), 1),
        op(.closure, r(9), wide: 1), op(.move, r(10), r(6)), op(.call, r(9), 1), op(.listAppend, r(8), r(9), 1),
        op(.closure, r(9), wide: 1), op(.move, r(10), r(4)), op(.call, r(9), 1), op(.listAppend, r(8), r(9), 1),
        op(.return, r(8)),
      ])
    assembler.function(parameters: 1, constants: [a], [op(.getField, r(0), r(0), r(0)), 0, op(.return, r(0))])
    #expect(makeMachine().result(of: assembler) == "[1, 2, 2, 1]")
  }
}
