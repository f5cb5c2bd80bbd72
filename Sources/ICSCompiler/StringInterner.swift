// The two tables that keep equal things from being stored twice: the texts of a program, the constants of a function.

import ICSVM

/// Finds the number of a text in a `StringTable`, so that each is in there once.
struct StringInterner {
  /// By hash: the string's index + 1; 0 is free. The size is a power of two.
  private var slots = [UInt32](repeating: 0, count: 256)
  private var count = 0

  mutating func index(of text: some Collection<UInt8>, in table: inout StringTable) -> UInt32 {
    let hash = Self.hash(text)
    var slot = hash & (slots.count - 1)
    while slots[slot] != 0 {
      let index = slots[slot] - 1
      let offsets = table.extents[Int(index)].offsets
      if offsets.count == text.count, table.bytes[offsets].elementsEqual(text) {
        return index
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    let index =
      text.withContiguousStorageIfAvailable { table.append($0) }
      ?? Array(text).withUnsafeBufferPointer { table.append($0) }
    slots[slot] = index + 1
    count += 1
    if count * 2 > slots.count { grow(table) }
    return index
  }

  private mutating func grow(_ table: StringTable) {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (index, extent) in table.extents.enumerated() {
      var slot = Self.hash(table.bytes[extent.offsets]) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(index) + 1
    }
  }

  private static func hash(_ text: some Collection<UInt8>) -> Int {
    // FNV-1a.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & 0x7FFF_FFFF)
  }
}

/// Finds the number of a constant in the function that is being emitted, so that each is in there once.
///
/// One pool serves all functions: a slot counts only when its generation is that of the current function, so that
/// starting a function costs nothing.
struct ConstantPool {
  private struct Slot {
    var generation: UInt32 = 0
    var index: Int32 = 0
    var constant = Constant.null
  }

  private var slots = [Slot](repeating: Slot(), count: 64)
  private var generation: UInt32 = 1
  private var start = 0

  /// Begins a function whose constants follow those already in `constants`.
  mutating func begin(_ constants: [Constant]) {
    generation += 1
    start = constants.count
  }

  /// The constant's number within the current function.
  mutating func index(of constant: Constant, in constants: inout [Constant]) -> Int {
    var slot = Self.hash(constant) & (slots.count - 1)
    while slots[slot].generation == generation {
      if slots[slot].constant == constant { return Int(slots[slot].index) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let index = constants.count - start
    constants.append(constant)
    slots[slot] = Slot(generation: generation, index: Int32(index), constant: constant)
    if (index + 1) * 2 > slots.count { grow(constants) }
    return index
  }

  private mutating func grow(_ constants: [Constant]) {
    slots = [Slot](repeating: Slot(), count: slots.count * 4)
    for index in start..<constants.count {
      var slot = Self.hash(constants[index]) & (slots.count - 1)
      while slots[slot].generation == generation { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Slot(generation: generation, index: Int32(index - start), constant: constants[index])
    }
  }

  private static func hash(_ constant: Constant) -> Int {
    let bits: UInt64
    switch constant {
    case .int(let value): bits = UInt64(bitPattern: Int64(value)) &* 3
    case .float(let value): bits = value
    case .string(let index): bits = UInt64(index) &* 5 &+ 1
    case .null: bits = 2
    case .bool(let value): bits = value ? 7 : 11
    }
    let mixed = bits &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 40)
  }
}
