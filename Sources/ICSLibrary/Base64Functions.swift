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
    try call.charge(bytes.count / 4)
    try call.reserve(bytes: bytes.count / 3 * 4 + 4)
    let text = Base64.encoded(bytes)
    return .object(Tag.string, text.withUnsafeBufferPointer { call.vm.newString($0) })
  }

  private static func decode(_ call: Call) throws(Raised) -> Value {
    let text = stringBuffer(try call.string(0))
    try call.charge(text.count / 4)
    try call.reserve(bytes: text.count)
    guard let bytes = Base64.decoded(text) else { throw call.fail("E_VALUE", "this text is no base64") }
    guard firstInvalidByte(bytes) == nil else {
      throw call.fail("E_VALUE", "the decoded bytes are no text in UTF-8")
    }
    return .object(Tag.string, bytes.withUnsafeBufferPointer { call.vm.newString($0) })
  }
}

/// Base64 of RFC 4648, with its standard alphabet and padding.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encoded(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let left = bytes.count - start
      let group =
        UInt32(bytes[start]) << 16 | (left > 1 ? UInt32(bytes[start + 1]) << 8 : 0)
        | (left > 2 ? UInt32(bytes[start + 2]) : 0)
      for place in 0..<4 {
        result.append(place <= left ? alphabet[Int(group >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
      }
    }
    return result
  }

  /// The bytes; nil when the text is no base64.
  static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(text.count / 4 * 3)
    for start in stride(from: 0, to: text.count, by: 4) {
      let isLast = start + 4 == text.count
      var padding = 0
      if isLast, text[start + 3] == UInt8(ascii: "=") { padding = text[start + 2] == UInt8(ascii: "=") ? 2 : 1 }
      var group: UInt32 = 0
      for place in 0..<(4 - padding) {
        guard let digit = digit(text[start + place]) else { return nil }
        group |= digit << UInt32(18 - 6 * place)
      }
      for place in 0..<(3 - padding) { result.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * place))) }
    }
    return result
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

func firstInvalidByte(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
  func isContinuation(_ index: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
    index < bytes.count && range.contains(bytes[index])
  }
  var index = 0
  while index < bytes.count {
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
