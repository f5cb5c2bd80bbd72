// One request and what came back, as a recording keeps them.

import ICSJSON

/// An exchange in a recording: one JSON document, without request headers and without secrets.
struct RecordedExchange: Sendable {
  /// From 1, in the order in which the requests were sent; answers may come in another one.
  let number: Int
  /// The call that sent it, from 1; 0 when nobody counted.
  let origin: Int
  let key: Key
  let outcome: Result<TransportResponse, TransportError>

  /// What a request is found by.
  struct Key: Sendable, Hashable {
    /// The name of the account whose request it is.
    let account: String
    let method: String
    /// Path and query.
    let target: String
    /// `null` without a body.
    let body: JSONValue

    init(account: String, method: String, target: String, body: JSONValue) {
      self.account = account
      self.method = method
      self.target = target
      self.body = body
    }

    /// - Parameter redactor: Masks what a recording does not hold, so that both sides compare the same.
    init(_ request: TransportRequest, account: String, redactor: Redactor) {
      self.account = redactor.redact(account)
      method = request.method
      target = redactor.redact(Self.target(of: request.url))
      // A body that is no JSON is compared as text; the connector sends none.
      let text = redactor.redact(request.body ?? [])
      let json = try? JSONValue(parsing: text)  // As the line above says.
      body = text.isEmpty ? .null : RecordedExchange.masked(json ?? .string(String(decoding: text, as: UTF8.self)))
    }

    /// The URL without scheme, host and port: a sandbox has another port each time.
    private static func target(of url: String) -> String {
      guard let authority = url.firstRange(of: "://")?.upperBound,
        let slash = url[authority...].firstIndex(of: "/")
      else { return url }
      return String(url[slash...])
    }
  }

  /// The exchange as a document.
  func json(redactor: Redactor) -> JSONValue {
    var object: JSONObject = [
      "n": .int(number), "call": .int(origin), "account": .string(key.account), "method": .string(key.method),
      "target": .string(key.target),
    ]
    if !key.body.isNull { object["body"] = key.body }
    switch outcome {
    case .success(let response):
      object["status"] = .int(response.status)
      object["headers"] = .array(
        response.headers.map { [.string($0.name), .string(redactor.redact($0.value))] })
      let bytes = redactor.redact(response.body)
      if let value = try? JSONValue(parsing: bytes) {  // What is no JSON is kept as text.
        object["answer"] = Self.masked(value)
      } else if !bytes.isEmpty {
        object["text"] = .string(String(decoding: bytes, as: UTF8.self))
      }
    case .failure(let error):
      object["error"] = ["kind": .string(error.kind.rawValue), "detail": .string(redactor.redact(error.detail))]
    }
    return .object(object)
  }

  /// Reads a document; `nil` for one that is no exchange.
  init?(_ json: JSONValue) {
    guard let number = json["n"]?.intValue, let account = json["account"]?.stringValue,
      let method = json["method"]?.stringValue,
      let target = json["target"]?.stringValue
    else { return nil }
    self.number = number
    origin = json["call"]?.intValue ?? 0
    key = Key(account: account, method: method, target: target, body: json["body"] ?? .null)
    if let error = json["error"] {
      guard let kind = (error["kind"]?.stringValue).flatMap(TransportError.Kind.init) else { return nil }
      outcome = .failure(TransportError(kind, detail: error["detail"]?.stringValue ?? ""))
      return
    }
    guard let status = json["status"]?.intValue, (100...999).contains(status) else { return nil }
    var headers: [(name: String, value: String)] = []
    for pair in json["headers"]?.arrayValue ?? [] {
      guard let name = pair[0]?.stringValue, let value = pair[1]?.stringValue else { return nil }
      headers.append((name, value))
    }
    let body = json["answer"].map { $0.serializedBytes() } ?? Array((json["text"]?.stringValue ?? "").utf8)
    outcome = .success(TransportResponse(status: status, headers: headers, body: body))
  }

  init(number: Int, origin: Int, key: Key, outcome: Result<TransportResponse, TransportError>) {
    self.number = number
    self.origin = origin
    self.key = key
    self.outcome = outcome
  }

  /// The value with what stands under names such as `access_token` masked: a token that this account does not know is
  /// a token all the same.
  static func masked(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let items): return .array(items.map(masked))
    case .object(let object):
      var result = JSONObject()
      for (name, item) in object {
        let isSecret = item.stringValue != nil && secretSuffixes.contains { name.lowercased().hasSuffix($0) }
        result[name] = isSecret ? "<secret>" : masked(item)
      }
      return .object(result)
    default: return value
    }
  }

  private static let secretSuffixes = ["token", "secret", "password", "authorization", "api_key"]
}
