// Naming a text without showing it.

import Crypto

/// Digests of texts that must not be written down.
enum Fingerprint {
  /// The first 64 bits of the SHA-256 digest, as hexadecimal digits.
  static func of(_ text: String) -> String { Hex.encode(Array(SHA256.hash(data: Array(text.utf8)).prefix(8))) }
}
