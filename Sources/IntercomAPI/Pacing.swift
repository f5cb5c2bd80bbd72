// Using a rate limit up without running into it.

/// Learns the limit from the answers and says when the next request may leave. The first half of a window goes at once;
/// the second half is spread over the time that is left, so that a 429 is the exception.
public struct Pacing: Sendable {
  /// What is known of the current window; `nil` before an answer told.
  private var window: Window?
  /// Places taken and not given back: the server may not have counted these requests yet.
  private var inFlight = 0
  /// Places taken in later windows.
  private var ahead = 0
  /// When the last request of this window leaves.
  private var lastSlot: Duration = .zero

  private struct Window: Sendable {
    var limit: Int
    var remaining: Int
    var end: Duration
  }

  /// The part of a window that bulk work leaves to others.
  private static let reserveForOthers = 0.2
  /// Windows end at whole seconds, and clocks differ a little: a request that comes just before the end is refused.
  private static let margin: Duration = .milliseconds(50)

  public init() {}

  /// Takes a place for a request.
  ///
  /// - Returns: How long to wait before it is sent, at most two minutes; zero for now. The place is taken: each call is
  ///   followed by one of `finished`.
  public mutating func take(at now: Duration, priority: APIRequest.Priority = .interactive) -> Duration {
    defer { inFlight += 1 }
    advance(to: now)
    guard var window else { return .zero }
    let reserve = priority == .bulk ? Int(Double(window.limit) * Self.reserveForOthers) : 0
    let available = window.remaining - reserve
    if available <= 0 {
      let windows = ahead / max(window.limit - reserve, 1)
      ahead += 1
      return min(window.end + Self.margin + .seconds(10) * windows - now, RateLimitReading.maximumWait)
    }
    var slot = now
    if available * 2 < window.limit { slot = max(now, lastSlot + (window.end - now) / available) }
    window.remaining -= 1
    self.window = window
    lastSlot = slot
    return min(slot - now, RateLimitReading.maximumWait)
  }

  /// A request ended; the reading is what its answer said, if there was one.
  public mutating func finished(_ reading: RateLimitReading?, wasRateLimited: Bool, at now: Duration) {
    inFlight = max(0, inFlight - 1)
    guard let reading, let untilReset = reading.wait, let limit = reading.limit ?? window?.limit else { return }
    let end = now + untilReset
    // Answers overtake each other: within one window the smallest remainder counts. What is in flight in this window
    // the server may not have counted.
    let uncounted = max(0, inFlight - ahead)
    let told = wasRateLimited ? 0 : max(0, (reading.remaining ?? limit) - uncounted)
    if let known = window, abs((known.end - end).inSeconds) < 1.5 {
      window = Window(limit: limit, remaining: min(known.remaining, told), end: max(known.end, end))
    } else if window.map({ end > $0.end }) ?? true {
      window = Window(limit: limit, remaining: told, end: end)
      lastSlot = now
    }
  }

  /// Requests left in the window, for reports; `nil` before an answer told.
  public var remaining: Int? { window.map { max(0, $0.remaining) } }

  /// A window that is over is followed by a full one, less the places that were taken ahead. Without any nothing is
  /// known until the next answer: the limit may be another one.
  private mutating func advance(to now: Duration) {
    guard let known = window, now >= known.end else { return }
    let taken = min(ahead, known.limit)
    ahead -= taken
    lastSlot = min(lastSlot, now)
    window =
      taken == 0
      ? nil : Window(limit: known.limit, remaining: known.limit - taken, end: max(known.end + .seconds(10), now))
  }
}
