// One version of a script, compiled once and run as often as events come.

import ICSDiagnostics
import ICSDurable
import ICSJSON
import ICSLibrary
import ICSSyntax
import ICSVM
import IntercomScript

/// A script whose hooks can be served. Immutable: any number of runs go on at the same time, each in a machine of its
/// own, so that hooks share no variables.
public final class ScriptVersion: Sendable {
  /// The version's name: the same text with the same modules has the same.
  public let digest: String
  /// The hooks, in the order of their declarations.
  public let hooks: [HookDeclaration]
  /// Warnings about the script.
  public let warnings: [Diagnostic]
  package let bundle: ScriptBundle
  let settings: HookSettings
  let code: Code

  /// What the machines of a version have in common.
  struct Code: Sendable {
    let unit: ICSVM.Unit
    /// What `step` does, compiled for the sessions of this version.
    let step: ICSVM.Program?
    /// Where the steps with fixed names stand: `welcome.ics:3:5`.
    let places: [String: String]
    let prelude: SharedPrelude
  }

  /// What messages call the script.
  public var name: String { bundle.name }

  /// Compiles a script with what it imports (`HookSettings.imports`), and registers its hooks.
  ///
  /// - Throws: `CompileError` for a script that does not compile, or whose hooks cannot be served.
  public convenience init(_ source: String, name: String, settings: HookSettings = HookSettings())
    async throws(CompileError)
  {
    try await self.init(ScriptBundle(name: name, source: source, imports: settings.imports), settings: settings)
  }

  /// Compiles a bundle, and runs its top level once to register its hooks.
  ///
  /// - Parameters:
  ///   - registersHooks: Whether the top level runs: not for jobs, whose top level is the work.
  ///   - isQuiet: Whether nobody hears what the top level prints: for a version that was served before.
  package init(
    _ bundle: ScriptBundle, settings: HookSettings, registersHooks: Bool = true, isQuiet: Bool = false
  ) async throws(CompileError) {
    self.bundle = bundle
    self.settings = settings
    digest = bundle.digest
    let source = bundle.sourceFile
    let template = HookInstance(compiling: bundle, settings: settings)
    let result = template.session.compile(source, path: bundle.name)
    let found = result.hasErrors ? [] : HookCheck.findings(in: source)
    guard let unit = result.unit, found.isEmpty else { throw CompileError(diagnostics: result.diagnostics + found) }
    code = Code(
      unit: unit, step: template.session.compilePreludeFunction(StepFunctions.source, name: "step"),
      places: Self.places(of: source), prelude: template.session.sharedPrelude)
    warnings = result.diagnostics
    guard registersHooks else {
      hooks = []
      return
    }
    let instance = HookInstance(code, settings: settings, printsAtTopLevel: !isQuiet)
    if let errors = await instance.register() { throw CompileError(diagnostics: errors) }
    hooks = instance.hooks
  }

  /// What a store keeps of the version.
  package var stored: StoredProgram {
    StoredProgram(hash: digest, name: name, source: bundle.encoded, languageVersion: Self.languageVersion)
  }

  /// Goes up when a script of before means something else.
  private static let languageVersion = 1

  /// Whether runs of this name are runs of one of the version's hooks.
  package func serves(_ name: String) -> Bool { hooks.contains { $0.name == localName(of: name) } }

  /// A machine for one attempt.
  func instance() -> HookInstance {
    HookInstance(code, settings: settings, printsAtTopLevel: false)
  }

  /// A machine for conditions: it lives as long as the version is served.
  func conditionInstance() -> HookInstance {
    var settings = settings
    settings.limits.time = nil
    settings.limits.fuel = nil
    return HookInstance(code, settings: settings, printsAtTopLevel: false)
  }

  private static func places(of source: SourceFile) -> [String: String] {
    let tree = SyntaxTree.parse(source)
    var places: [String: String] = [:]
    for index in tree.nodes.indices.dropFirst() {
      let node = NodeID(UInt32(index))
      guard tree.kind(of: node) == .step, tree.kind(of: tree.step(node).name) == .string else { continue }
      let (line, column) = source.lineAndColumn(at: Int(tree.span(of: node).start))
      places[tree.stringValue(tree.step(node).name)] = "\(source.name):\(line):\(column)"
    }
    return places
  }
}
