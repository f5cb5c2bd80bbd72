// What an answer's headers say about the rate limit.

/// The rate limit as an answer reports it, with nonsense left out: headers come from a server that may be wrong.
package struct RateLimitReading: Sendable, Equatable {
  /// Requests in a window; `nil` when it is missing or not positive.
  package var limit: Int?
  /// Requests left in this window; `nil` when it is missing or negative.
  package var remaining: Int?
  /// How long until the window ends, 0...120 s; `nil` when the header is missing or says nothing.
  package var untilReset: Duration?
  /// How long the server asks to wait, 0...120 s.
  package var retryAfter: Duration?

  /// The longest wait that a header may cause.
  package static let maximumWait: Duration = .seconds(120)

  /// - Parameters:
  ///   - headers: The answer's headers.
  ///   - unixTime: This machine's time when the answer came.
  package init(headers: [(name: String, value: String)], unixTime: Double) {
    func value(_ name: StaticString) -> String? { headers.first { $0.name.isEqual(ignoringCaseOf: name) }?.value }
    limit = value("x-ratelimit-limit").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    remaining = value("x-ratelimit-remaining").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    // A machine whose clock is wrong would wait too long or not at all. The header has whole seconds, so a small
    // difference means nothing.
    let serverTime = value("date").flatMap(HTTPDate.unixSeconds)
    let skew = serverTime.map { $0 - unixTime } ?? 0
    let now = abs(skew) > 2 ? unixTime + skew : unixTime
    untilReset = value("x-ratelimit-reset").flatMap { Double($0) }.flatMap { Self.wait(until: $0, now: now) }
    retryAfter = value("retry-after").flatMap { text in
      if let seconds = Double(text) { return Self.clamped(seconds) }
      return HTTPDate.unixSeconds(text).flatMap { Self.clamped($0 - now) }
    }
  }

  /// The wait that a 429 asks for.
  package var wait: Duration? {
    guard let untilReset else { return retryAfter }
    return max(untilReset, retryAfter ?? .zero)
  }

  private static func wait(until time: Double, now: Double) -> Duration? {
    guard time.isFinite, time > 0 else { return nil }
    // Milliseconds by mistake: no Unix time in seconds is that large before the year 5138.
    return clamped((time > 1e11 ? time / 1000 : time) - now)
  }

  private static func clamped(_ seconds: Double) -> Duration? {
    guard seconds.isFinite else { return nil }
    return .milliseconds(Int(min(max(seconds, 0), 120) * 1000))
  }
}

extension String {
  /// Whether it is the same name of a header. Every answer asks for several, so nothing is copied.
  ///
  /// - Parameter name: ASCII in lower case.
  func isEqual(ignoringCaseOf name: StaticString) -> Bool {
    guard utf8.count == name.utf8CodeUnitCount else { return false }
    var next = name.utf8Start
    for byte in utf8 {
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      guard (isUpper ? byte | 0x20 : byte) == next.pointee else { return false }
      next += 1
    }
    return true
  }
}

/// Dates in HTTP headers: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Unix seconds, or `nil` for anything else.
  static func unixSeconds(_ text: String) -> Double? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), (1...31).contains(day),
      let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]), (1970...9999).contains(year)
    else { return nil }
    let time = parts[4].split(separator: ":").compactMap { Int($0) }
    guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]), (0...60).contains(time[2])
    else { return nil }
    return Double(days(year: year, month: month + 1, day: day) * 86400 + time[0] * 3600 + time[1] * 60 + time[2])
  }

  /// Days since 1970-01-01 in the Gregorian calendar, years counted from March so that a leap day ends one.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
  }
}
