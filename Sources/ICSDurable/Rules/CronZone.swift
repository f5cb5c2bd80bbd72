// Time zones for cron lines.

import Foundation

/// What a cron line needs to know about a time zone. All times are in seconds since 1970.
public protocol CronZone: Sendable {
  /// The seconds that local time is ahead of UTC at an instant.
  func offset(atUTC instant: Int) -> Int
  /// The first instant after a given one at which the offset changes; `nil` when it never does.
  func nextChange(afterUTC instant: Int) -> Int?
}

extension CronZone {
  /// The most seconds by which local time may be repeated. Samoa once skipped a whole day.
  var longestShift: Int { 86_400 }

  /// The instant of a local time, both counted in seconds: the first of two where the clock goes back, and the end of
  /// the gap where it goes forward over it.
  func instant(ofLocal local: Int) -> Int {
    // The offset before any change that may matter, and after it.
    let before = offset(atUTC: local - 86_400)
    let first = local - before
    if offset(atUTC: first) == before { return first }
    guard let change = nextChange(afterUTC: min(first, local) - 86_400), change <= max(first, local) + 86_400 else {
      return first
    }
    let second = local - offset(atUTC: change)
    return second >= change ? second : change
  }
}

/// A named time zone, by the machine's tables.
public struct NamedZone: CronZone, Hashable {
  private let zone: TimeZone

  /// The zone with a name, as in `Europe/Berlin` or `UTC`; `nil` when the machine does not know it.
  public init?(_ name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
  }

  /// The machine's own zone.
  public static var local: NamedZone { NamedZone(zone: .current) }
  /// Universal time.
  public static var utc: NamedZone { NamedZone(zone: .gmt) }

  private init(zone: TimeZone) { self.zone = zone }

  /// The zone's name.
  public var name: String { zone.identifier }

  public func offset(atUTC instant: Int) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
  }

  public func nextChange(afterUTC instant: Int) -> Int? {
    zone.nextDaylightSavingTimeTransition(after: Date(timeIntervalSince1970: Double(instant)))
      .map { Int($0.timeIntervalSince1970.rounded(.up)) }
  }
}
