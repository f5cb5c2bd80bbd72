// Where workers take the time from.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Both clocks, and a way to wait for one. Tests and the simulation have one of their own.
public protocol DurableClock: Sendable {
  /// What both clocks say.
  func now() -> Moment

  /// Returns when ``Moment/uptime`` has reached a time.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  func sleep(untilUptime uptime: Int) async throws
}

/// The machine's clocks.
public struct SystemClock: DurableClock {
  /// The machine's clocks.
  public init() {}

  public func now() -> Moment {
    // The clock of the machine's start goes on while the machine or the process sleeps: a process that was stopped
    // finds its leases ended.
    #if canImport(Darwin)
      let uptime = CLOCK_MONOTONIC
    #else
      let uptime = CLOCK_BOOTTIME
    #endif
    return Moment(
      wall: Timestamp(milliseconds: Self.milliseconds(CLOCK_REALTIME)), uptime: Self.milliseconds(uptime))
  }

  private static func milliseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
  }

  public func sleep(untilUptime uptime: Int) async throws {
    let rest = uptime - now().uptime
    // One more: what is rounded down must not come too early.
    if rest > 0 { try await Task.sleep(for: .milliseconds(rest + 1)) } else { try Task.checkCancellation() }
  }
}

/// A wall clock that does not go back.
///
/// When the wall clock is set back by an hour, what waits must not wait an hour longer: for timers the time goes on as
/// it would have. When it is set forward, timers follow, for nobody can tell a correction from a mistake.
struct SteadyTime: Sendable {
  private var anchor: Moment?

  /// The time that timers go by.
  mutating func time(at now: Moment) -> Timestamp {
    guard let anchor else {
      self.anchor = now
      return now.wall
    }
    let expected = anchor.wall + .milliseconds(max(0, now.uptime - anchor.uptime))
    // Less than a second is the two clocks' rounding and drift.
    guard now.wall < expected, expected - now.wall >= .seconds(1) else {
      self.anchor = now
      return now.wall
    }
    return expected
  }
}
