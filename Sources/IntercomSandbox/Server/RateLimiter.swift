// Intercom's rate limit: so many requests in each window of ten seconds.

/// Counts requests. Pure: the time comes with each request.
struct RateLimiter: Sendable {
  /// Intercom spreads the limit of a minute over windows of ten seconds.
  static let window = 10

  private let limit: Int?
  private var start = Int.min
  private var used = 0

  init(perMinute: Int?) {
    limit = perMinute.map { max(1, ($0 + 5) / 6) }
  }

  struct State: Sendable, Equatable {
    let limit: Int
    let remaining: Int
    /// When the next window begins, in Unix seconds.
    let reset: Int

    var headers: [(name: String, value: String)] {
      [
        ("X-RateLimit-Limit", String(limit)), ("X-RateLimit-Remaining", String(remaining)),
        ("X-RateLimit-Reset", String(reset)),
      ]
    }
  }

  enum Decision: Sendable, Equatable {
    case unlimited
    case admitted(State)
    case refused(State)
  }

  /// Counts one request, or refuses it.
  mutating func admit(at now: Int) -> Decision {
    guard let limit else { return .unlimited }
    let current = now - now % Self.window
    if current != start {
      start = current
      used = 0
    }
    let reset = start + Self.window
    guard used < limit else { return .refused(State(limit: limit, remaining: 0, reset: reset)) }
    used += 1
    return .admitted(State(limit: limit, remaining: limit - used, reset: reset))
  }
}
