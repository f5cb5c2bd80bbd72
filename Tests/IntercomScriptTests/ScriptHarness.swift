// Runs scripts in this process against a sandbox on a loopback port.

import ICSDiagnostics
import ICSJSON
import IntercomAPI
import IntercomSandbox
import Synchronization
import Testing

@testable import IntercomScript

/// A sandbox with a connector, and what both saw.
struct Workbench: Sendable {
  let sandbox: Sandbox
  let exchanges = Recorder<IntercomClient.Exchange>()
  let account: Account

  init(_ configuration: Sandbox.Configuration = Sandbox.Configuration(requestsPerMinute: nil)) async throws {
    sandbox = try await Sandbox.start(configuration)
    account = Account(accessToken: Secret(sandbox.accessToken), baseURL: try BaseURL(sandbox.url), name: "sandbox")
  }

  /// A connector that keeps what it sends in `exchanges`.
  func client(
    _ account: Account? = nil, configure: (inout IntercomClient.Configuration) -> Void = { _ in }
  ) -> IntercomClient {
    var configuration = IntercomClient.Configuration()
    let exchanges = exchanges
    configuration.observer = { exchanges.add($0) }
    configure(&configuration)
    return IntercomClient(account: account ?? self.account, configuration: configuration)
  }

  /// Runs a script and gives what it printed, or fails the test with its errors.
  func run(
    _ script: String, configure: (inout SessionConfiguration) -> Void = { _ in },
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async -> [String] {
    let result = await ScriptResult(script) { configuration in
      let client = client()
      configuration.connect = { client }
      configure(&configuration)
    }
    #expect(result.diagnostics.isEmpty, "\(result.rendered)", sourceLocation: sourceLocation)
    return result.lines
  }

  /// Runs a script that ends with an error, and gives that.
  func failure(
    _ script: String, configure: (inout SessionConfiguration) -> Void = { _ in },
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async -> (code: String, message: String) {
    let result = await ScriptResult(script) { configuration in
      let client = client()
      configuration.connect = { client }
      configure(&configuration)
    }
    #expect(!result.diagnostics.isEmpty, "it ended well: \(result.lines)", sourceLocation: sourceLocation)
    return (result.diagnostics.first?.code ?? "", result.diagnostics.first?.message ?? "")
  }

  /// `GET /contacts/{id}` for each request that was sent.
  var sent: [String] { exchanges.all.map { "\($0.method) \($0.path)" } }
}

/// What became of a script.
struct ScriptResult: Sendable {
  var lines: [String] = []
  var diagnostics: [Diagnostic] = []

  init(_ script: String, configure: (inout SessionConfiguration) -> Void) async {
    let printed = Recorder<String>()
    var configuration = SessionConfiguration()
    configuration.limits.time = .seconds(60)
    configuration.write = { printed.add(String(decoding: $0, as: UTF8.self)) }
    configure(&configuration)
    let session = Session(configuration)
    switch await session.run(SourceFile(name: "test.ics", text: script)) {
    case .finished: break
    case .notCompiled(let found), .failed(let found): diagnostics = found
    }
    await session.shutdown()
    lines = printed.all.joined().split(separator: "\n").map(String.init)
  }

  var rendered: String { diagnostics.map { DiagnosticRenderer(color: false).render($0) }.joined(separator: "\n") }
}

/// A list that any thread adds to.
final class Recorder<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])

  var all: [Item] { items.withLock { $0 } }
  func add(_ item: Item) { items.withLock { $0.append(item) } }
  func clear() { items.withLock { $0 = [] } }
}
