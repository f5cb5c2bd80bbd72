import Testing

@testable import ICSVM

@Suite struct HeapTests {
  /// Turns the wheel of a machine often enough for collections: a loop that makes lists.
  private func churn(_ machine: Machine, turns: Int = 20_000) {
    var assembler = Assembler()
    assembler.function([
      op(.loadInt, r(0), wide: 0), op(.newList, r(1), r(0), 1), op(.addImmediate, r(0), r(0), 1),
      op(.loadInt, r(2), wide: turns), op(.jumpIfLess, r(0), -4, r(2)), op(.returnNull),
    ])
    #expect(machine.result(of: assembler) == "null")
  }

  private func key(_ machine: Machine, _ text: String) -> Value { machine.string(text) }

  @Test("a map keeps insertion order through deletion, growth and both forms")
  func maps() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    let map = vm.newMap()
    for index in 0..<5 { vm.set(map, "k\(index)", .int(index)) }
    #expect(vm.hasShape(map))
    #expect(vm.mapDelete(map, key(machine, "k1"))?.asInt == 1)
    #expect(vm.mapDelete(map, key(machine, "k1")) == nil)
    #expect(!vm.hasShape(map))
    vm.mapSet(map, key(machine, "k1"), .int(10))
    vm.mapSet(map, .int(7), .null)
    vm.mapSet(map, .bool(true), .null)
    #expect(
      vm.printedForm(.object(Tag.map, map)) == "{k0: 0, k2: 2, k3: 3, k4: 4, k1: 10, [7]: null, [true]: null}")
    for index in 0..<10_000 { vm.mapSet(map, .int(index), .int(index)) }
    for index in 0..<10_000 where index % 3 != 0 { _ = vm.mapDelete(map, .int(index)) }
    for index in 10_000..<10_100 { vm.mapSet(map, .int(index), .int(index)) }
    #expect(vm.mapCount(map) == 6 + 3334 + 100)
    #expect(vm.mapGet(map, .int(9_999))?.asInt == 9_999)
    #expect(vm.mapGet(map, .int(9_998)) == nil)
    let copy = vm.mapCopy(map)
    #expect(vm.isEqual(.object(Tag.map, copy), .object(Tag.map, map)))
    vm.mapClear(map)
    #expect(vm.mapCount(map) == 0)
    #expect(vm.mapGet(map, .int(0)) == nil)
  }

  @Test("an int, a bool and a string are three keys")
  func keys() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    let map = vm.newMap()
    vm.mapSet(map, .int(1), .int(1))
    vm.mapSet(map, .bool(true), .int(2))
    vm.mapSet(map, key(machine, "1"), .int(3))
    vm.mapSet(map, key(machine, "true"), .int(4))
    #expect(vm.mapCount(map) == 4)
    #expect(vm.mapGet(map, .bool(true))?.asInt == 2)
    #expect(vm.mapGet(map, .bool(false)) == nil)
  }

  @Test("more shapes than the limit become dictionaries, with the same content")
  func shapeLimit() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    var maps: [Raw] = []
    for number in 0..<6000 {
      let map = vm.newMap()
      vm.set(map, "id\(number)", .int(number))
      vm.set(map, "x", .null)
      maps.append(map)
    }
    #expect(!vm.hasShape(maps[5999]))
    for number in [0, 3000, 5999] {
      #expect(vm.printedForm(.object(Tag.map, maps[number])) == "{id\(number): \(number), x: null}")
    }
    let wide = vm.newMap()
    for number in 0..<100 { vm.set(wide, "f\(number)", .int(number)) }
    #expect(!vm.hasShape(wide))
    #expect(vm.mapCount(wide) == 100)
  }

  @Test("values that a handle keeps survive, the others make room")
  func collection() {
    for isStressed in [false, true] {
      let machine = makeMachine(stress: isStressed)
      defer { withExtendedLifetime(machine) {} }
      let vm = machine.state
      let map = vm.newMap()
      for number in 0..<50 {
        vm.mapSet(map, machine.string("key \(number)"), .object(Tag.list, vm.newList(capacity: 2)))
      }
      let handle = machine.retain(.object(Tag.map, map))
      churn(machine, turns: isStressed ? 200 : 150_000)
      #expect(vm.mapCount(machine.value(handle).address) == 50)
      #expect(vm.mapGet(machine.value(handle).address, machine.string("key 49"))?.isList == true)
      machine.release(handle)
      #expect(machine.value(handle).isNull)
    }
  }

  private final class Thing: HostObject {
    var typeName: String { "thing" }
    func member(_ name: String, machine: Machine) throws(Raised) -> Value? { nil }
    var memberNames: [String] { [] }
  }

  @Test("a host object is let go when no script holds it")
  func hostObjects() {
    let machine = makeMachine(stress: true)
    weak var seen: Thing?
    weak var kept: Thing?
    do {
      let thing = Thing()
      let other = Thing()
      (seen, kept) = (thing, other)
      _ = machine.value(of: thing)
      _ = machine.retain(machine.value(of: other))
    }
    #expect(seen != nil)
    churn(machine, turns: 10)
    #expect(seen == nil)
    #expect(kept != nil)
  }

  @Test("a machine leaves nothing behind")
  func leaks() {
    weak var seen: Machine?
    weak var thing: Thing?
    do {
      let machine = makeMachine()
      let object = Thing()
      (seen, thing) = (machine, object)
      _ = machine.value(of: object)
      churn(machine, turns: 10)
    }
    #expect(seen == nil)
    #expect(thing == nil)
  }

  @Test("appending shares the buffer, and both strings stay what they were")
  func appendBuffers() {
    var assembler = Assembler()
    let long = assembler.text(String(repeating: "x", count: 200))
    let (a, b) = (assembler.text("a"), assembler.text("b"))
    assembler.function(
      constants: [long, a, b],
      [
        op(.loadConstant, r(0), wide: r(0)), op(.loadConstant, r(1), wide: r(1)), op(.loadConstant, r(2), wide: r(2)),
        op(.add, r(3), r(0), r(1)), op(.add, r(4), r(3), r(1)), op(.add, r(5), r(3), r(2)), op(.add, r(6), r(4), r(2)),
        op(.add, r(7), r(6), r(6)),
        op(.newList, r(8), r(3), 5), op(.return, r(8)),
      ])
    let x = String(repeating: "x", count: 200)
    let expected = "[\"\(x)a\", \"\(x)aa\", \"\(x)ab\", \"\(x)aab\", \"\(x)aab\(x)aab\"]"
    #expect(makeMachine().result(of: assembler) == expected)
    #expect(makeMachine(stress: true).result(of: assembler) == expected)
  }

  @Test("scalars are counted and found in text of any width")
  func scalars() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    let text = vm.newString("aé€😀" + String(repeating: "é", count: 20))
    #expect(scalarCount(text) == 24)
    #expect(byteOffset(ofScalar: 4, in: text) == 10)
    #expect(vm.substring(text, fromScalar: 1, count: 3).map(swiftString) == "é€😀")
    // Blocks that end within a scalar.
    for unit in ["é", "€", "😀", "a€", "aé"] {
      let long = vm.newString(String(repeating: unit, count: 2_000))
      let width = stringLength(long) / 2_000
      let count = scalarCount(long) / 2_000
      for place in [0, 1, 255, 511, 512, 1_023, 1_999, 2_000] {
        #expect(byteOffset(ofScalar: place * count, in: long) == place * width)
      }
    }
    #expect(scalarCount(vm.newString("")) == 0)
    #expect(vm.name("same") == vm.name("same"))
  }

  @Test("ten thousand names are found again")
  func names() {
    let machine = makeMachine()
    defer { withExtendedLifetime(machine) {} }
    let vm = machine.state
    let names = (0..<10_000).map { vm.name("name \($0)") }
    #expect((0..<10_000).allSatisfy { vm.name("name \($0)") == names[$0] })
  }

  @Test(
    "keys that differ little are spread whatever the seed is",
    arguments: [0, 1, 7, 1 << 63, .max, 0x9E37_79B9_7F4A_7C15, 0xA076_1D64_78BD_642F] as [UInt64])
  func spreading(seed: UInt64) {
    let machine = Machine(library: NativeLibrary([]), hashSeed: seed, clock: { 0 })
    defer { withExtendedLifetime(machine) {} }
    for keys in [(0..<10_000).map { Value.int($0) }, (0..<10_000).map { key(machine, "k\($0)") }] {
      let places = Set(keys.map { machine.state.hash(key: $0) & 0x3FFF })
      // Chance fills 7,485 of the 16,384 places.
      #expect((7_000...10_000).contains(places.count))
    }
  }
}
