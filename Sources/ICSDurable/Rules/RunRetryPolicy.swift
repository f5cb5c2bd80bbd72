// When something that failed is tried again.

/// How often, and after which pauses, something that failed is tried again.
///
/// The pauses grow as the Fibonacci numbers do: by default about 10, 20, 30, 50 and 80 seconds. Each is drawn from 10 %
/// around its length, so that what failed together is not tried again together.
public struct RunRetryPolicy: Sendable, Hashable {
  /// How many tries follow the first one; 0 or more.
  public var retries: Int
  /// The first pause. The next ones are 2, 3, 5, 8, 13 ... times as long.
  public var backoff: Duration
  /// The longest pause.
  public var longest: Duration
  /// How far a pause may be from its length, as a part of it: 0 for none, at most 1.
  public var jitter: Double

  /// Five retries, after about 10, 20, 30, 50 and 80 seconds.
  public static let standard = RunRetryPolicy()
  /// No second try.
  public static let never = RunRetryPolicy(retries: 0)

  /// - Parameters:
  ///   - retries: How many tries follow the first one.
  ///   - backoff: The first pause.
  ///   - longest: The longest pause.
  ///   - jitter: How far a pause may be from its length, as a part of it.
  public init(
    retries: Int = 5, backoff: Duration = .seconds(10), longest: Duration = .seconds(3600), jitter: Double = 0.1
  ) {
    self.retries = retries
    self.backoff = backoff
    self.longest = longest
    self.jitter = jitter
  }

  /// The pause after a failure, or `nil` when it was the last try.
  ///
  /// - Parameters:
  ///   - failures: How often it has failed by now, 1 or more.
  ///   - fraction: Where in the jitter's range the pause lies: 0 for the shortest, 1 for the longest.
  public func pause(afterFailure failures: Int, fraction: Double) -> Duration? {
    guard failures >= 1, failures <= retries else { return nil }
    var (factor, next) = (1.0, 2.0)
    // Past the sixtieth every pause is the longest one.
    for _ in 1..<min(failures, 60) + (failures > 60 ? 1 : 0) { (factor, next) = (next, factor + next) }
    let base = Double(max(0, backoff.wholeMilliseconds))
    let ceiling = Double(max(0, longest.wholeMilliseconds))
    let spread = min(max(jitter, 0), 1) * (min(max(fraction, 0), 1) * 2 - 1)
    let milliseconds = min(base * factor, ceiling) * (1 + spread)
    return .milliseconds(Int(min(milliseconds, Double(Int32.max) * 1000)))
  }

  /// The pause after a failure with a random jitter, or `nil` when it was the last try.
  public func pause(afterFailure failures: Int) -> Duration? {
    pause(afterFailure: failures, fraction: .random(in: 0...1))
  }
}
