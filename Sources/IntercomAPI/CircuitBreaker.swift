// Not asking a service that is down.

/// Opens after many failures in a short time; while it is open nothing is sent but one probe at a time.
package struct CircuitBreaker: Sendable {
  private enum State: Sendable { case closed, open(until: Duration), probing }

  private var state = State.closed
  /// The calls of the last seconds, by whole seconds: a record for each call would be passed through at every call.
  private var seconds: [(second: Int64, calls: Int, failures: Int)] = []
  private var failuresInRow = 0
  private var openings = 0

  private static let windowInSeconds: Int64 = 10
  private static let minimumCalls = 20
  private static let maximumFailuresInRow = 10

  /// A closed one.
  package init() {}

  /// Whether a request may be sent.
  package enum Permission: Sendable, Equatable {
    /// Send the request.
    case go
    /// The service is taken for down; a probe is possible after this time.
    case wait(Duration)
  }

  /// Asks for a request that is sent at once if it may.
  package mutating func permission(at now: Duration) -> Permission {
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
  package mutating func record(failed: Bool, at now: Duration) {
    failuresInRow = failed ? failuresInRow + 1 : 0
    if case .probing = state {
      if failed { open(at: now) } else { close() }
      return
    }
    let second = now.components.seconds
    if seconds.last?.second != second {
      seconds.removeAll { $0.second < second - Self.windowInSeconds }
      seconds.append((second, 0, 0))
    }
    seconds[seconds.count - 1].calls += 1
    seconds[seconds.count - 1].failures += failed ? 1 : 0
    let (calls, failures) = seconds.reduce((0, 0)) { ($0.0 + $1.calls, $0.1 + $1.failures) }
    let isMostlyFailing = calls >= Self.minimumCalls && failures * 2 >= calls
    if case .closed = state, isMostlyFailing || failuresInRow >= Self.maximumFailuresInRow { open(at: now) }
  }

  /// A probe that was not sent, or was cancelled, proves nothing: the next request may be one.
  package mutating func abandonProbe(at now: Duration) {
    if case .probing = state { state = .open(until: now) }
  }

  private mutating func open(at now: Duration) {
    openings = min(openings + 1, 4)
    state = .open(until: now + .seconds(2) * (1 << (openings - 1)))
    seconds = []
  }

  private mutating func close() {
    self = CircuitBreaker()
  }
}
