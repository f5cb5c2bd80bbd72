// Strings: immutable UTF-8. The hash and the number of scalars are computed when first asked for and kept.
//
// A concatenation of 128 bytes or more goes into an append buffer with room to spare. When the left side of the next
// one ends exactly where the buffer's content ends, only the right side is copied: a loop that appends is linear.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// From this length on a concatenation uses an append buffer.
private let appendBufferThreshold = 128

/// The length of a string in bytes.
@inlinable @inline(__always)
package func stringLength(_ s: Raw) -> Int { Int(load(s, Layout.stringLength, as: UInt32.self)) }

/// The address of a string's bytes; valid while the string is alive.
@inlinable @inline(__always)
package func stringBytes(_ s: Raw) -> UnsafeMutablePointer<UInt8> {
  let isExternal = load(s, Layout.flags, as: UInt8.self) & Layout.flagExternal != 0
  let bytes = isExternal ? load(s, Layout.stringBytes, as: Raw.self) : s + Layout.stringBytes
  return bytes.assumingMemoryBound(to: UInt8.self)
}

/// A string's bytes, without a copy; valid while the string is alive.
@inlinable @inline(__always)
package func stringBuffer(_ s: Raw) -> UnsafeBufferPointer<UInt8> {
  UnsafeBufferPointer(start: stringBytes(s), count: stringLength(s))
}

/// The number of Unicode scalars; counted once.
package func scalarCount(_ s: Raw) -> Int {
  let flags = load(s, Layout.flags, as: UInt8.self)
  if flags & Layout.flagCounted != 0 { return Int(load(s, Layout.stringScalars, as: UInt32.self)) }
  let count = countScalars(stringBytes(s), stringLength(s))
  store(s, Layout.stringScalars, UInt32(truncatingIfNeeded: count))
  store(s, Layout.flags, flags | Layout.flagCounted)
  return count
}

/// Whether every scalar is one byte, so that indexes are offsets.
@inline(__always)
package func isASCII(_ s: Raw) -> Bool { scalarCount(s) == stringLength(s) }

/// Counts the bytes that are not continuations, eight at a time.
package func countScalars(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
  let raw = UnsafeRawPointer(bytes)
  var continuations = 0
  var index = 0
  while index &+ 8 <= count {
    let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    // Bit 7 set and bit 6 clear in a byte, moved to its lowest bit.
    continuations &+= ((word >> 7) & (~word >> 6) & 0x0101_0101_0101_0101).nonzeroBitCount
    index &+= 8
  }
  while index < count {
    if bytes[index] & 0xC0 == 0x80 { continuations &+= 1 }
    index &+= 1
  }
  return count &- continuations
}

/// The byte offset of scalar number `index`, which must be at most the count of scalars.
package func byteOffset(ofScalar index: Int, in s: Raw) -> Int {
  if isASCII(s) { return index }
  let bytes = stringBytes(s)
  let length = stringLength(s)
  if index == scalarCount(s) { return length }
  var offset = 0
  var left = index
  // Whole blocks first, counted many bytes at a time.
  let block = 512
  while left > block && offset + block <= length {
    left -= countScalars(bytes + offset, block)
    offset += block
  }
  // A block may have ended within a scalar.
  while offset < length && bytes[offset] & 0xC0 == 0x80 { offset += 1 }
  while left > 0 && offset < length {
    offset += scalarWidth(bytes[offset])
    left -= 1
  }
  return offset
}

/// How many bytes the scalar has that begins with this byte.
@inline(__always)
package func scalarWidth(_ lead: UInt8) -> Int { lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }

/// Whether two strings have the same scalars.
@inline(__always)
package func stringsEqual(_ a: Raw, _ b: Raw) -> Bool {
  if a == b { return true }
  let length = stringLength(a)
  return length == stringLength(b) && memcmp(stringBytes(a), stringBytes(b), length) == 0
}

/// Below, at or above zero as `a` sorts before, with or after `b`. Bytes of UTF-8 sort as scalars do.
package func compareStrings(_ a: Raw, _ b: Raw) -> Int {
  let lengthA = stringLength(a)
  let lengthB = stringLength(b)
  let order = Int(memcmp(stringBytes(a), stringBytes(b), min(lengthA, lengthB)))
  return order != 0 ? order : lengthA - lengthB
}

/// A Swift string with the same text.
package func swiftString(_ s: Raw) -> String { String(decoding: stringBuffer(s), as: UTF8.self) }

extension VM {
  /// A string of `length` bytes that the caller writes at once.
  @inline(__always)
  package func newString(length: Int) -> Raw {
    let s = allocate(Layout.stringBytes &+ length, tag: Tag.string)
    store(s, Layout.stringLength, UInt32(truncatingIfNeeded: length))
    return s
  }

  /// A new string; the bytes must be UTF-8.
  package func newString(_ bytes: UnsafeBufferPointer<UInt8>) -> Raw {
    let s = newString(length: bytes.count)
    if let start = bytes.baseAddress { memcpy(s + Layout.stringBytes, start, bytes.count) }
    return s
  }

  /// A new string.
  package func newString(_ text: String) -> Raw {
    var text = text
    return text.withUTF8 { newString($0) }
  }

  /// The one-byte and other single-scalar strings that indexing and iterating make.
  @inline(__always)
  func newScalar(_ bytes: UnsafeMutablePointer<UInt8>, width: Int) -> Raw {
    let s = newString(length: width)
    memcpy(s + Layout.stringBytes, bytes, width)
    store(s, Layout.stringScalars, UInt32(1))
    store(s, Layout.flags, Layout.flagCounted)
    return s
  }

  /// `a` followed by `count` bytes; nil, with the error in the state, when a limit ends it.
  @inline(never)
  func append(_ a: Raw, _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Raw? {
    let length = stringLength(a)
    let total = length &+ count
    if total < appendBufferThreshold {
      let s = newString(length: total)
      memcpy(s + Layout.stringBytes, stringBytes(a), length)
      memcpy(s + Layout.stringBytes + length, bytes, count)
      return s
    }
    guard let content = roomBehind(a, length: length, total: total),
      copyBytes(content + length, Raw(bytes), count)
    else { return nil }
    store(content - 16, 8, UInt32(truncatingIfNeeded: total))
    let s = allocate(24, tag: Tag.string)
    store(s, Layout.flags, Layout.flagExternal)
    store(s, Layout.stringLength, UInt32(truncatingIfNeeded: total))
    store(s, Layout.stringBytes, content)
    return s
  }

  /// An append buffer that begins with `a` and has room for `total` bytes: that of `a` when `a` is its last writer.
  private func roomBehind(_ a: Raw, length: Int, total: Int) -> Raw? {
    let isExternal = load(a, Layout.flags, as: UInt8.self) & Layout.flagExternal != 0
    if isExternal {
      let content = load(a, Layout.stringBytes, as: Raw.self)
      let used = Int(load(content - 16, 8, as: UInt32.self))
      if used == length && Int(load(content - 16, 12, as: UInt32.self)) >= total { return content }
    }
    // The first concatenation takes what it needs, the second doubles when the memory limit has room.
    let capacity = isExternal && fits(total &* 2) ? total &* 2 : total
    let buffer = allocate(16 &+ capacity, tag: Tag.buffer)
    store(buffer, 12, UInt32(truncatingIfNeeded: capacity))
    return copyBytes(buffer + 16, Raw(stringBytes(a)), length) ? buffer + 16 : nil
  }

  /// The hash of a string under this machine's seed; never 0.
  @inline(__always)
  func hash(_ s: Raw) -> UInt32 {
    let known = load(s, Layout.aux, as: UInt32.self)
    if known != 0 { return known }
    let hash = hashBytes(stringBytes(s), stringLength(s), seed: pointee.hashSeed)
    store(s, Layout.aux, hash)
    return hash
  }

  /// The one string of this text in the table of names.
  package func name(_ text: String) -> Raw {
    var text = text
    return text.withUTF8 { name($0) }
  }

  /// The one string with these bytes: names are equal when their addresses are.
  package func name(_ bytes: UnsafeBufferPointer<UInt8>) -> Raw {
    var empty: UInt8 = 0
    return withUnsafeMutablePointer(to: &empty) { fallback in
      let start = bytes.baseAddress ?? UnsafePointer(fallback)
      let hash = hashBytes(start, bytes.count, seed: pointee.hashSeed)
      var index = Int(hash) & pointee.nameMask
      while pointee.names[index] != 0 {
        let candidate = Raw(bitPattern: pointee.names[index]).unsafelyUnwrapped
        if load(candidate, Layout.aux, as: UInt32.self) == hash && stringLength(candidate) == bytes.count
          && memcmp(stringBytes(candidate), start, bytes.count) == 0
        {
          return candidate
        }
        index = (index &+ 1) & pointee.nameMask
      }
      let s = newString(UnsafeBufferPointer(start: start, count: bytes.count))
      store(s, Layout.aux, hash)
      store(s, Layout.flags, Layout.flagInterned)
      pointee.names[index] = UInt(bitPattern: s)
      pointee.nameCount += 1
      if pointee.nameCount * 2 > pointee.nameMask { growNames() }
      return s
    }
  }

  /// The name equal to a string, if there is one: what shapes are searched with. A name itself costs a flag test.
  @inline(__always)
  func existingName(_ s: Raw) -> Raw? {
    if load(s, Layout.flags, as: UInt8.self) & Layout.flagInterned != 0 { return s }
    return findName(s)
  }

  @inline(never)
  private func findName(_ s: Raw) -> Raw? {
    let hash = hash(s)
    var index = Int(hash) & pointee.nameMask
    while pointee.names[index] != 0 {
      let candidate = Raw(bitPattern: pointee.names[index]).unsafelyUnwrapped
      if load(candidate, Layout.aux, as: UInt32.self) == hash && stringsEqual(candidate, s) { return candidate }
      index = (index &+ 1) & pointee.nameMask
    }
    return nil
  }

  private func growNames() {
    let old = pointee.names
    let oldCount = pointee.nameMask + 1
    let count = oldCount * 2
    let names = UnsafeMutablePointer<UInt>.allocate(capacity: count)
    names.initialize(repeating: 0, count: count)
    for position in 0..<oldCount where old[position] != 0 {
      let s = Raw(bitPattern: old[position]).unsafelyUnwrapped
      var index = Int(load(s, Layout.aux, as: UInt32.self)) & (count - 1)
      while names[index] != 0 { index = (index + 1) & (count - 1) }
      names[index] = old[position]
    }
    old.deallocate()
    pointee.names = names
    pointee.nameMask = count - 1
  }
}

/// A seeded hash of bytes, eight at a time; never 0. The seed is the machine's secret: without it nobody can choose keys
/// that collide.
@inline(__always)
func hashBytes(_ bytes: UnsafePointer<UInt8>, _ count: Int, seed: UInt64) -> UInt32 {
  var h: UInt64 = seed ^ UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
  let raw = UnsafeRawPointer(bytes)
  var index = 0
  while index &+ 8 <= count {
    h = mix(h ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self), seed)
    index &+= 8
  }
  if index < count {
    var tail: UInt64 = 0
    while index < count {
      tail = tail << 8 | UInt64(bytes[index])
      index &+= 1
    }
    h = mix(h ^ tail, seed)
  }
  let folded = UInt32(truncatingIfNeeded: mix(h, seed))
  return folded == 0 ? 1 : folded
}

/// Both halves of a 128-bit product, folded, as in wyhash: a keyed multiplication is what makes collisions depend on
/// the seed (a fixed multiplier with a seed only at the start would not).
@inline(__always)
func mix(_ x: UInt64, _ seed: UInt64) -> UInt64 {
  let (high, low) = (x ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: seed | 1)
  return high ^ low &+ x
}

/// The hash of a key that is an int or a bool.
@inline(__always)
func hashBits(_ bits: UInt64, seed: UInt64) -> UInt32 {
  let folded = UInt32(truncatingIfNeeded: mix(bits ^ 0x9E37_79B9_7F4A_7C15, seed))
  return folded == 0 ? 1 : folded
}
