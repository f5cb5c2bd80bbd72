// Numbers: ints in three bases, floats, and durations, which are numbers of seconds.

import ICSDiagnostics

extension Lexer {
  mutating func scanNumber() {
    let prefix = byte(position + 1) | 0x20
    if base[position] == UInt8(ascii: "0"), prefix == UInt8(ascii: "x") || prefix == UInt8(ascii: "b") {
      return scanRadix(prefix == UInt8(ascii: "x") ? 16 : 2)
    }
    var number = Digits()
    var end = scanDigits(position, &number)
    // The common case by far: a few digits and nothing else.
    let next = byte(end)
    if next != UInt8(ascii: "."), !isNameByte(next), number.isPlain {
      return emitInteger(number.value, end: end)
    }
    var isFloat = false
    if next == UInt8(ascii: "."), isDigit(byte(end + 1)) {
      isFloat = true
      end = scanDigits(end + 1, &number)
    } else if next == UInt8(ascii: "."), byte(end + 1) != UInt8(ascii: "."), !isNameByte(byte(end + 1)) {
      return reportNumber(
        "a number does not end with a point", end: end + 1, help: "write \(text(position..<end)).0")
    }
    if let exponentEnd = scanExponent(end, &number) {
      isFloat = true
      end = exponentEnd
    }
    finishNumber(number, isFloat: isFloat, digitsEnd: end)
  }

  /// What has been read of a decimal number.
  private struct Digits {
    /// The value of the digits before a point, if they fit.
    var value: UInt64 = 0
    var overflows = false
    var hasBadUnderscore = false
    var hasLeadingZero = false

    var isPlain: Bool { !overflows && !hasBadUnderscore && !hasLeadingZero && value <= UInt64(Int64.max) }
  }

  /// Reads digits and the underscores between them; gives the index after them.
  private func scanDigits(_ start: Int, _ number: inout Digits) -> Int {
    let isWhole = start == position
    var index = start
    while index < count {
      let byte = base[index]
      if isDigit(byte) {
        if isWhole { accumulate(UInt64(byte - 48), radix: 10, &number) }
      } else if byte == UInt8(ascii: "_") {
        if !isDigit(self.byte(index + 1)) || index == start { number.hasBadUnderscore = true }
      } else {
        break
      }
      index += 1
    }
    number.hasLeadingZero =
      number.hasLeadingZero || isWhole && base[start] == UInt8(ascii: "0") && index > start + 1
    return index
  }

  private func accumulate(_ digit: UInt64, radix: UInt64, _ number: inout Digits) {
    let (product, overflow) = number.value.multipliedReportingOverflow(by: radix)
    let (sum, carry) = product.addingReportingOverflow(digit)
    number.value = sum
    number.overflows = number.overflows || overflow || carry
  }

  private func scanExponent(_ start: Int, _ number: inout Digits) -> Int? {
    guard byte(start) | 0x20 == UInt8(ascii: "e") else { return nil }
    var index = start + 1
    if byte(index) == UInt8(ascii: "+") || byte(index) == UInt8(ascii: "-") { index += 1 }
    guard isDigit(byte(index)) else { return nil }
    return scanDigits(index, &number)
  }

  private mutating func finishNumber(_ number: Digits, isFloat: Bool, digitsEnd: Int) {
    var end = digitsEnd
    while end < count, isNameByte(base[end]) { end += 1 }
    let seconds = digitsEnd == end ? nil : secondsPerUnit(digitsEnd..<end)
    if digitsEnd != end, seconds == nil {
      let suffix = number.hasBadUnderscore ? nil : text(digitsEnd..<end)
      guard let suffix else { return reportUnderscore(end: end) }
      return reportNumber(
        "'\(suffix.prefix(20))' does not belong to a number", end: end,
        label: "units of time are ms, s, m, h, d and w")
    }
    if number.hasBadUnderscore { return reportUnderscore(end: end) }
    if number.hasLeadingZero { return reportNumber("a number has no leading zeros", end: end) }
    if isFloat { return emitFloat(digitsEnd, times: seconds, end: end) }
    if number.overflows { return reportRange(end: end) }
    guard let seconds else { return emitInteger(number.value, end: end) }
    if seconds == 0 { return emit(.float, end: end, value: store((Double(number.value) / 1000).bitPattern)) }
    let (product, overflow) = number.value.multipliedReportingOverflow(by: UInt64(seconds))
    overflow || product > UInt64(Int64.max) ? reportRange(end: end) : emitInteger(product, end: end)
  }

  /// The seconds in a unit of time, 0 for milliseconds, nil when it is no unit.
  private func secondsPerUnit(_ range: Range<Int>) -> Int? {
    if range.count == 2 {
      return base[range.lowerBound] == UInt8(ascii: "m") && base[range.lowerBound + 1] == UInt8(ascii: "s") ? 0 : nil
    }
    guard range.count == 1 else { return nil }
    switch base[range.lowerBound] {
    case UInt8(ascii: "s"): return 1
    case UInt8(ascii: "m"): return 60
    case UInt8(ascii: "h"): return 3600
    case UInt8(ascii: "d"): return 86_400
    case UInt8(ascii: "w"): return 604_800
    default: return nil
    }
  }

  private mutating func scanRadix(_ radix: UInt64) {
    var number = Digits()
    var index = position + 2
    let digitsStart = index
    while index < count {
      let byte = base[index]
      let digit = hexValue(byte)
      if digit < radix {
        accumulate(digit, radix: radix, &number)
      } else if byte == UInt8(ascii: "_") {
        if index == digitsStart || hexValue(self.byte(index + 1)) >= radix { number.hasBadUnderscore = true }
      } else {
        break
      }
      index += 1
    }
    var end = index
    while end < count, isNameByte(base[end]) { end += 1 }
    let form = radix == 16 ? "0x takes digits from 0 to F" : "0b takes the digits 0 and 1"
    if index == digitsStart || end != index {
      return reportNumber("this is no number", end: end, label: form)
    }
    if number.hasBadUnderscore { return reportUnderscore(end: end) }
    number.overflows ? reportRange(end: end) : emitInteger(number.value, end: end)
  }

  private func hexValue(_ byte: UInt8) -> UInt64 {
    if isDigit(byte) { return UInt64(byte - 48) }
    let letter = (byte | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? UInt64(letter) + 10 : 99
  }

  // MARK: Results

  private mutating func store(_ bits: UInt64) -> UInt32 {
    numbers.append(bits)
    return UInt32(numbers.count - 1)
  }

  private mutating func emitInteger(_ value: UInt64, end: Int) {
    // One past the greatest is the magnitude of the least: the parser sees whether there is a minus.
    if value > UInt64(Int64.max) + 1 { return reportRange(end: end) }
    let flags: Token.Flags = value > UInt64(Int64.max) ? .minimumMagnitude : []
    emit(.integer, end: end, flags: flags, value: store(value))
  }

  private mutating func emitFloat(_ digitsEnd: Int, times seconds: Int?, end: Int) {
    let digits = text(position..<digitsEnd).filter { $0 != "_" }
    guard var value = Double(digits) else { return reportNumber("this is no number", end: end) }
    if let seconds { value = seconds == 0 ? value / 1000 : value * Double(seconds) }
    if value.isInfinite {
      return reportNumber(
        "this number is too large for a float", end: end, label: "the greatest is 1.7976931348623157e308")
    }
    emit(.float, end: end, value: store(value.bitPattern))
  }

  private mutating func reportRange(end: Int) {
    reportNumber(
      "this number is too large for an int", end: end, label: "the greatest is 9223372036854775807")
  }

  private mutating func reportUnderscore(end: Int) {
    reportNumber("an underscore in a number stands between two digits", end: end)
  }

  private mutating func reportNumber(_ message: String, end: Int, label: String = "", help: String? = nil) {
    reports.error(message, at: Span(position..<end), label: label, help: help)
    emit(.integer, end: end, flags: .reported, value: store(0))
  }
}
