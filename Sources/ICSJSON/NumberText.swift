// How numbers are written, in JSON and when a script prints them.

/// Writes numbers as ASCII into a buffer of the caller.
public enum NumberText {
  /// As many bytes as the longest number takes, with room to spare.
  public static var capacity: Int { 32 }

  /// The powers of ten that are doubles without rounding.
  static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    1e20, 1e21, 1e22,
  ]

  /// Writes an int in decimal, with a `-` when it is negative.
  ///
  /// - Parameter out: Room for `capacity` bytes.
  /// - Returns: How many bytes were written.
  public static func write(_ value: Int, to out: UnsafeMutablePointer<UInt8>) -> Int {
    guard value < 0 else { return writeDigits(UInt64(value), to: out) }
    out[0] = UInt8(ascii: "-")
    return 1 + writeDigits(UInt64(value.magnitude), to: out + 1)
  }

  /// Writes a double as the shortest text that reads back as the same double, in JavaScript's layout but always with
  /// a fraction or an exponent: `3.0`, `0.1`, `1e+21`, `1e-7`, `-0.0`, `nan`, `inf`, `-inf`.
  ///
  /// - Parameter out: Room for `capacity` bytes.
  /// - Returns: How many bytes were written.
  public static func write(_ value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int {
    guard value.isFinite else {
      return writeASCII(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf", to: out)
    }
    var length = 0
    if value.sign == .minus {
      out[0] = UInt8(ascii: "-")
      length = 1
    }
    let magnitude = value.magnitude
    return length + (writeShort(magnitude, to: out + length) ?? writeGeneral(magnitude, to: out + length))
  }

  /// The text of a double as `write` gives it.
  public static func text(_ value: Double) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let count = write(value, to: start)
      return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }

  // MARK: Doubles

  /// Writes whole numbers and numbers with at most six decimals, of at most 15 digits; anything else is left.
  ///
  /// Two decimals of up to 15 digits are never the same double, so the one that reads back is the shortest. It reads
  /// back when dividing gives the value again: both numbers are exact, so the division is rounded as reading is.
  private static func writeShort(_ value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int? {
    guard value < 1e15 else { return nil }
    let whole = value.rounded(.towardZero)
    if whole == value {
      var length = writeDigits(UInt64(whole), to: out)
      out[length] = UInt8(ascii: ".")
      out[length + 1] = UInt8(ascii: "0")
      length += 2
      return length
    }
    guard value >= 1e-3 else { return nil }
    var scale = 1.0
    var unit: UInt64 = 1
    for decimals in 1...6 {
      scale *= 10
      unit *= 10
      let scaled = (value * scale).rounded()
      guard scaled < 1e15 else { return nil }
      if scaled / scale == value {
        let digits = UInt64(scaled)
        var length = writeDigits(digits / unit, to: out)
        out[length] = UInt8(ascii: ".")
        length += 1
        var fraction = digits % unit
        for index in stride(from: decimals - 1, through: 0, by: -1) {
          out[length + index] = UInt8(ascii: "0") + UInt8(fraction % 10)
          fraction /= 10
        }
        return length + decimals
      }
    }
    return nil
  }

  /// Writes any finite double, from the shortest digits, which the standard library finds.
  private static func writeGeneral(_ value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
      guard let digits = buffer.baseAddress else { return 0 }
      let (count, point) = shortestDigits(value, to: digits)
      return layOut(digits, count, point, to: out)
    }
  }

  /// The digits of a positive double without zeros at either end, and where the point stands: the value is
  /// `0.DIGITS` times ten to the `point`.
  private static func shortestDigits(_ value: Double, to digits: UnsafeMutablePointer<UInt8>) -> (Int, point: Int) {
    var text = value.description
    var count = 0
    var point: Int?
    var seen = 0  // Digits of the mantissa, leading zeros included.
    var leadingZeros = 0
    var exponent = 0
    text.withUTF8 { utf8 in
      var index = 0
      while index < utf8.count {
        let byte = utf8[index]
        index += 1
        switch byte {
        case UInt8(ascii: "."): point = seen
        case UInt8(ascii: "e"):
          let negative = utf8[index] == UInt8(ascii: "-")
          for digit in utf8[(index + 1)...] { exponent = exponent * 10 + Int(digit &- UInt8(ascii: "0")) }
          if negative { exponent = -exponent }
          index = utf8.count
        default:
          seen += 1
          if byte == UInt8(ascii: "0"), count == 0 {
            leadingZeros += 1
          } else if count < capacity {
            digits[count] = byte
            count += 1
          }
        }
      }
    }
    while count > 1, digits[count - 1] == UInt8(ascii: "0") { count -= 1 }
    return (count, point: (point ?? seen) - leadingZeros + exponent)
  }

  /// Puts point and exponent to digits, as ECMAScript's `Number::toString` does.
  private static func layOut(
    _ digits: UnsafeMutablePointer<UInt8>, _ count: Int, _ point: Int, to out: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let zero = UInt8(ascii: "0")
    var length = 0
    func put(_ byte: UInt8) {
      out[length] = byte
      length += 1
    }
    switch point {
    case count...21 where count <= 21:
      for index in 0..<point { put(index < count ? digits[index] : zero) }
      put(UInt8(ascii: "."))
      put(zero)
    case 1...21:
      for index in 0..<count {
        if index == point { put(UInt8(ascii: ".")) }
        put(digits[index])
      }
    case -5...0:
      put(zero)
      put(UInt8(ascii: "."))
      for _ in 0..<(-point) { put(zero) }
      for index in 0..<count { put(digits[index]) }
    default:
      put(digits[0])
      if count > 1 { put(UInt8(ascii: ".")) }
      for index in 1..<max(count, 1) { put(digits[index]) }
      put(UInt8(ascii: "e"))
      put(point > 0 ? UInt8(ascii: "+") : UInt8(ascii: "-"))
      length += writeDigits(UInt64((point - 1).magnitude), to: out + length)
    }
    return length
  }

  // MARK: Digits

  /// Writes a whole number in decimal, two digits with each division.
  static func writeDigits(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
    let length = digitCount(value)
    var rest = value
    var index = length
    while rest >= 100 {
      let pair = Int(truncatingIfNeeded: rest % 100)
      rest /= 100
      index -= 2
      copyPair(pair, to: out + index)
    }
    if rest >= 10 {
      copyPair(Int(truncatingIfNeeded: rest), to: out)
    } else {
      out[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)
    }
    return length
  }

  /// 00 to 99.
  private static let pairs: StaticString = """
    0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
    5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
    """

  @inline(__always)
  private static func copyPair(_ pair: Int, to out: UnsafeMutablePointer<UInt8>) {
    let digits = UnsafeRawPointer(pairs.utf8Start).loadUnaligned(fromByteOffset: pair &* 2, as: UInt16.self)
    UnsafeMutableRawPointer(out).storeBytes(of: digits, as: UInt16.self)
  }

  private static func digitCount(_ value: UInt64) -> Int {
    var count = 1
    var rest = value
    while rest >= 10_000 {
      rest /= 10_000
      count += 4
    }
    if rest >= 1000 { return count + 3 }
    if rest >= 100 { return count + 2 }
    return rest >= 10 ? count + 1 : count
  }

  private static func writeASCII(_ text: StaticString, to out: UnsafeMutablePointer<UInt8>) -> Int {
    out.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    return text.utf8CodeUnitCount
  }
}
