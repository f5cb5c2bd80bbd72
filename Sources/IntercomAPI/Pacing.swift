// Using a rate limit up without running into it.

/// Learns the limit from the answers and says when the next request may leave. The first half of a window goes at once;
/// the second half is spread over the time that is left, so that a 429 is the exception.
package struct Pacing: Sendable {
  /// What is known of the current window; `nil` before an answer told.
  private var window: Window?
  /// Places taken and not given back: the server may not have counted these requests yet.
  private var inFlight = 0
  /// Places taken in later windows.
  private var ahead = 0
  /// When the last request of this window leaves.
  private var lastSlot: Duration = .zero
  /// How long answers take, smoothed.
  private var latency: Duration = .zero

  private struct Window: Sendable {
    var limit: Int
    var remaining: Int
    var end: Duration
  }

  /// The part of a window that bulk work leaves to others.
  private static let reserveForOthers = 0.2
  /// Windows end at whole seconds, and clocks differ a little: a request that comes just before the end is refused.
  private static let margin: Duration = .milliseconds(50)

  /// The longest time before a window's end at which its last request leaves.
  private static let maximumLead: Duration = .seconds(2)

  /// One that knows no limit yet.
  package init() {}

  /// Takes a place for a request.
  ///
  /// - Returns: How long to wait before it is sent, at most two minutes; zero for now. The place is taken: each call is
  ///   followed by one of `finished`.
  package mutating func take(at now: Duration, priority: APIRequest.Priority = .interactive) -> Duration {
    defer { inFlight += 1 }
    advance(to: now)
    guard var window else { return .zero }
    let reserve = priority == .bulk ? Int(Double(window.limit) * Self.reserveForOthers) : 0
    let available = window.remaining - reserve
    let isScarce = available * 2 < window.limit
    // What leaves at the very end arrives in the next window: its place in this one is lost, and nobody has counted it
    // in that one.
    let lastDeparture = window.end - min(latency * 0.75, Self.maximumLead)
    if available <= 0 || isScarce && now > lastDeparture {
      let windows = ahead / max(window.limit - reserve, 1)
      ahead += 1
      return min(window.end + Self.margin + .seconds(10) * windows - now, RateLimitReading.maximumWait)
    }
    var slot = now
    if isScarce { slot = max(now, min(lastSlot + (lastDeparture - now) / available, lastDeparture)) }
    window.remaining -= 1
    self.window = window
    lastSlot = slot
    return min(slot - now, RateLimitReading.maximumWait)
  }

  /// A request ended.
  ///
  /// - Parameters:
  ///   - reading: What its answer said, if there was one.
  ///   - took: The time from when it left to its answer; zero when that is unknown.
  package mutating func finished(
    _ reading: RateLimitReading?, wasRateLimited: Bool, took: Duration = .zero, at now: Duration
  ) {
    inFlight = max(0, inFlight - 1)
    // The places that were taken ahead are this window's now, before its first answer is compared with them.
    advance(to: now)
    if took > .zero { latency = latency == .zero ? took : latency * 0.9 + took * 0.1 }
    guard let reading, let untilReset = reading.wait, let limit = reading.limit ?? window?.limit else { return }
    let end = now + untilReset
    let told = wasRateLimited ? 0 : max(0, reading.remaining ?? limit)
    if let known = window, abs((known.end - end).inSeconds) < 1.5 {
      // What is known counts the requests that are on their way, which the server may not have seen: it tells more only
      // when others use the limit too. Answers overtake each other, so the smallest remainder counts.
      window = Window(limit: limit, remaining: min(known.remaining, told), end: max(known.end, end))
    } else if window.map({ end > $0.end }) ?? true {
      // Of a new window nothing is known: none of those on their way may have been counted.
      let uncounted = max(0, inFlight - ahead)
      window = Window(limit: limit, remaining: max(0, told - uncounted), end: end)
      lastSlot = now
    }
  }

  /// Requests left in the window, for reports; `nil` before an answer told.
  package var remaining: Int? { window.map { max(0, $0.remaining) } }

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
