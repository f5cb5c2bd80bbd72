import ICSVM
import Testing

@Suite struct ComparisonTests {
  private func nested(_ vm: VM, _ depth: Int, _ leaf: Int) -> Value {
    var value = Value.int(leaf)
    for _ in 0..<depth {
      let list = vm.newList(capacity: 1)
      vm.listPush(list, value)
      value = .object(Tag.list, list)
    }
    return value
  }

  @Test("values nested very deep compare without recursion, to the end")
  func deep() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    #expect(vm.isEqual(nested(vm, 200_000, 1), nested(vm, 200_000, 1)))
    #expect(!vm.isEqual(nested(vm, 200_000, 1), nested(vm, 200_000, 2)))
    #expect(vm.printedForm(nested(vm, 2000, 1)) == nil)
    #expect(vm.printedForm(nested(vm, 1000, 1)) != nil)
  }

  @Test("values that share their parts compare in linear time")
  func shared() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    func tower() -> Value {
      var value = nested(vm, 1, 1)
      for _ in 0..<200 {
        let list = vm.newList(capacity: 2)
        vm.listPush(list, value)
        vm.listPush(list, value)
        value = .object(Tag.list, list)
      }
      return value
    }
    #expect(vm.isEqual(tower(), tower()))
  }

  @Test("values that contain themselves are equal when they look the same")
  func cycles() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    func ring(_ length: Int, _ last: Int) -> Value {
      let first = vm.newMap()
      var value = Value.object(Tag.map, first)
      for index in 1..<length {
        let map = vm.newMap()
        vm.set(map, "n", .int(index))
        vm.set(map, "next", value)
        value = .object(Tag.map, map)
      }
      vm.set(first, "n", .int(last))
      vm.set(first, "next", value)
      return value
    }
    #expect(vm.isEqual(ring(3, 0), ring(3, 0)))
    #expect(!vm.isEqual(ring(3, 0), ring(3, 1)))
    #expect(!vm.isEqual(ring(300, 0), ring(300, 1)))
    #expect(vm.printedForm(ring(2, 0)) == "{n: 1, next: {n: 0, next: ...}}")
  }

  @Test("ints and floats compare exactly, beyond 2^53 too")
  func numbers() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    #expect(vm.compareNumbers(.int(9_007_199_254_740_993), .float(9_007_199_254_740_992)) == 1)
    #expect(vm.compareNumbers(.int(.max), .float(9_223_372_036_854_775_808)) == -1)
    #expect(vm.compareNumbers(.int(.min), .float(-9_223_372_036_854_775_808)) == 0)
    #expect(vm.compareNumbers(.float(-0.5), .int(0)) == -1)
    #expect(vm.compareNumbers(.float(.nan), .int(0)) == nil)
    #expect(vm.isEqual(.float(-0.0), .int(0)))
  }

  @Test("ranges of any width neither trap nor lie")
  func ranges() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    func range(_ a: Int, _ b: Int, _ isClosed: Bool) -> Value {
      .object(Tag.range, vm.newRange(a, b, isClosed: isClosed))
    }
    let all = range(.min, .max, true)
    #expect(vm.rangeBounds(all.address).count == .max)
    #expect(vm.rangeBounds(range(0, .max, true).address).count == .max)
    #expect(vm.isEqual(range(5, 5, false), range(9, 1, true)))
    #expect(vm.isEqual(range(1, 3, true), range(1, 4, false)))
    #expect(vm.clampedSlice(range(-2, -1, true).address, count: 5) == (3, 2))
    #expect(vm.clampedSlice(all.address, count: 5) == (0, 5))
  }
}
