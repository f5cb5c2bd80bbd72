// `random` and `uuid`: repeatable for a host that gives the seed.

import ICSVM

enum RandomFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "random.int", "random.int(a, b)", "A random int from a to b, both included.",
      example: """
        let die = random.int(1, 6)
        print(die >= 1 && die <= 6)  // expect: true
        """,
      .native(2...2, int)),
    BuiltIn(
      "random.float", "random.float()", "A random float from 0 up to but not including 1.",
      example: """
        let x = random.float()
        print(x >= 0 && x < 1)  // expect: true
        """,
      .native(0...0) { (call) throws(Raised) in .float(Double(try generator(call).next() >> 11) * 0x1p-53) }),
    BuiltIn(
      "random.pick", "random.pick(list)", "A random item of a list or range; null when it is empty.",
      example: #"""
        print(random.pick(["a", "b"]) in "ab", random.pick([]))  // expect: true null
        """#,
      .native(1...1, pick)),
    BuiltIn(
      "random.shuffle", "random.shuffle(list)", "A new list with the items in random order.",
      example: """
        print(random.shuffle([1, 2, 3]).sort())  // expect: [1, 2, 3]
        """,
      .native(1...1, shuffle)),
    BuiltIn(
      "uuid", "uuid()", "A random UUID (version 4).",
      example: """
        print(uuid().length)  // expect: 36
        """,
      .native(0...0, uuid)),
  ]

  private static func generator(_ call: Call, for name: String = "random") throws(Raised) -> RandomGenerator {
    let library = call.library
    try library.host.willVary?(call, name)
    if let known = library.state[ObjectIdentifier(RandomGenerator.self)] as? RandomGenerator { return known }
    let made = RandomGenerator(seed: library.host.randomSeed)
    library.state[ObjectIdentifier(RandomGenerator.self)] = made
    return made
  }

  private static func int(_ call: Call) throws(Raised) -> Value {
    let low = try call.int(0)
    let high = try call.int(1)
    guard low <= high else {
      throw call.fail("E_VALUE", "random.int takes the lower bound first, and was given \(low) and \(high)")
    }
    let span = UInt64(bitPattern: Int64(high)) &- UInt64(bitPattern: Int64(low))
    let random = try generator(call)
    let offset = span == .max ? random.next() : random.below(span + 1)
    return .int(low &+ Int(truncatingIfNeeded: offset))
  }

  private static func pick(_ call: Call) throws(Raised) -> Value {
    let items = try call.items(0)
    guard items.count > 0 else { return .null }
    return items[Int(try generator(call).below(UInt64(items.count)))]
  }

  private static func shuffle(_ call: Call) throws(Raised) -> Value {
    let items = try call.items(0)
    try call.charge(items.count * 2)
    let (bytes, overflow) = items.count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    try call.reserve(bytes: overflow ? Int.max : bytes)
    let list = call.vm.newList(capacity: items.count)
    for index in 0..<items.count {
      try call.poll(at: index)
      call.vm.listPush(list, items[index])
    }
    let slots = listItems(list)
    let random = try generator(call)
    // Fisher and Yates, from the end.
    for index in stride(from: items.count - 1, to: 0, by: -1) {
      try call.poll(at: index)
      let other = Int(random.below(UInt64(index + 1)))
      (slots[index], slots[other]) = (slots[other], slots[index])
    }
    return .object(Tag.list, list)
  }

  private static func uuid(_ call: Call) throws(Raised) -> Value {
    let random = try generator(call, for: "uuid")
    // Version 4 and the variant of RFC 9562 in their bits.
    let high = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    var text: [UInt8] = []
    for index in 0..<32 {
      if index == 8 || index == 12 || index == 16 || index == 20 { text.append(UInt8(ascii: "-")) }
      let word = index < 16 ? high : low
      text.append(hexDigit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (index & 15))) & 15))
    }
    return .object(Tag.string, text.withUnsafeBufferPointer { call.vm.newString($0) })
  }
}

/// A lower-case hexadecimal digit.
func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value + 0x57 }

/// xoshiro256**, a small generator of good quality; not for secrets.
/// - Source: <https://prng.di.unimi.it/xoshiro256starstar.c>
final class RandomGenerator {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  init(seed: UInt64) {
    // splitmix64 spreads a seed over the state, which must not be all zeros.
    var seed = seed
    func spread() -> UInt64 {
      seed &+= 0x9E37_79B9_7F4A_7C15
      var z = seed
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (spread(), spread(), spread(), spread())
  }

  func next() -> UInt64 {
    func rotated(_ x: UInt64, _ by: UInt64) -> UInt64 { x << by | x >> (64 - by) }
    let result = rotated(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, 45)
    return result
  }

  /// A number below `bound`, which is not 0; every one as likely as the others (Lemire's method).
  func below(_ bound: UInt64) -> UInt64 {
    var (high, low) = next().multipliedFullWidth(by: bound)
    if low < bound {
      let threshold = (0 &- bound) % bound
      while low < threshold { (high, low) = next().multipliedFullWidth(by: bound) }
    }
    return high
  }
}

extension Library {
  /// Gives `random` and `uuid` another beginning.
  package func reseed(_ seed: UInt64) {
    host.randomSeed = seed
    state[ObjectIdentifier(RandomGenerator.self)] = nil
  }
}
