// Compiles a source together with the modules that it imports, each once, in the order in which they run.

import ICSDiagnostics
import ICSSyntax
import ICSVM

struct UnitBuild {
  private let prelude: PreludeNames
  private let loader: (any ModuleLoader)?
  private let mode: CompileMode
  private let isObserved: Bool
  private let keepsLocals: Bool
  private var session: ReplScope?

  private var programs: [Program] = []
  private var syntaxErrors: [Diagnostic] = []
  private var otherDiagnostics: [Diagnostic] = []
  /// By canonical path.
  private var modules: [String: ModuleState] = [:]
  /// The files whose imports are being compiled, the outermost first.
  private var path: [(canonicalPath: String, name: String)] = []

  private enum ModuleState {
    case underWay
    case compiled(ModuleInterface)
    case broken
  }

  /// How long a chain of imports may be. Each link is a level of recursion here.
  private static var maximumDepth: Int { 100 }

  init(
    prelude: PreludeNames, loader: (any ModuleLoader)?, mode: CompileMode, isObserved: Bool = false,
    keepsLocals: Bool = false
  ) {
    self.isObserved = isObserved
    self.keepsLocals = keepsLocals
    self.prelude = prelude
    self.loader = loader
    self.mode = mode
    if case .repl(let scope) = mode {
      session = scope
      modules = scope.modules.mapValues { .compiled($0) }
    }
  }

  mutating func compile(_ source: SourceFile, path: String?) -> CompileResult {
    compile(SyntaxTree.parse(source), path: path)
  }

  mutating func compile(_ tree: SyntaxTree, path: String?) -> CompileResult {
    if let path {
      modules[path] = .underWay
      self.path.append((path, tree.source.name))
    }
    let interface = compile(tree, importer: path, isMain: true)
    var result = CompileResult(diagnostics: diagnostics())
    result.isIncomplete = tree.isIncomplete
    if interface != nil, !result.hasErrors {
      result.unit = ICSVM.Unit(programs: programs)
      result.scope = session
    }
    return result
  }

  /// Syntax errors come alone: names cannot be judged in half a tree.
  private func diagnostics() -> [Diagnostic] {
    Compiler.shown(syntaxErrors.isEmpty ? otherDiagnostics : syntaxErrors)
  }

  // MARK: One file

  private mutating func compile(_ tree: SyntaxTree, importer: String?, isMain: Bool, isStandard: Bool = false)
    -> ModuleInterface?
  {
    if tree.hasErrors {
      syntaxErrors += tree.diagnostics
      return nil
    }
    let imports = loadImports(of: tree, importer: importer)
    var resolver = Resolver(
      tree: tree, prelude: prelude, isPrelude: isPrelude && isMain, session: isMain ? session : nil, imports: imports)
    resolver.resolve()
    note(tree.diagnostics + resolver.diagnostics, withWarnings: isMain)
    // Code for a file with errors, or for one that imports such a file, would never run.
    if otherDiagnostics.contains(where: { $0.severity == .error }) || !syntaxErrors.isEmpty { return nil }
    var emitter = Emitter(
      tree: tree, resolved: resolver.result, prelude: prelude, isPrelude: isPrelude && isMain,
      isObserved: isObserved && !isStandard, keepsLocals: keepsLocals)
    emitter.emit()
    note(emitter.diagnostics, withWarnings: isMain)
    let number = UInt32((session?.programCount ?? 0) + programs.count)
    emitter.program.isStandard = isStandard
    programs.append(emitter.program)
    let interface = Self.interface(of: emitter.resolved, in: tree, number: number)
    if isMain { extendSession(emitter.resolved, tree, number) }
    return interface
  }

  private var isPrelude: Bool {
    if case .prelude = mode { return true }
    return false
  }

  /// Adds what was found in one file, in the order of its text.
  private mutating func note(_ diagnostics: [Diagnostic], withWarnings: Bool) {
    otherDiagnostics += diagnostics.filter { withWarnings || $0.severity == .error }
      .sorted { $0.span.start < $1.span.start }
  }

  private static func interface(of resolved: ResolvedTree, in tree: SyntaxTree, number: UInt32) -> ModuleInterface {
    var interface = ModuleInterface(program: number)
    for (slot, index) in resolved.globals.enumerated() {
      let binding = resolved.bindings[Int(index)]
      guard binding.flags.contains(.exported) else { continue }
      let name = tree.name(binding.name)
      interface.names.append(name)
      interface.exports[name] = .init(slot: UInt32(slot))
    }
    return interface
  }

  /// Makes the entry's names, and the modules it has loaded, known to later entries.
  private mutating func extendSession(_ resolved: ResolvedTree, _ tree: SyntaxTree, _ number: UInt32) {
    guard var scope = session else { return }
    scope.programCount += programs.count
    for (path, state) in modules {
      if case .compiled(let interface) = state { scope.modules[path] = interface }
    }
    for binding in resolved.bindings where binding.flags.contains(.topLevel) && !binding.node.isNone {
      let name = tree.name(binding.name)
      switch binding.storage {
      case .global:
        scope.names[name] = .variable(
          program: number, slot: UInt32(binding.location), isAssignable: binding.kind == .variable)
      case .imported:
        let link = resolved.importedLinks[Int(binding.location)]
        scope.names[name] = .imported(program: link.program, slot: link.slot)
      case .module: scope.names[name] = .module(resolved.modules[Int(binding.location)])
      case .register, .cell, .broken: break
      }
    }
    session = scope
  }

  // MARK: Imports

  /// Compiles what a file imports, in order.
  private mutating func loadImports(of tree: SyntaxTree, importer: String?) -> [NodeID: ModuleInterface] {
    var interfaces: [NodeID: ModuleInterface] = [:]
    for node in tree.statements(of: tree.root) {
      let pathNode: NodeID
      switch tree.kind(of: node) {
      case .importModule: pathNode = tree.importModule(node).path
      case .importNames: pathNode = tree.importNames(node).path
      default: continue
      }
      if let interface = load(pathNode, in: tree, importer: importer) { interfaces[node] = interface }
    }
    return interfaces
  }

  private mutating func load(_ node: NodeID, in tree: SyntaxTree, importer: String?) -> ModuleInterface? {
    let name = tree.stringValue(node)
    guard let loader else {
      report(.import, "modules cannot be imported here", at: node, in: tree)
      return nil
    }
    let module: (canonicalPath: String, source: SourceFile)
    do {
      module = try loader.load(name, from: importer)
    } catch {
      report(.import, Self.message(error, name), at: node, in: tree)
      return nil
    }
    switch modules[module.canonicalPath] {
    case .compiled(let interface): return interface
    case .broken: return nil
    case .underWay:
      reportCycle(module.canonicalPath, at: node, in: tree)
      return nil
    case nil: break
    }
    if path.count >= Self.maximumDepth {
      report(.import, "imports are nested more than \(Self.maximumDepth) files deep", at: node, in: tree)
      return nil
    }
    modules[module.canonicalPath] = .underWay
    path.append((module.canonicalPath, module.source.name))
    // What begins like this is the library's in every loader, and nothing else is.
    let interface = compile(
      SyntaxTree.parse(module.source), importer: module.canonicalPath, isMain: false,
      isStandard: name.hasPrefix("std/"))
    path.removeLast()
    modules[module.canonicalPath] = interface.map { .compiled($0) } ?? .broken
    return interface
  }

  private static func message(_ error: ModuleError, _ name: String) -> String {
    switch error {
    case .notFound: "cannot find the module '\(name)'"
    case .outsideRoot: "the module '\(name)' lies outside the folder that scripts may import from"
    case .unreadable(let reason): "cannot import '\(name)': \(reason)"
    }
  }

  private mutating func reportCycle(_ canonicalPath: String, at node: NodeID, in tree: SyntaxTree) {
    let start = path.firstIndex { $0.canonicalPath == canonicalPath } ?? path.startIndex
    let names = path[start...].map(\.name)
    let cycle = (names + names.prefix(1)).joined(separator: " → ")
    let message = names.count == 1 ? "this file imports itself: \(cycle)" : "these files import each other: \(cycle)"
    report(.importCycle, message, at: node, in: tree, label: "this import closes the cycle")
  }

  private mutating func report(
    _ code: ErrorCode, _ message: String, at node: NodeID, in tree: SyntaxTree, label: String = ""
  ) {
    otherDiagnostics.append(
      Diagnostic(code, message, source: tree.source, span: tree.span(of: node), label: label))
  }
}
