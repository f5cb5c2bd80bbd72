// What the library asks of the program around it. Whatever is left out is not there for scripts.

import ICSVM

/// The world outside of a script, as the built-ins see it. Belongs to one machine.
package final class LibraryHost {
  /// Wall time as Unix seconds.
  package var wallClock: () -> Double
  /// The seed of `random` and `uuid`.
  package var randomSeed: UInt64
  /// What `args` holds.
  package var arguments: [String] = []
  /// Takes the lines of `log`.
  package var log: (LogLine) -> Void = { _ in }
  /// Shows how far a sequence has got; nil when nobody watches.
  package var progress: ((ProgressReport) -> Void)?
  /// Shows how many calls of a `parallel` have ended, of how many; nil when nobody watches.
  package var parallelProgress: ((_ done: Int, _ total: Int) -> Void)?
  /// Takes secrets out of text that leaves the script through `log`.
  package var redact: (String) -> String = { $0 }

  /// Variables of the environment that `env` reads; a name that `allowsVariable` refuses is E_PERMISSION.
  package var environment: (String) -> String? = { _ in nil }
  /// Whether a script may read an environment variable.
  package var allowsVariable: (String) -> Bool = { _ in false }
  /// Which files a script may read and write.
  package var files = FilePermissions()
  /// Whether `http` may send to a host and port.
  package var allowsHost: (_ name: String, _ port: Int) -> Bool = { _, _ in false }
  /// Sends a request for `http`; nil when there is no network.
  package var http: (@Sendable (HTTPCall) async -> Result<HTTPAnswer, HTTPFailure>)?

  /// What the help of E_PERMISSION says of a refused access: who can open it, and by what.
  package var permissionHelp: (RefusedAccess) -> String? = { _ in nil }

  /// Registers what `on` and `every` declare; nil where hooks are not served: then they are checked and do nothing.
  package var registerHook: ((Machine, HookRegistration) throws(Raised) -> Void)?
  /// Called before the clock or chance gives a value that differs from run to run: a durable host refuses it where it
  /// would not be recorded. The name is the built-in's.
  package var willVary: ((Call, _ name: String) throws(Raised) -> Void)?
  /// Names that the host adds to the prelude, or gives a meaning of its own (`__step` and `__wait` of a durable host).
  package var values: [(name: String, make: (Machine) -> Value)] = []

  /// A host that allows nothing.
  package init(wallClock: @escaping () -> Double, randomSeed: UInt64) {
    self.wallClock = wallClock
    self.randomSeed = randomSeed
  }
}

/// What a script asked for and its host does not allow.
package enum RefusedAccess: Sendable {
  /// Reading or writing a file: its path, as the script has it.
  case reading(String), writing(String)
  /// A variable of the environment.
  case variable(String)
  /// A host, by its name and port.
  case host(String, Int)
  /// Any host: there is nothing that sends.
  case network
}

/// A line of `log`.
package struct LogLine: Sendable {
  /// How important a line is.
  package enum Level: String, Sendable { case debug, info, warn, error }
  /// How important it is.
  package let level: Level
  /// What is said, in plain words.
  package let message: String
  /// Names and values as JSON text, in the script's order.
  package let fields: [(name: String, json: String)]
}

/// How far a sequence under `progress` has got.
package struct ProgressReport: Sendable {
  /// What is under way.
  package let label: String
  /// How many items are done.
  package let done: Int
  /// Nil when the sequence's length is not known.
  package let total: Int?
  /// Whether nothing more comes.
  package let isFinished: Bool
}

/// The folders that scripts may read and write, as absolute paths. Nothing else is allowed.
package struct FilePermissions: Sendable {
  /// Folders, absolute and without links, below which files may be read.
  package var readRoots: [String] = []
  /// Folders below which files may be written.
  package var writeRoots: [String] = []
  /// What relative paths are relative to.
  package var currentFolder = "/"

  /// Nothing is allowed.
  package init() {}
}

/// A request of `http`.
package struct HTTPCall: Sendable {
  /// `GET`, `POST`, ...
  package let method: String
  /// Absolute, `http` or `https`.
  package let url: String
  /// The headers, in their order.
  package let headers: [(name: String, value: String)]
  /// What is sent; nil without a body.
  package let body: [UInt8]?
  /// Seconds.
  package let timeout: Double

  /// A request.
  package init(method: String, url: String, headers: [(name: String, value: String)], body: [UInt8]?, timeout: Double) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
  }
}

/// What came back.
package struct HTTPAnswer: Sendable {
  /// The HTTP status.
  package let status: Int
  /// The headers, in their order.
  package let headers: [(name: String, value: String)]
  /// What was received.
  package let body: [UInt8]

  /// An answer.
  package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// Why nothing came back: the script's error code (`E_NETWORK`, `E_TIMEOUT`, `E_PERMISSION`) and the sentence.
package struct HTTPFailure: Error, Sendable {
  /// The error's kind, as scripts see it.
  package let code: String
  /// The sentence.
  package let message: String
  /// Whether the request may have reached the other side.
  package let mayHaveBeenSent: Bool
  /// Whether the script ends here, uncaught: its host has stopped it.
  package let endsScript: Bool

  /// A request that failed.
  package init(code: String, message: String, mayHaveBeenSent: Bool = false, endsScript: Bool = false) {
    self.code = code
    self.message = message
    self.mayHaveBeenSent = mayHaveBeenSent
    self.endsScript = endsScript
  }
}

/// What `on` or `every` declared.
package struct HookRegistration {
  /// What runs a hook.
  package enum Trigger {
    /// `on contact.created`, `on "conversation.*"`, `on request "/path"` (topic `request`).
    case topic(String)
    /// `every 15m` (seconds) and `every "0 9 * * 1-5"`.
    case schedule(Value)
  }
  /// What runs it.
  package let trigger: Trigger
  /// The name behind the topic, the hook's identity.
  package let name: String?
  /// The named options of the declaration; null when there are none.
  package let options: Value
  /// The condition behind `where`; null when there is none.
  package let predicate: Value
  /// What is run.
  package let function: Value
}
