// The connector: one account, one set of rules, one pool of connections.

import ICSJSON
import IntercomCatalogue

/// Sends requests to an Intercom workspace.
///
/// Requests are checked before they are sent, paced by the account's rate limit, and sent again where that is safe.
///
///     let client = IntercomClient(account: Account(accessToken: Secret(token)))
///     let answer = try await client.send(APIRequest("GET", "/me"))
///     await client.shutdown()
public final class IntercomClient: Sendable {
  /// What differs between programs.
  public struct Configuration: Sendable {
    /// How the program calls itself.
    public var userAgent = "ics"
    /// How long connecting may take.
    public var connectTimeout: Duration = .seconds(5)
    /// How long an answer may take, unless the request says otherwise.
    public var timeout: Duration = .seconds(30)
    /// The largest answer, unpacked.
    public var maximumBodySize = 64 << 20
    /// What is sent again, and when.
    public var retryPolicy = RetryPolicy()
    /// Whether bodies are checked against the catalogue before they are sent.
    public var checksBodies = true
    /// Is told about every exchange. Called on any thread, and should be quick.
    public var observer: (@Sendable (Exchange) -> Void)?
    /// Is told about every request that is about to be sent, for whoever watches what is waited for.
    public var sending: (@Sendable (_ method: String, _ path: String, _ attempt: Int) -> Void)?
    /// Is told about every page of a listing that was read, for whoever watches how far it has got.
    public var pageRead: (@Sendable (PageReading) -> Void)?
    /// Is told when the API refuses the account's token; an account store marks it as `INVALID` then.
    public var tokenRejected: (@Sendable () -> Void)?
    /// Is told of a request that was cancelled on its way and may have been carried out: whoever cancelled it does not
    /// wait for its error. Called on any thread.
    public var writeCancelled: (@Sendable (APIError) -> Void)?

    /// The defaults.
    public init() {}
  }

  /// One exchange, for logs. Holds the operation's path with its parameters in braces, never ids or bodies.
  public struct Exchange: Sendable {
    /// The request's method.
    public let method: String
    /// The operation's path: `/contacts/{contact_id}`.
    public let path: String
    /// `nil` when there was no answer.
    public let status: Int?
    /// 1 for the first try.
    public let attempt: Int
    /// How long it was held back before it was sent.
    public let waited: Duration
    /// How long the exchange took.
    public let duration: Duration
    /// What the window has left, when that is known.
    public let remaining: Int?
    /// The API's name for the request.
    public let requestID: String?
  }

  /// Whose requests it sends.
  public let account: Account
  /// How it sends them.
  public let configuration: Configuration
  /// Masks the account's secrets in texts.
  public let redactor: Redactor
  private let transport: any HTTPTransport
  private let clock: RequestClock
  private let traffic = TrafficControl()
  private let gate = ConcurrencyGate()
  /// Contacts that were perhaps created.
  let unsettledCreates = UnsettledCreates()

  /// - Parameters:
  ///   - account: Whose workspace it works with.
  ///   - configuration: Time limits, retries, observers.
  ///   - transport: Stands in for the network, in tests; `nil` for HTTP over TCP.
  ///   - clock: Stands in for time and chance, in tests.
  ///   - secrets: More texts to mask than the account's token.
  public init(
    account: Account, configuration: Configuration = Configuration(), transport: (any HTTPTransport)? = nil,
    clock: RequestClock = .system, secrets: [Secret] = []
  ) {
    self.account = account
    self.configuration = configuration
    self.clock = clock
    redactor = Redactor(secrets: secrets + (account.accessToken.map { [$0] } ?? []))
    self.transport =
      transport
      ?? NetworkTransport(connectTimeout: configuration.connectTimeout, idleTimeout: configuration.timeout)
  }

  /// Closes the connections; the last thing to do with a client.
  public func shutdown() async { await transport.shutdown() }

  /// Sends a request and gives the answer of a success (200...299).
  ///
  /// - Throws: `E_VALUE`, `E_PERMISSION`, `E_INVALID_REQUEST` before anything is sent; else by what came back. When
  ///   `outcomeUnknown` is set, the request may have been carried out.
  public func send(_ request: APIRequest) async throws(APIError) -> APIResponse {
    let prepared: PreparedRequest
    do {
      prepared = try PreparedRequest(request, account: account, configuration: configuration)
    } catch {
      throw error.at(request.method, request.path)
    }
    if prepared.repeatability == .once, (request.retries ?? 0) == 0, let guardian = GuardedWrite.guardian {
      let write = GuardedWrite(
        client: self, request: request, method: prepared.method, path: prepared.url.path,
        operation: prepared.operation, body: prepared.body)
      return try await guardian.perform(write) { () async throws(APIError) in try await self.send(prepared) }
    }
    return try await send(prepared)
  }

  /// Sends a checked request until it succeeds or the policy gives up.
  private func send(_ request: PreparedRequest) async throws(APIError) -> APIResponse {
    var attempt = 1
    while true {
      let failed: FailedAttempt
      switch try await exchange(request, attempt: attempt) {
      case .answered(let response): return response
      case .failed(let attempt): failed = attempt
      }
      let decision = configuration.retryPolicy.decide(
        after: failed.failure, attempts: attempt, repeatability: request.repeatability, retries: request.retries,
        asked: failed.asked, random: clock.random())
      guard case .retry(let wait) = decision else {
        throw decision == .failWithUnknownOutcome ? failed.error.withUnknownOutcome() : failed.error
      }
      // A refusal for the rate limit is no sign of an outage, and the wait for the window keeps the load down already.
      if failed.failure != .rateLimited, await !traffic.takeRetry() { throw failed.error }
      do throws(APIError) {
        try await sleep(wait, request.method, request.url.path)
      } catch {
        throw failed.failure.isUncertain ? cancelled(request, error) : error
      }
      attempt += 1
    }
  }

  /// The time by the client's clock.
  func now() -> Duration { clock.now() }

  /// Waits before a request whose outcome is unknown, and which may be repeated all the same, is sent once more.
  ///
  /// - Returns: Whether it may be: `false` after the policy's last try, when the budget for retries is used up, and when
  ///   the task was cancelled.
  func waitToRepeat(_ request: APIRequest, attempts: Int) async -> Bool {
    let decision = configuration.retryPolicy.decide(
      after: .lost, attempts: attempts, repeatability: .repeatable, retries: request.retries, random: clock.random())
    guard case .retry(let wait) = decision, await traffic.takeRetry() else { return false }
    do throws(APIError) {
      try await sleep(wait, request.method, request.path)
    } catch {
      return false
    }
    return true
  }

  /// A try that brought no success.
  private struct FailedAttempt {
    let failure: RetryPolicy.Failure
    let error: APIError
    /// The wait that the server asked for.
    let asked: Duration?
  }

  private enum ExchangeOutcome {
    case answered(APIResponse)
    case failed(FailedAttempt)
  }

  /// Takes a place among the requests on their way, and gives it back.
  private func exchange(_ request: PreparedRequest, attempt: Int) async throws(APIError) -> ExchangeOutcome {
    guard await gate.enter(priority: request.priority) else {
      throw APIError(
        .cancelled, "the request was cancelled while it waited", method: request.method, path: request.url.path)
    }
    var wasRateLimited = false
    defer { gate.leave(wasRateLimited: wasRateLimited, at: clock.now()) }
    let outcome = try await sendOnce(request, attempt: attempt)
    if case .failed(let failed) = outcome { wasRateLimited = failed.failure == .rateLimited }
    return outcome
  }

  /// Sends a request once, when the rules let it.
  private func sendOnce(_ request: PreparedRequest, attempt: Int) async throws(APIError) -> ExchangeOutcome {
    let waited = try await admission(of: request, isRetry: attempt > 1)
    if request.repeatability != .reading, let guardian = GuardedWrite.guardian {
      do throws(APIError) { try await guardian.permit() } catch {
        await traffic.abandoned(at: clock.now())
        throw error
      }
    }
    configuration.sending?(request.method, request.operation?.path ?? request.url.path, attempt)
    let start = clock.now()
    let answer: TransportResponse
    do throws(TransportError) {
      answer = try await transport.send(request.transportRequest(maximumBodySize: configuration.maximumBodySize))
    } catch {
      await traffic.lost(error, at: clock.now())
      await report(request, nil, attempt: attempt, waited: waited, since: start)
      let lost = APIError.lost(error, request: request, redactor: redactor)
      if error.kind == .cancelled { throw cancelled(request, lost) }
      return .failed(FailedAttempt(failure: .init(error), error: lost, asked: nil))
    }
    let reading = RateLimitReading(headers: answer.headers, unixTime: clock.unixTime())
    let end = clock.now()
    await traffic.answered(status: answer.status, reading: reading, took: end - start, at: end)
    if answer.status == 401, !request.isAnonymous { configuration.tokenRejected?() }
    let response = APIResponse(
      status: answer.status, headers: answer.headers, body: answer.body, method: request.method,
      path: request.url.path, attempts: attempt, redactor: redactor)
    await report(request, response, attempt: attempt, waited: waited, since: start)
    if (200..<300).contains(answer.status) { return .answered(response) }
    var error = APIError.answer(response, redactor: redactor)
    error.retryAfter = answer.status == 429 ? reading.wait : reading.retryAfter
    let failure = RetryPolicy.Failure(status: answer.status, errors: error.errors)
    return .failed(FailedAttempt(failure: failure, error: error, asked: error.retryAfter))
  }

  /// The error for a request that was cancelled after it had been sent.
  private func cancelled(_ request: PreparedRequest, _ error: APIError) -> APIError {
    guard request.repeatability != .reading else { return error }
    let unknown = error.withUnknownOutcome()
    configuration.writeCancelled?(unknown)
    return unknown
  }

  /// Waits until a request may leave; gives how long that took.
  private func admission(of request: PreparedRequest, isRetry: Bool) async throws(APIError) -> Duration {
    switch await traffic.admit(at: clock.now(), priority: request.priority, isRetry: isRetry) {
    case .go(after: .zero): return .zero
    case .go(let wait):
      do {
        try await sleep(wait, request.method, request.url.path)
      } catch {
        await traffic.abandoned(at: clock.now())
        throw error
      }
      return wait
    case .refused(let time):
      throw APIError(
        .network, "\(request.url.origin) failed many times in a row, so nothing was sent", method: request.method,
        path: request.url.path, retryAfter: time)
    case .tokenRejected:
      throw APIError(
        .auth, "Intercom refused this access token before, so nothing was sent; connect the account again",
        status: 401, method: request.method, path: request.url.path)
    }
  }

  private func sleep(_ time: Duration, _ method: String, _ path: String) async throws(APIError) {
    do {
      try await clock.sleep(time)
    } catch {
      throw APIError(.cancelled, "the request was cancelled while it waited", method: method, path: path)
    }
  }

  private func report(
    _ request: PreparedRequest, _ response: APIResponse?, attempt: Int, waited: Duration, since start: Duration
  ) async {
    guard let observer = configuration.observer else { return }
    observer(
      Exchange(
        method: request.method, path: request.operation?.path ?? request.url.path, status: response?.status,
        attempt: attempt, waited: waited, duration: clock.now() - start, remaining: await traffic.remaining,
        requestID: response?.requestID))
  }
}

extension RetryPolicy.Failure {
  /// The failure that an exchange without an answer stands for.
  init(_ error: TransportError) {
    switch error.kind {
    case .cancelled, .bodyTooLarge, .insecure, .privateAddress, .notRecorded: self = .final
    default: self = error.mayHaveBeenSent ? .lost : .notSent
    }
  }
}
