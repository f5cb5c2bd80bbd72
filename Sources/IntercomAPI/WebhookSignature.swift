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
  public static func isValid(_ header: String, of body: [UInt8], secret: Secret) -> Bool {
    let given = Array(header.utf8)
    let expected = Array(sign(body, secret: secret).utf8)
    // An app without a secret signs nothing; everybody can compute an HMAC with an empty key.
    guard !secret.isEmpty, given.count == expected.count else { return false }
    // Compared in constant time: a plain `==` stops at the first wrong byte, and how long it took would tell an
    // attacker how many bytes were right.
    return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func digest(_ body: [UInt8], _ secret: Secret) -> [UInt8] {
    let key = SymmetricKey(data: Array(secret.reveal().utf8))
    return Array(HMAC<Insecure.SHA1>.authenticationCode(for: body, using: key))
  }
}
