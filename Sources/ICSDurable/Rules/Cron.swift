// Cron lines: when a schedule fires next.

/// A cron line of five fields (minute, hour, day of the month, month, day of the week) or six, with seconds in front.
///
/// A field is `*`, a number, a name (`jan`...`dec`, `sun`...`sat`), a range `1-5`, a step `*/15`, `10/5` or `0-30/10`, or
/// several of them with commas. Days of the week are 0 to 7, Sunday being 0 and 7. When both the day of the month and
/// the day of the week are restricted, a day that fits either fits. `@hourly`, `@daily` (`@midnight`), `@weekly`,
/// `@monthly` and `@yearly` (`@annually`) stand for the lines that they name.
///
/// Where the clock goes forward, a time that is skipped fires once, right after the gap. Where it goes back, a time that
/// comes twice fires the first time only; but lines whose hour is `*` go by the time that has passed, and fire in both.
public struct Cron: Sendable, Hashable {
  /// What is wrong with a cron line.
  public struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence.
    public let description: String
  }

  /// The line as it was written.
  public let text: String
  private let seconds: UInt64
  private let minutes: UInt64
  private let hours: UInt64
  private let days: UInt64
  private let months: UInt64
  private let weekdays: UInt64
  /// Whether a day must fit both day fields, because one of them is `*`.
  private let needsBothDays: Bool
  /// Whether it goes by the time that has passed, as in "every 15 minutes" and "every hour".
  private let isInterval: Bool

  /// Reads a cron line.
  public init(_ text: String) throws(Malformed) {
    self.text = text
    let line = try Self.expand(text)
    var fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
    guard fields.count == 5 || fields.count == 6 else {
      throw Malformed(
        description: "a cron line has five fields, or six with seconds in front; '\(text)' has \(fields.count)")
    }
    if fields.count == 5 { fields.insert("0", at: 0) }
    seconds = try Self.field(fields[0], .second)
    minutes = try Self.field(fields[1], .minute)
    hours = try Self.field(fields[2], .hour)
    days = try Self.field(fields[3], .day)
    months = try Self.field(fields[4], .month)
    let read = try Self.field(fields[5], .weekday)
    weekdays = read & 0x7F | read >> 7 & 1
    needsBothDays = fields[3].hasPrefix("*") || fields[5].hasPrefix("*")
    isInterval = hours == 0xFF_FFFF
    guard hasDay else {
      throw Malformed(description: "'\(text)' never fires: none of its months has such a day")
    }
  }

  // MARK: The next time

  /// The first time after a given one at which it fires.
  ///
  /// - Parameters:
  ///   - time: The time after which to look; the next whole second is the earliest answer.
  ///   - zone: The time zone that it is meant in.
  /// - Returns: `nil` when there is none within the next 400 years, after which the calendar repeats.
  public func next(after time: Timestamp, in zone: some CronZone) -> Timestamp? {
    let earliest = time.seconds + 1
    if isInterval { return nextInterval(from: earliest, in: zone) }
    // The local time may be behind by a clock that went back: what is found must be mapped to an instant and compared.
    var local = CivilTime(secondsSince1970: earliest + zone.offset(atUTC: earliest))
    local = step(back: local, by: zone.longestShift)
    for _ in 0..<10_000 {
      guard let found = nextLocal(from: local) else { return nil }
      let instant = zone.instant(ofLocal: found.secondsSince1970)
      if instant >= earliest { return Timestamp(seconds: instant) }
      local = CivilTime(secondsSince1970: found.secondsSince1970 + 1)
    }
    return nil
  }

  private func step(back time: CivilTime, by seconds: Int) -> CivilTime {
    CivilTime(secondsSince1970: time.secondsSince1970 - seconds)
  }

  /// For lines that go by the time that has passed: each instant is looked at by its own local time.
  private func nextInterval(from earliest: Int, in zone: some CronZone) -> Timestamp? {
    var instant = earliest
    // Each turn goes to the next fitting local time as long as the offset stays, or to where it changes.
    for _ in 0..<10_000 {
      let offset = zone.offset(atUTC: instant)
      guard let found = nextLocal(from: CivilTime(secondsSince1970: instant + offset)) else { return nil }
      let candidate = found.secondsSince1970 - offset
      guard let change = zone.nextChange(afterUTC: instant), change <= candidate else {
        return Timestamp(seconds: candidate)
      }
      instant = change
    }
    return nil
  }

  /// The first local time from a given one on that fits.
  private func nextLocal(from start: CivilTime) -> CivilTime? {
    var time = start
    guard let date = nextDay(year: time.year, month: time.month, day: time.day) else { return nil }
    if date != (time.year, time.month, time.day) {
      return first(of: date)
    }
    if let found = nextTime(time) { return found }
    time = CivilTime(secondsSince1970: (time.secondsSince1970 / 86_400 + 1) * 86_400)
    return nextDay(year: time.year, month: time.month, day: time.day).map { first(of: $0) }
  }

  private func first(of date: (year: Int, month: Int, day: Int)) -> CivilTime {
    CivilTime(
      year: date.year, month: date.month, day: date.day, hour: hours.trailingZeroBitCount,
      minute: minutes.trailingZeroBitCount, second: seconds.trailingZeroBitCount)
  }

  /// The first fitting time of a day that fits, from a time on.
  private func nextTime(_ time: CivilTime) -> CivilTime? {
    var result = time
    guard let hour = Self.bit(hours, from: time.hour) else { return nil }
    if hour > time.hour {
      result.hour = hour
      result.minute = minutes.trailingZeroBitCount
      result.second = seconds.trailingZeroBitCount
      return result
    }
    if let minute = Self.bit(minutes, from: time.minute) {
      if minute > time.minute {
        result.minute = minute
        result.second = seconds.trailingZeroBitCount
        return result
      }
      if let second = Self.bit(seconds, from: time.second) {
        result.second = second
        return result
      }
      if let later = Self.bit(minutes, from: time.minute + 1) {
        result.minute = later
        result.second = seconds.trailingZeroBitCount
        return result
      }
    }
    guard let later = Self.bit(hours, from: time.hour + 1) else { return nil }
    result.hour = later
    result.minute = minutes.trailingZeroBitCount
    result.second = seconds.trailingZeroBitCount
    return result
  }

  /// The first fitting day from a date on: whole months that do not fit are skipped, and the search ends after the
  /// calendar's period.
  private func nextDay(year: Int, month: Int, day: Int) -> (year: Int, month: Int, day: Int)? {
    var (year, month, day) = (year, month, day)
    let last = year + 400
    while year <= last {
      guard let fitting = Self.bit(months, from: month) else {
        (year, month, day) = (year + 1, 1, 1)
        continue
      }
      if fitting > month { (month, day) = (fitting, 1) }
      let count = CivilTime.daysInMonth(month, of: year)
      let first = CivilTime.dayNumber(year: year, month: month, day: 1)
      while day <= count {
        if fits(day: day, weekday: CivilTime.weekday(ofDay: first + day - 1)) { return (year, month, day) }
        day += 1
      }
      (month, day) = (month + 1, 1)
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    return nil
  }

  private func fits(day: Int, weekday: Int) -> Bool {
    let fitsDay = days >> UInt64(day) & 1 == 1
    let fitsWeekday = weekdays >> UInt64(weekday) & 1 == 1
    return needsBothDays ? fitsDay && fitsWeekday : fitsDay || fitsWeekday
  }

  /// Whether any month has a day that fits, as `0 0 30 2 *` has not.
  private var hasDay: Bool {
    if !needsBothDays { return true }
    return (1...12).contains { month in
      guard months >> UInt64(month) & 1 == 1, let day = Self.bit(days, from: 1) else { return false }
      return day <= (month == 2 ? 29 : CivilTime.daysInMonth(month, of: 2000))
    }
  }

  private static func bit(_ set: UInt64, from start: Int) -> Int? {
    guard start < 64 else { return nil }
    let rest = set >> UInt64(start)
    return rest == 0 ? nil : start + rest.trailingZeroBitCount
  }

  // MARK: Reading

  private struct Field {
    var name: String
    var range: ClosedRange<Int>
    var names: [String] = []

    static let second = Field(name: "second", range: 0...59)
    static let minute = Field(name: "minute", range: 0...59)
    static let hour = Field(name: "hour", range: 0...23)
    static let day = Field(name: "day of the month", range: 1...31)
    static let month = Field(
      name: "month", range: 1...12,
      names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    static let weekday = Field(
      name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
  }

  private static func expand(_ text: String) throws(Malformed) -> String {
    let trimmed = text.trimmingPrefix(while: \.isWhitespace).lowercased()
    guard trimmed.hasPrefix("@") else { return trimmed }
    switch trimmed {
    case "@hourly": return "0 * * * *"
    case "@daily", "@midnight": return "0 0 * * *"
    case "@weekly": return "0 0 * * 0"
    case "@monthly": return "0 0 1 * *"
    case "@yearly", "@annually": return "0 0 1 1 *"
    default:
      throw Malformed(description: "'\(text)' is none of @hourly, @daily, @weekly, @monthly and @yearly")
    }
  }

  private static func field(_ text: String, _ field: Field) throws(Malformed) -> UInt64 {
    var set: UInt64 = 0
    for part in text.split(separator: ",", omittingEmptySubsequences: false) { set |= try items(part, field) }
    return set
  }

  /// The numbers of one item between commas.
  private static func items(_ text: Substring, _ field: Field) throws(Malformed) -> UInt64 {
    let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var step = 1
    if halves.count == 2 {
      guard let number = whole(halves[1]), number >= 1, number <= field.range.upperBound else {
        throw Malformed(description: "'\(halves[1])' is no step for the \(field.name)")
      }
      step = number
    }
    let range: ClosedRange<Int>
    if halves[0] == "*" {
      // Seven is Sunday once more, not an eighth day.
      range = field.range.lowerBound...(field.range.upperBound == 7 ? 6 : field.range.upperBound)
    } else {
      let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let low = try number(ends[0], field)
      // A step after a single number goes on to the end, as in `10/5`.
      let high = ends.count == 2 ? try number(ends[1], field) : halves.count == 2 ? field.range.upperBound : low
      guard low <= high else {
        throw Malformed(description: "'\(halves[0])' is no range for the \(field.name): it goes backwards")
      }
      range = low...high
    }
    return stride(from: range.lowerBound, through: range.upperBound, by: step).reduce(0) { $0 | 1 << UInt64($1) }
  }

  private static func number(_ text: Substring, _ field: Field) throws(Malformed) -> Int {
    if let index = field.names.firstIndex(of: String(text)) { return index + (field.range.lowerBound == 1 ? 1 : 0) }
    guard let number = whole(text), field.range.contains(number) else {
      let found = text.isEmpty ? "nothing" : "'\(text)'"
      throw Malformed(
        description: "\(found) is no \(field.name): it is \(field.range.lowerBound) to \(field.range.upperBound)"
          + (field.names.isEmpty ? "" : " or a name as '\(field.names[0])'"))
    }
    return number
  }

  /// Digits alone: `Int` would take a sign.
  private static func whole(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && text.utf8.count <= 4 ? Int(text) : nil
  }
}
