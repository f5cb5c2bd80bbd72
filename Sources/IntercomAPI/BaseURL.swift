// Where an account's API is.

/// Scheme, host and port that all requests of an account stay on.
public struct BaseURL: Sendable, Hashable, CustomStringConvertible {
  /// `https`, or `http` on the loopback interface.
  public let scheme: String
  /// The host in lower case; an IPv6 address has its brackets.
  public let host: String
  /// The port, also when it is the scheme's own.
  public let port: Int
  /// A path before every request's path, for a proxy; empty or beginning with a slash.
  public let prefix: String

  /// Reads an address such as `https://api.intercom.io` or `http://127.0.0.1:8080`.
  ///
  /// - Throws: `E_VALUE` when it is no such address, has a user, a query or a fragment, or is plain HTTP to anything
  ///   but this machine: a token in clear is read by whoever stands between.
  public init(_ text: String) throws(APIError) {
    guard let parts = Self.split(text) else {
      throw .value("'\(text.prefix(200))' is no base URL; it looks like 'https://api.intercom.io'")
    }
    (scheme, host, port, prefix) = parts
    if scheme == "http" && !isLoopback {
      let rest = text.dropFirst("http://".count).prefix(200)
      throw .value("plain HTTP is allowed to this machine only; write 'https://\(rest)'")
    }
  }

  private init(host: String) {
    (scheme, self.host, port, prefix) = ("https", host, 443, "")
  }

  /// Intercom's own host in a region.
  public static func intercom(_ region: Account.Region) -> BaseURL { BaseURL(host: region.host) }

  /// The region whose API is here; `nil` for an address that is not Intercom's.
  public var region: Account.Region? {
    scheme == "https" && prefix.isEmpty ? Account.Region.allCases.first { $0.host == host } : nil
  }

  /// Whether it is this machine.
  public var isLoopback: Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  /// Scheme, host and port as they stand in a URL.
  public var origin: String {
    let isDefault = port == (scheme == "https" ? 443 : 80)
    return "\(scheme)://\(host)" + (isDefault ? "" : ":\(port)")
  }

  /// The whole address, without a slash at its end.
  public var description: String { origin + prefix }

  /// Whether a complete URL has this scheme, host and port.
  func isOrigin(of url: String) -> Bool {
    // Nearly always the URL was built from it: then the host ends where the path begins.
    let origin = origin.utf8
    if url.utf8.starts(with: origin) {
      let next = url.utf8.dropFirst(origin.count).first
      if next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: "?") { return true }
    }
    let end = url.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? url.endIndex
    guard let parts = Self.split(String(url[..<end])) else { return false }
    return parts.scheme == scheme && parts.host == host && parts.port == port
  }

  private static func split(_ text: String) -> (scheme: String, host: String, port: Int, prefix: String)? {
    let lower = text.lowercased()
    guard let scheme = ["https", "http"].first(where: { lower.hasPrefix($0 + "://") }),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !#"\@?#"#.utf8.contains($0) })
    else { return nil }
    let rest = text.dropFirst(scheme.count + 3)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    guard let (host, port) = authority(rest[..<slash].lowercased()) else { return nil }
    var prefix = String(rest[slash...])
    while prefix.hasSuffix("/") { prefix.removeLast() }
    return (scheme, host, port ?? (scheme == "https" ? 443 : 80), prefix)
  }

  private static func authority(_ text: String) -> (host: String, port: Int?)? {
    let hostEnd: String.Index
    if text.hasPrefix("[") {
      guard let bracket = text.firstIndex(of: "]") else { return nil }
      hostEnd = text.index(after: bracket)
    } else {
      hostEnd = text.firstIndex(of: ":") ?? text.endIndex
    }
    let host = String(text[..<hostEnd])
    let allowed = host.hasPrefix("[") ? "[]:.0123456789abcdef" : "-.0123456789abcdefghijklmnopqrstuvwxyz_"
    guard !host.isEmpty, host.allSatisfy(allowed.contains) else { return nil }
    let tail = text[hostEnd...]
    if tail.isEmpty { return (host, nil) }
    guard tail.first == ":", tail.dropFirst().allSatisfy(\.isNumber), let port = Int(tail.dropFirst()),
      (1...65535).contains(port)
    else { return nil }
    return (host, port)
  }
}
