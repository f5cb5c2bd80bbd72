// Dates by a pattern of letters: `yyyy-MM-dd`.

/// A time with all that a pattern can ask for.
struct ZonedTime {
  /// Unix seconds, rounded down.
  let time: Int
  /// The part of the second that is left, in nanoseconds.
  let nanoseconds: Int
  let zone: TimeZoneRules
  let period: TimeZoneRules.Period
  let civil: CivilTime

  init(time: Int, nanoseconds: Int, zone: TimeZoneRules) {
    self.time = time
    self.nanoseconds = nanoseconds
    self.zone = zone
    period = zone.period(at: time)
    civil = CivilTime(localSeconds: time + period.offset)
  }

  /// ISO 8601: `2024-05-01T09:30:00Z`, with milliseconds when there are some, and an offset in other zones.
  var iso: String {
    let milliseconds = nanoseconds / 1_000_000
    let rest = milliseconds == 0 ? "" : "." + padded(milliseconds, 3)
    return date + "T" + padded(civil.hour, 2) + ":" + padded(civil.minute, 2) + ":" + padded(civil.second, 2) + rest
      + offset(style: .colon, zero: "Z")
  }

  private var date: String { padded(civil.year, 4) + "-" + padded(civil.month, 2) + "-" + padded(civil.day, 2) }

  enum OffsetStyle { case colon, plain, short }

  /// The offset from UTC: `+02:00`, `+0200`, or `+02` where there are no minutes.
  func offset(style: OffsetStyle, zero: String?) -> String {
    if period.offset == 0, let zero { return zero }
    let minutes = abs(period.offset) / 60
    let sign = period.offset < 0 ? "-" : "+"
    let hours = padded(minutes / 60, 2)
    switch style {
    case .colon: return sign + hours + ":" + padded(minutes % 60, 2)
    case .plain: return sign + hours + padded(minutes % 60, 2)
    case .short: return sign + hours + (minutes % 60 == 0 ? "" : padded(minutes % 60, 2))
    }
  }

  func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}

/// A pattern of Unicode's (UTS 35): letters stand for parts of a time, all else for itself, quoted with `'`.
struct TimePattern {
  private enum Part {
    case text(String)
    case field(Character, Int)
  }

  private var parts: [Part] = []

  /// A letter that means nothing here, or one too often.
  struct Unknown: Error {
    let field: String
  }

  /// The fields and how often their letter may stand.
  private static let fields: [Character: ClosedRange<Int>] = [
    "y": 1...4, "Y": 1...4, "M": 1...4, "L": 1...4, "d": 1...2, "D": 1...3, "Q": 1...3, "w": 1...2, "E": 1...4,
    "e": 1...1, "a": 1...1, "H": 1...2, "h": 1...2, "m": 1...2, "s": 1...2, "S": 1...9, "Z": 1...5, "X": 1...3,
    "x": 1...3, "z": 1...4, "V": 2...2, "O": 4...4,
  ]

  init(_ pattern: String) throws(Unknown) {
    var rest = Substring(pattern)
    while let first = rest.first {
      if first == "'" {
        parts.append(.text(Self.quoted(&rest)))
      } else if first.isASCII && first.isLetter {
        let run = rest.prefix { $0 == first }
        guard let allowed = Self.fields[first], allowed.contains(run.count) else { throw Unknown(field: String(run)) }
        parts.append(.field(first, run.count))
        rest = rest.dropFirst(run.count)
      } else {
        parts.append(.text(String(first)))
        rest = rest.dropFirst()
      }
    }
  }

  /// A quoted text; two quotes are one. A quote that is not closed quotes the rest.
  private static func quoted(_ rest: inout Substring) -> String {
    rest = rest.dropFirst()
    if rest.first == "'" {
      rest = rest.dropFirst()
      return "'"
    }
    var text = ""
    while let character = rest.first {
      rest = rest.dropFirst()
      if character == "'" {
        guard rest.first == "'" else { break }
        rest = rest.dropFirst()
      }
      text.append(character)
    }
    return text
  }

  func format(_ time: ZonedTime) -> String {
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .field(let letter, let count): result += Self.text(of: letter, count, time)
      }
    }
    return result
  }

  private static func text(of letter: Character, _ count: Int, _ time: ZonedTime) -> String {
    let civil = time.civil
    func number(_ value: Int) -> String { time.padded(value, count) }
    func year(_ value: Int) -> String { count == 2 ? time.padded(value % 100, 2) : number(value) }
    func name(_ names: [String], _ index: Int) -> String { count == 4 ? names[index] : String(names[index].prefix(3)) }
    switch letter {
    case "y": return year(civil.year)
    case "Y": return year(civil.week.year)
    case "M", "L": return count < 3 ? number(civil.month) : name(CivilTime.monthNames, civil.month - 1)
    case "d": return number(civil.day)
    case "D": return number(civil.dayOfYear)
    case "Q": return count == 3 ? "Q\((civil.month + 2) / 3)" : number((civil.month + 2) / 3)
    case "w": return number(civil.week.number)
    case "E": return name(CivilTime.dayNames, civil.weekday - 1)
    case "e": return String(civil.weekday)
    case "a": return civil.hour < 12 ? "AM" : "PM"
    case "H": return number(civil.hour)
    case "h": return number((civil.hour + 11) % 12 + 1)
    case "m": return number(civil.minute)
    case "s": return number(civil.second)
    case "S": return String(time.padded(time.nanoseconds, 9).prefix(count))
    case "Z":
      return count == 5
        ? time.offset(style: .colon, zero: "Z")
        : count == 4 ? "GMT" + time.offset(style: .colon, zero: "") : time.offset(style: .plain, zero: nil)
    case "O": return "GMT" + time.offset(style: .colon, zero: "")
    case "X": return time.offset(style: [.short, .plain, .colon][count - 1], zero: "Z")
    case "x": return time.offset(style: [.short, .plain, .colon][count - 1], zero: nil)
    case "V": return time.zone.name
    default: return time.period.abbreviation
    }
  }
}
