// Scripts inside a Swift program: the public face of the language.

import ICSCompiler
import ICSDiagnostics
import ICSLibrary
import ICSVM
import IntercomAPI

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
/// An engine holds no state of scripts: every instance has a machine of its own, and nothing is shared between two.
///
///     let engine = Engine(modules: [crm])
///     let script = try engine.compile("crm.plan(\"acme.com\")", name: "plan.ics")
///     let plan: String = try await script.run()
public struct Engine: Sendable {
  package let intercom: IntercomAccess
  package let modules: [HostModule]
  package let limits: Limits
  package let permissions: Permissions
  package let imports: Imports
  package let environment: HostEnvironment

  /// - Parameters:
  ///   - intercom: Whose workspace scripts work with; none unless you say so.
  ///   - modules: Functions of yours that scripts may call.
  ///   - limits: What one run may use.
  ///   - permissions: Files, variables and hosts; nothing unless you say so.
  ///   - imports: Which modules scripts may import; the standard library alone unless you say so.
  ///   - environment: Clock, chance, network and output.
  ///   - output: Takes what scripts print, line by line, on the task that runs them; in place of `environment.print`.
  ///     Standard output is not touched.
  public init(
    intercom: IntercomAccess = .none, modules: [HostModule] = [], limits: Limits = .untrusted,
    permissions: Permissions = .none, imports: Imports = .standard, environment: HostEnvironment = HostEnvironment(),
    output: (@Sendable (String) -> Void)? = nil
  ) {
    self.intercom = intercom
    self.modules = modules
    self.limits = limits
    self.permissions = permissions
    self.imports = imports
    var environment = environment
    if let output { environment.print = output }
    self.environment = environment
  }

  /// Compiles a script with everything that it imports. What it gives does not change when files do: to reload a script,
  /// compile it again and use the new one for new runs.
  ///
  /// - Parameters:
  ///   - source: The text of the script.
  ///   - name: What messages call the source, such as `welcome.ics`. Imports are relative to it.
  ///   - inputs: Names that each run gives values for (`Script.run(with:)`).
  ///   - isObserved: Whether instances may have an observer: for debuggers and coverage. Costs time at every statement.
  /// - Throws: `CompileError` with every diagnostic.
  public func compile(
    _ source: String, name: String = "script", inputs: [String] = [], isObserved: Bool = false
  ) throws(CompileError) -> Script {
    let shared = SharedPrelude(names: configuration(inputs: inputs, isObserved: isObserved).preludeNames)
    var compiler = Compiler(prelude: shared.names, loader: imports.loader)
    compiler.isObserved = isObserved
    let result = compiler.compile(SourceFile(name: name, text: source), path: imports.path(ofScript: name))
    guard let unit = result.unit, !result.hasErrors else { throw CompileError(diagnostics: result.diagnostics) }
    return Script(
      engine: self, name: name, source: source, inputs: inputs, unit: unit, shared: shared,
      isObserved: isObserved, warnings: result.diagnostics)
  }

  /// Every error and warning of a source, without keeping what compiling gives.
  public func check(_ source: String, name: String = "script", inputs: [String] = []) -> [Diagnostic] {
    do throws(CompileError) {
      return try compile(source, name: name, inputs: inputs).warnings
    } catch {
      return error.diagnostics
    }
  }

  /// What a machine of this engine is made with.
  ///
  /// - Parameters:
  ///   - limits: In place of the engine's.
  ///   - environment: In place of the engine's.
  ///   - inputs: Names whose values come later.
  ///   - isObserved: Whether scripts are compiled to be observed.
  ///   - observer: Who watches; nil for nobody.
  func configuration(
    limits: Limits? = nil, environment: HostEnvironment? = nil, inputs: [String], isObserved: Bool,
    observer: (any ScriptObserver)? = nil
  ) -> SessionConfiguration {
    let environment = environment ?? self.environment
    var configuration = SessionConfiguration()
    environment.configure(&configuration)
    intercom.configure(&configuration, transport: environment.transport)
    configuration.limits = limits ?? self.limits
    configuration.permissions = permissions
    configuration.modules = modules
    configuration.hostValues = inputs.map { ($0, { _ in .null }) }
    if isObserved {
      configuration.hostValues.append(("__observe", { $0.value(of: ObservedPoint.native(observer)) }))
    }
    let (print, log) = (environment.print, environment.log)
    configuration.write = { print(String(decoding: $0, as: UTF8.self)) }
    configuration.log = { log(LogRecord($0)) }
    configuration.isSmall = true
    configuration.takesTurns = true
    return configuration
  }
}
