// Not asking a service that is down.

/// Opens after many failures in a short time; while it is open nothing is sent but one probe at a time.
public struct CircuitBreaker: Sendable {
  private enum State: Sendable { case closed, open(until: Duration), probing }

  private var state = State.closed
  private var outcomes: [(time: Duration, failed: Bool)] = []
  private var failuresInRow = 0
  private var openings = 0

  private static let window: Duration = .seconds(10)
  private static let minimumCalls = 20
  private static let maximumFailuresInRow = 10

  public init() {}

  /// Whether a request may be sent.
  public enum Permission: Sendable, Equatable {
    case go
    /// The service is taken for down; a probe is possible after this time.
    case wait(Duration)
  }

  /// Asks for a request that is sent at once if it may.
  public mutating func permission(at now: Duration) -> Permission {
    switch state {
    case .closed: return .go
    case .open(let until) where now >= until:
      state = .probing
      return .go
    case .open(let until): return .wait(until - now)
    case .probing: return .wait(.seconds(1))
    }
  }

  /// Takes the outcome of a request: whether the service failed, not whether the request was good.
  public mutating func record(failed: Bool, at now: Duration) {
    failuresInRow = failed ? failuresInRow + 1 : 0
    if case .probing = state {
      if failed { open(at: now) } else { close() }
      return
    }
    outcomes.append((now, failed))
    outcomes.removeAll { now - $0.time > Self.window }
    let failures = outcomes.count { $0.failed }
    let isMostlyFailing = outcomes.count >= Self.minimumCalls && failures * 2 >= outcomes.count
    if case .closed = state, isMostlyFailing || failuresInRow >= Self.maximumFailuresInRow { open(at: now) }
  }

  /// A probe that was not sent, or was cancelled, proves nothing: the next request may be one.
  public mutating func abandonProbe(at now: Duration) {
    if case .probing = state { state = .open(until: now) }
  }

  private mutating func open(at now: Duration) {
    openings = min(openings + 1, 4)
    state = .open(until: now + .seconds(2) * (1 << (openings - 1)))
    outcomes = []
  }

  private mutating func close() {
    self = CircuitBreaker()
  }
}
