// Using a rate limit up without running into it.

/// Learns the limit from the answers and says when the next request may leave. The first half of a window goes at once;
/// the second half is spread over the time that is left, so that a 429 is the exception.
public struct Pacing: Sendable {
  /// What is known of the current window; `nil` before an answer told.
  private var window: Window?
  /// Requests that were sent and not answered: the server may not have counted them yet.
  private var inFlight = 0
  /// When the last request left, or will leave.
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
  /// - Returns: How long to wait before it is sent; zero for now. The place is taken: each call is followed by one of
  ///   `finished`.
  public mutating func take(at now: Duration, priority: APIRequest.Priority = .interactive) -> Duration {
    defer { inFlight += 1 }
    advance(to: now)
    guard var window else { return .zero }
    let reserve = priority == .bulk ? Int(Double(window.limit) * Self.reserveForOthers) : 0
    let available = window.remaining - reserve
    var slot = max(now, lastSlot)
    if available <= 0 {
      // A later window: each holds as many as the limit says.
      let ahead = (-available) / max(window.limit - reserve, 1)
      let length = Duration.seconds(10)
      slot = max(slot, window.end + Self.margin + length * ahead)
    } else if available * 2 < window.limit {
      slot = max(now, lastSlot + (window.end - now) / max(available, 1))
    }
    window.remaining -= 1
    self.window = window
    if slot > now { lastSlot = slot }
    return slot - now
  }

  /// A request ended; the reading is what its answer said, if there was one.
  public mutating func finished(_ reading: RateLimitReading?, wasRateLimited: Bool, at now: Duration) {
    inFlight = max(0, inFlight - 1)
    guard let reading, let untilReset = reading.wait, let limit = reading.limit ?? window?.limit else { return }
    let end = now + untilReset
    // Answers overtake each other: within one window the smallest remainder counts. Places taken since then are
    // requests in flight, which the server has not counted.
    let told = wasRateLimited ? 0 : max(0, (reading.remaining ?? limit) - inFlight)
    if let known = window, abs((known.end - end).inSeconds) < 1.5 {
      window = Window(limit: limit, remaining: min(known.remaining, told), end: max(known.end, end))
    } else if window.map({ end > $0.end }) ?? true {
      window = Window(limit: limit, remaining: told, end: end)
    }
  }

  /// Requests left in the window, for reports; `nil` before an answer told.
  public var remaining: Int? { window.map { max(0, $0.remaining) } }

  /// A window that is over is followed by a full one, of which the places given away ahead are taken.
  private mutating func advance(to now: Duration) {
    guard let known = window, now >= known.end else { return }
    let owed = min(known.remaining, 0)
    window = nil
    if owed < 0 {
      window = Window(limit: known.limit, remaining: known.limit + owed, end: known.end + .seconds(10))
    }
    lastSlot = min(lastSlot, now)
  }
}
