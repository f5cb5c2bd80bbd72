// The world around scripts: time, chance, network, output. Everything can be replaced, for tests and for replays.

import ICSLibrary
import IntercomAPI

/// A clock for scripts.
public struct ScriptClock: Sendable {
  /// Unix seconds, as `now()` gives them.
  public var unixTime: @Sendable () -> Double
  /// Nanoseconds that only grow: for time limits and timers.
  public var monotonic: @Sendable () -> UInt64
  /// Awaits a moment of `monotonic`; may return early when the task is cancelled.
  public var sleepUntil: @Sendable (UInt64) async -> Void

  /// A clock of your own.
  public init(
    unixTime: @escaping @Sendable () -> Double, monotonic: @escaping @Sendable () -> UInt64,
    sleepUntil: @escaping @Sendable (UInt64) async -> Void
  ) {
    self.unixTime = unixTime
    self.monotonic = monotonic
    self.sleepUntil = sleepUntil
  }

  /// The system's clock.
  public static let system = ScriptClock(
    unixTime: { SystemTime.wallClock() }, monotonic: { SystemTime.monotonic() },
    sleepUntil: { await SystemTime.sleep(until: $0) })
}

/// A line that a script logged with `log.info(message, fields)` and its like.
public struct LogRecord: Sendable {
  /// How much it matters.
  public enum Level: String, Sendable, CaseIterable {
    /// For whoever writes the script.
    case debug
    /// What happened.
    case info
    /// What somebody should look at.
    case warn
    /// What went wrong.
    case error
  }

  /// How much the line matters.
  public let level: Level
  /// The text.
  public let message: String
  /// Names and values, in the script's order; values are JSON text.
  public let fields: [(name: String, json: String)]

  package init(_ line: LogLine) {
    level = Level(rawValue: line.level.rawValue) ?? .info
    message = line.message
    fields = line.fields
  }
}

/// What scripts find around them. The defaults are the system's clock and chance, no network but Intercom's, no variables,
/// and output that goes nowhere.
public struct HostEnvironment: Sendable {
  /// Time as scripts see it.
  public var clock = ScriptClock.system
  /// Decides what `random`, `uuid` and the order of hashing give: the same seed, the same run. Nil for the system's.
  public var seed: UInt64?
  /// What `args` holds.
  public var arguments: [String] = []
  /// The variables that `env(name)` reads, of those that the permissions allow.
  public var variable: @Sendable (String) -> String? = { _ in nil }
  /// Sends the requests of `http`, and those to Intercom when the engine makes the connector itself. Nil: `http` sends
  /// nothing, and Intercom is reached over TCP.
  public var transport: (any HTTPTransport)?
  /// Takes what `print` writes, line by line, on the task that runs the script.
  public var print: @Sendable (String) -> Void = { _ in }
  /// Takes the lines of `log`, on the task that runs the script. For swift-log:
  /// `{ logger.log(level: levels[$0.level], "\($0.message)") }`.
  public var log: @Sendable (LogRecord) -> Void = { _ in }
  /// Takes secrets out of text that leaves a script through `log`.
  public var redact: @Sendable (String) -> String = { $0 }

  /// The defaults.
  public init() {}
}

extension HostEnvironment {
  /// Gives a session everything but where its words go.
  package func configure(_ configuration: inout SessionConfiguration) {
    configuration.arguments = arguments
    configuration.environment = variable
    configuration.redact = redact
    configuration.wallClock = clock.unixTime
    configuration.clock = clock.monotonic
    configuration.sleepUntil = clock.sleepUntil
    configuration.http = http
    configuration.reachesNetwork = false
    if let seed {
      configuration.randomSeed = seed
      configuration.hashSeed = seed ^ 0x9E37_79B9_7F4A_7C15
    }
  }

  /// What `http` sends its requests with.
  package var http: (@Sendable (HTTPCall) async -> Result<HTTPAnswer, HTTPFailure>)? {
    guard let transport else { return nil }
    return { call in
      let request = TransportRequest(
        method: call.method, url: call.url, headers: call.headers, body: call.body,
        timeout: .milliseconds(Int64(call.timeout * 1000)))
      do throws(TransportError) {
        let answer = try await transport.send(request)
        return .success(HTTPAnswer(status: answer.status, headers: answer.headers, body: answer.body))
      } catch {
        return .failure(ScriptNetwork.failure(error))
      }
    }
  }
}
