// A request after all checks: nothing but sending is left.

import ICSJSON
import IntercomCatalogue

/// A request that may be sent, with what the rules need to know about it.
struct PreparedRequest: Sendable {
  let method: String
  let url: RequestURL
  let headers: [(name: String, value: String)]
  let body: [UInt8]?
  let timeout: Duration
  let retries: Int?
  let priority: APIRequest.Priority
  /// Whether it goes out without the account's token.
  let isAnonymous: Bool
  /// The operation that it reaches, if the catalogue has it.
  let operation: Operation?

  private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

  /// Checks a request and builds what is sent.
  ///
  /// - Throws: `E_VALUE`, `E_PERMISSION` for a header that is the connector's, `E_AUTH` without a token,
  ///   `E_INVALID_REQUEST` for a body that the API would refuse.
  init(_ request: APIRequest, account: Account, configuration: IntercomClient.Configuration) throws(APIError) {
    guard Self.methods.contains(request.method) else {
      throw .value("a method is one of \(Self.methods.joined(separator: ", "))")
    }
    let token = request.isAnonymous ? nil : try Self.checkedToken(of: account)
    let url = try RequestURL(base: account.baseURL, path: request.path, query: request.query)
    if let body = request.body, request.method == "GET" || request.method == "HEAD" {
      guard body.isNull else { throw .value("a \(request.method) has no body") }
    }
    if let retries = request.retries, retries < 0 { throw .value("'retries' is 0 or more") }
    if let timeout = request.timeout, timeout <= .zero { throw .value("'timeout' is more than 0") }
    method = request.method
    self.url = url
    operation = Catalogue.shared.operation(method: request.method == "HEAD" ? "GET" : request.method, path: url.path)
    headers = try RequestHeaders.build(
      given: request.headers, version: account.version, token: token, userAgent: configuration.userAgent,
      hasBody: request.body != nil)
    if let body = request.body {
      if request.checksBody && configuration.checksBodies, let operation {
        try BodyCheck.shared.require(body, for: operation)
      }
      self.body = try Self.serialized(body)
    } else {
      body = nil
    }
    timeout = request.timeout ?? configuration.timeout
    retries = request.retries
    priority = request.priority
    isAnonymous = request.isAnonymous
  }

  private static func checkedToken(of account: Account) throws(APIError) -> Secret {
    guard let token = account.accessToken, !token.isEmpty else {
      throw APIError(.auth, "the account has no access token")
    }
    guard RequestHeaders.isValue(token.reveal()), !token.reveal().utf8.contains(UInt8(ascii: " ")) else {
      throw APIError(.auth, "the access token holds characters that no token has")
    }
    return token
  }

  private static func serialized(_ body: JSONValue) throws(APIError) -> [UInt8] {
    guard body.isFinite else { throw .value("the body holds a number that JSON does not have") }
    return body.serializedBytes()
  }

  /// Whether it may be sent again when nobody knows whether it was carried out.
  var repeatability: Operation.Repeatability {
    if let operation { return operation.repeatability }
    switch method {
    case "GET", "HEAD": return .reading
    case "PUT", "DELETE": return .repeatable
    default: return .once
    }
  }

  func transportRequest(maximumBodySize: Int) -> TransportRequest {
    TransportRequest(
      method: method, url: url.text, headers: headers, body: body, timeout: timeout, maximumBodySize: maximumBodySize)
  }
}

extension JSONValue {
  /// Whether no number in it is NaN or infinite.
  var isFinite: Bool {
    switch self {
    case .double(let value): value.isFinite
    case .array(let items): items.allSatisfy(\.isFinite)
    case .object(let object): object.allSatisfy { $0.value.isFinite }
    default: true
    }
  }
}
