import ICSVM
import Testing

@Suite struct CallTests {
  /// Function 1 calls itself without an end, from its last register.
  private func recursion(registers: Int = 16) -> Assembler {
    var assembler = Assembler()
    let last = r(registers - 1)
    assembler.function([op(.closure, r(0), wide: 1), op(.call, r(0), 0), op(.return, r(0))])
    assembler.function(
      named: "deep", registers: registers, [op(.closure, last, wide: 1), op(.call, last, 0), op(.return, last)])
    return assembler
  }

  @Test("calls nest as deep as the limit says, then E_DEPTH")
  func depth() {
    #expect(makeMachine().result(of: recursion()).hasPrefix("E_DEPTH"))
    var assembler = Assembler()
    // f(n) = n == 0 ? 0 : f(n - 1), 15,000 deep.
    assembler.function([
      op(.closure, r(0), wide: 1), op(.loadInt, r(1), wide: 15_000), op(.call, r(0), 1), op(.return, r(0)),
    ])
    assembler.function(
      parameters: 1,
      [
        op(.jumpIfNotEqualImmediate, r(0), 1, 0), op(.return, r(0)),
        op(.closure, r(1), wide: 1), op(.addImmediate, r(2), r(0), -1), op(.call, r(1), 1), op(.return, r(1)),
      ])
    #expect(makeMachine().result(of: assembler) == "0")
  }

  @Test("deep frames with many registers end with a limit, not with the memory of the machine")
  func wideFrames() {
    let machine = makeMachine(limits: Limits(memory: 16 << 20))
    #expect(machine.result(of: recursion(registers: 4000)).hasPrefix("E_MEMORY"))
  }

  @Test("a wrong count of arguments is found at every depth, growth of the stacks included")
  func wrongCounts() {
    for depth in 0..<70 {
      var assembler = Assembler()
      assembler.function([
        op(.closure, r(0), wide: 1), op(.loadInt, r(1), wide: depth), op(.call, r(0), 1), op(.return, r(0)),
      ])
      // At the bottom it calls itself with two arguments.
      assembler.function(
        parameters: 1, registers: 40,
        [
          op(.closure, r(1), wide: 1), op(.jumpIfEqualImmediate, r(0), 3, 0),
          op(.addImmediate, r(2), r(0), -1), op(.call, r(1), 1), op(.return, r(1)), op(.call, r(1), 2),
          op(.return, r(1)),
        ])
      #expect(makeMachine().result(of: assembler).hasPrefix("E_ARGUMENTS"))
      #expect(makeMachine(stress: true).result(of: assembler).hasPrefix("E_ARGUMENTS"))
    }
  }

  @Test("a spread of many arguments grows the stack; the rest arrives as a list")
  func spread() {
    for isStressed in [false, true] {
      var assembler = Assembler()
      assembler.function([
        op(.loadInt, r(2), wide: 0), op(.loadInt, r(3), wide: 60_000), op(.newRange, r(4), r(2), r(3)),
        op(.closure, r(0), wide: 1), op(.newList, r(1), r(0), 0), op(.listExtend, r(1), r(4)), op(.callSpread, r(0)),
        op(.return, r(0)),
      ])
      assembler.function(
        parameters: 1, hasRest: true,
        [
          op(.closure, r(2), wide: 2), op(.move, r(3), r(1)), op(.callSpread, r(2)), op(.return, r(2)),
        ])
      assembler.function(
        parameters: 0, hasRest: true,
        [
          op(.getIndexImmediate, r(1), r(0), 59_998), op(.return, r(1)),
        ])
      #expect(makeMachine(stress: isStressed).result(of: assembler) == "59999")
    }
    var assembler = Assembler()
    assembler.function([
      op(.loadInt, r(2), wide: 0), op(.loadInt, r(3), wide: 70_000), op(.newRange, r(4), r(2), r(3)),
      op(.closure, r(0), wide: 0), op(.newList, r(1), r(0), 0), op(.listExtend, r(1), r(4)), op(.callSpread, r(0)),
      op(.return, r(0)),
    ])
    #expect(makeMachine().result(of: assembler).hasPrefix("E_ARGUMENTS"))
  }

  @Test("a host function that calls back without an end is an error")
  func nestedRuns() {
    let callBack = NativeFunction("call_back", arity: 1...1) { call throws(Raised) in
      let list = Value.object(Tag.list, call.vm.newList(call.arguments, count: 1))
      guard let fiber = call.machine.makeFiber(call[0], arguments: list) else { throw Raised() }
      switch call.machine.run(fiber) {
      case .finished(let value): return value
      case .failed(let error): throw call.fail("E_DEPTH", call.machine.diagnostic(for: error).message)
      case .suspended: return .null
      }
    }
    var assembler = Assembler()
    assembler.function([
      op(.closure, r(1), wide: 1), op(.getPrelude, r(0), wide: 0), op(.call, r(0), 1), op(.return, r(0)),
    ])
    assembler.function(
      parameters: 1,
      [
        op(.move, r(2), r(0)), op(.getPrelude, r(1), wide: 0), op(.call, r(1), 1), op(.return, r(1)),
      ])
    #expect(makeMachine([callBack]).result(of: assembler).hasPrefix("E_DEPTH"))
  }

  @Test("an error keeps the calls it was raised in, without the prelude's own")
  func traces() {
    var assembler = Assembler()
    assembler.function(named: "top", [op(.closure, r(0), wide: 1), op(.call, r(0), 0), op(.return, r(0))])
    assembler.function(
      named: "inner", isInternal: true, [op(.closure, r(0), wide: 2), op(.call, r(0), 0), op(.return, r(0))])
    assembler.function(named: "leaf", [op(.loadSimple, r(0)), op(.negate, r(0), r(0)), op(.return, r(0))])
    let machine = makeMachine()
    let main = machine.mainClosure(of: machine.install(assembler.program))
    let none = Value.object(Tag.list, machine.state.newList(capacity: 0))
    guard let fiber = machine.makeFiber(main, arguments: none), case .failed(let error) = machine.run(fiber) else {
      Issue.record("it did not fail")
      return
    }
    #expect(machine.trace(of: error.address).map(\.function) == ["leaf", "top"])
    // The place is the word that failed: the second of leaf, the call of top.
    #expect(machine.trace(of: error.address).map(\.site.span.start) == [7, 1])
  }

  @Test("handlers see errors of the calls below, inner ones first")
  func handlers() {
    var assembler = Assembler()
    assembler.function(
      handlers: [Handler(range: 0..<3, target: 3, register: 5, isFinally: false)],
      [
        op(.closure, r(0), wide: 1), op(.call, r(0), 0), op(.return, r(0)), op(.loadInt, r(1), wide: 9),
        op(.return, r(1)),
      ])
    assembler.function(
      handlers: [Handler(range: 0..<2, target: 2, register: 3, isFinally: true)],
      [op(.loadSimple, r(0)), op(.throw, r(0)), op(.rethrow, r(3))])
    #expect(makeMachine().result(of: assembler) == "9")
    #expect(makeMachine(stress: true).result(of: assembler) == "9")
  }
}
