// When a schedule fires, and what becomes of the times that were missed.

/// When an `every` hook fires.
public enum Schedule: Sendable {
  /// Every so often, counted from a fixed point in time, so that restarts shift nothing. At least a second.
  case interval(Duration)
  /// By a cron line, in a time zone.
  case cron(Cron, zone: NamedZone)

  /// What tells this schedule from another: a stored time is worth something only under the same rule.
  public var rule: String {
    switch self {
    case .interval(let duration):
      Self.milliseconds(duration) % 1000 == 0
        ? "\(Self.milliseconds(duration) / 1000)s" : "\(Self.milliseconds(duration))ms"
    case .cron(let cron, let zone): "\(cron.text) \(zone.name)"
    }
  }

  /// The first time after a given one at which it fires; `nil` when there is none.
  public func next(after time: Timestamp) -> Timestamp? {
    switch self {
    case .interval(let duration):
      let length = Self.milliseconds(duration)
      let rest = time.milliseconds % length
      return Timestamp(milliseconds: time.milliseconds - (rest < 0 ? rest + length : rest) + length)
    case .cron(let cron, let zone): return cron.next(after: time, in: zone)
    }
  }

  private static func milliseconds(_ interval: Duration) -> Int { max(1000, interval.wholeMilliseconds) }

  /// What to do at a time, given what is stored.
  ///
  /// However many times were missed while nobody served, one run catches up for all of them, under the time that was
  /// due first. A schedule that is new, or whose rule has changed, has missed nothing.
  /// - Parameters:
  ///   - name: The hook's name.
  ///   - stored: What is stored under it.
  ///   - now: The time.
  /// - Returns: The time to fire for, if any, and what to store afterwards; `nil` in its place when it never fires again.
  public func check(
    _ name: String, stored: ScheduleRecord?, at now: Timestamp
  ) -> (fire: Timestamp?, store: ScheduleRecord?) {
    let later = next(after: now).map { ScheduleRecord(name: name, rule: rule, next: $0) }
    guard let stored, stored.rule == rule else { return (nil, later) }
    guard stored.next <= now else {
      // After a clock that was set back, the stored time may be far off: it is never later than the rule says.
      guard let later, later.next < stored.next else { return (nil, stored) }
      return (nil, later)
    }
    return (stored.next, later)
  }
}
