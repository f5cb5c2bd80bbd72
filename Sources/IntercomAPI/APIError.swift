// The one error of this module.

import ICSJSON

/// Why a request failed, or was not sent.
///
/// The message is a sentence for people, and holds no secret: texts of the server pass through a `Redactor` first.
public struct APIError: Error, Sendable {
  /// The stable codes, as scripts see them.
  public enum Code: String, Sendable, CaseIterable {
    /// The token is missing, wrong or revoked: status 401.
    case auth = "E_AUTH"
    /// Too many requests, also after the waits that the API asked for: status 429.
    case rateLimit = "E_RATE_LIMIT"
    /// The API knows nothing under this id or path: status 404, or 410.
    case notFound = "E_NOT_FOUND"
    /// The object exists already, or has changed in the meantime: status 409.
    case conflict = "E_CONFLICT"
    /// The API does not accept the body or the query, or the check before sending found it wrong.
    case invalidRequest = "E_INVALID_REQUEST"
    /// No answer in time.
    case timeout = "E_TIMEOUT"
    /// The connection failed, before or while the request was sent.
    case network = "E_NETWORK"
    /// An answer with any other status, 403 and 5xx among them, or one that is not what the API promises.
    case http = "E_HTTP"
    /// An argument that cannot be used: a path, a name, an account that does not exist.
    case value = "E_VALUE"
    /// Refused before anything was sent: a host, a header or a file that may not be used.
    case permission = "E_PERMISSION"
    /// A search that the API cannot do.
    case query = "E_QUERY"
    /// The task was cancelled; `outcomeUnknown` says whether a write may have happened.
    case cancelled = "E_CANCELLED"
    /// A file of this machine: accounts, the sandbox's state, a recording.
    case io = "E_IO"
  }

  /// One entry of the API's own list of errors.
  public struct Detail: Sendable, Hashable {
    /// The API's own code, such as `not_found`.
    public let code: String
    /// The API's sentence.
    public let message: String?
    /// The field of the body that it is about.
    public let field: String?

    /// An entry.
    public init(code: String, message: String? = nil, field: String? = nil) {
      self.code = code
      self.message = message
      self.field = field
    }
  }

  /// What kind of failure it is.
  public var code: Code
  /// What happened, in plain words and without a secret.
  public var message: String
  /// The answer's status; `nil` when there was no answer.
  public var status: Int?
  /// The API's name for the request, which Intercom's support asks for.
  public var requestID: String?
  /// The API's own errors.
  public var errors: [Detail]
  /// The request's method.
  public var method: String?
  /// The request's path, without its query.
  public var path: String?
  /// Whether the request may have been carried out although it failed here.
  public var outcomeUnknown: Bool
  /// What is wrong with the body or the search, field by field; nothing was sent when this is not empty.
  public var findings: [Finding]
  /// How long to wait before another try makes sense, where that is known.
  public var retryAfter: Duration?
  /// Whether the script that sent the request must not go on: nothing in it catches the error.
  package var endsScript = false

  /// An error with the facts that are known.
  public init(
    _ code: Code, _ message: String, status: Int? = nil, requestID: String? = nil, errors: [Detail] = [],
    method: String? = nil, path: String? = nil, outcomeUnknown: Bool = false, findings: [Finding] = [],
    retryAfter: Duration? = nil
  ) {
    self.code = code
    self.message = message
    self.status = status
    self.requestID = requestID
    self.errors = errors
    self.method = method
    self.path = path
    self.outcomeUnknown = outcomeUnknown
    self.findings = findings
    self.retryAfter = retryAfter
  }

  /// The facts as JSON: `{status, code, request_id, errors, method, path}`, which a script reads as `.data`.
  public var data: JSONValue {
    var object: JSONObject = [
      "status": status.map(JSONValue.int) ?? .null,
      "code": (errors.first?.code).map(JSONValue.string) ?? .string(code.rawValue),
      "request_id": requestID.map(JSONValue.string) ?? .null,
      "errors": .array(errors.map(\.json)),
      "method": method.map(JSONValue.string) ?? .null,
      "path": path.map(JSONValue.string) ?? .null,
    ]
    if outcomeUnknown { object["outcome_unknown"] = true }
    if !findings.isEmpty { object["findings"] = .array(findings.map(\.json)) }
    if let retryAfter { object["retry_after"] = .double(retryAfter.inSeconds) }
    return .object(object)
  }

  /// The message with the request that it belongs to.
  public var sentence: String {
    guard let method, let path else { return message }
    return "\(method) \(path): \(message)"
  }

  /// The same error with method and path of the request that it belongs to, where it has none of its own.
  func at(_ method: String, _ path: String) -> APIError {
    var error = self
    error.method = error.method ?? method
    error.path = error.path ?? path
    return error
  }
}

extension APIError: CustomStringConvertible {
  /// Code and message.
  public var description: String { "\(code.rawValue): \(message)" }
}

extension APIError.Detail {
  /// The entry as the API wrote it.
  var json: JSONValue {
    var object: JSONObject = ["code": .string(code)]
    if let message { object["message"] = .string(message) }
    if let field { object["field"] = .string(field) }
    return .object(object)
  }
}

extension Duration {
  /// The duration as seconds, for messages and headers; not for arithmetic.
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
