// How an instruction is packed into a word, and how its operands are read.

/// The encoding of instructions: one 64-bit word each.
///
///     bits  0...7    8...15   16...31   32...47   48...63
///           opcode   D        A         B         C
///                                       wide (32 bits)
///
/// Register and constant operands are byte offsets (index times 16), so that an operand's address is one addition.
/// That allows 4096 registers and 4096 directly addressed constants in a function; `loadConstant` reaches 2^28.
package enum Instruction {
  /// The size of a `Value` in memory: what register and constant indexes are multiplied by.
  @inline(__always) package static var valueSize: Int { 16 }
  /// The largest register or constant index that fits a 16-bit operand.
  @inline(__always) package static var maximumIndex: Int { 4095 }

  /// A word with three operands; `b` and `c` keep their lower 16 bits.
  @inline(__always)
  package static func make(_ op: Opcode, a: Int = 0, b: Int = 0, c: Int = 0, d: Int = 0) -> UInt64 {
    UInt64(op.rawValue) | UInt64(UInt8(truncatingIfNeeded: d)) << 8 | UInt64(UInt16(truncatingIfNeeded: a)) << 16
      | UInt64(UInt16(truncatingIfNeeded: b)) << 32 | UInt64(UInt16(truncatingIfNeeded: c)) << 48
  }

  /// A word with one 16-bit and one 32-bit operand.
  @inline(__always)
  package static func make(_ op: Opcode, a: Int = 0, wide: Int, d: Int = 0) -> UInt64 {
    UInt64(op.rawValue) | UInt64(UInt8(truncatingIfNeeded: d)) << 8 | UInt64(UInt16(truncatingIfNeeded: a)) << 16
      | UInt64(UInt32(truncatingIfNeeded: wide)) << 32
  }

  /// The first byte: the opcode's raw value.
  @inline(__always) package static func opcodeByte(_ w: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: w) }
  @inline(__always) package static func a(_ w: UInt64) -> Int { Int(truncatingIfNeeded: (w >> 16) & 0xFFFF) }
  @inline(__always) package static func b(_ w: UInt64) -> Int { Int(truncatingIfNeeded: (w >> 32) & 0xFFFF) }
  @inline(__always) package static func c(_ w: UInt64) -> Int { Int(truncatingIfNeeded: w >> 48) }
  @inline(__always) package static func d(_ w: UInt64) -> Int { Int(truncatingIfNeeded: (w >> 8) & 0xFF) }
  /// B as a signed number.
  @inline(__always)
  package static func signedB(_ w: UInt64) -> Int { Int(truncatingIfNeeded: Int64(bitPattern: w << 16) >> 48) }
  /// C as a signed number.
  @inline(__always)
  package static func signedC(_ w: UInt64) -> Int { Int(truncatingIfNeeded: Int64(bitPattern: w) >> 48) }
  /// The wide operand as a signed number.
  @inline(__always)
  package static func signedWide(_ w: UInt64) -> Int { Int(truncatingIfNeeded: Int64(bitPattern: w) >> 32) }
  /// The wide operand as an unsigned number.
  @inline(__always) package static func wide(_ w: UInt64) -> Int { Int(truncatingIfNeeded: w >> 32) }
}

extension Opcode {
  /// How many words that are not instructions follow this one (cache words, a template's index).
  package var extraWords: Int {
    switch self {
    case .newMap, .getField: 1
    case .setField, .invoke, .invokeSpread: 2
    default: 0
    }
  }
}
