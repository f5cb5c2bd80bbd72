// The names of the prelude, as the compiler numbers them.

/// The names that every script knows without declaring them, by their numbers for `getPrelude`.
package struct PreludeNames: Sendable {
  /// All names, in the order of their numbers. Those that begin `__` are for compiled code only.
  package let names: [String]
  /// By hash: a name's number + 1; 0 is free. The size is a power of two. Not a dictionary: the first use of one with
  /// these types costs as much as starting the machine.
  private var slots: [Int32]

  /// Names in the order of their numbers.
  package init(_ names: [String]) {
    self.names = names
    var size = 16
    while size < names.count * 2 { size *= 2 }
    slots = [Int32](repeating: 0, count: size)
    for (index, name) in names.enumerated() {
      var slot = Self.hash(name) & (size - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(index + 1)
    }
  }

  /// The number of a name; nil when the prelude has no such name.
  package func index(of name: String) -> Int? {
    var slot = Self.hash(name) & (slots.count - 1)
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if names[index] == name { return index }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private static func hash(_ name: String) -> Int {
    // FNV-1a.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & 0x7FFF_FFFF)
  }
}
