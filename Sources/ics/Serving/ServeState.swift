// Where the local `ics serve` is: what `ics trigger` and the sandboxes of other commands look for.

import ICSJSON
import IntercomAPI
import IntercomSandbox

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A running `ics serve`, from a file in `ICS_HOME` that only its owner reads: it holds the secret of the webhooks.
struct ServeState: Sendable {
  let processID: Int
  let webhookURL: String
  let secret: Secret

  private static var path: String { Environment.home + "/serve.json" }

  /// The server that runs now; nil without one.
  static func current() -> ServeState? {
    // Whatever is wrong with the file, there is nothing to be found in it.
    guard let bytes = try? PrivateFile.contents(of: path), let value = try? JSONValue(parsing: bytes),
      let processID = value["pid"]?.intValue, let url = value["webhook_url"]?.stringValue,
      let secret = value["secret"]?.stringValue
    else { return nil }
    // A process of another user cannot be asked; one that is gone says so.
    guard kill(pid_t(truncatingIfNeeded: processID), 0) == 0 || errno == EPERM else { return nil }
    return ServeState(processID: processID, webhookURL: url, secret: Secret(secret))
  }

  /// Tells other commands where this process listens.
  static func announce(webhookURL: String, secret: Secret) throws(APIError) {
    let value: JSONValue = [
      "pid": .int(Int(getpid())), "webhook_url": .string(webhookURL), "secret": .string(secret.reveal()),
    ]
    try PrivateFile.replace(Environment.fileInHome("serve.json"), with: value.serializedBytes())
  }

  /// Takes the announcement back, when it is still this process's.
  static func withdraw() {
    guard let state = current(), state.processID == Int(getpid()) else { return }
    unlink(path)
  }
}

extension Sandbox.Configuration {
  /// The sandbox of this user's commands: its changes reach the local `ics serve`.
  static func ofThisUser(database path: String) -> Sandbox.Configuration {
    var configuration = Sandbox.Configuration(database: .path(path))
    if let state = ServeState.current() {
      configuration.webhookURL = state.webhookURL
      configuration.clientSecret = state.secret.reveal()
    }
    return configuration
  }
}
