// Whether a webhook comes from Intercom.

import Crypto
import ICSJSON

/// The signature of a webhook: `X-Hub-Signature: sha1=` and 40 hexadecimal digits, the HMAC of the raw body with the
/// app's client secret.
public enum WebhookSignature {
  /// The header's name.
  public static let header = "X-Hub-Signature"

  /// The header's value for a body.
  public static func sign(_ body: [UInt8], secret: Secret) -> String { "sha1=" + Hex.encode(digest(body, secret)) }

  /// Whether a header's value is the signature of these bytes. The bytes are those that came, before any parsing:
  /// JSON that was written anew does not verify.
  ///
  /// - Parameters:
  ///   - header: `sha1=` and 40 lower-case digits; anything else is no signature.
  ///   - body: The bytes as they came.
  ///   - secret: The app's client secret.
  public static func isValid(_ header: String, of body: [UInt8], secret: Secret) -> Bool {
    // An app without a secret signs nothing; everybody can compute an HMAC with an empty key.
    guard !secret.isEmpty, let given = bytes(of: header) else { return false }
    return isEqual(given, digest(body, secret))
  }

  /// Whether two digests of 20 bytes are equal.
  ///
  /// In constant time: a plain `==` stops at the first wrong byte, and how long it took would tell an attacker how many
  /// bytes were right, until all of them are. Here every byte of both is looked at, whatever the ones before were.
  package static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == digestSize, other.count == digestSize else { return false }
    var difference: UInt8 = 0
    for index in 0..<digestSize { difference |= one[index] ^ other[index] }
    return difference == 0
  }

  private static let digestSize = 20

  /// The digest that a header names; nil for a header of another form, which depends on nothing secret.
  private static func bytes(of header: String) -> [UInt8]? {
    let text = Array(header.utf8)
    let prefix = Array("sha1=".utf8)
    guard text.count == prefix.count + digestSize * 2, text.starts(with: prefix) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digestSize)
    for index in stride(from: prefix.count, to: text.count, by: 2) {
      guard let high = value(ofDigit: text[index]), let low = value(ofDigit: text[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(ofDigit digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  private static func digest(_ body: [UInt8], _ secret: Secret) -> [UInt8] {
    let key = SymmetricKey(data: Array(secret.reveal().utf8))
    return Array(HMAC<Insecure.SHA1>.authenticationCode(for: body, using: key))
  }
}
