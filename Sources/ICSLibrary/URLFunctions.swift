// `url`.

import ICSVM

enum URLFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "url.encode", "url.encode(text)",
      "A text as one part of a URL: everything but letters, digits and `-._~` is percent-encoded, a space as `%20`.",
      example: """
        print(url.encode("a b&c/d"))  // expect: a%20b%26c%2Fd
        """,
      .native(1...1, encode)),
    BuiltIn(
      "url.decode", "url.decode(text)",
      "A percent-encoded text decoded. A `%` without two hexadecimal digits, and bytes that are no text, are E_VALUE.",
      example: """
        print(url.decode("a%20b%26c"))  // expect: a b&c
        """,
      .native(1...1, decode)),
    BuiltIn(
      "url.query", "url.query(map)",
      "A map as the query of a URL. A list repeats its key; null leaves it out.",
      example: """
        print(url.query({page: 2, tag: ["a", "b c"], q: null}))  // expect: page=2&tag=a&tag=b%20c
        """,
      .native(1...1) { (call) throws(Raised) in
        let bytes = try query(of: call[0], call)
        return .object(Tag.string, try call.string(bytes))
      }),
    BuiltIn(
      "url.parse", "url.parse(text)",
      """
      The parts of an absolute URL: `scheme host port path query fragment`, as they are written. Parts that are not \
      there are null, the path is then empty. What is no URL is E_VALUE.
      """,
      example: """
        let u = url.parse("https://api.example.com:8080/v1/items?page=2#top")
        print(u.host, u.port, u.path, u.query)  // expect: api.example.com 8080 /v1/items page=2
        """,
      .native(1...1, parse)),
  ]

  private static func encode(_ call: Call) throws(Raised) -> Value {
    let text = stringBuffer(try call.string(0))
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: text.count, by: 1 << 13) {
      let piece = text[start..<min(start + 1 << 13, text.count)]
      try call.charge(piece.count / 2)
      try call.checkMemory(beside: bytes.count + piece.count * 3)
      bytes += URLText.encoded(piece)
    }
    return .object(Tag.string, try call.string(bytes))
  }

  private static func decode(_ call: Call) throws(Raised) -> Value {
    let text = stringBuffer(try call.string(0))
    try call.reserve(bytes: text.count)
    var bytes: [UInt8] = []
    var start = 0
    while start < text.count {
      // A piece ends before a code, not within it.
      var end = min(start + 1 << 13, text.count)
      if end < text.count { end -= text[end - 1] == UInt8(ascii: "%") ? 1 : text[end - 2] == UInt8(ascii: "%") ? 2 : 0 }
      try call.charge((end - start) / 2)
      guard let piece = URLText.decoded(UnsafeBufferPointer(rebasing: text[start..<end])) else {
        throw call.fail("E_VALUE", "a '%' in this text has no two hexadecimal digits behind it")
      }
      bytes += piece
      start = end
    }
    guard try call.firstInvalidByte(bytes) == nil else {
      throw call.fail("E_VALUE", "the decoded bytes are no text in UTF-8")
    }
    return .object(Tag.string, try call.string(bytes))
  }

  /// The query of a map: `a=1&b=2`.
  static func query(of value: Value, _ call: Call) throws(Raised) -> [UInt8] {
    guard value.isMap else { throw call.fail("E_TYPE", "a query is a map, and this is \(call.vm.describe(value))") }
    var result: [UInt8] = []
    var position = 0
    while let entry = call.vm.mapEntry(value.address, at: position) {
      position = entry.next
      let items = Items(entry.value, call.vm)
      for index in 0..<(items?.count ?? 1) {
        let item = items?[index] ?? entry.value
        if item.isNull { continue }
        guard item.isString || item.isNumber || item.isBool else {
          throw call.fail("E_TYPE", "a query holds strings, numbers and bools, and this is \(call.vm.describe(item))")
        }
        try call.charge(16)
        var key = TextBuffer()
        var text = TextBuffer()
        try call.print(entry.key, into: &key)
        try call.print(item, into: &text)
        try call.charge((key.bytes.count + text.bytes.count) / 2)
        if !result.isEmpty { result.append(UInt8(ascii: "&")) }
        result += URLText.encoded(key.bytes)
        result.append(UInt8(ascii: "="))
        result += URLText.encoded(text.bytes)
        try call.reserve(bytes: result.count)
      }
    }
    return result
  }

  private static func parse(_ call: Call) throws(Raised) -> Value {
    let text = try call.text(0)
    try call.charge(text.utf8.count)
    guard let url = URLText(text) else { throw call.fail("E_VALUE", "this text is no absolute URL") }
    let vm = call.vm
    func string(_ text: String?) -> Value { text.map { .object(Tag.string, vm.newString($0)) } ?? .null }
    let map = vm.newMap(capacity: 6)
    vm.set(map, "scheme", string(url.scheme))
    vm.set(map, "host", url.host.isEmpty ? .null : string(url.host))
    vm.set(map, "port", url.port.map { .int($0) } ?? .null)
    vm.set(map, "path", string(url.path))
    vm.set(map, "query", string(url.query))
    vm.set(map, "fragment", string(url.fragment))
    return .object(Tag.map, map)
  }
}
