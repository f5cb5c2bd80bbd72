// The rule of a time zone for the years behind its table.

/// The last line of a zone's file: the rule for all years behind its table, in POSIX's form
/// (`CET-1CEST,M3.5.0,M10.5.0/3`).
struct TimeZoneFooter: Sendable {
  private let standard: TimeZoneRules.Period
  private let daylight: Daylight?

  private struct Daylight: Sendable {
    var period: TimeZoneRules.Period
    var start: Day
    var end: Day
  }

  /// A day of any year, and the second of that day on the clocks before the change.
  private struct Day: Sendable {
    enum Form: Sendable {
      /// 1 to 365, without the 29th of February.
      case julian(Int)
      /// 0 to 365.
      case ofYear(Int)
      /// Week 5 is the last one; Sunday is 0.
      case ofMonth(Int, week: Int, weekday: Int)
    }
    var form: Form
    var seconds: Int

    /// Seconds since 1970 on the local clock.
    func localSeconds(in year: Int) -> Int {
      let days: Int
      switch form {
      case .julian(let day): days = dayNumber(year, 1, 1) + day - 1 + (isLeapYear(year) && day >= 60 ? 1 : 0)
      case .ofYear(let day): days = dayNumber(year, 1, 1) + day
      case .ofMonth(let month, let week, let weekday):
        let first = dayNumber(year, month, 1)
        // 1970-01-01 was a Thursday: 4.
        let firstMatch = 1 + floorModulo(weekday - floorModulo(first + 4, 7), 7)
        var day = firstMatch + (week - 1) * 7
        while day > daysInMonth(year, month) { day -= 7 }
        days = first + day - 1
      }
      return days * 86_400 + seconds
    }
  }

  /// - Returns: nil for a text of another form, or an empty one.
  init?(_ text: String) {
    var scanner = Scanner(text)
    guard let name = scanner.name(), let west = scanner.seconds() else { return nil }
    standard = .init(offset: -west, isDaylight: false, abbreviation: name)
    guard let daylightName = scanner.name() else {
      daylight = nil
      return
    }
    // POSIX counts west of Greenwich; daylight time is an hour ahead unless it says otherwise.
    let offset = scanner.next == UInt8(ascii: ",") ? -west + 3600 : scanner.seconds().map { -$0 }
    guard let offset, let start = scanner.day(), let end = scanner.day() else { return nil }
    daylight = Daylight(
      period: .init(offset: offset, isDaylight: true, abbreviation: daylightName), start: start, end: end)
  }

  func period(at time: Int) -> TimeZoneRules.Period {
    guard let daylight else { return standard }
    let year = CivilTime(localSeconds: time + standard.offset).year
    let start = daylight.start.localSeconds(in: year) - standard.offset
    let end = daylight.end.localSeconds(in: year) - daylight.period.offset
    // South of the equator daylight time spans the new year.
    let isDaylight = start < end ? time >= start && time < end : time >= start || time < end
    return isDaylight ? daylight.period : standard
  }

  private struct Scanner {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard next == byte else { return false }
      offset += 1
      return true
    }

    /// Letters, or anything between angle brackets.
    mutating func name() -> String? {
      if take(UInt8(ascii: "<")) {
        guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
        defer { offset = end + 1 }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
      }
      let start = offset
      while let byte = next, byte.isLetter { offset += 1 }
      return offset > start ? String(decoding: bytes[start..<offset], as: UTF8.self) : nil
    }

    private mutating func number() -> Int? {
      var value = 0
      let start = offset
      while let byte = next, byte.isDigit, offset - start < 4 {
        value = value * 10 + Int(byte - 0x30)
        offset += 1
      }
      return offset > start ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` as seconds.
    mutating func seconds() -> Int? {
      let isNegative = next == UInt8(ascii: "-")
      if isNegative || next == UInt8(ascii: "+") { offset += 1 }
      guard let hours = number(), hours <= 167 else { return nil }
      var total = hours * 3600
      for unit in [60, 1] {
        guard take(UInt8(ascii: ":")) else { break }
        guard let part = number(), part < 60 else { return nil }
        total += part * unit
      }
      return isNegative ? -total : total
    }

    /// `,M3.5.0/2` and its like.
    mutating func day() -> Day? {
      guard take(UInt8(ascii: ",")), let form = form() else { return nil }
      guard take(UInt8(ascii: "/")) else { return Day(form: form, seconds: 7200) }
      return seconds().map { Day(form: form, seconds: $0) }
    }

    private mutating func form() -> Day.Form? {
      if take(UInt8(ascii: "J")) { return number().flatMap { (1...365).contains($0) ? .julian($0) : nil } }
      guard take(UInt8(ascii: "M")) else { return number().flatMap { $0 <= 365 ? .ofYear($0) : nil } }
      guard let month = number(), (1...12).contains(month), take(UInt8(ascii: ".")), let week = number(),
        (1...5).contains(week), take(UInt8(ascii: ".")), let weekday = number(), (0...6).contains(weekday)
      else { return nil }
      return .ofMonth(month, week: week, weekday: weekday)
    }
  }
}
