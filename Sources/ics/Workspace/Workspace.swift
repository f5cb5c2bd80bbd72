// Which workspace a script talks to: the one of the environment's token, else the sandbox.

import ICSDiagnostics
import IntercomAPI
import IntercomSandbox

/// Connects at a script's first request, and stops what it has started.
actor Workspace {
  private let forcesSandbox: Bool
  /// Whether to say that this is the sandbox.
  private let announces: Bool
  private let isVerbose: Bool
  private var sandbox: Sandbox?

  init(_ options: RunOptions) {
    forcesSandbox = options.usesSandbox
    announces = !options.isQuiet && !options.isJSON
    isVerbose = options.isVerbose
  }

  /// The connector of the workspace.
  func connect() async throws(APIError) -> IntercomClient {
    var configuration = IntercomClient.Configuration()
    configuration.userAgent = "ics/\(Version.number)"
    if isVerbose { configuration.observer = { StandardError.write(Self.line(of: $0)) } }
    return IntercomClient(account: try await account(), configuration: configuration)
  }

  /// Stops the sandbox, when it was started.
  func close() async {
    await sandbox?.stop()
    sandbox = nil
  }

  private func account() async throws(APIError) -> Account {
    if !forcesSandbox, let token = Environment["INTERCOM_ACCESS_TOKEN"] {
      guard let address = Environment["INTERCOM_BASE_URL"] else { return Account(accessToken: Secret(token)) }
      return Account(accessToken: Secret(token), baseURL: try BaseURL(address))
    }
    let sandbox = try await startSandbox()
    return Account(accessToken: Secret(sandbox.accessToken), baseURL: try BaseURL(sandbox.url), name: "sandbox")
  }

  /// Several processes may have sandboxes on the same file: each is a server of its own, and SQLite keeps them apart.
  private func startSandbox() async throws(APIError) -> Sandbox {
    if let sandbox { return sandbox }
    let path = Environment.fileInHome("sandbox.sqlite")
    if announces {
      let reason = forcesSandbox ? "" : "no account: "
      StandardError.write("\(reason)using the local sandbox (\(terminalSafe(path)))\n")
    }
    do throws(SandboxError) {
      let started = try await Sandbox.start(Sandbox.Configuration(database: .path(path)))
      sandbox = started
      return started
    } catch {
      throw APIError(.network, "the sandbox did not start: \(error)")
    }
  }

  /// `GET /contacts/{id} 200 in 12 ms`, and what else there is to say.
  private static func line(of exchange: IntercomClient.Exchange) -> String {
    let milliseconds = exchange.duration / .milliseconds(1)
    var line = "\(exchange.method) \(exchange.path) \(exchange.status.map(String.init) ?? "no answer")"
    line += " in \(Int(milliseconds)) ms"
    var facts: [String] = []
    if exchange.attempt > 1 { facts.append("try \(exchange.attempt)") }
    if exchange.waited > .zero { facts.append("waited \(Int(exchange.waited / .milliseconds(1))) ms") }
    if let remaining = exchange.remaining { facts.append("\(remaining) left") }
    if let id = exchange.requestID { facts.append("request \(id)") }
    if !facts.isEmpty { line += " (" + facts.joined(separator: ", ") + ")" }
    return terminalSafe(Reporter.redactor.redact(line)) + "\n"
  }
}
