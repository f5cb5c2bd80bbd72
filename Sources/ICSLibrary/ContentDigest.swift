// Digests for Swift: names of contents.

import Crypto

/// Names contents by what they are, for stores that keep equal ones once.
package enum ContentDigest {
  /// The SHA-256 digest of bytes.
  package static func sha256Bytes(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

  /// The SHA-256 digest of bytes, as 64 lower-case hexadecimal digits.
  package static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(sha256Bytes(bytes)) }

  /// Bytes as lower-case hexadecimal digits.
  package static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
