// Looking for bytes in bytes.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The offset of the first place at or after `start` where `needle` stands; an empty one is found at once. Takes time in
/// proportion to the text, whatever both are.
package func findBytes(
  _ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
) -> Int? {
  guard let first = needle.first else { return start <= text.count ? start : nil }
  guard let base = text.baseAddress, let wanted = needle.baseAddress else { return nil }
  var offset = start
  let last = text.count - needle.count
  let head = min(needle.count, 16)
  // A text that is full of the needle's beginning: its bytes would be compared again and again.
  var patience = 4 * (text.count - start) + 4096
  while offset <= last {
    // memchr and memcmp run many bytes at a time.
    guard let hit = memchr(base + offset, Int32(first), last - offset + 1) else { return nil }
    offset = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    if memcmp(base + offset, wanted, head) == 0 {
      if memcmp(base + offset + head, wanted + head, needle.count - head) == 0 { return offset }
      patience -= needle.count
      if patience < 0 {
        // Looks at each byte a few times at most, but takes longer for the usual text.
        return findByHash(needle, in: text, from: offset + 1)
      }
    }
    offset += 1
  }
  return nil
}

/// The method of Rabin and Karp: the hash of the bytes under a window that moves through the text, modulo the prime
/// 2^61 - 1. The base is drawn at random, so that nobody can make a text of false hits.
private func findByHash(
  _ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
) -> Int? {
  guard text.count - start >= needle.count else { return nil }
  let base = UInt64.random(in: 256...UInt64.max >> 4)
  var wanted: UInt64 = 0
  var hash: UInt64 = 0
  // What the byte that leaves the window counts.
  var weight: UInt64 = 1
  for index in 0..<needle.count {
    wanted = reduce(wanted, times: base, plus: UInt64(needle[index]))
    hash = reduce(hash, times: base, plus: UInt64(text[start + index]))
    if index > 0 { weight = reduce(weight, times: base, plus: 0) }
  }
  var offset = start
  while true {
    if hash == wanted,
      UnsafeBufferPointer(rebasing: text[offset..<(offset + needle.count)]).elementsEqual(needle)
    {
      return offset
    }
    guard offset + needle.count < text.count else { return nil }
    let leaving = reduce(weight, times: UInt64(text[offset]), plus: 0)
    hash = hash >= leaving ? hash - leaving : hash + hashPrime - leaving
    hash = reduce(hash, times: base, plus: UInt64(text[offset + needle.count]))
    offset += 1
  }
}

private let hashPrime: UInt64 = 1 << 61 - 1

/// a * b + c modulo 2^61 - 1; a and b are below 2^61.
@inline(__always)
private func reduce(_ a: UInt64, times b: UInt64, plus c: UInt64) -> UInt64 {
  let (high, low) = a.multipliedFullWidth(by: b)
  let sum = low & hashPrime + (low >> 61 | high << 3) + c
  let folded = sum & hashPrime + sum >> 61
  return folded >= hashPrime ? folded - hashPrime : folded
}

/// `findBytes`, a part of the text at a time: `pay` is told how many bytes each part had, and stops the search by an
/// error.
package func findBytes(
  _ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int,
  pay: (Int) throws(Raised) -> Void
) throws(Raised) -> Int? {
  let part = max(1 << 12, needle.count)
  var offset = start
  while true {
    // The needle may begin anywhere in the part, and end behind it.
    let end = text.count - offset <= part + needle.count ? text.count : offset + part + needle.count - 1
    if let found = findBytes(needle, in: UnsafeBufferPointer(rebasing: text[..<end]), from: offset) {
      try pay(found - offset)
      return found
    }
    try pay(min(part, max(0, text.count - offset)))
    if end == text.count { return nil }
    offset += part
  }
}

extension Call {
  /// `findBytes`, paid for by the bytes that are searched.
  package func find(
    _ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int = 0
  ) throws(Raised) -> Int? {
    try findBytes(needle, in: text, from: start) { (bytes) throws(Raised) in try charge(bytes >> 4) }
  }
}
