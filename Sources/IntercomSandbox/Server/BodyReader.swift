// From a request's bytes to a value.

import ICSJSON

enum BodyReader {
  /// The body: JSON, a form (the OAuth token request is one), or `null` when there is none. Clients send the JSON
  /// content type with no bytes at all; that is no body. `curl -d '{...}'` says that it sends a form: what begins like
  /// JSON is JSON.
  static func read(_ bytes: [UInt8], contentType: String?) throws(Failure) -> JSONValue {
    if bytes.isEmpty { return .null }
    let looksLikeJSON = bytes[0] == UInt8(ascii: "{") || bytes[0] == UInt8(ascii: "[")
    if !looksLikeJSON, contentType?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false {
      return form(bytes)
    }
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw .invalid("The request body is not JSON: \(error.message)")
    }
  }

  private static func form(_ bytes: [UInt8]) -> JSONValue {
    var object = JSONObject()
    for pair in String(decoding: bytes, as: UTF8.self).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentCoding.decode(parts[0], plusIsSpace: true) else { continue }
      object[name] = .string(parts.count > 1 ? PercentCoding.decode(parts[1], plusIsSpace: true) ?? "" : "")
    }
    return .object(object)
  }
}
