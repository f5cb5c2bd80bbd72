// Days, dates and times of day in the Gregorian calendar.

/// A date and a time of day in some zone, in the Gregorian calendar.
struct CivilTime: Equatable {
  var year: Int
  var month: Int
  var day: Int
  var hour = 0
  var minute = 0
  var second = 0

  /// What scripts may ask for: the years 1 to 9999.
  static let range = -62_135_596_800...253_402_300_799

  static let dayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
  static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The civil time of seconds since 1970 on the zone's own clock (Unix seconds plus the zone's offset).
  init(localSeconds: Int) {
    let days = floorDivide(localSeconds, 86_400)
    let rest = localSeconds - days * 86_400
    (year, month, day) = civilDate(days)
    hour = rest / 3600
    minute = rest / 60 % 60
    second = rest % 60
  }

  /// Seconds since 1970 on the zone's own clock.
  var localSeconds: Int { dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second }

  /// Monday is 1.
  var weekday: Int { floorModulo(dayNumber(year, month, day) + 3, 7) + 1 }
  var dayOfYear: Int { dayNumber(year, month, day) - dayNumber(year, 1, 1) + 1 }

  /// The week of ISO 8601 and the year that it belongs to.
  var week: (year: Int, number: Int) {
    // The week is that of its Thursday.
    let (thursdayYear, month, day) = civilDate(dayNumber(self.year, self.month, self.day) + 4 - weekday)
    return (thursdayYear, (dayNumber(thursdayYear, month, day) - dayNumber(thursdayYear, 1, 1)) / 7 + 1)
  }

  /// Whether the parts name a day that there is and a time of day (24:00:00 and leap seconds are none).
  var isValid: Bool {
    (1...9999).contains(year) && (1...12).contains(month) && (1...daysInMonth(year, month)).contains(day)
      && (0...23).contains(hour) && (0...59).contains(minute) && (0...59).contains(second)
  }
}

/// Days from 1970-01-01 to a date.
/// - Source: Howard Hinnant, <https://howardhinnant.github.io/date_algorithms.html>
func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
  let y = month <= 2 ? year - 1 : year
  let era = floorDivide(y, 400)
  let yearOfEra = y - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

/// The date that lies `days` behind 1970-01-01.
func civilDate(_ days: Int) -> (year: Int, month: Int, day: Int) {
  let z = days + 719_468
  let era = floorDivide(z, 146_097)
  let dayOfEra = z - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let m = (5 * dayOfYear + 2) / 153
  let month = m < 10 ? m + 3 : m - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
}

func isLeapYear(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

func daysInMonth(_ year: Int, _ month: Int) -> Int {
  month == 2 ? (isLeapYear(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
}

func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }
func floorModulo(_ a: Int, _ b: Int) -> Int { a - floorDivide(a, b) * b }
