import ICSJSON
import IntercomAPI
import IntercomCatalogue
import Testing

@Suite struct RetryTests {
  private let create = APIRequest("POST", "/contacts", body: ["role": "user"])
  private let list = APIRequest("GET", "/contacts")

  @Test("a read is sent again after a 503, with growing waits")
  func reads() async throws {
    let clock = VirtualClock()
    let transport = FakeTransport(
      .success(.error(503, "service_unavailable")), .failure(TransportError(.connectionLost)),
      .success(.error(500, "server_error")), .success(.json([:])))
    let answer = try await makeClient(transport, clock: clock).send(list)
    #expect(answer.attempts == 4)
    #expect(clock.waits == [.milliseconds(375), .milliseconds(750), .milliseconds(1500)])
  }

  @Test("five tries, then the last error")
  func givesUp() async {
    let transport = FakeTransport(.success(.error(503, "service_unavailable")))
    let error = await failure { () async throws(APIError) in try await makeClient(transport).send(list) }
    #expect(error?.status == 503)
    #expect(error?.outcomeUnknown == false)
    #expect(transport.requests.count == 5)
  }

  @Test(
    "a create whose outcome is unknown is not sent again",
    arguments: [
      Result<TransportResponse, TransportError>.failure(TransportError(.connectionLost)),
      .failure(TransportError(.timeout)), .success(.error(500, "server_error")), .success(.error(408, "x")),
    ])
  func unknownOutcome(answer: Result<TransportResponse, TransportError>) async {
    let transport = FakeTransport(answer)
    let error = await failure { () async throws(APIError) in try await makeClient(transport).send(create) }
    #expect(transport.requests.count == 1)
    #expect(error?.outcomeUnknown == true)
  }

  @Test("a create is sent again when no byte of it left, or when the caller says so")
  func createRetries() async throws {
    let refused = FakeTransport(.failure(TransportError(.cannotConnect)), .success(.json([:])))
    #expect(try await makeClient(refused).send(create).attempts == 2)
    let lost = FakeTransport(.failure(TransportError(.connectionLost)), .success(.json([:])))
    var request = create
    request.retries = 2
    #expect(try await makeClient(lost).send(request).attempts == 2)
  }

  @Test("retries: 0 is one try")
  func noRetries() async {
    let transport = FakeTransport(.success(.error(503, "x")))
    var request = list
    request.retries = 0
    _ = await failure { () async throws(APIError) in try await makeClient(transport).send(request) }
    #expect(transport.requests.count == 1)
  }

  @Test("a 4xx is not sent again")
  func clientErrors() async {
    for status in [400, 403, 404, 409, 422] {
      let transport = FakeTransport(.success(.error(status, "x")))
      _ = await failure { () async throws(APIError) in try await makeClient(transport).send(list) }
      #expect(transport.requests.count == 1)
    }
  }

  @Test("a lock is waited for where a repetition is safe, a duplicate and a create are not sent again")
  func locks() async throws {
    let locked = TransportResponse.error(409, "conflict", "The record is locked by another request, try again")
    let update = APIRequest("PUT", "/contacts/5f", body: ["name": "n"])
    let passing = FakeTransport(.success(locked), .success(.json([:])))
    #expect(try await makeClient(passing).send(update).attempts == 2)
    let duplicate = TransportResponse.error(
      409, "conflict", "A contact matching those details already exists with id=10c4")
    let mustDraft = TransportResponse.error(409, "conflict", "Data connector must be in draft state to be deleted")
    for (request, answer) in [(update, duplicate), (update, mustDraft), (create, locked)] {
      let transport = FakeTransport(.success(answer))
      let error = await failure { () async throws(APIError) in try await makeClient(transport).send(request) }
      #expect(error?.code == .conflict && error?.outcomeUnknown == false)
      #expect(transport.requests.count == 1)
    }
  }

  @Test("a 429 waits for the window's end, also for a create")
  func rateLimited() async throws {
    let clock = VirtualClock()
    let headers = [
      ("X-RateLimit-Limit", "167"), ("X-RateLimit-Remaining", "0"),
      ("X-RateLimit-Reset", String(Int(clock.start) + 7)),
    ].map { (name: $0.0, value: $0.1) }
    let transport = FakeTransport(
      .success(.error(429, "rate_limit_exceeded", headers: headers)), .success(.json([:])))
    let answer = try await makeClient(transport, clock: clock).send(create)
    #expect(answer.attempts == 2)
    #expect(clock.now >= .seconds(7) && clock.now < .seconds(10))
  }

  @Test("after a 401 nothing more is sent")
  func rejectedToken() async {
    let transport = FakeTransport(.success(.error(401, "unauthorized", "Access Token Invalid")))
    let client = makeClient(transport)
    for _ in 0..<3 {
      let error = await failure { () async throws(APIError) in try await client.send(list) }
      #expect(error?.code == .auth)
    }
    #expect(transport.requests.count == 1)
  }

  @Test("an outage multiplies the load by little more than a tenth")
  func budget() {
    var budget = RetryBudget()
    var retries = 0
    for _ in 0..<1000 {
      budget.recordRequest()
      while budget.takeRetry() { retries += 1 }
    }
    #expect(retries <= 110)
  }

  @Test("a service that fails in a row is left alone, then probed")
  func breaker() {
    var breaker = CircuitBreaker()
    for second in 0..<10 { breaker.record(failed: true, at: .seconds(second)) }
    #expect(breaker.permission(at: .seconds(10)) != .go)
    #expect(breaker.permission(at: .seconds(12)) == .go)
    #expect(breaker.permission(at: .seconds(12)) != .go)
    breaker.record(failed: false, at: .seconds(12))
    #expect(breaker.permission(at: .seconds(12)) == .go)
  }

  @Test("half of twenty calls failing opens the breaker; a third does not")
  func breakerRatio() {
    var half = CircuitBreaker()
    var third = CircuitBreaker()
    for index in 0..<30 {
      half.record(failed: index % 2 == 0, at: .milliseconds(index))
      third.record(failed: index % 3 == 0, at: .milliseconds(index))
    }
    #expect(half.permission(at: .seconds(1)) != .go)
    #expect(third.permission(at: .seconds(1)) == .go)
  }

  @Test("what is on its way at once grows slowly and shrinks fast")
  func concurrencyLimit() {
    var limit = ConcurrencyLimit()
    #expect(limit.current == 16)
    for second in 0..<50 { limit.record(wasRateLimited: second == 5 || second == 6, at: .seconds(second)) }
    #expect((12...15).contains(limit.current))
    for window in 0..<100 { limit.record(wasRateLimited: false, at: .seconds(100 + window * 10)) }
    #expect(limit.current == ConcurrencyLimit.maximum)
    for window in 0..<100 { limit.record(wasRateLimited: true, at: .seconds(2000 + window * 10)) }
    #expect(limit.current == 1)
  }

  @Test("a hundred requests at once are all answered")
  func manyAtOnce() async {
    let transport = FakeTransport(.success(.json([:])))
    let client = makeClient(transport)
    let outcomes = await withTaskGroup(of: APIError.Code?.self) { group in
      for _ in 0..<100 {
        group.addTask {
          await failure { () async throws(APIError) in try await client.send(APIRequest("GET", "/contacts")) }?.code
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.count == 100)
    #expect(outcomes.allSatisfy { $0 == nil })
  }

  @Test("waits have jitter, are capped, and do not overflow")
  func waits() {
    let policy = RetryPolicy(maximumAttempts: 100)
    for attempts in 1..<99 {
      guard
        case .retry(let wait) = policy.decide(
          after: .lost, attempts: attempts, repeatability: .reading, random: 0.999)
      else { return #expect(Bool(false)) }
      #expect(wait <= .seconds(20))
    }
    let asked = policy.decide(
      after: .rateLimited, attempts: 1, repeatability: .once, asked: .seconds(120), random: 1)
    #expect(asked == .retry(after: .seconds(120)))
  }
}

@Suite struct RateLimitTests {
  private func reading(_ headers: [(String, String)], unixTime: Double = 1_700_000_000) -> RateLimitReading {
    RateLimitReading(headers: headers.map { (name: $0.0, value: $0.1) }, unixTime: unixTime)
  }

  @Test(
    "nonsense in Retry-After is clamped or left out",
    arguments: [
      ("-5", Duration.zero), ("1e9", .seconds(120)), ("Wed, 99 Foo", nil), ("nan", nil), ("inf", nil), ("", nil),
      ("Fri, 01 Jan 2099 00:00:00 GMT", .seconds(120)), ("2.5", .seconds(2.5)),
      ("Tue, 14 Nov 2023 22:13:30 GMT", .seconds(10)),
    ] as [(String, Duration?)])
  func retryAfter(text: String, wait: Duration?) {
    #expect(reading([("Retry-After", text)]).wait == wait)
  }

  @Test(
    "nonsense in X-RateLimit-Reset is clamped or left out",
    arguments: [
      ("1700000010", Duration.seconds(10)), ("1700000010000", .seconds(10)), ("1600000000", .zero), ("0", nil),
      ("soon", nil), ("-1", nil), ("99999999999", .seconds(120)), ("1e300", .seconds(120)),
    ] as [(String, Duration?)])
  func reset(text: String, wait: Duration?) {
    #expect(reading([("X-RateLimit-Reset", text)]).untilReset == wait)
  }

  @Test("a limit or a rest that cannot be is unknown")
  func unknown() {
    let odd = reading([("X-RateLimit-Limit", "0"), ("X-RateLimit-Remaining", "-1")])
    #expect(odd.limit == nil && odd.remaining == nil && odd.untilReset == nil)
  }

  @Test("a wrong clock is seen by the answer's date")
  func skew() {
    let wait = reading(
      [("X-RateLimit-Reset", "1700000010"), ("Date", "Tue, 14 Nov 2023 22:13:20 GMT")], unixTime: 1_600_000_000)
    #expect(wait.untilReset == .seconds(10))
  }

  @Test("2,000 requests use 95 % of the allowance and hardly meet a 429")
  func allowance() {
    var server = WindowedServer(limit: 167)
    var pacing = Pacing()
    var now = Duration.milliseconds(3400)
    var done = 0
    var refused = 0
    while done < 2000 {
      now += pacing.take(at: now)
      let answered = now + .milliseconds(1)
      let (isRefused, headers) = server.answer(at: now)
      let reading = RateLimitReading(headers: headers, unixTime: WindowedServer.unixTime(at: answered))
      pacing.finished(reading, wasRateLimited: isRefused, at: answered)
      if isRefused { refused += 1 } else { done += 1 }
      now = answered
    }
    #expect(Double(refused) <= 20)
    // From the middle of a window: the windows that were begun, less the part that was over.
    let windows = (now - .milliseconds(3400)) / .seconds(10)
    #expect(2000 / (windows * 167) >= 0.95, "\(windows) windows, \(refused) refused")
  }

  @Test("bulk work leaves a fifth of a window to the others")
  func priorities() {
    var pacing = Pacing()
    let headers = [("X-RateLimit-Limit", "100"), ("X-RateLimit-Remaining", "20"), ("X-RateLimit-Reset", "1700000010")]
    _ = pacing.take(at: .zero)
    pacing.finished(reading(headers), wasRateLimited: false, at: .zero)
    #expect(pacing.take(at: .zero, priority: .bulk) >= .seconds(10))
    #expect(pacing.remaining == 20)
    #expect(pacing.take(at: .zero, priority: .interactive) < .seconds(10))
  }

  @Test("headers that lie never hold a request back for more than two minutes")
  func lies() {
    var pacing = Pacing()
    for index in 0..<50 {
      let wait = pacing.take(at: .zero)
      #expect(wait <= .seconds(120))
      let headers = [
        ("X-RateLimit-Limit", "1"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "9999999999"),
      ]
      pacing.finished(reading(headers), wasRateLimited: index % 2 == 0, at: .zero)
    }
  }
}

/// A server that enforces windows of ten seconds.
struct WindowedServer {
  let limit: Int
  private var window = -1
  private var used = 0

  init(limit: Int) { self.limit = limit }

  static func unixTime(at time: Duration) -> Double {
    1_700_000_000 + Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
  }

  mutating func answer(at time: Duration) -> (isRefused: Bool, headers: [(name: String, value: String)]) {
    let unix = Int(Self.unixTime(at: time))
    if unix / 10 != window { (window, used) = (unix / 10, 0) }
    let isRefused = used >= limit
    if !isRefused { used += 1 }
    return (
      isRefused,
      [
        ("X-RateLimit-Limit", "\(limit)"), ("X-RateLimit-Remaining", "\(limit - used)"),
        ("X-RateLimit-Reset", "\((window + 1) * 10)"),
      ]
    )
  }
}
