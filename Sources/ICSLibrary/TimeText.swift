// Dates as data has them: ISO 8601.

/// Reads dates and times of ISO 8601, as they are written in data: `2024-05-01`, `2024-05-01T09:30`,
/// `2024-05-01 09:30:00.25+02:00`, `20240501T093000Z`.
struct TimeText {
  private let bytes: [UInt8]
  private var index = 0

  /// What a text says.
  struct Reading: Equatable {
    var civil: CivilTime
    /// The part of a second behind the point.
    var fraction: Double
    /// Seconds east of UTC; nil when the text does not say.
    var offset: Int?
  }

  init(_ text: String) {
    bytes = Array(text.utf8)
    while bytes.indices.contains(index), bytes[index] == 32 { index += 1 }
  }

  var isAtEnd: Bool { index >= bytes.count || bytes[index...].allSatisfy { $0 == 32 } }

  private mutating func take(_ wanted: UInt8...) -> Bool {
    guard index < bytes.count, wanted.contains(bytes[index]) else { return false }
    index += 1
    return true
  }

  private mutating func digits(_ count: Int) -> Int? {
    guard index + count <= bytes.count, bytes[index..<index + count].allSatisfy(\.isDigit) else { return nil }
    defer { index += count }
    return bytes[index..<index + count].reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// The whole text as a time; nil when it is none.
  mutating func reading() -> Reading? {
    guard let year = digits(4) else { return nil }
    let isExtended = take(UInt8(ascii: "-"))
    guard let month = digits(2) else { return nil }
    if isExtended, !take(UInt8(ascii: "-")) { return nil }
    guard let day = digits(2) else { return nil }
    var result = Reading(civil: CivilTime(year: year, month: month, day: day), fraction: 0, offset: nil)
    if take(UInt8(ascii: "T"), UInt8(ascii: "t"), 32), !isAtEnd {
      guard clock(&result) else { return nil }
      if take(UInt8(ascii: "Z"), UInt8(ascii: "z")) {
        result.offset = 0
      } else if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
        guard let offset = offset() else { return nil }
        result.offset = offset
      }
    }
    return isAtEnd && result.civil.isValid ? result : nil
  }

  private mutating func clock(_ result: inout Reading) -> Bool {
    guard let hour = digits(2) else { return false }
    result.civil.hour = hour
    let isExtended = take(UInt8(ascii: ":"))
    guard let minute = digits(2) else { return !isExtended }
    result.civil.minute = minute
    if isExtended ? !take(UInt8(ascii: ":")) : !(index < bytes.count && bytes[index].isDigit) { return true }
    guard let second = digits(2) else { return false }
    result.civil.second = second
    guard take(UInt8(ascii: "."), UInt8(ascii: ",")) else { return true }
    var scale = 1.0
    var value = 0.0
    let start = index
    while index < bytes.count, bytes[index].isDigit {
      // Digits beyond what a float holds say nothing.
      if index - start < 15 {
        value = value * 10 + Double(bytes[index] - 0x30)
        scale *= 10
      }
      index += 1
    }
    result.fraction = value / scale
    return index > start
  }

  /// `+02:00`, `+0200` or `+02` as seconds east of UTC.
  mutating func offset() -> Int? {
    let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
    guard take(UInt8(ascii: "+"), UInt8(ascii: "-")), let hours = digits(2), hours <= 23 else { return nil }
    var minutes = 0
    let hasColon = take(UInt8(ascii: ":"))
    if let given = digits(2) {
      guard given < 60 else { return nil }
      minutes = given
    } else if hasColon {
      return nil
    }
    let seconds = hours * 3600 + minutes * 60
    return isNegative ? -seconds : seconds
  }
}
