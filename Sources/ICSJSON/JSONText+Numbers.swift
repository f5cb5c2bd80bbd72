// Numbers in a text. Ints, nearly all numbers there are, are read in the scanner's loop; doubles, and whatever is
// malformed, are read here, out of line.

extension JSONText {
  /// What `scanInt` found: an int, or something for `scanOtherNumber`.
  @usableFromInline
  struct IntText {
    @usableFromInline let isInt: Bool
    @usableFromInline let value: Int
    @usableFromInline let next: Cursor

    @inlinable @inline(__always)
    init(isInt: Bool, value: Int, next: Cursor) {
      self.isInt = isInt
      self.value = value
      self.next = next
    }
  }

  /// Reads an int; anything else, an int that is out of range included, is left to `scanOtherNumber`.
  @inlinable @inline(__always)
  static func scanInt(_ first: Cursor, _ end: Cursor) -> IntText {
    var p = first
    let negative = p.pointee == UInt8(ascii: "-")
    if negative { p += 1 }
    let digits = p
    // Exact for 19 digits; what more of them leave here is not used.
    var magnitude: UInt64 = 0
    while p < end {
      let digit = p.pointee &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      magnitude = magnitude &* 10 &+ UInt64(digit)
      p += 1
    }
    let count = p - digits
    let isWhole = p == end || !(p.pointee == UInt8(ascii: ".") || p.pointee | 0x20 == UInt8(ascii: "e"))
    let limit = UInt64(Int.max) &+ (negative ? 1 : 0)
    // A leading zero must be the only digit.
    let isInt =
      isWhole && count >= 1 && count <= 19 && magnitude <= limit
      && (count == 1 || digits.pointee != UInt8(ascii: "0"))
    let bits = Int(truncatingIfNeeded: magnitude)
    return IntText(isInt: isInt, value: negative ? 0 &- bits : bits, next: p)
  }

  /// Reads a double, or says what is wrong with a number that `scanInt` left.
  @usableFromInline @inline(never)
  static func scanOtherNumber(_ first: Cursor, _ end: Cursor, _ start: Cursor) throws(JSONError) -> (Double, Cursor) {
    var p = first
    let negative = p.pointee == UInt8(ascii: "-")
    if negative { p += 1 }
    var mantissa = Mantissa()
    let wholeDigits = mantissa.read(&p, end)
    guard wholeDigits > 0, wholeDigits == 1 || (p - wholeDigits).pointee != UInt8(ascii: "0") else {
      throw malformed(p, end, wholeDigits > 0 ? first : p, start)
    }
    guard p < end, p.pointee == UInt8(ascii: ".") || p.pointee | 0x20 == UInt8(ascii: "e") else {
      throw JSONError(.intOutOfRange, at: first - start)
    }
    var exponent = 0
    if p.pointee == UInt8(ascii: ".") {
      p += 1
      let fractionDigits = mantissa.read(&p, end)
      guard fractionDigits > 0 else { throw malformed(p, end, p, start) }
      exponent = -fractionDigits
    }
    if p < end, p.pointee | 0x20 == UInt8(ascii: "e") {
      p += 1
      guard let written = exponentDigits(&p, end) else { throw malformed(p, end, p, start) }
      exponent += written
    }
    let value = mantissa.double(exponent, negative) ?? exactly(UnsafeBufferPointer(start: first, count: p - first))
    guard value.isFinite else { throw JSONError(.doubleOutOfRange, at: first - start) }
    return (value, p)
  }

  /// The error of a number that is wrong at `place`, or that ends with the text.
  private static func malformed(_ p: Cursor, _ end: Cursor, _ place: Cursor, _ start: Cursor) -> JSONError {
    p == end && place == p ? JSONError(.unexpectedEnd, at: p - start) : JSONError(.malformedNumber, at: place - start)
  }

  /// An exponent after its `e`; clamped to what no double reaches, `nil` without a digit.
  private static func exponentDigits(_ p: inout Cursor, _ end: Cursor) -> Int? {
    var negative = false
    if p < end, p.pointee == UInt8(ascii: "-") || p.pointee == UInt8(ascii: "+") {
      negative = p.pointee == UInt8(ascii: "-")
      p += 1
    }
    let digits = p
    var value = 0
    while p < end, p.pointee &- UInt8(ascii: "0") < 10 {
      value = min(value * 10 + Int(p.pointee - UInt8(ascii: "0")), 1_000_000)
      p += 1
    }
    return p == digits ? nil : (negative ? -value : value)
  }

  /// The double nearest to a number of which the grammar is known to be right, by the standard library's algorithm,
  /// which does not look at the locale. Infinite when it is too large.
  private static func exactly(_ text: UnsafeBufferPointer<UInt8>) -> Double {
    Double(String(decoding: text, as: UTF8.self)) ?? .infinity
  }
}

/// The digits of a number, as far as 64 bits hold them.
private struct Mantissa {
  private var value: UInt64 = 0
  /// How many digits `value` has; leading zeros do not count.
  private var digits = 0

  /// Adds the digits at `p`, moves `p` behind them, and returns how many there were.
  mutating func read(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
    let first = p
    while p < end {
      let digit = p.pointee &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      value = value &* 10 &+ UInt64(digit)
      if value != 0 { digits += 1 }
      p += 1
    }
    return p - first
  }

  /// The mantissa times ten to the `exponent`, when that is exact with one rounding: a whole number below 2^53 and a
  /// power of ten that is a double itself (Clinger's fast path). Otherwise `nil`.
  func double(_ exponent: Int, _ negative: Bool) -> Double? {
    guard digits <= 19 else { return nil }
    if value == 0 { return negative ? -0.0 : 0.0 }
    guard value <= 1 << 53, exponent >= -22, exponent <= 22 else { return nil }
    let magnitude = Double(value)
    let scaled =
      exponent < 0
      ? magnitude / NumberText.powersOfTen[-exponent] : magnitude * NumberText.powersOfTen[exponent]
    return negative ? -scaled : scaled
  }
}
