// The service's answers to HTTP requests, for Hummingbird.

import HTTPTypes
import Hummingbird
import ICSDurable
import ICSJSON
import IntercomAPI
import NIOCore

/// Answers `/webhooks/intercom`, `/healthz`, `/metrics` and the paths of `on request`. Put it into a server of your own,
/// or let `HookServer` start one.
public struct HookResponder: HTTPResponder {
  /// Needs nothing from the server.
  public struct Context: InitializableFromSource, Sendable {
    /// A context of any request.
    public init(source: ApplicationRequestContextSource) {}
  }

  private let service: HookService

  /// Answers for a service, whose scripts may change while it answers.
  public init(_ service: HookService) { self.service = service }

  /// Answers one request; 404 for a path that is none of the service's. Never throws for what a peer sends.
  public func respond(to request: Request, context: Context) async throws -> Response {
    switch request.uri.path {
    case HookPaths.webhooks: return await webhookResponse(to: request)
    case HookPaths.health:
      return response(Self.isRead(request) ? await service.health() : Self.notRead, to: request)
    case HookPaths.metrics:
      return response(Self.isRead(request) ? await service.metricsAnswer() : Self.notRead, to: request)
    case let path:
      guard let hook = service.registry.hook(answering: path) else {
        return response(.error(404, "E_NOT_FOUND", "nothing is served at \(path)"), to: request)
      }
      return await response(to: request, by: hook)
    }
  }

  /// What a request to the webhooks' address is answered.
  func webhookResponse(to request: Request) async -> Response {
    let answer = await webhook(request)
    service.metrics.answered(answer.status)
    return response(answer, to: request)
  }

  /// What a request to a path of `on request` is answered.
  func response(to request: Request, by hook: HookRegistry.ServedHook) async -> Response {
    response(await answer(request, by: hook), to: request)
  }

  private static func isRead(_ request: Request) -> Bool { request.method == .get || request.method == .head }
  private static let notRead = WebhookAnswer.error(
    405, "E_HTTP", "this is read by GET", headers: ["Allow": "GET, HEAD"])

  // MARK: Webhooks

  private func webhook(_ request: Request) async -> WebhookAnswer {
    let receiver = service.receiver
    var webhook = WebhookRequest(method: request.method.rawValue, signatures: signatures(of: request), body: [])
    if request.method == .post {
      guard let body = await body(of: request, atMost: receiver.limits.bodySize) else {
        return await receiver.receive(receiver.tooLarge)
      }
      webhook.body = body
    }
    return await receiver.receive(webhook)
  }

  private func signatures(of request: Request) -> [String] {
    Self.signature.map { request.headers[values: $0] } ?? []
  }

  private static let signature = HTTPField.Name(WebhookSignature.header)

  /// The bytes of a body; nil when they are too many, or did not come to their end.
  private func body(of request: Request, atMost limit: Int) async -> [UInt8]? {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { return nil }
    do {
      let buffer = try await request.body.collect(upTo: limit)
      return Array(buffer.readableBytesView)
    } catch {
      // A connection that broke off reads no answer.
      return nil
    }
  }

  // MARK: Requests

  private func answer(_ request: Request, by hook: HookRegistry.ServedHook) async -> WebhookAnswer {
    guard let body = await body(of: request, atMost: service.receiver.limits.bodySize) else {
      return .error(413, "E_HTTP", "the body has more than \(service.receiver.limits.bodySize) bytes")
    }
    var headers = JSONObject()
    for field in request.headers where Self.storedHeaders.contains(field.name.canonicalName) {
      headers[field.name.canonicalName] = .string(field.value)
    }
    var query = JSONObject()
    for (name, value) in request.uri.queryParameters { query[String(name)] = .string(String(value)) }
    let text = String(decoding: body, as: UTF8.self)
    // A body that is no JSON is there as text alone.
    let json = (try? JSONValue(parsing: body)) ?? .null
    let item: JSONValue = [
      "type": "request", "method": .string(request.method.rawValue), "path": .string(request.uri.path),
      "query": .object(query), "headers": .object(headers), "body": json, "text": .string(text),
    ]
    return await service.answer(item, by: hook)
  }

  /// What is kept of a request's head. Everything else may be a secret, and would lie in the store for weeks.
  private static let storedHeaders: Set<String> = [
    "accept", "accept-language", "content-type", "user-agent", "x-request-id", "idempotency-key",
  ]

  // MARK: Answers

  private func response(_ answer: WebhookAnswer, to request: Request) -> Response {
    var fields = HTTPFields()
    if !answer.body.isEmpty { fields[.contentType] = "application/json; charset=utf-8" }
    for (name, value) in answer.headers {
      if let name = HTTPField.Name(name), HTTPField.isValidValue(value) { fields[name] = value }
    }
    let buffer = ByteBuffer(string: answer.body)
    fields[.contentLength] = String(buffer.readableBytes)
    let isEmpty = request.method == .head || answer.body.isEmpty
    return Response(
      status: HTTPResponse.Status(code: answer.status), headers: fields,
      body: isEmpty ? ResponseBody() : ResponseBody(byteBuffer: buffer))
  }
}
