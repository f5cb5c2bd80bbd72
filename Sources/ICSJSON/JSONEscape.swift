// The inside of JSON strings, for whatever writes them.

/// Puts a text between quotes into bytes that the caller has made room for.
package enum JSONEscape {
  /// Copies bytes, eight at a time; false when one of them has to be escaped, and then the copy is of no use.
  ///
  /// - Parameter target: Room for `count` bytes.
  @inlinable @inline(__always)
  package static func copyPlain(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let from = UnsafeRawPointer(bytes)
    let to = UnsafeMutableRawPointer(target)
    if count >= 8 {
      // The last eight may have been copied in part before.
      let last = count &- 8
      var found: UInt64 = 0
      var offset = 0
      while offset < last {
        let word = from.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        found |= special(word)
        to.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
        offset &+= 8
      }
      let word = from.loadUnaligned(fromByteOffset: last, as: UInt64.self)
      to.storeBytes(of: word, toByteOffset: last, as: UInt64.self)
      return (found | special(word)) & JSONText.highBits == 0
    }
    if count >= 4 {
      let low = from.loadUnaligned(as: UInt32.self)
      let high = from.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      to.storeBytes(of: low, as: UInt32.self)
      to.storeBytes(of: high, toByteOffset: count &- 4, as: UInt32.self)
      return special(UInt64(low) | UInt64(high) << 32) & JSONText.highBits == 0
    }
    var index = 0
    while index < count {
      let byte = bytes[index]
      if byte < 0x20 || byte == 0x22 || byte == 0x5C { return false }
      target[index] = byte
      index &+= 1
    }
    return true
  }

  /// Has the high bit of the lowest byte that is a quote, a backslash or a control character; above it bits may be false.
  @inlinable @inline(__always)
  static func special(_ word: UInt64) -> UInt64 {
    let quote = word ^ (JSONText.ones &* 0x22)
    let backslash = word ^ (JSONText.ones &* 0x5C)
    return (quote &- JSONText.ones) & ~quote | (backslash &- JSONText.ones) & ~backslash
      | (word &- (JSONText.ones &* 0x20)) & ~word
  }

  /// Writes a text, escaped as far as JSON demands.
  ///
  /// - Parameter target: Room for six times as many bytes.
  /// - Returns: The end of what was written.
  package static func escape(
    _ utf8: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    guard var p = utf8.baseAddress else { return target }
    let end = p + utf8.count
    var out = target
    var high: UInt64 = 0
    while true {
      let stop = JSONText.plainRun(p, end, &high)
      out.update(from: p, count: stop - p)
      out += stop - p
      if stop == end { return out }
      out = escape(stop.pointee, to: out)
      p = stop + 1
    }
  }

  private static func escape(_ byte: UInt8, to out: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    out[0] = UInt8(ascii: "\\")
    let letter: UInt8? =
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
      case 0x0A: UInt8(ascii: "n")
      case 0x0D: UInt8(ascii: "r")
      case 0x09: UInt8(ascii: "t")
      case 0x08: UInt8(ascii: "b")
      case 0x0C: UInt8(ascii: "f")
      default: nil
      }
    if let letter {
      out[1] = letter
      return out + 2
    }
    out[1] = UInt8(ascii: "u")
    out[2] = UInt8(ascii: "0")
    out[3] = UInt8(ascii: "0")
    out[4] = UInt8(ascii: "0") + byte >> 4
    let low = byte & 0xF
    out[5] = low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10
    return out + 6
  }
}
