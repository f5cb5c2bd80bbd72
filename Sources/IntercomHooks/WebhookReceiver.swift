// From a webhook's request to its answer: signature, size, form, then one durable insert.

import ICSDurable
import ICSJSON
import ICSLibrary
import IntercomAPI
import Synchronization

/// A request that may be a webhook.
public struct WebhookRequest: Sendable {
  /// `POST`, `HEAD` and so on, in capitals.
  public var method: String
  /// The values of all `X-Hub-Signature` headers.
  public var signatures: [String]
  /// The body as it came: the signature is over these bytes.
  public var body: [UInt8]

  /// A request, as the server has read it.
  public init(method: String, signatures: [String], body: [UInt8]) {
    self.method = method
    self.signatures = signatures
    self.body = body
  }
}

/// What a request is answered with.
public struct WebhookAnswer: Sendable, Hashable {
  /// The status: 200 stored, 400 malformed, 401 not signed, 405 wrong method, 413 too large, 429 too many waiting, 503
  /// not stored.
  public var status: Int
  /// JSON text; empty for none.
  public var body: String
  /// Headers that the answer needs, such as `Retry-After`.
  public var headers: [String: String] = [:]

  /// An answer.
  public init(status: Int, body: String = "", headers: [String: String] = [:]) {
    self.status = status
    self.body = body
    self.headers = headers
  }

  /// An answer that says what is wrong.
  static func error(_ status: Int, _ code: String, _ message: String, headers: [String: String] = [:]) -> WebhookAnswer
  {
    let body: JSONValue = ["error": ["code": .string(code), "message": .string(message)]]
    return WebhookAnswer(status: status, body: body.serialized(), headers: headers)
  }
}

/// Takes Intercom's webhooks, and answers 200 only when they are stored.
///
/// A value that knows no server: give it requests from Hummingbird, NIO or a test, and send what it answers.
///
///     let receiver = WebhookReceiver(secrets: [Secret(secret)], store: store) { notification in
///       [NewRun(hook: "welcome", program: version.digest)]
///     }
///     let answer = await receiver.receive(WebhookRequest(method: "POST", signatures: [header], body: bytes))
public struct WebhookReceiver: Sendable {
  /// What a receiver takes.
  public struct Limits: Sendable {
    /// The largest body; a larger one is answered 413 before it is read to its end.
    public var bodySize = 1 << 20
    /// How many runs may wait for a worker; above it the answer is 429, and Intercom sends later.
    public var backlog = 100_000

    /// Bodies of up to 1 MiB, and up to 100,000 runs that wait.
    public init() {}
  }

  /// What became of a request, for whoever watches.
  public enum Outcome: Sendable {
    /// Stored, with the runs that it starts.
    case accepted(WebhookNotification, event: EventID, runs: [RunID])
    /// Stored before, and answered alike. `conflict`: under the same id, but with another body.
    case duplicate(WebhookNotification, of: EventID, conflict: Bool)
    /// Intercom has asked whether somebody answers.
    case ping(WebhookNotification)
    /// Not taken.
    case refused(status: Int, reason: String)
  }

  /// The largest body, and how many runs may wait.
  public let limits: Limits
  private let secrets: [Secret]
  private let store: any DurableStore
  private let plan: @Sendable (WebhookNotification) async -> [NewRun]
  private let observe: @Sendable (Outcome) -> Void
  private let now: @Sendable () -> Timestamp
  private let backlog = Backlog()

  /// The backlog as it was a moment ago: asking the store for each request would cost more than the answer is worth.
  private final class Backlog: Sendable {
    let state = Mutex((count: 0, askedAt: Timestamp(milliseconds: 0)))
  }

  /// - Parameters:
  ///   - secrets: The client secrets of the app: one, or two while it is being changed. Without any, all are refused.
  ///   - store: Where events are kept.
  ///   - limits: The largest body, and how many runs may wait.
  ///   - observe: Is told what became of each request. Called on any thread, and should be quick.
  ///   - now: The wall clock.
  ///   - plan: The runs that a notification starts.
  public init(
    secrets: [Secret], store: any DurableStore, limits: Limits = Limits(),
    observe: @escaping @Sendable (Outcome) -> Void = { _ in },
    now: @escaping @Sendable () -> Timestamp = { SystemClock().now().wall },
    plan: @escaping @Sendable (WebhookNotification) async -> [NewRun]
  ) {
    self.secrets = secrets
    self.store = store
    self.limits = limits
    self.observe = observe
    self.now = now
    self.plan = plan
  }

  /// What a request is, before anything is stored.
  public enum Check: Sendable {
    /// Answer this; nothing is to be stored.
    case answer(WebhookAnswer, reason: String?)
    /// Signed and well formed: to be stored.
    case notification(WebhookNotification)
  }

  /// Decides about a request by itself: method, size, signature, form. Knows no clock and no store.
  public func check(_ request: WebhookRequest) -> Check {
    func refuse(_ status: Int, _ code: String, _ reason: String, _ headers: [String: String] = [:]) -> Check {
      .answer(.error(status, code, reason, headers: headers), reason: reason)
    }
    switch request.method {
    case "POST": break
    // Intercom asks for the address before it sends anything there.
    case "HEAD": return .answer(WebhookAnswer(status: 200), reason: nil)
    default: return refuse(405, "E_HTTP", "webhooks come by POST", ["Allow": "POST, HEAD"])
    }
    guard request.body.count <= limits.bodySize else { return tooLarge }
    guard request.signatures.count == 1, let signature = request.signatures.first else {
      let reason = request.signatures.isEmpty ? "the webhook has no signature" : "the webhook has two signatures"
      return refuse(401, "E_AUTH", reason)
    }
    guard secrets.contains(where: { WebhookSignature.isValid(signature, of: request.body, secret: $0) }) else {
      return refuse(401, "E_AUTH", "the webhook's signature is not that of its body")
    }
    do throws(WebhookNotification.Malformed) {
      return .notification(try WebhookNotification(body: request.body))
    } catch {
      return refuse(400, "E_JSON", error.reason)
    }
  }

  /// The answer to a body that is too large, for servers that notice it before they have read it.
  public var tooLarge: Check {
    let reason = "the body has more than \(limits.bodySize) bytes"
    return .answer(.error(413, "E_HTTP", reason, headers: ["Connection": "close"]), reason: reason)
  }

  /// Takes a request, and answers when what it carries is durable.
  public func receive(_ request: WebhookRequest) async -> WebhookAnswer {
    await receive(check(request))
  }

  /// Takes a request that was checked.
  public func receive(_ check: Check) async -> WebhookAnswer {
    switch check {
    case .answer(let answer, let reason):
      if let reason { observe(.refused(status: answer.status, reason: reason)) }
      return answer
    case .notification(let notification): return await store(notification)
    }
  }

  // MARK: Storing

  private func store(_ notification: WebhookNotification) async -> WebhookAnswer {
    let runs = await plan(notification)
    if notification.topic == "ping", runs.isEmpty {
      observe(.ping(notification))
      return Self.answer(["status": "pong"])
    }
    do throws(DurableError) {
      guard try await hasRoom() else {
        return refuse(429, "E_RATE_LIMIT", "more runs wait than the workers can take", retryAfter: 60)
      }
      let now = now()
      FailPoint.receiveBegin.hit()
      let accepted = try await store.accept([incoming(notification, runs, at: now)])
      FailPoint.receiveBeforeAnswer.hit()
      switch accepted.first {
      case .new(let event, let made)?:
        observe(.accepted(notification, event: event, runs: made))
        return Self.answer([
          "status": "accepted", "event": .int(event.rawValue), "runs": .array(made.map { .int($0.rawValue) }),
        ])
      case .duplicate(let event, let conflict)?:
        observe(.duplicate(notification, of: event, conflict: conflict))
        return Self.answer(["status": "duplicate", "event": .int(event.rawValue)])
      case nil: return refuse(503, "E_IO", "the store gave no answer", retryAfter: 60)
      }
    } catch {
      switch error {
      case .tooLarge: return refuse(413, "E_HTTP", error.description, retryAfter: nil)
      default: return refuse(503, "E_IO", "the event could not be stored: \(error)", retryAfter: 60)
      }
    }
  }

  private func incoming(_ notification: WebhookNotification, _ runs: [NewRun], at now: Timestamp) -> IncomingEvent {
    let hash = notification.contentHash
    return IncomingEvent(
      tenant: notification.appID ?? "default", source: "intercom",
      externalID: notification.id ?? "sha256:" + ContentDigest.hexadecimal(hash), topic: notification.topic,
      bodyHash: hash, payload: notification.body, receivedAt: now, runs: runs)
  }

  private func hasRoom() async throws(DurableError) -> Bool {
    let now = now()
    let known = backlog.state.withLock { $0 }
    var count = known.count
    if now - known.askedAt > .milliseconds(250) || now < known.askedAt {
      // Whoever comes meanwhile takes the old number.
      backlog.state.withLock { $0.askedAt = now }
      let fresh = try await store.backlog()
      backlog.state.withLock { $0.count = fresh }
      count = fresh
    }
    return count < limits.backlog
  }

  private func refuse(_ status: Int, _ code: String, _ reason: String, retryAfter: Int?) -> WebhookAnswer {
    observe(.refused(status: status, reason: reason))
    return .error(status, code, reason, headers: retryAfter.map { ["Retry-After": String($0)] } ?? [:])
  }

  private static func answer(_ object: JSONValue) -> WebhookAnswer {
    WebhookAnswer(status: 200, body: object.serialized())
  }
}
