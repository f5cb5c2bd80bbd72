// A local Intercom: an HTTP server on a loopback port, with its state in SQLite.

import GRDB
import Hummingbird

/// A running sandbox: Intercom's API on this machine, for scripts that have no workspace and for tests.
///
/// ```swift
/// let sandbox = try await Sandbox.start(Sandbox.Configuration(seed: 120))
/// print(sandbox.url, sandbox.accessToken)
/// await sandbox.stop()
/// ```
///
/// It keeps state for people, companies, messages, conversations, tickets, articles and what hangs on them; every other
/// operation of the API answers an example of its schema, marked by the header `X-Sandbox-Example`. Where it differs
/// from Intercom on purpose:
/// - A contact's `avatar` and `owner_id` come back in the form in which they were written: a URL stays a URL.
/// - Changes show in searches at once, unless ``Configuration/searchLag`` says otherwise, and days are days in UTC.
/// - Unknown fields of contacts and companies are refused, so that a misspelling shows.
/// - One version of the API, 2.16, answers whatever version is asked for.
public final class Sandbox: Sendable {
  /// Where the sandbox listens, without a slash at the end: `http://127.0.0.1:PORT`.
  public let url: String
  /// The port that it listens on, also when 0 was asked for.
  public let port: Int
  /// The bearer token that it accepts.
  public let accessToken: String
  /// The app's id, for the OAuth flow.
  public let clientID: String
  /// The app's secret: it ends the OAuth flow and signs webhooks.
  public let clientSecret: String

  private let server: Task<Void, any Error>
  private let announcer: Announcer?

  private init(url: String, port: Int, app: Workspace, server: Task<Void, any Error>, announcer: Announcer?) {
    self.url = url
    self.port = port
    self.accessToken = app.accessToken
    self.clientID = app.clientID
    self.clientSecret = app.clientSecret
    self.server = server
    self.announcer = announcer
  }

  /// Opens the state, makes a fresh workspace when there is none, and listens.
  ///
  /// Returns once requests are answered. Nothing is printed.
  public static func start(_ configuration: Configuration = Configuration()) async throws(SandboxError) -> Sandbox {
    let workspace = try Workspace(configuration)
    let database = try SandboxDatabase(configuration.database, workspace: workspace, seed: configuration.seed)
    var announcer: Announcer?
    if let address = configuration.webhookURL {
      announcer = Announcer(try Receiver(address), secret: workspace.clientSecret, clock: workspace.clock)
    }
    let responder = Responder(workspace, database: database, faults: configuration.faults, announcer: announcer)
    let (server, port) = try await Listener.start(responder, host: configuration.host, port: configuration.port)
    let url = "http://\(configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host):\(port)"
    return Sandbox(url: url, port: port, app: workspace, server: server, announcer: announcer)
  }

  /// Stops listening, closes the connections, and returns when both are done. Stopping twice does nothing.
  public func stop() async {
    server.cancel()
    // A server that ends by being cancelled ends with an error, which says nothing new here.
    _ = try? await server.value
    await announcer?.finish()
  }

  /// Waits until the notifications of all changes so far are delivered or given up.
  public func deliverWebhooks() async {
    await announcer?.drain()
  }
}

extension Sandbox {
  /// How a sandbox is to be. The defaults are an empty workspace in memory on a free port.
  public struct Configuration: Sendable {
    /// The address to listen on.
    public var host: String
    /// The port to listen on; 0 takes a free one.
    public var port: Int
    /// Where the state lives.
    public var database: Location
    /// The bearer token to accept.
    public var accessToken: String
    /// The app's id.
    public var clientID: String
    /// The app's secret.
    public var clientSecret: String
    /// How many contacts a fresh workspace begins with; the same ones every time.
    public var seed: Int
    /// What goes wrong on purpose.
    public var faults: Faults
    /// How long a change takes to show in searches, in whole seconds rounded up; Intercom takes up to minutes.
    public var searchLag: Duration
    /// Requests a minute, in windows of ten seconds, as Intercom's default for an app: 10,000. `nil` counts nothing and
    /// sends no rate-limit headers. What ``Faults/requestsPerMinute`` says goes before it.
    public var requestsPerMinute: Int?
    /// Who is told of changes: `http://HOST:PORT/PATH`, by a signed webhook each.
    public var webhookURL: String?
    /// The time, in whole Unix seconds.
    public var clock: @Sendable () -> Int

    /// A configuration; every part has a default.
    public init(
      host: String = "127.0.0.1", port: Int = 0, database: Location = .memory,
      accessToken: String = "ics-sandbox-token", clientID: String = "ics-sandbox-client",
      clientSecret: String = "ics-sandbox-secret", seed: Int = 0, faults: Faults = Faults(),
      searchLag: Duration = .zero,
      requestsPerMinute: Int? = 10_000, webhookURL: String? = nil,
      clock: @escaping @Sendable () -> Int = { SystemClock.seconds() }
    ) {
      self.host = host
      self.port = port
      self.database = database
      self.accessToken = accessToken
      self.clientID = clientID
      self.clientSecret = clientSecret
      self.seed = seed
      self.faults = faults
      self.searchLag = searchLag
      self.requestsPerMinute = requestsPerMinute
      self.webhookURL = webhookURL
      self.clock = clock
    }
  }

  /// Where a sandbox keeps its state.
  public enum Location: Sendable, Hashable {
    /// In memory: gone when the sandbox stops.
    case memory
    /// In the SQLite file at this path, which is made when it is not there.
    case path(String)
  }
}

/// Why a sandbox did not start.
public enum SandboxError: Error, Sendable, Hashable {
  /// Another program listens on the port.
  case portInUse(host: String, port: Int)
  /// The address cannot be listened on, for another reason.
  case cannotListen(host: String, port: Int, reason: String)
  /// The database cannot be opened or holds something else.
  case database(path: String, reason: String)
  /// A setting makes no sense: its name and why.
  case configuration(setting: String, reason: String)
}

extension SandboxError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .portInUse(let host, let port): "port \(port) of \(host) is in use by another program"
    case .cannotListen(let host, let port, let reason): "cannot listen on \(host):\(port): \(reason)"
    case .database(let path, let reason): "cannot use the sandbox's file \(path): \(reason)"
    case .configuration(let setting, let reason): "\(setting): \(reason)"
    }
  }
}
