// Points in time: the wall clock's, which people and schedules mean, and the machine's, which only goes forward.

/// A point of the wall clock, in milliseconds since 1970-01-01 00:00 UTC.
///
/// The clock may be set: timers, schedules and what people read use it, leases never do.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Milliseconds since 1970-01-01 00:00 UTC; negative before it.
  public let milliseconds: Int

  /// - Parameter milliseconds: Milliseconds since 1970-01-01 00:00 UTC.
  public init(milliseconds: Int) { self.milliseconds = milliseconds }

  /// - Parameter seconds: Seconds since 1970-01-01 00:00 UTC. Times that 63 bits of milliseconds cannot hold become
  ///   the nearest that they can.
  public init(seconds: Int) {
    let (value, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    milliseconds = overflow ? (seconds < 0 ? .min : .max) : value
  }

  /// The seconds since 1970, rounded down.
  public var seconds: Int { milliseconds >= 0 ? milliseconds / 1000 : -((999 - milliseconds) / 1000) }

  /// The time a duration later (earlier when it is negative); stops at the ends of the range.
  public static func + (left: Timestamp, right: Duration) -> Timestamp {
    let (value, overflow) = left.milliseconds.addingReportingOverflow(right.wholeMilliseconds)
    return Timestamp(milliseconds: overflow ? (right < .zero ? .min : .max) : value)
  }

  /// How long after `right` this time is; stops at the ends of the range.
  public static func - (left: Timestamp, right: Timestamp) -> Duration {
    let (value, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
    return .milliseconds(overflow ? (left < right ? Int.min : .max) : value)
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// The time as ISO 8601 in UTC with milliseconds, as in `2026-01-05T09:00:00.000Z`.
  public var description: String { CivilTime(self).iso8601(milliseconds: milliseconds) }
}

extension Duration {
  /// The duration in milliseconds, rounded towards zero; stops at the ends of `Int`.
  package var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let (milliseconds, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, tooFar) = milliseconds.addingReportingOverflow(Int(attoseconds / 1_000_000_000_000_000))
    return tooFar ? (seconds < 0 ? .min : .max) : sum
  }
}

/// Both clocks, read together.
///
/// Every operation of a store that depends on the time takes one: a store never reads a clock, so that tests and the
/// simulation decide what time it is.
public struct Moment: Sendable, Hashable {
  /// What the wall clock says. It may jump, in either direction.
  public var wall: Timestamp
  /// Milliseconds since the machine started, sleeping included. It never goes back, and all processes of one machine
  /// see the same: leases end by it, so a wall clock that jumps steals none.
  public var uptime: Int

  /// - Parameters:
  ///   - wall: What the wall clock says.
  ///   - uptime: Milliseconds since the machine started.
  public init(wall: Timestamp, uptime: Int) {
    self.wall = wall
    self.uptime = uptime
  }
}
