// Unix seconds beside their date: nobody reads 1732190000.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum TimestampText {
  /// The date of an int that stands under a key, when the key says that it is a moment; `nil` for other numbers.
  static func date(_ number: Int, key: String) -> String? {
    guard isMoment(key), plausible.contains(number) else { return nil }
    let parts = self.parts(time_t(number))
    return day(parts) + " \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }

  /// Today's date: `2026-11-21`.
  static var today: String { day(parts(time(nil))) }

  private static func parts(_ time: time_t) -> tm {
    var seconds = time
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return parts
  }

  private static func day(_ parts: tm) -> String {
    "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  }

  /// From 1980 to 2100: smaller numbers under such a name are durations or counts.
  private static let plausible = 315_532_800...4_102_444_800

  /// Whether what stands under a key is a moment.
  static func isMoment(_ key: String) -> Bool {
    key.hasSuffix("_at") || key.hasSuffix("_since") || key.hasSuffix("_until") || key.hasSuffix("_time")
      || key.hasSuffix("_date") || ["at", "time", "date", "timestamp", "waiting_since", "due"].contains(key)
  }

  private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
