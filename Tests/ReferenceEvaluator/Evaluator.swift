// A plain interpreter of ICS that walks the syntax tree. It exists to be compared with the compiler and the virtual
// machine: it shares no code with them, knows the core of the language only, and never ships.

import ICSDiagnostics
import ICSSyntax

/// What running a program gave.
package struct Outcome: Equatable, Sendable {
  /// Everything that was printed.
  package var output: String
  /// The printed form of the program's value, or the code of the error that ended it.
  package var end: String

  package init(output: String, end: String) {
    self.output = output
    self.end = end
  }
}

/// Why there is no outcome.
package enum EvaluationFailure: Error {
  case notAProgram
  /// It takes more steps than allowed.
  case outOfSteps
  /// It uses something that this evaluator does not know.
  case unsupported(String)
}

/// The variables of a block, a call or a turn of a loop.
final class Scope {
  let parent: Scope?
  var values: [NameID: Value] = [:]

  init(_ parent: Scope?) { self.parent = parent }

  /// The scope that has a name.
  func owner(of name: NameID) -> Scope? {
    var scope: Scope? = self
    while let it = scope, it.values[name] == nil { scope = it.parent }
    return scope
  }
}

package final class Evaluator {
  let tree: SyntaxTree
  /// What is declared at the top level: functions see it before its declaration has run.
  let globals = Scope(nil)
  var builtIns: [String: Value] = [:]
  /// The scopes that functions hold on to, to break the cycles in the end.
  var closureScopes: [Scope] = []
  /// What is imported, by its name here: the module, and the name there.
  var importedNames: [NameID: (Evaluator, String)] = [:]
  var importedModules: [NameID: Evaluator] = [:]
  /// The modules that may be imported, by their paths.
  private var modules: [String: Evaluator] = [:]
  var ready: [Ready] = []
  var failed: [TaskObject] = []
  var isInTask = false
  private let progress: Progress

  /// What a program and its modules share.
  private final class Progress {
    var output = ""
    var steps: Int
    init(steps: Int) { self.steps = steps }
  }

  private init(_ tree: SyntaxTree, _ progress: Progress) {
    self.tree = tree
    self.progress = progress
    for function in makeBuiltIns() { builtIns[function.name] = .function(function) }
  }

  /// Runs a program, its modules before it.
  package static func run(
    _ text: String, modules: [(path: String, text: String)] = [], maximumSteps: Int = 200_000
  ) throws(EvaluationFailure) -> Outcome {
    let progress = Progress(steps: maximumSteps)
    var loaded: [String: Evaluator] = [:]
    // Whatever is imported comes before what imports it.
    for (path, text) in modules + [("program", text)] {
      let tree = SyntaxTree.parse(SourceFile(name: path, text: text))
      guard !tree.hasErrors else { throw .notAProgram }
      let evaluator = Evaluator(tree, progress)
      evaluator.modules = loaded
      loaded[path] = evaluator
    }
    defer {
      for evaluator in loaded.values {
        for scope in evaluator.closureScopes { scope.values = [:] }
        evaluator.modules = [:]
        evaluator.importedModules = [:]
        evaluator.importedNames = [:]
      }
    }
    do {
      var value = Value.null
      for (path, _) in modules + [("program", text)] { value = try loaded[path]?.runProgram() ?? .null }
      return Outcome(output: progress.output, end: value.printed())
    } catch Signal.raised(let error) {
      return Outcome(output: progress.output, end: error.kind)
    } catch Signal.unsupported(let what) {
      throw .unsupported(what)
    } catch {
      throw .outOfSteps
    }
  }

  private func runProgram() throws -> Value {
    let value = try runStatements()
    try finishTasks()
    return value
  }

  private func runStatements() throws -> Value {
    do {
      hoist(tree.statements(of: tree.root), in: globals)
      var last = Value.null
      for statement in tree.statements(of: tree.root) { last = try run(statement, globals) }
      return last
    } catch Signal.returned(let value) {
      return value
    }
  }

  func step() throws {
    progress.steps -= 1
    if progress.steps < 0 { throw Signal.outOfSteps }
  }

  /// Nothing bounds this evaluator's memory, so programs with large values, which a loop may double, are given up.
  func checkSize(_ value: Value) throws {
    let size =
      switch value {
      case .string(let text): text.count
      case .list(let list): list.items.count
      case .map(let map): map.keys.count
      default: 0
      }
    progress.steps -= size / 16
    if size > 2_000 { throw Signal.outOfSteps }
  }

  func write(_ line: String) { progress.output += line + "\n" }

  // MARK: Modules

  /// An `import`: both forms only note where the names lead.
  func importModule(_ node: NodeID) throws {
    let isWhole = tree.kind(of: node) == .importModule
    let path = tree.stringValue(isWhole ? tree.importModule(node).path : tree.importNames(node).path)
    guard let module = modules[path] else { throw Signal.unsupported("the module \(path)") }
    if isWhole {
      importedModules[tree.name(of: tree.importModule(node).name)] = module
      return
    }
    for imported in tree.importNames(node).names {
      let (name, local) = tree.importedName(imported)
      importedNames[tree.name(of: local)] = (module, tree.name(name))
    }
  }

  /// What `module.name` stands for; nil when the object is no module's name.
  func exportedMember(_ object: NodeID, _ name: NameID) throws -> Value? {
    guard tree.kind(of: object) == .name, let module = importedModules[tree.name(of: object)] else { return nil }
    return try module.global(tree.name(name))
  }

  /// A top-level variable as it is now.
  func global(_ name: String) throws -> Value {
    guard let value = globals.values.first(where: { tree.name($0.key) == name })?.value else {
      throw raise("E_UNINITIALIZED")
    }
    return value
  }
}
