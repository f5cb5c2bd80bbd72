// The one place where an account's requests meet.

/// What the rules decided about a request that wants to leave.
enum Admission: Sendable, Equatable {
  case go(after: Duration)
  /// The service is taken for down.
  case refused(retryAfter: Duration)
  /// The token was refused before: asking again changes nothing.
  case tokenRejected
}

/// Holds the rules' state for one account and does nothing but ask them.
actor TrafficControl {
  private var pacing = Pacing()
  private var budget = RetryBudget()
  private var breaker = CircuitBreaker()
  private var isTokenRejected = false

  func admit(at now: Duration, priority: APIRequest.Priority, isRetry: Bool) -> Admission {
    if isTokenRejected { return .tokenRejected }
    if case .wait(let time) = breaker.permission(at: now) { return .refused(retryAfter: time) }
    if !isRetry { budget.recordRequest() }
    return .go(after: pacing.take(at: now, priority: priority))
  }

  /// Takes what became of a request that was admitted. A status below 500 says that the service is well.
  func answered(status: Int, reading: RateLimitReading, took: Duration, at now: Duration) {
    breaker.record(failed: status >= 500, at: now)
    pacing.finished(reading, wasRateLimited: status == 429, took: took, at: now)
    if status == 401 { isTokenRejected = true }
  }

  func lost(_ failure: TransportError, at now: Duration) {
    if failure.kind == .cancelled || failure.kind == .notRecorded {
      breaker.abandonProbe(at: now)
    } else {
      breaker.record(failed: true, at: now)
    }
    pacing.finished(nil, wasRateLimited: false, at: now)
  }

  /// A request that was admitted and then not sent.
  func abandoned(at now: Duration) {
    breaker.abandonProbe(at: now)
    pacing.finished(nil, wasRateLimited: false, at: now)
  }

  func takeRetry() -> Bool { budget.takeRetry() }

  var remaining: Int? { pacing.remaining }
}
