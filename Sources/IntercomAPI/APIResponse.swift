// What the API answered.

import ICSJSON
import IntercomCatalogue

/// An answer. The body is kept as bytes, so that a caller with values of its own parses it straight into them.
public struct APIResponse: Sendable {
  /// The HTTP status.
  public let status: Int
  /// The headers in the order in which they came, names as they came.
  public let headers: [(name: String, value: String)]
  /// The body, unpacked.
  public let body: [UInt8]
  /// Method and path of the request that was answered.
  public let method: String
  /// The request's path.
  public let path: String
  /// How often the request was sent.
  public let attempts: Int
  /// Masks the account's secrets where an error shows the body.
  private let redactor: Redactor

  /// An answer, for tests and other transports.
  public init(
    status: Int, headers: [(name: String, value: String)], body: [UInt8], method: String, path: String,
    attempts: Int = 1, redactor: Redactor = Redactor(secrets: [])
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.method = method
    self.path = path
    self.attempts = attempts
    self.redactor = redactor
  }

  /// The first header of this name, whatever its case.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }

  /// The API's name for the request.
  public var requestID: String? { header("X-Request-Id") }

  /// The body as JSON; `null` when it is empty and may be.
  ///
  /// - Throws: `E_HTTP` when the body is no JSON: a proxy's page, a cut answer.
  public func json() throws(APIError) -> JSONValue {
    if try isEmpty() { return .null }
    do { return try JSONValue(parsing: body) } catch { throw notJSON(error) }
  }

  /// Whether there is nothing to parse, for callers that parse on their own.
  ///
  /// - Throws: `E_HTTP` when the body is empty although this operation answers something.
  public func isEmpty() throws(APIError) -> Bool {
    guard body.isEmpty else { return false }
    let operation = Catalogue.shared.operation(method: method, path: path)
    let promised = operation?.answers.first { $0.status == status }
    if status == 200, method != "HEAD", operation == nil || promised?.schema != nil {
      throw APIError(.http, "the answer is empty", status: status, requestID: requestID, method: method, path: path)
    }
    return true
  }

  /// The error for a body that a caller could not parse.
  package func notJSON(_ error: JSONError) -> APIError {
    let excerpt = excerpt.map { ": \($0)" } ?? ""
    return APIError(
      .http, "the answer is not JSON (\(error))\(excerpt)", status: status, requestID: requestID, method: method,
      path: path)
  }

  /// The beginning of the body, made harmless: control characters escaped, secrets masked; `nil` when it is empty.
  var excerpt: String? {
    guard !body.isEmpty else { return nil }
    // Masked before it is cut: half a token at the end would not be found any more.
    let text = redactor.redact(String(decoding: body.prefix(4096), as: UTF8.self))
    let harmless = text.unicodeScalars.prefix(200).map { scalar in
      scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return "\u{201C}\(harmless.joined())\u{201D}"
  }
}
