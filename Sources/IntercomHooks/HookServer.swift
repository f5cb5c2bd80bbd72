// An HTTP server for a service: starting, and stopping without losing what is under way.

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// A running server.
public final class HookServer: Sendable {
  /// What differs between servers.
  public struct Configuration: Sendable {
    /// The address to listen at. Only this machine reaches the default.
    public var host = "127.0.0.1"
    /// 0 takes a free one.
    public var port = 8080
    /// Connections beyond these wait to be accepted.
    public var maximumConnections = 2000
    /// How long a peer may take for the head of a request, and for its body.
    public var requestTime: Duration = .seconds(10)

    /// The defaults: port 8080 of this machine, at most 2,000 connections, ten seconds for a request.
    public init() {}
  }

  /// Why a server did not start.
  public enum StartError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another program listens there.
    case portInUse(host: String, port: Int)
    /// The address is not one of this machine, or may not be used; the reason is the system's.
    case cannotListen(host: String, port: Int, reason: String)

    /// The reason, as a sentence.
    public var description: String {
      switch self {
      case .portInUse(let host, let port): "port \(port) of \(host) is in use by another program"
      case .cannotListen(let host, let port, let reason): "cannot listen on \(host):\(port): \(reason)"
      }
    }
  }

  /// Where it listens: `http://127.0.0.1:8080`.
  public let url: String
  /// The port that it listens at, also when the configuration asked for any.
  public let port: Int
  private let task: Task<Void, any Error>
  private let group: ServiceGroup

  private init(url: String, port: Int, task: Task<Void, any Error>, group: ServiceGroup) {
    self.url = url
    self.port = port
    self.task = task
    self.group = group
  }

  /// Listens, and returns once requests are answered.
  public static func start(
    _ service: HookService, _ configuration: Configuration = Configuration()
  ) async throws(StartError) -> HookServer {
    let (host, port) = (configuration.host, configuration.port)
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    var settings = ApplicationConfiguration(address: .hostname(host, port: port))
    settings.serverName = nil
    settings.availableConnectionsDelegate = MaximumAvailableConnections(configuration.maximumConnections)
    var times = ConnectionDeadlines.Times()
    times.head = .nanoseconds(Int64(configuration.requestTime / .nanoseconds(1)))
    times.body = times.head
    let deadlines = times
    let maximumBodySize = service.receiver.limits.bodySize
    var application = Application(
      responder: HookResponder(service),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [ConnectionDeadlines(times: deadlines, maximumBodySize: maximumBodySize)])),
      configuration: settings,
      onServerRunning: { channel in
        found.yield(channel.localAddress?.port ?? port)
        found.finish()
      })
    application.logger.logLevel = .critical
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(services: [application], logger: application.logger))
    // The server lives as long as its owner wants, not as long as the task that starts it.
    let task = Task {
      defer { found.finish() }
      try await group.run()
    }
    for await listening in ports {
      let shown = host.contains(":") ? "[\(host)]" : host
      return HookServer(url: "http://\(shown):\(listening)", port: listening, task: task, group: group)
    }
    throw reason(await task.result, host: host, port: port)
  }

  /// Accepts no more, answers what has been asked, and returns when all connections are closed.
  public func stop() async {
    await group.triggerGracefulShutdown()
    // How a server ended that was told to end says nothing new.
    _ = try? await task.value
  }

  private static func reason(_ result: Result<Void, any Error>, host: String, port: Int) -> StartError {
    guard case .failure(let error) = result else {
      return .cannotListen(host: host, port: port, reason: "the server ended at once")
    }
    let text = String(describing: error)
    if text.contains("Address already in use") { return .portInUse(host: host, port: port) }
    if text.contains("UnknownHost") { return .cannotListen(host: host, port: port, reason: "there is no such host") }
    return .cannotListen(host: host, port: port, reason: text)
  }
}
