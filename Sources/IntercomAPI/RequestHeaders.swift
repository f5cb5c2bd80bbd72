// Which headers a request carries, and which a caller may set.

/// The rules for headers.
enum RequestHeaders {
  /// Headers that decide who asks, whom, and where a message ends. They are the connector's.
  private static let reserved: Set<String> = [
    "authorization", "host", "content-length", "transfer-encoding", "connection", "proxy-authorization", "te",
    "trailer", "upgrade", "expect",
  ]
  private static let maximumLength = 8192

  /// The headers of a request: the connector's own, and the caller's where they may stand.
  static func build(
    given: [(name: String, value: String)], version: String, token: Secret?, userAgent: String, hasBody: Bool
  ) throws(APIError) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = [("Accept", "application/json"), ("User-Agent", userAgent)]
    if hasBody { headers.append(("Content-Type", "application/json")) }
    headers.append(("Intercom-Version", version))
    for (name, value) in given {
      try check(name, value)
      headers.removeAll { $0.name.lowercased() == name.lowercased() }
      headers.append((name, value))
    }
    if let token { headers.append(("Authorization", "Bearer \(token.reveal())")) }
    return headers
  }

  /// Whether a text may stand in a header: visible ASCII, spaces and tabs.
  static func isValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x09 } && text.utf8.count <= maximumLength
  }

  /// `2.16` and its like, and the two names that Intercom gives to versions in the making.
  static func isVersion(_ text: String) -> Bool {
    if text == "Preview" || text == "Unstable" { return true }
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 2 && numbers.allSatisfy { (1...2).contains($0.utf8.count) && $0.allSatisfy(\.isNumber) }
      && text.utf8.allSatisfy { $0 < 0x80 }
  }

  private static func check(_ name: String, _ value: String) throws(APIError) {
    guard !name.isEmpty, name.utf8.count <= 256, name.utf8.allSatisfy(isTokenByte) else {
      throw .value("a header's name has letters, digits and '-' only")
    }
    guard !reserved.contains(name.lowercased()) else {
      throw APIError(.permission, "the header '\(name)' is set by the connector and cannot be replaced")
    }
    guard isValue(value) else {
      throw .value("the header '\(name)' holds a line break, a character beyond ASCII, or more than 8 KiB")
    }
    if name.lowercased() == "intercom-version", !isVersion(value) {
      throw .value("the header '\(name)' is a version such as '2.16', or 'Preview'")
    }
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
