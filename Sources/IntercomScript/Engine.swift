// Scripts inside a Swift program: the public face of the language.

import ICSDiagnostics
import ICSJSON
import ICSVM
import IntercomAPI

/// What a script may use: `Limits(fuel:memory:callDepth:fibers:output:time:)`.
public typealias Limits = ICSVM.Limits
/// An error or a warning with its place in the source.
public typealias Diagnostic = ICSDiagnostics.Diagnostic

extension Limits {
  /// For scripts of people you do not know: about a second of work, 64 MB, a megabyte of output, half a minute.
  public static let untrusted = Limits(
    fuel: 100_000_000, memory: 64 << 20, callDepth: 1_000, fibers: 1_000, output: 1 << 20, time: .seconds(30))
  /// For scripts of your own: only what protects the process.
  public static let trusted = Limits()
}

/// Whose Intercom workspace scripts work with.
public enum IntercomAccess: Sendable {
  /// None: `intercom` and its collections are unknown names.
  case none
  /// The workspace of an access token, at Intercom in the United States.
  case accessToken(String)
  /// The accounts of a store: a default one, if you name it, and others by `intercom.as("NAME")` and
  /// `intercom.authenticate(project_id, user_token)`.
  case accounts(AccountStore, default: String?)
  /// A connector of your own making: another region, a sandbox, a transport for tests.
  case client(IntercomClient)
}

/// Compiles and runs scripts inside a Swift program.
///
/// An engine holds no state of scripts: every run has a machine of its own, and nothing is shared between two.
///
///     let engine = Engine(modules: [crm])
///     let script = try engine.compile("crm.plan(\"acme.com\")", name: "plan.ics")
///     let plan: String = try await script.run()
public struct Engine: Sendable {
  private let intercom: IntercomAccess
  private let modules: [HostModule]
  private let limits: Limits
  private let permissions: Permissions
  private let root: String?
  private let output: @Sendable (String) -> Void

  /// - Parameters:
  ///   - intercom: Whose workspace scripts work with; none unless you say so.
  ///   - modules: Functions of yours that scripts may call.
  ///   - limits: What one run may use.
  ///   - permissions: Files, variables and hosts; nothing unless you say so.
  ///   - root: The folder that imports stay below; nil allows the standard modules alone.
  ///   - output: Takes what scripts print, line by line, on the task that runs them. Standard output is not touched.
  public init(
    intercom: IntercomAccess = .none, modules: [HostModule] = [], limits: Limits = .untrusted,
    permissions: Permissions = .none, root: String? = nil, output: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.intercom = intercom
    self.modules = modules
    self.limits = limits
    self.permissions = permissions
    self.root = root
    self.output = output
  }

  /// Compiles a script.
  ///
  /// - Parameters:
  ///   - name: What messages call the source, such as `welcome.ics`.
  ///   - inputs: Names that each run gives values for (`Script.run(with:)`).
  /// - Throws: `CompileError` with every diagnostic.
  public func compile(_ source: String, name: String = "script", inputs: [String] = []) throws(CompileError) -> Script {
    let script = Script(engine: self, source: SourceFile(name: name, text: source), inputs: inputs)
    let found = script.check()
    guard !found.contains(where: { $0.severity == .error }) else { throw CompileError(diagnostics: found) }
    return script
  }

  /// A session for one run.
  func session(inputs: [String: JSONValue]) -> Session {
    var configuration = SessionConfiguration()
    configuration.limits = limits
    configuration.permissions = permissions
    configuration.root = root
    configuration.modules = modules
    configuration.inputs = inputs
    let output = output
    configuration.write = { bytes in
      output(String(decoding: bytes, as: UTF8.self))
    }
    switch intercom {
    case .none: break
    case .accessToken(let token):
      configuration.connect = { IntercomClient(account: Account(accessToken: Secret(token))) }
    case .accounts(let store, let name):
      configuration.connect = { () async throws(APIError) in
        guard let name else { throw APIError(.auth, "this script chooses an account first: intercom.as(...)") }
        return store.client(for: try store.account(name))
      }
      configuration.connectNamed = { name async throws(APIError) in store.client(for: try store.account(name)) }
      configuration.connectUser = { project, token async throws(APIError) in
        try await store.client(project: project, userToken: token)
      }
    case .client(let client):
      configuration.connect = { client }
      configuration.closesClient = false
    }
    return Session(configuration)
  }
}

/// A script that compiled. Immutable: any number of runs may go on at the same time.
public struct Script: Sendable {
  let engine: Engine
  let source: SourceFile
  let inputs: [String]

  func check() -> [Diagnostic] {
    engine.session(inputs: Dictionary(inputs.map { ($0, .null) }) { first, _ in first }).diagnostics(of: source)
  }

  /// Runs the script in a machine of its own and gives the value of its last expression.
  ///
  /// - Parameter values: One for each name of `inputs`; a name without a value is null.
  /// - Throws: `ScriptError` for an error that the script did not catch, a limit or a cancellation; `ConversionError`
  ///   when the result does not fit `Result`.
  public func run<Result: ScriptConvertible>(
    with values: [String: any ScriptConvertible] = [:], as type: Result.Type = Result.self
  ) async throws -> Result {
    let session = session(with: values)
    let value = try await complete(session)
    // The value lives in the session's machine: it is converted before that goes.
    guard let json = value.json else {
      throw ConversionError(wanted: "a result that JSON can say", found: .string(value.printed() ?? value.typeName))
    }
    return try Result(scriptValue: json)
  }

  /// Runs the script for its effects.
  public func run(with values: [String: any ScriptConvertible] = [:]) async throws {
    _ = try await complete(session(with: values))
  }

  private func session(with values: [String: any ScriptConvertible]) -> Session {
    var given: [String: JSONValue] = [:]
    for name in inputs { given[name] = values[name]?.scriptValue ?? .null }
    return engine.session(inputs: given)
  }

  private func complete(
    _ session: Session, isolation: isolated (any Actor)? = #isolation
  ) async throws -> SessionValue {
    let outcome = await session.run(source)
    await session.shutdown()
    switch outcome {
    case .finished(let value): return value
    case .notCompiled(let found): throw CompileError(diagnostics: found)
    case .failed(let found): throw ScriptError(diagnostics: found)
    }
  }
}

/// A script that does not compile.
public struct CompileError: Error, Sendable, CustomStringConvertible {
  /// Every error that was found, and the warnings.
  public let diagnostics: [Diagnostic]

  public var description: String {
    diagnostics.map { DiagnosticRenderer(color: false).render($0) }.joined(separator: "\n")
  }
}

/// A run that ended with an error which the script did not catch.
public struct ScriptError: Error, Sendable, CustomStringConvertible {
  /// The error first, then those of tasks that nobody waited for.
  public let diagnostics: [Diagnostic]
  /// The error's code, such as `E_NULL` or `E_FUEL`.
  public var code: String { diagnostics.first?.code ?? "E_ERROR" }
  public var message: String { diagnostics.first?.message ?? "" }

  public var description: String {
    diagnostics.map { DiagnosticRenderer(color: false).render($0) }.joined(separator: "\n")
  }
}
