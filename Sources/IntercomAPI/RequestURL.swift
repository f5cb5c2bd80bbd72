// From a path and a query to a URL that stays where it must.

import ICSJSON
import IntercomCatalogue

/// A URL that was built from checked parts.
struct RequestURL: Sendable {
  /// Scheme, host and port, for messages.
  let origin: String
  /// The path as it is sent, without the query.
  let path: String
  /// The whole URL.
  let text: String

  /// The longest path and query; servers stop at about 8 KiB.
  private static let maximumLength = 8192

  init(base: BaseURL, path given: String, query: [(name: String, value: JSONValue)]) throws(APIError) {
    guard given.utf8.count <= Self.maximumLength else {
      throw .value("the path is longer than \(Self.maximumLength) bytes")
    }
    let questionMark = given.utf8.firstIndex(of: UInt8(ascii: "?")) ?? given.endIndex
    path = PercentEncoding.nonASCII(try Self.checkedPath(String(given[..<questionMark])))
    var parts: [String] = []
    if questionMark < given.endIndex {
      parts.append(PercentEncoding.nonASCII(try Self.checkedQuery(String(given[questionMark...].dropFirst()))))
    }
    for (name, value) in query { try Self.append(name, value, to: &parts) }
    parts.removeAll(where: \.isEmpty)
    let queryText = parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    guard queryText.utf8.count <= Self.maximumLength else {
      throw .value("the query is longer than \(Self.maximumLength) bytes")
    }
    origin = base.origin
    text = origin + base.prefix + path + queryText
    // The parts were checked; the whole is compared all the same, because a token goes wherever this URL points.
    guard base.isOrigin(of: text) else { throw .value("the path leads away from \(base.origin)") }
  }

  /// A path whose parameters are filled in, each as one segment whatever it contains.
  static func path(template: String, parameters: [String: String]) throws(APIError) -> String {
    var result = ""
    for segment in template.split(separator: "/") {
      guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
        result += "/" + segment
        continue
      }
      let name = String(segment.dropFirst().dropLast())
      guard let value = parameters[name], !value.isEmpty else { throw .value("'\(name)' is missing or empty") }
      // Dots are not encoded, and a server takes these two for a way up.
      guard value != ".", value != ".." else { throw .value("'\(value)' is no \(name)") }
      result += "/" + PercentEncoding.component(value)
    }
    return result
  }

  private static func checkedPath(_ path: String) throws(APIError) -> String {
    guard path.hasPrefix("/") else {
      throw .value("a path begins with '/', and is no address: '\(shown(path))'")
    }
    if isPlain(path) { return path }
    try checkCharacters(path, what: "path")
    guard !path.utf8.contains(UInt8(ascii: "\\")) else { throw .value("a path has no backslash: '\(shown(path))'") }
    guard !path.contains("//") else { throw .value("a path has no empty part: '\(shown(path))'") }
    for segment in path.utf8.split(separator: UInt8(ascii: "/")) {
      guard let decoded = PercentEncoding.decode(segment) else {
        throw .value("'%' is followed by two hexadecimal digits: '\(shown(path))'")
      }
      if isEscape(decoded) { throw .value("a path has no part that leads elsewhere: '\(shown(path))'") }
    }
    return path
  }

  /// Whether a path has letters, digits, `-`, `_` and single slashes alone: no rule is about these, and most paths have
  /// no more.
  private static func isPlain(_ path: String) -> Bool {
    var last = UInt8(0)
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        break
      case UInt8(ascii: "/") where last != byte: break
      default: return false
      }
      last = byte
    }
    return true
  }

  /// Whether a server that decodes a segment before it resolves the path may climb by it, or see an empty part. A
  /// parameter of a segment (`;x=y`) is left away, as some servers do.
  private static func isEscape(_ decoded: [UInt8]) -> Bool {
    decoded.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
      .contains { part in
        let name = part.prefix { $0 != UInt8(ascii: ";") }
        let isEmptied = name.isEmpty && !part.isEmpty
        return isEmptied || name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8)
      }
  }

  private static func checkedQuery(_ query: String) throws(APIError) -> String {
    try checkCharacters(query, what: "query")
    guard PercentEncoding.decode(query.utf8) != nil else {
      throw .value("'%' is followed by two hexadecimal digits: '\(shown(query))'")
    }
    return query
  }

  /// Rejects what ends a request line or begins another one, and what a URL cannot hold.
  private static func checkCharacters(_ text: String, what: String) throws(APIError) {
    for byte in text.utf8 {
      if byte <= 0x20 || byte == 0x7F { throw .value("a \(what) has no space and no control character") }
      if byte == UInt8(ascii: "#") { throw .value("a \(what) has no '#'; write '%23'") }
    }
  }

  private static func append(_ name: String, _ value: JSONValue, to parts: inout [String]) throws(APIError) {
    switch value {
    case .null: return
    case .object(let entries):
      for (name, value) in entries { try append(name, value, to: &parts) }
    case .array(let items):
      var texts: [String] = []
      for item in items { texts.append(try text(of: item, name: name)) }
      parts.append(PercentEncoding.component(name) + "=" + texts.joined(separator: ","))
    default:
      guard !name.isEmpty, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw .value("a query has no name that is empty or holds control characters")
      }
      parts.append(PercentEncoding.component(name) + "=" + (try text(of: value, name: name)))
    }
  }

  private static func text(of value: JSONValue, name: String) throws(APIError) -> String {
    switch value {
    case .string(let text):
      guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw .value("the query's '\(shown(name))' holds a control character")
      }
      return PercentEncoding.component(text)
    case .int, .double, .bool: return PercentEncoding.component(value.serialized())
    default: throw .value("the query's '\(shown(name))' holds something that is no text, number or bool")
    }
  }

  /// The beginning of a text that was refused, safe to print.
  private static func shown(_ text: String) -> String {
    text.unicodeScalars.prefix(80).map { $0.value < 0x20 ? $0.escaped(asASCII: true) : String($0) }.joined()
  }
}
