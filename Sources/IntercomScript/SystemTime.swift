// The system's clocks and randomness.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The system's clocks and randomness: what a session takes unless it is given others.
enum SystemTime {
  /// Unix seconds.
  static func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Nanoseconds that only grow.
  static func monotonic() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Awaits a moment of `monotonic`; returns early when the task is cancelled.
  @Sendable
  static func sleep(until moment: UInt64) async {
    let now = monotonic()
    guard moment > now else { return await Task.yield() }
    // A cancelled sleep is no error here: whoever waits looks at the clock again.
    try? await Task.sleep(nanoseconds: moment - now)
  }

  static func randomSeed() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}
