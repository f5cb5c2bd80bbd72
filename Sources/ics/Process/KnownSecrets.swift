// The texts that nobody may see: tokens and keys, wherever the process learnt them.

import IntercomAPI
import Synchronization

enum KnownSecrets {
  private struct State {
    var secrets: [Secret]
    var redactor: Redactor
  }

  /// Begins with those of the environment.
  private static let state: Mutex<State> = {
    let names = ["INTERCOM_ACCESS_TOKEN", "INTERCOM_CLIENT_SECRET", "ICS_KEY"]
    let secrets = names.compactMap { name in Environment[name].map(Secret.init) }
    return Mutex(State(secrets: secrets, redactor: Redactor(secrets: secrets)))
  }()

  /// Masks them.
  static var redactor: Redactor { state.withLock { $0.redactor } }

  /// For those who mask on their own: recordings.
  static var all: [Secret] { state.withLock { $0.secrets } }

  /// Masks a text from here on, in everything that the process writes.
  static func add(_ secret: Secret) {
    state.withLock { state in
      guard !state.secrets.contains(secret) else { return }
      state.secrets.append(secret)
      state.redactor = Redactor(secrets: state.secrets)
    }
  }

  /// A variable that a script has read: one whose name says that it is a secret is one.
  static func addVariable(_ name: String, _ value: String) {
    let name = name.lowercased()
    guard value.utf8.count >= 8, SecretShape.secretNames.contains(where: { name.hasSuffix($0) }) else { return }
    add(Secret(value))
  }
}
