// The key that secrets rest under.

import Crypto

/// Where the key for secrets at rest comes from.
public enum AccountKey: Sendable {
  /// A text such as that of `ICS_KEY`: sixteen characters or more.
  case text(Secret)
  /// A file of mode 0600 with the key's bytes; it is made when the first secret is kept.
  case file(String)

  /// The key.
  ///
  /// - Parameter isMade: Whether a missing key file is made.
  /// - Throws: `E_AUTH` without a key, `E_PERMISSION` for a key file that others may read.
  func symmetricKey(isMade: Bool) throws(APIError) -> SymmetricKey {
    let material: [UInt8]
    switch self {
    case .text(let text):
      material = Array(text.reveal().utf8)
      guard material.count >= Self.minimumLength else {
        throw APIError(.auth, "ICS_KEY is too short: it has \(Self.minimumLength) characters or more")
      }
    case .file(let path):
      if let bytes = try PrivateFile.contents(of: path) {
        material = bytes
      } else {
        guard isMade else {
          throw APIError(
            .auth,
            "the key for the accounts is not there: set ICS_KEY as it was when they were connected, or, if '\(path)' "
              + "was lost, disconnect them and connect them again")
        }
        material = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        try PrivateFile.create(path, material)
      }
      guard material.count >= Self.minimumLength else {
        throw APIError(.auth, "the key file '\(path)' is damaged; remove it and connect the accounts again")
      }
    }
    // Whatever the length of the material, and so that the same material elsewhere gives another key.
    return HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: material), info: Array("ics accounts 1".utf8), outputByteCount: 32)
  }

  private static let minimumLength = 16
}

/// Seals a secret for one purpose.
enum SecretBox {
  /// The secret under a key, as hexadecimal digits: nonce, text, tag.
  ///
  /// - Parameter purpose: What it belongs to. It cannot be opened for anything else: a sealed token that is moved to
  ///   another account's entry, with another address, stays shut.
  static func seal(_ secret: Secret, for purpose: String, key: SymmetricKey) throws(APIError) -> String {
    do {
      let box = try AES.GCM.seal(Array(secret.reveal().utf8), using: key, authenticating: Array(purpose.utf8))
      return Hex.encode(Array(box.nonce) + Array(box.ciphertext) + Array(box.tag))
    } catch {
      throw APIError(.auth, "the secret cannot be encrypted")
    }
  }

  static func open(_ text: String, for purpose: String, key: SymmetricKey) throws(APIError) -> Secret {
    do {
      let box = try AES.GCM.SealedBox(combined: Hex.decode(text) ?? [])
      return Secret(
        String(decoding: try AES.GCM.open(box, using: key, authenticating: Array(purpose.utf8)), as: UTF8.self))
    } catch {
      throw APIError(.auth, "the secret cannot be decrypted: it was kept under another key, or was changed")
    }
  }
}
