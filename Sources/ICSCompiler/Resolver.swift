// Gives every name its meaning. One walk over the tree fills the arrays of a `ResolvedTree`; the emitter reads them
// beside the tree.
//
// All names of a block are visible in the whole block, as in JavaScript: a use before the declaration is an error when
// both are in one function, and a check while running when a function comes between. That is why a block's names are
// declared before its statements are visited.

import ICSDiagnostics
import ICSSyntax

struct Resolver {
  let tree: SyntaxTree
  let prelude: PreludeNames
  let isPrelude: Bool
  /// The names of earlier entries at the prompt; nil for a file.
  let session: ReplScope?
  /// The modules that the import statements name, by statement; those that could not be compiled are not there.
  let imports: [NodeID: ModuleInterface]

  var result: ResolvedTree
  var diagnostics: [Diagnostic] = []
  /// The bindings that nothing reads.
  var unused: [Int32] = []

  /// By name: the innermost binding that is in scope, -1 for none.
  var visible: [Int32]
  /// By name: its number in the prelude, -1 for none, -2 when it has not been looked up.
  var preludeIndexes: [Int32]
  /// The bindings of all open scopes, inner ones last.
  var openBindings: [Int32] = []
  /// Where the current scope's bindings begin in `openBindings`.
  var scopeStart = 0
  var scope: Int32 = 0
  var scopeCount: Int32 = 0
  var function: Int32 = 0
  /// Whether the current function is the block of a step.
  var isInStep = false
  /// How many `if`, `match` and `try` that are operands are around the current statement, within its function.
  var expressionDepth = 0
  /// The captures there are: `captureKey(function, binding)`.
  var knownCaptures: Set<UInt64> = []

  init(
    tree: SyntaxTree, prelude: PreludeNames, isPrelude: Bool, session: ReplScope?,
    imports: [NodeID: ModuleInterface]
  ) {
    self.tree = tree
    self.prelude = prelude
    self.isPrelude = isPrelude
    self.session = session
    self.imports = imports
    result = ResolvedTree(resolutions: Array(repeating: .none, count: tree.nodes.count))
    visible = Array(repeating: -1, count: tree.names.count)
    preludeIndexes = Array(repeating: -2, count: tree.names.count)
    result.bindings.reserveCapacity(tree.nodes.count / 16)
  }

  /// Resolves the whole file, and decides where its variables live.
  mutating func resolve() {
    result.functions.append(FunctionInfo(node: tree.root, parent: -1))
    let statements = tree.statements(of: tree.root)
    var needs: BlockNeeds = []
    declare(statements, topLevel: true, needs: &needs)
    resolve(statements)
    noteUnused(from: 0)
    // A misspelt use is an error already: what it meant to use is not unused.
    if !diagnostics.contains(where: { $0.severity == .error }) { warnAboutUnused() }
    result.resolutions[Int(tree.root.rawValue)] = Resolution(rawValue: needs.rawValue)
    placeVariables()
  }

  // MARK: Where variables live

  /// How many variables of the top level may be in registers; the rest are globals.
  private static var maximumTopLevelRegisters: Int { 200 }

  private mutating func placeVariables() {
    var registers = 0
    for index in result.bindings.indices {
      let binding = result.bindings[index]
      guard binding.storage == .register else { continue }
      if binding.flags.contains(.topLevel) {
        let isGlobal = session != nil || !binding.flags.isDisjoint(with: [.captured, .exported])
        if isGlobal || registers >= Self.maximumTopLevelRegisters {
          result.bindings[index].storage = .global
          result.bindings[index].location = Int32(result.globals.count)
          result.globals.append(Int32(index))
        } else {
          registers += 1
        }
      } else if binding.flags.contains(.captured), !binding.flags.isDisjoint(with: [.assigned, .readEarly]) {
        result.bindings[index].storage = .cell
      }
    }
  }

  // MARK: Scopes

  /// What `closeScope` needs to go back to the scope outside.
  struct OuterScope {
    var scope: Int32
    var start: Int
  }

  mutating func openScope() -> OuterScope {
    let outer = OuterScope(scope: scope, start: scopeStart)
    scopeCount += 1
    scope = scopeCount
    scopeStart = openBindings.count
    return outer
  }

  mutating func closeScope(_ outer: OuterScope) {
    if scopeStart < openBindings.count {
      noteUnused(from: scopeStart)
      for index in openBindings[scopeStart...].reversed() {
        let binding = result.bindings[Int(index)]
        if visible[Int(binding.name.rawValue)] == index { visible[Int(binding.name.rawValue)] = binding.shadowed }
      }
      openBindings.removeSubrange(scopeStart...)
    }
    scope = outer.scope
    scopeStart = outer.start
  }

  /// Resolves a block in a scope of its own.
  mutating func block(_ node: NodeID) {
    guard tree.kind(of: node) == .block else { return }
    let statements = tree.statements(of: node)
    if statements.isEmpty { return }
    let outer = openScope()
    var needs: BlockNeeds = []
    declare(statements, topLevel: false, needs: &needs)
    resolve(statements)
    for index in openBindings[scopeStart...] where result.bindings[Int(index)].flags.contains(.readEarly) {
      needs.insert(.earlyCells)
      break
    }
    result.resolutions[Int(node.rawValue)] = Resolution(rawValue: needs.rawValue)
    closeScope(outer)
  }

  private mutating func resolve(_ statements: NodeList) {
    var hasEnded = false
    for node in statements {
      // A function may be called from before its declaration.
      if hasEnded && tree.kind(of: node) != .function {
        report(
          .unreachable, "this is never reached", at: tree.span(of: node),
          label: "the statement before it leaves the block")
        hasEnded = false
      }
      statement(node)
      if leaves(node) { hasEnded = true }
    }
  }

  /// Whether nothing behind a statement in its block can run. Looks into so few levels that no depth of nesting costs.
  private func leaves(_ node: NodeID, levels: Int = 4) -> Bool {
    switch tree.kind(of: node) {
    case .returnStatement, .breakStatement, .continueStatement, .throwStatement: return true
    case .block:
      let statements = tree.statements(of: node)
      return !statements.isEmpty && leaves(statements[statements.count - 1], levels: levels)
    case .ifExpression:
      let (branches, otherwise) = tree.ifExpression(node)
      return levels > 0 && !otherwise.isNone && leaves(otherwise, levels: levels - 1)
        && branches.allSatisfy { leaves(tree.ifBranch($0).body, levels: levels - 1) }
    default: return false
    }
  }

  // MARK: Declarations

  /// Declares the names of a block's statements, before these are resolved.
  private mutating func declare(_ statements: NodeList, topLevel: Bool, needs: inout BlockNeeds) {
    for node in statements {
      switch tree.kind(of: node) {
      case .variable:
        let (isVar, pattern, _) = tree.variable(node)
        var flags: Binding.Flags = topLevel ? .topLevel : []
        if topLevel, tree.isExported(node) { flags.insert(.exported) }
        declarePattern(pattern, kind: isVar ? .variable : .constant, flags: flags)
      case .function:
        var flags: Binding.Flags = topLevel ? [.topLevel, .initialized] : .initialized
        if topLevel, tree.isExported(node) { flags.insert(.exported) }
        let name = tree.function(node).name
        let binding = declare(name, at: node, span: tree.mainSpan(of: node), kind: .function, flags: flags)
        let info = FunctionInfo(node: node, parent: function, binding: Int32(binding), hoistScope: scope)
        result.resolutions[Int(node.rawValue)] = .function(result.functions.count)
        result.functions.append(info)
        needs.insert(.functions)
      case .importModule: declareModule(node)
      case .importNames: declareImports(node)
      default: break
      }
    }
  }

  /// Declares the names of a pattern without marking them as initialised.
  private mutating func declarePattern(_ node: NodeID, kind: BindingKind, flags: Binding.Flags) {
    switch tree.kind(of: node) {
    case .namePattern, .restPattern:
      let index = declare(tree.name(of: node), at: node, span: tree.mainSpan(of: node), kind: kind, flags: flags)
      result.resolutions[Int(node.rawValue)] = .binding(index)
    case .listPattern, .mapPattern:
      for part in tree.patterns(of: node) { declarePattern(part, kind: kind, flags: flags) }
    case .fieldPattern: declarePattern(tree.fieldPattern(node).pattern, kind: kind, flags: flags)
    default: break
    }
  }

  /// Declares a name in the current scope. A second declaration there is an error, and gives a binding that no use
  /// of the name means.
  mutating func declare(
    _ name: NameID, at node: NodeID, span: Span, kind: BindingKind, flags: Binding.Flags
  ) -> Int {
    let index = result.bindings.count
    let outer = visible[Int(name.rawValue)]
    result.bindings.append(
      Binding(name: name, node: node, function: function, scope: scope, kind: kind, flags: flags, shadowed: outer))
    if outer >= 0, result.bindings[Int(outer)].scope == scope {
      // A session's names count as declared outside of the entry.
      if result.bindings[Int(outer)].node != .none {
        reportDuplicate(name, span: span, first: Int(outer))
        return index
      }
    }
    visible[Int(name.rawValue)] = Int32(index)
    openBindings.append(Int32(index))
    return index
  }

  /// Resolves the defaults in a pattern whose names are declared, and marks these as initialised, in order.
  mutating func initializePattern(_ node: NodeID) {
    switch tree.kind(of: node) {
    case .namePattern, .restPattern:
      if let index = result.resolutions[Int(node.rawValue)].index {
        result.bindings[index].flags.insert(.initialized)
      }
    case .listPattern, .mapPattern:
      for part in tree.patterns(of: node) { initializePattern(part) }
    case .fieldPattern:
      let (_, pattern, defaultValue) = tree.fieldPattern(node)
      if !defaultValue.isNone { expression(defaultValue) }
      initializePattern(pattern)
    default: break
    }
  }

  /// Declares the names of a pattern one after the other: a name is visible to the right of itself only.
  mutating func bindPattern(_ node: NodeID, kind: BindingKind) {
    switch tree.kind(of: node) {
    case .namePattern, .restPattern, .restParameter:
      let index = declare(
        tree.name(of: node), at: node, span: tree.mainSpan(of: node), kind: kind, flags: .initialized)
      result.resolutions[Int(node.rawValue)] = .binding(index)
    case .listPattern, .mapPattern:
      for part in tree.patterns(of: node) { bindPattern(part, kind: kind) }
    case .fieldPattern:
      let (_, pattern, defaultValue) = tree.fieldPattern(node)
      if !defaultValue.isNone { expression(defaultValue) }
      bindPattern(pattern, kind: kind)
    default: break
    }
  }
}
