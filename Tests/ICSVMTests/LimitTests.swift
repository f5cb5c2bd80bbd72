import ICSVM
import Testing

@Suite struct LimitTests {
  /// A loop without an end around some words, in a handler that catches whatever it can.
  private func endless(_ body: [UInt64], constants: [Constant] = [], prologue: [UInt64] = []) -> Assembler {
    var assembler = Assembler()
    let start = Int32(prologue.count)
    let end = start + Int32(body.count) + 1
    assembler.function(
      registers: 32, constants: constants,
      handlers: [Handler(range: start..<end, target: start, register: 9, isFinally: false)],
      prologue + body + [op(.loop, wide: -(body.count + 1))])
    return assembler
  }

  private func ends(_ assembler: Assembler, _ limits: Limits, with code: String) {
    let machine = makeMachine(limits: limits)
    let result = machine.result(of: assembler)
    #expect(result.hasPrefix(code), "\(result)")
  }

  @Test("fuel ends every loop, and is overshot by less than a twentieth")
  func fuel() {
    for limit in [1000, 60_000, 200_000] {
      let machine = makeMachine(limits: Limits(fuel: limit))
      #expect(machine.result(of: endless([op(.loadInt, r(0), wide: 0)])).hasPrefix("E_FUEL"))
      #expect(machine.usedFuel >= limit && machine.usedFuel <= limit + limit / 20, "\(machine.usedFuel)")
    }
  }

  @Test("work inside one instruction costs fuel")
  func work() {
    let list: [UInt64] = [
      op(.loadInt, r(0), wide: 0), op(.loadInt, r(1), wide: 100_000), op(.newRange, r(2), r(0), r(1)),
      op(.newList, r(3), r(0), 0), op(.listExtend, r(3), r(2)), op(.newList, r(4), r(0), 0),
      op(.listExtend, r(4), r(2)),
    ]
    for body in [
      [op(.add, r(5), r(3), r(4))], [op(.jumpIfNotEqual, r(3), 0, r(4))], [op(.contains, r(5), r(2), r(3))],
      [op(.listRest, r(5), r(3), 1)],
    ] {
      let machine = makeMachine(limits: Limits(fuel: 300_000))
      #expect(machine.result(of: endless(body, prologue: list)).hasPrefix("E_FUEL"))
      #expect(machine.usedFuel < 400_000, "\(machine.usedFuel)")
    }
  }

  @Test("loops that only throw, or make values in passing, stay within the memory limit")
  func memory() {
    let limits = Limits(fuel: 200_000, memory: 1 << 20)
    for body in [[op(.throw, r(0))], [op(.negate, r(0), r(1))], [op(.loadSimple, r(2)), op(.newCell, r(2))]]
      as [[UInt64]]
    {
      ends(endless(body, prologue: [op(.loadSimple, r(1))]), limits, with: "E_FUEL")
    }
    // A list that holds all lists before it.
    ends(
      endless([op(.newList, r(1), r(0), 10), op(.listPush, r(0), r(1))], prologue: [op(.newList, r(0), r(0), 0)]),
      Limits(memory: 2 << 20), with: "E_MEMORY")
  }

  @Test("doubling a string or a list ends before the memory is taken")
  func doubling() {
    var assembler = Assembler()
    let text = assembler.text(String(repeating: "x", count: 100))
    assembler.function(
      constants: [text],
      [
        op(.loadConstant, r(0), wide: 0), op(.add, r(0), r(0), r(0)), op(.loop, wide: -2),
      ])
    let machine = makeMachine(limits: Limits(memory: 16 << 20))
    #expect(machine.result(of: assembler).hasPrefix("E_MEMORY"))
    #expect(machine.takenMemory <= 18 << 20)
    var lists = Assembler()
    lists.function([
      op(.newList, r(0), r(1), 8), op(.add, r(0), r(0), r(0)), op(.loop, wide: -2),
    ])
    let other = makeMachine(limits: Limits(memory: 16 << 20))
    #expect(other.result(of: lists).hasPrefix("E_MEMORY"))
    #expect(other.takenMemory <= 18 << 20)
  }

  @Test("memory of one size goes to another")
  func sizes() {
    // Fills most of the limit with lists of one size, drops them, and goes on with the next size.
    var code: [UInt64] = []
    for size in 1...8 {
      let body: [UInt64] = [
        op(.newList, r(2), r(10), size), op(.listPush, r(1), r(2)), op(.addImmediate, r(0), r(0), -1),
        op(.jumpIfGreaterImmediate, r(0), -4, 0),
      ]
      code += [op(.newList, r(1), r(10), 0), op(.loadInt, r(0), wide: 3_000_000 / (24 + size * 16 + 40))] + body
    }
    let machine = makeMachine(limits: Limits(memory: 4 << 20))
    var assembler = Assembler()
    assembler.function(registers: 32, code + [op(.returnNull)])
    #expect(machine.result(of: assembler) == "null")
    #expect(machine.takenMemory <= (4 << 20) + (4 << 20) / 10, "\(machine.takenMemory)")
  }

  @Test("a printed form without an end is a limit")
  func printing() {
    let machine = makeMachine(limits: Limits(memory: 1 << 20))
    // [x, x] of [x, x] of ...
    var assembler = Assembler()
    assembler.function([
      op(.loadInt, r(0), wide: 60), op(.newList, r(1), r(0), 1), op(.move, r(2), r(1)), op(.newList, r(1), r(1), 2),
      op(.addImmediate, r(0), r(0), -1), op(.jumpIfGreaterImmediate, r(0), -4, 0), op(.concatenate, r(3), r(1), 1),
      op(.return, r(3)),
    ])
    #expect(machine.result(of: assembler).hasPrefix("E_MEMORY"))
  }

  @Test("an interruption ends a loop that catches everything")
  func interruption() {
    let interruption = Interruption()
    let machine = makeMachine(interruption: interruption)
    interruption.request()
    #expect(machine.result(of: endless([op(.throw, r(0))])).hasPrefix("E_CANCELLED"))
  }
}
