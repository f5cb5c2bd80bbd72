// Collections that a limit ends.

import Testing

@testable import ICSVM

@Suite struct CollectionTests {
  @Test("a collection that a limit ends frees nothing, and the next one does")
  func endedCollection() throws {
    let interruption = Interruption()
    let machine = makeMachine(interruption: interruption)
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    let fiber = try #require(machine.makeFiber(.null, arguments: .null))
    machine.current = fiber
    vm.activate(fiber)
    defer {
      vm.deactivate(fiber)
      machine.current = nil
    }
    func tree() -> Value {
      let outer = vm.newList(capacity: 0)
      for index in 0..<30_000 {
        let inner = vm.newList(capacity: 1)
        vm.listPush(inner, machine.string("item \(index)"))
        vm.listPush(outer, .object(Tag.list, inner))
      }
      return .object(Tag.list, outer)
    }
    let kept = machine.retain(tree())
    interruption.request()
    let before = vm.pointee.collections
    #expect(!vm.collect(top: vm.pointee.stack))
    #expect(vm.pointee.collections == before + 1)
    #expect(machine.takeMessage() == "the script was stopped")
    interruption.reset()
    let other = tree()
    #expect(vm.isEqual(machine.value(kept), other))
    #expect(vm.collect(top: vm.pointee.stack))
    #expect(vm.isEqual(machine.value(kept), tree()))
    machine.release(kept)
    let taken = vm.pointee.live
    #expect(vm.collect(top: vm.pointee.stack))
    #expect(vm.pointee.live < taken)
  }
}
