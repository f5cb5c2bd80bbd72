// Whether a request is sent again, and when.

import IntercomCatalogue

/// Decides after a failure. Knows no clock and no network: everything comes in as an argument.
public struct RetryPolicy: Sendable {
  /// How often a request is sent at most.
  public var maximumAttempts: Int
  /// The wait after the first failure; it doubles with each.
  public var baseDelay: Duration
  /// The longest wait that the policy itself chooses.
  public var maximumDelay: Duration

  /// A policy; the defaults are those of the connector's documentation.
  public init(
    maximumAttempts: Int = 5, baseDelay: Duration = .milliseconds(500), maximumDelay: Duration = .seconds(20)
  ) {
    self.maximumAttempts = maximumAttempts
    self.baseDelay = baseDelay
    self.maximumDelay = maximumDelay
  }

  /// What went wrong, as far as it matters here.
  package enum Failure: Sendable, Equatable {
    /// No byte of the request left.
    case notSent
    /// The request was refused for now: nothing was done.
    case rateLimited
    /// A status after which another try may succeed.
    case passingStatus
    /// Another request holds a lock on the same thing: nothing was done.
    case locked
    /// The request may have left, and no answer came.
    case lost
    /// Anything else: the same request would fail again.
    case final

    /// The failure that a status stands for.
    package init(status: Int) {
      switch status {
      case 429: self = .rateLimited
      case 408, 425, 500, 502, 503, 504: self = .passingStatus
      default: self = .final
      }
    }

    /// The failure that a status with the API's own errors stands for: a 409 is a lock or a duplicate.
    init(status: Int, errors: [APIError.Detail]) {
      self.init(status: status)
      if status == 409, errors.contains(where: Self.namesLock) { self = .locked }
    }

    /// Whether an error speaks of a lock. The API has no code of its own for it, and a duplicate names an id.
    private static func namesLock(_ detail: APIError.Detail) -> Bool {
      let message = detail.message?.lowercased() ?? ""
      if message.contains("id=") { return false }
      let words = (detail.code.lowercased() + " " + message).split { !$0.isLetter }
      return words.contains("lock") || words.contains("locked") || message.contains("try again")
    }

    /// Whether the request may have been carried out.
    var isUncertain: Bool { self == .passingStatus || self == .lost }
  }

  /// What to do after a failure.
  package enum Decision: Sendable, Equatable {
    /// Send it again, after this long.
    case retry(after: Duration)
    /// Give up; the failure stands.
    case fail
    /// The request may have been carried out, and may not be repeated.
    case failWithUnknownOutcome
  }

  /// A host that cannot be reached is most often a wrong address, and somebody waits for the message.
  private static let maximumConnectionAttempts = 3

  /// Decides about the next try.
  ///
  /// - Parameters:
  ///   - attempts: How often the request was sent.
  ///   - retries: The caller's own limit. A number also says that the request may be repeated blindly.
  ///   - asked: The wait that the server asked for.
  ///   - random: A number in 0..<1, for the jitter.
  package func decide(
    after failure: Failure, attempts: Int, repeatability: Operation.Repeatability, retries: Int? = nil,
    asked: Duration? = nil, random: Double
  ) -> Decision {
    if failure == .final { return .fail }
    // A 409 does not say for certain that it is a lock: what must not happen twice is not tried twice.
    if failure == .locked, repeatability == .once { return .fail }
    let mayRepeat = !failure.isUncertain || repeatability != .once || (retries ?? 0) > 0
    guard mayRepeat else { return .failWithUnknownOutcome }
    let limit = failure == .notSent ? min(maximumAttempts, Self.maximumConnectionAttempts) : maximumAttempts
    guard attempts < min(retries.map { $0 + 1 } ?? limit, 100) else {
      return failure.isUncertain && repeatability == .once ? .failWithUnknownOutcome : .fail
    }
    return .retry(after: wait(failure, attempts: attempts, asked: asked, random: random))
  }

  /// Half of the exponential wait for certain, half by chance, so that clients that failed together do not come back
  /// together. After a rate limit the end of the window counts, spread over a fifth of its 10 seconds.
  private func wait(_ failure: Failure, attempts: Int, asked: Duration?, random: Double) -> Duration {
    let doublings = min(attempts - 1, 16)
    let full = min(baseDelay * (1 << max(doublings, 0)), maximumDelay)
    let jittered = full * (0.5 + random / 2)
    guard let asked else { return jittered }
    let spread: Duration = failure == .rateLimited ? .seconds(2) * random : .zero
    return min(max(asked + spread, failure == .rateLimited ? .zero : jittered), RateLimitReading.maximumWait)
  }
}

/// Keeps retries to a tenth of the traffic: when everything fails, trying everything again makes it worse.
package struct RetryBudget: Sendable {
  private var tokens: Double
  private let capacity: Double
  private let ratio: Double

  /// - Parameters:
  ///   - ratio: Retries for each request.
  ///   - reserve: Retries that may be used before the ratio counts, so that a short script has some.
  package init(ratio: Double = 0.1, reserve: Double = 10) {
    self.ratio = ratio
    capacity = reserve
    tokens = reserve
  }

  /// A request is sent for the first time.
  package mutating func recordRequest() { tokens = min(capacity, tokens + ratio) }

  /// Takes one retry, if there is one.
  package mutating func takeRetry() -> Bool {
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
