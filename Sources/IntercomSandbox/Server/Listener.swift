// Starting and stopping the HTTP server.

import Hummingbird

enum Listener {
  /// Listens, and returns the running server with its port once the first request can come.
  static func start(_ responder: Responder, host: String, port: Int) async throws(SandboxError) -> (
    server: Task<Void, any Error>, port: Int
  ) {
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    var configuration = ApplicationConfiguration(address: .hostname(host, port: port))
    configuration.serverName = nil
    var application = Application(
      responder: responder, configuration: configuration,
      onServerRunning: { channel in
        found.yield(channel.localAddress?.port ?? port)
        found.finish()
      })
    // A sandbox is silent: what it has to say is in its answers.
    application.logger.logLevel = .critical
    let running = application
    // The server lives as long as the sandbox, not as long as the caller's task.
    let server = Task {
      defer { found.finish() }
      try await running.run()
    }
    for await port in ports { return (server, port) }
    throw reason(await server.result, host: host, port: port)
  }

  /// The server's own error type is not visible here; its text names the error number's meaning.
  private static func reason(_ result: Result<Void, any Error>, host: String, port: Int) -> SandboxError {
    guard case .failure(let error) = result else {
      return .cannotListen(host: host, port: port, reason: "the server ended at once")
    }
    let text = String(describing: error)
    if text.contains("Address already in use") { return .portInUse(host: host, port: port) }
    if text.contains("UnknownHost") { return .cannotListen(host: host, port: port, reason: "there is no such host") }
    return .cannotListen(host: host, port: port, reason: text)
  }
}
