// The sentences: every error that this module makes of an answer or a lost connection.

import ICSJSON
import IntercomCatalogue

extension APIError {
  static func value(_ message: String) -> APIError { APIError(.value, message) }

  /// The error for an answer with a status that is no success.
  static func answer(_ response: APIResponse, redactor: Redactor) -> APIError {
    let envelope = try? JSONValue(parsing: response.body)  // No JSON: a proxy's page; the status says enough.
    let details = (envelope?["errors"]?.arrayValue ?? []).compactMap { Detail(envelope: $0, redactor: redactor) }
    let requestID = envelope?["request_id"]?.stringValue ?? response.requestID
    var message = sentence(for: response, details: details)
    if details.isEmpty, let excerpt = response.excerpt { message += ": \(excerpt)" }
    return APIError(
      code(forStatus: response.status), message, status: response.status,
      requestID: requestID.map(redactor.redact), errors: details, method: response.method, path: response.path)
  }

  static func code(forStatus status: Int) -> Code {
    switch status {
    case 401: .auth
    case 404, 410: .notFound
    case 408: .timeout
    case 409: .conflict
    case 400, 405, 406, 413, 414, 415, 422: .invalidRequest
    case 429: .rateLimit
    default: .http
    }
  }

  private static func sentence(for response: APIResponse, details: [Detail]) -> String {
    let said = details.compactMap { detail -> String? in
      guard let message = detail.message, !message.isEmpty else { return detail.code }
      return detail.field.map { "\($0): \(message)" } ?? message
    }
    let what = said.isEmpty ? "" : ": " + said.joined(separator: "; ")
    switch response.status {
    case 300..<400: return "the answer is a redirect (\(response.status)), and redirects are not followed"
    case 401: return "Intercom does not accept the access token (401\(what))"
    case 402, 403: return "the account may not do this (\(response.status)\(what))"
    case 404: return "Intercom has nothing at \(response.path) (404\(what))"
    case 410: return "this contact was merged into another (410\(what))"
    case 409: return "this clashes with what is there (409\(what))"
    case 429: return "the rate limit is used up (429\(what))"
    case 500...: return "Intercom has a problem of its own (\(response.status)\(what))"
    default: return "Intercom refuses the request (\(response.status)\(what))"
    }
  }

  /// The error for an exchange that ended without an answer.
  static func lost(_ failure: TransportError, request: PreparedRequest, redactor: Redactor) -> APIError {
    let host = request.url.origin
    let (code, message): (Code, String) =
      switch failure.kind {
      case .cannotConnect: (.network, "cannot connect to \(host)")
      case .unknownHost: (.network, "there is no host for \(host)")
      case .insecure: (.network, "\(host) does not prove who it is")
      case .privateAddress: (.permission, "\(host) leads to a private network, and nothing was sent there")
      case .connectTimeout: (.timeout, "connecting to \(host) takes too long")
      case .timeout: (.timeout, "no answer from \(host) in time")
      case .connectionLost: (.network, "the connection to \(host) was lost before the answer came")
      case .bodyTooLarge: (.http, "the answer is larger than allowed")
      case .malformedAnswer: (.http, "the answer is not HTTP")
      case .cancelled: (.cancelled, "the request was cancelled")
      case .notRecorded: (.network, "the recording has no answer")
      }
    let detail = failure.detail.isEmpty ? "" : ": \(redactor.redact(failure.detail))"
    return APIError(code, message + detail, method: request.method, path: request.url.path)
  }

  /// The same error for a request that changes something and of which nobody knows whether it was carried out.
  func withUnknownOutcome() -> APIError {
    var error = self
    error.outcomeUnknown = true
    error.message += "; whether it was carried out is unknown, and it was not sent again"
    return error
  }

  /// The error for a body or a search that was not sent.
  static func findings(_ findings: [Finding], code: Code, subject: String) -> APIError {
    let first = findings.prefix(3).map(\.sentence).joined(separator: "; ")
    let more = findings.count > 3 ? "; and \(findings.count - 3) more" : ""
    return APIError(code, "\(subject) was not sent: \(first)\(more)", findings: findings)
  }
}

extension APIError.Detail {
  init?(envelope: JSONValue, redactor: Redactor) {
    guard let code = envelope["code"]?.stringValue else { return nil }
    self.init(
      code: redactor.redact(code), message: envelope["message"]?.stringValue.map(redactor.redact),
      field: envelope["field"]?.stringValue.map(redactor.redact))
  }
}
