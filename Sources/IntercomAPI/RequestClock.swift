// Time and chance, injected: a test's clock does not wait.

/// What the rules ask of the world.
public struct RequestClock: Sendable {
  /// Time that only goes forward, from an arbitrary start.
  public var now: @Sendable () -> Duration
  /// Unix seconds by this machine's clock.
  public var unixTime: @Sendable () -> Double
  /// Waits; throws when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// A number in 0..<1.
  public var random: @Sendable () -> Double

  /// A clock of the caller's making.
  public init(
    now: @escaping @Sendable () -> Duration, unixTime: @escaping @Sendable () -> Double,
    sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double
  ) {
    self.now = now
    self.unixTime = unixTime
    self.sleep = sleep
    self.random = random
  }

  /// The machine's clock, and no waits: for replays, whose answers are there.
  public static let unhurried: RequestClock = {
    var clock = RequestClock.system
    clock.sleep = { _ in try Task.checkCancellation() }
    return clock
  }()

  /// The machine's clock and randomness.
  public static let system: RequestClock = {
    let start = ContinuousClock.now
    return RequestClock(
      now: { ContinuousClock.now - start }, unixTime: { SystemTime.unixSeconds() },
      sleep: { try await Task.sleep(for: $0) }, random: { Double.random(in: 0..<1) })
  }()
}
