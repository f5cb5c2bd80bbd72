// URLs by RFC 3986: taken apart, put together, percent-encoded.

/// A URL of RFC 3986 in its parts, as they are written.
struct URLText {
  var scheme: String
  var host: String
  var port: Int?
  var path: String
  var query: String?
  var fragment: String?
  /// Whether there is a user or a password before the host.
  var hasUser: Bool

  /// The parts; nil when the text is no absolute URL, or holds what a URL cannot (spaces, control characters, bytes
  /// beyond ASCII).
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !#""<>\^`{|}"#.utf8.contains($0) }) else { return nil }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
    let schemeBytes = bytes[..<colon]
    guard schemeBytes[0].isLetter, schemeBytes.allSatisfy({ $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) })
    else { return nil }
    scheme = String(decoding: schemeBytes, as: UTF8.self).lowercased()
    var rest = bytes[(colon + 1)...]
    func cut(at byte: UInt8) -> String? {
      guard let place = rest.firstIndex(of: byte) else { return nil }
      defer { rest = rest[..<place] }
      return String(decoding: rest[(place + 1)...], as: UTF8.self)
    }
    fragment = cut(at: UInt8(ascii: "#"))
    query = cut(at: UInt8(ascii: "?"))
    host = ""
    port = nil
    hasUser = false
    guard rest.starts(with: "//".utf8) else {
      path = String(decoding: rest, as: UTF8.self)
      return
    }
    rest = rest.dropFirst(2)
    let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
    path = String(decoding: rest[slash...], as: UTF8.self)
    var authority = rest[..<slash]
    if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
      hasUser = true
      authority = authority[(at + 1)...]
    }
    let isLiteral = authority.first == UInt8(ascii: "[")
    let hostEnd =
      isLiteral
      ? authority.firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 } : authority.firstIndex(of: UInt8(ascii: ":"))
    if isLiteral && hostEnd == nil { return nil }
    let end = hostEnd ?? authority.endIndex
    host = String(decoding: authority[..<end], as: UTF8.self).lowercased()
    let tail = authority[end...]
    guard let first = tail.first else { return }
    guard first == UInt8(ascii: ":"), tail.count <= 6, tail.dropFirst().allSatisfy(\.isDigit) else { return nil }
    if tail.count > 1 {
      guard let number = Int(String(decoding: tail.dropFirst(), as: UTF8.self)), number <= 65_535 else { return nil }
      port = number
    }
  }

  /// Percent-encodes all bytes but those of letters, digits and `-._~`.
  static func encoded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    for byte in bytes {
      if byte.isLetter || byte.isDigit || "-._~".utf8.contains(byte) {
        result.append(byte)
      } else {
        result += [UInt8(ascii: "%"), upperHexDigit(byte >> 4), upperHexDigit(byte & 15)]
      }
    }
    return result
  }

  /// Undoes percent-encoding; nil when a `%` has no two hexadecimal digits behind it.
  static func decoded(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "%") else {
        result.append(bytes[index])
        index += 1
        continue
      }
      guard index + 2 < bytes.count, let high = bytes[index + 1].hexValue, let low = bytes[index + 2].hexValue else {
        return nil
      }
      result.append(high << 4 | low)
      index += 3
    }
    return result
  }

  private static func upperHexDigit(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value + 0x37 }
}

extension UInt8 {
  var isLetter: Bool { self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z") }
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  /// The value of a hexadecimal digit; nil for any other byte.
  var hexValue: UInt8? {
    if isDigit { return self - 0x30 }
    let lower = self | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f") ? lower - 0x57 : nil
  }
}
