// Whether bytes are UTF-8. The standard library can say so only by making a string.

enum UTF8Check {
  /// The offset of the first byte that is not part of valid UTF-8, or `nil` when all of it is valid (Unicode's
  /// table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
  static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    let count = bytes.count
    var index = 0
    while index < count {
      if count - index >= 8, JSONText.load8(start + index) & JSONText.highBits == 0 {
        index += 8
        continue
      }
      let lead = start[index]
      if lead < 0x80 {
        index += 1
        continue
      }
      let length = sequenceLength(start + index, count - index)
      guard length > 0 else { return index }
      index += length
    }
    return nil
  }

  /// The length of the sequence at `p`, or 0 when it is not valid.
  private static func sequenceLength(_ p: UnsafePointer<UInt8>, _ available: Int) -> Int {
    let lead = p[0]
    let length: Int
    var lowest: UInt8 = 0x80
    var highest: UInt8 = 0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, lowest) = (3, 0xA0)
    case 0xED: (length, highest) = (3, 0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, lowest) = (4, 0x90)
    case 0xF4: (length, highest) = (4, 0x8F)
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard available >= length, p[1] >= lowest, p[1] <= highest else { return 0 }
    var index = 2
    while index < length {
      guard p[index] & 0xC0 == 0x80 else { return 0 }
      index += 1
    }
    return length
  }
}
