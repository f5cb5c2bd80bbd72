// Hooks for programs that have an engine already: its limits, modules and permissions are those of served scripts.

import ICSDurable
import ICSLibrary
import IntercomAPI
import IntercomScript

/// Keeps events and runs in memory: they are gone when the process ends.
public typealias MemoryStore = ICSDurable.MemoryStore
/// What a store of your own has to do; `import ICSDurable` for the types of its records.
public typealias DurableStore = ICSDurable.DurableStore
/// When a run that failed is tried again. (What the connector does about a failed request is `IntercomAPI.RetryPolicy`.)
public typealias RunRetryPolicy = ICSDurable.RunRetryPolicy
/// A text that is never shown, such as a client secret.
public typealias Secret = IntercomAPI.Secret

/// The topics that a hook is for.
public typealias TopicPattern = IntercomScript.TopicPattern

extension HookSettings {
  /// What the scripts of an engine may use, and where their words go.
  ///
  /// All runs share one connection to Intercom, and with it the pace of their requests.
  public init(_ engine: Engine) {
    self.init()
    let environment = engine.environment
    modules = engine.modules
    imports = engine.imports
    limits = engine.limits
    permissions = engine.permissions
    switch engine.intercom {
    case .accessToken(let token):
      intercom = .client(
        IntercomClient(account: Account(accessToken: Secret(token)), transport: environment.transport))
    case .none, .accounts, .client: intercom = engine.intercom
    }
    output = { text, _ in environment.print(text) }
    log = { line, _ in environment.log(LogRecord(line)) }
    prepare = { environment.configure(&$0) }
  }
}

extension HookService {
  /// A service whose scripts may do what those of an engine may do.
  ///
  /// - Parameters:
  ///   - engine: What the scripts may do.
  ///   - store: Where events and runs are kept.
  ///   - secrets: The client secrets that sign webhooks; without any, all webhooks are refused.
  ///   - options: Workers, retries and who hears of it; its secrets are not used.
  public convenience init(
    _ engine: Engine, store: any DurableStore, secrets: [Secret], options: Options = Options()
  ) {
    var options = options
    options.secrets = secrets
    self.init(store: store, settings: HookSettings(engine), options: options)
  }

  /// Compiles a script for this service, and registers its hooks; `serve(_:)` serves it.
  ///
  /// - Parameters:
  ///   - source: The text of the script.
  ///   - name: What messages call the script, and unnamed hooks of the same topic are told apart by.
  /// - Throws: `CompileError` for a script that does not compile, or whose hooks cannot be served.
  public func compile(_ source: String, name: String) async throws(CompileError) -> ScriptVersion {
    try await ScriptVersion(source, name: name, settings: settings)
  }
}
