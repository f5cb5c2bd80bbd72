// Decimal rounding on the digits that a number is printed with: 1.005 to two decimals is 1.01, as a reader of `1.005`
// expects, although the nearest double lies below it.

/// A number in decimal digits.
struct DecimalText {
  private var isNegative: Bool
  /// Digits 0...9 before and after the point.
  private var whole: [UInt8] = []
  private var fraction: [UInt8] = []

  /// - Parameter text: A finite number as scripts print it.
  init(_ text: String) {
    isNegative = text.hasPrefix("-")
    var exponent = 0
    var isAfterPoint = false
    let parts = text.split(separator: "e")
    for byte in (parts.first ?? "").utf8 {
      if byte == UInt8(ascii: ".") {
        isAfterPoint = true
      } else if byte >= 48 && byte <= 57 {
        if isAfterPoint { fraction.append(byte - 48) } else { whole.append(byte - 48) }
      }
    }
    if parts.count > 1 { exponent = Int(parts[1]) ?? 0 }
    move(by: exponent)
  }

  /// Moves the point.
  private mutating func move(by exponent: Int) {
    // The exponents of doubles lie within -324...308.
    if exponent > 0 {
      for _ in 0..<exponent { whole.append(fraction.isEmpty ? 0 : fraction.removeFirst()) }
      if fraction.isEmpty { fraction = [0] }
    } else {
      for _ in 0..<(-exponent) { fraction.insert(whole.popLast() ?? 0, at: 0) }
    }
    while whole.count > 1 && whole[0] == 0 { whole.removeFirst() }
    if whole.isEmpty { whole = [0] }
  }

  /// Rounds to a number of decimals, halves away from zero, and fills up with zeros.
  mutating func round(to decimals: Int) {
    while fraction.count < decimals { fraction.append(0) }
    let isUp = fraction.count > decimals && fraction[decimals] >= 5
    fraction.removeLast(fraction.count - decimals)
    if isUp { increment() }
    // A number that is rounded to zero has no sign.
    if whole.allSatisfy({ $0 == 0 }) && fraction.allSatisfy({ $0 == 0 }) { isNegative = false }
  }

  /// Adds one at the last place.
  private mutating func increment() {
    for index in fraction.indices.reversed() {
      if fraction[index] < 9 {
        fraction[index] += 1
        return
      }
      fraction[index] = 0
    }
    for index in whole.indices.reversed() {
      if whole[index] < 9 {
        whole[index] += 1
        return
      }
      whole[index] = 0
    }
    whole.insert(1, at: 0)
  }

  func text(grouped: Bool) -> String {
    var text = isNegative ? "-" : ""
    for (index, digit) in whole.enumerated() {
      if grouped && index > 0 && (whole.count - index) % 3 == 0 { text.append(",") }
      text.unicodeScalars.append(Unicode.Scalar(digit + 48))
    }
    if !fraction.isEmpty {
      text.append(".")
      for digit in fraction { text.unicodeScalars.append(Unicode.Scalar(digit + 48)) }
    }
    return text
  }
}
