// `base64`.

import ICSVM

enum Base64Functions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "base64.encode", "base64.encode(text)", "A text's UTF-8 bytes in base64, with padding.",
      example: """
        print(base64.encode("foobar"), base64.encode("foob"))  // expect: Zm9vYmFy Zm9vYg==
        """,
      .native(1...1, encode)),
    BuiltIn(
      "base64.decode", "base64.decode(text)",
      "The text whose bytes were encoded. What is no base64, or decodes to bytes that are no text, is E_VALUE.",
      example: """
        print(base64.decode("Zm9vYg=="))  // expect: foob
        """,
      .native(1...1, decode)),
  ]

  private static func encode(_ call: Call) throws(Raised) -> Value {
    let bytes = stringBuffer(try call.string(0))
    try call.reserve(bytes: bytes.count / 3 * 4 + 4)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    // In pieces of whole groups of three, which the limits are looked at between.
    for start in stride(from: 0, to: bytes.count, by: 3 << 13) {
      let piece = bytes[start..<min(start + 3 << 13, bytes.count)]
      try call.charge(piece.count / 4)
      Base64.encode(UnsafeBufferPointer(rebasing: piece), into: &text)
    }
    return .object(Tag.string, try call.string(text))
  }

  private static func decode(_ call: Call) throws(Raised) -> Value {
    let text = stringBuffer(try call.string(0))
    try call.reserve(bytes: text.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    for start in stride(from: 0, to: text.count, by: 1 << 15) {
      let end = min(start + 1 << 15, text.count)
      try call.charge((end - start) / 4)
      let piece = UnsafeBufferPointer(rebasing: text[start..<end])
      guard Base64.decode(piece, isEnd: end == text.count, into: &bytes) else {
        throw call.fail("E_VALUE", "this text is no base64")
      }
    }
    guard try call.firstInvalidByte(bytes) == nil else {
      throw call.fail("E_VALUE", "the decoded bytes are no text in UTF-8")
    }
    return .object(Tag.string, try call.string(bytes))
  }
}

/// Base64 of RFC 4648, with its standard alphabet and padding.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encoded(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    encode(bytes, into: &result)
    return result
  }

  /// Appends the text of bytes; pieces of one text have whole groups of three, but for the last.
  static func encode(_ bytes: UnsafeBufferPointer<UInt8>, into result: inout [UInt8]) {
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let left = bytes.count - start
      let group =
        UInt32(bytes[start]) << 16 | (left > 1 ? UInt32(bytes[start + 1]) << 8 : 0)
        | (left > 2 ? UInt32(bytes[start + 2]) : 0)
      for place in 0..<4 {
        result.append(place <= left ? alphabet[Int(group >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
      }
    }
  }

  /// The bytes; nil when the text is no base64.
  static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    return decode(text, isEnd: true, into: &result) ? result : nil
  }

  /// Appends the bytes of a piece of a text; false when it is no base64. Padding may stand at the end only.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, isEnd: Bool, into result: inout [UInt8]) -> Bool {
    guard text.count % 4 == 0 else { return false }
    for start in stride(from: 0, to: text.count, by: 4) {
      let isLast = isEnd && start + 4 == text.count
      var padding = 0
      if isLast, text[start + 3] == UInt8(ascii: "=") { padding = text[start + 2] == UInt8(ascii: "=") ? 2 : 1 }
      var group: UInt32 = 0
      for place in 0..<(4 - padding) {
        guard let digit = digit(text[start + place]) else { return false }
        group |= digit << UInt32(18 - 6 * place)
      }
      for place in 0..<(3 - padding) { result.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * place))) }
    }
    return true
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 97 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 48 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}

/// The offset of the first byte that is not part of valid UTF-8; nil when all of it is.
func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
  bytes.withUnsafeBufferPointer { firstInvalidByte($0) }
}

extension Call {
  /// The same for an array.
  func firstInvalidByte(_ bytes: [UInt8]) throws(Raised) -> Int? {
    var failure: Raised?
    let found = bytes.withUnsafeBufferPointer { bytes -> Int? in
      do throws(Raised) { return try firstInvalidByte(bytes) } catch {
        failure = error
        return nil
      }
    }
    if let failure { throw failure }
    return found
  }

  /// `firstInvalidByte` in parts, so that a long text can be stopped between them.
  func firstInvalidByte(_ bytes: UnsafeBufferPointer<UInt8>) throws(Raised) -> Int? {
    var start = 0
    while start < bytes.count {
      if start > 0 { try poll() }
      var end = min(start + 1 << 20, bytes.count)
      // A part ends with a whole scalar; four continuations are none.
      let last = min(end + 4, bytes.count)
      while end < last, bytes[end] & 0xC0 == 0x80 { end += 1 }
      if let bad = ICSLibrary.firstInvalidByte(UnsafeBufferPointer(rebasing: bytes[start..<end])) { return start + bad }
      start = end
    }
    return nil
  }
}

func firstInvalidByte(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
  func isContinuation(_ index: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
    index < bytes.count && range.contains(bytes[index])
  }
  var index = 0
  while index < bytes.count {
    // ASCII goes eight bytes at a time.
    if let start = bytes.baseAddress {
      let raw = UnsafeRawPointer(start)
      while index + 8 <= bytes.count,
        raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        index += 8
      }
      if index == bytes.count { break }
    }
    let lead = bytes[index]
    switch lead {
    case 0..<0x80: index += 1
    case 0xC2...0xDF:
      guard isContinuation(index + 1) else { return index }
      index += 2
    case 0xE0...0xEF:
      // No overlong forms and no surrogates.
      let second: ClosedRange<UInt8> = lead == 0xE0 ? 0xA0...0xBF : lead == 0xED ? 0x80...0x9F : 0x80...0xBF
      guard isContinuation(index + 1, second), isContinuation(index + 2) else { return index }
      index += 3
    case 0xF0...0xF4:
      let second: ClosedRange<UInt8> = lead == 0xF0 ? 0x90...0xBF : lead == 0xF4 ? 0x80...0x8F : 0x80...0xBF
      guard isContinuation(index + 1, second), isContinuation(index + 2), isContinuation(index + 3) else {
        return index
      }
      index += 4
    default: return index
    }
  }
  return nil
}
