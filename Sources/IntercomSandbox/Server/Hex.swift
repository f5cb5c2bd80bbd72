// Hexadecimal digits, for ids, cursors and signatures.

enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  /// The number's last `digits` hexadecimal digits, lower case.
  static func text(_ number: some FixedWidthInteger & UnsignedInteger, digits count: Int) -> String {
    var bytes = [UInt8](repeating: UInt8(ascii: "0"), count: count)
    var rest = UInt64(truncatingIfNeeded: number)
    for index in stride(from: count - 1, through: 0, by: -1) {
      bytes[index] = digits[Int(rest & 15)]
      rest >>= 4
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func text(_ bytes: some Sequence<UInt8>) -> String {
    var out: [UInt8] = []
    for byte in bytes { out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: out, as: UTF8.self)
  }

  /// The bytes that the digits stand for, or `nil`.
  static func bytes(_ text: String) -> [UInt8]? {
    var out: [UInt8] = []
    var high: UInt8?
    for byte in text.utf8 {
      guard let value = digits.firstIndex(of: byte).map({ UInt8($0) }) else { return nil }
      if let first = high {
        out.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? out : nil
  }
}
