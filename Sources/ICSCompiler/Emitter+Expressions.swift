// Expressions: where their values go.

import ICSSyntax
import ICSVM

/// What becomes of the value of a statement, a block or a branch.
enum Target: Equatable {
  /// Nobody wants it.
  case effect
  case register(Int)
  /// It is the value of the function: the code ends in a return.
  case tail
}

extension Emitter {
  // MARK: Values into registers

  /// The register that holds an expression's value: that of the variable when it is one, else a new one, or `hint`
  /// when that is given and scratch.
  mutating func operand(_ node: NodeID, hint: Int = -1) -> Int {
    let node = tree.withoutParentheses(node)
    if tree.kind(of: node) == .name, let register = variableRegister(node) { return register }
    let target = hint >= 0 && isScratch(hint) ? hint : allocate()
    expression(node, into: target)
    return target
  }

  /// The register of a variable that can be used as an operand where it is.
  private func variableRegister(_ node: NodeID) -> Int? {
    guard let index = resolved.resolutions[Int(node.rawValue)].index else { return nil }
    let binding = resolved.bindings[index]
    guard binding.storage == .register, binding.function == function else { return nil }
    // `x + if c { x = 2; 1 } else { 0 }` adds to the old x.
    if binding.flags.contains(.assigned), resolved.functions[Int(function)].assignsInExpressions { return nil }
    return Int(binding.location)
  }

  /// Emits code that puts an expression's value into a register. When the register is not scratch it is written last,
  /// after everything that the expression reads.
  mutating func expression(_ start: NodeID, into target: Int) {
    let node = tree.withoutParentheses(start)
    let mark = free
    switch tree.kind(of: node) {
    case .name: loadName(node, into: target)
    case .nullLiteral: loadNull(target, at: site(node))
    case .trueLiteral: loadBool(target, true, at: site(node))
    case .falseLiteral: loadBool(target, false, at: site(node))
    case .integer: loadInt(target, tree.integerValue(node), at: site(node))
    case .float: loadConstant(target, .float(tree.floatValue(node).bitPattern), at: site(node))
    case .string: loadConstant(target, .string(string(ofKey: node)), at: site(node))
    case .interpolation: interpolation(node, into: target)
    case .list: list(node, into: target)
    case .map: map(node, into: target)
    case .unary: unary(node, into: target)
    case .binary: binary(node, into: target)
    case .logicalAnd, .logicalOr: logical(node, into: target)
    case .coalesce: coalesce(node, into: target)
    case .range: range(node, into: target)
    case .call where isPrelude && intrinsic(ofCall: node) != nil: intrinsicCall(node, into: target)
    case .call, .member, .optionalMember, .index, .optionalIndex, .optionalChain: postfix(node, into: target)
    case .lambda: closure(node, into: target)
    case .ifExpression, .matchExpression: branching(node, .register(target))
    case .tryExpression:
      // The first part of its value's code may run and then the error handler's: the variable must not change halfway.
      let register = scratch(target)
      branching(node, .register(register))
      move(target, register, at: site(node))
    case .step: step(node, into: target)
    case .whereExpression: query(node, into: target)
    default: loadNull(target, at: site(node))
    }
    free = mark
  }

  /// Emits code for what an expression does, without its value.
  mutating func effect(_ node: NodeID) {
    let node = tree.withoutParentheses(node)
    switch tree.kind(of: node) {
    case .ifExpression, .matchExpression, .tryExpression: branching(node, .effect)
    default:
      let mark = free
      _ = operand(node)
      free = mark
    }
  }

  /// Emits an expression for a target of any kind.
  mutating func expression(_ node: NodeID, _ target: Target) {
    switch target {
    case .effect: effect(node)
    case .register(let register): expression(node, into: register)
    case .tail:
      let node = tree.withoutParentheses(node)
      switch tree.kind(of: node) {
      case .ifExpression, .matchExpression, .tryExpression: branching(node, .tail)
      default:
        let mark = free
        let register = operand(node)
        free = mark
        emit(.return, a: register * 16, at: site(node))
      }
    }
  }

  /// Gives a target the value null.
  mutating func null(_ target: Target, at site: UInt32) {
    switch target {
    case .effect: break
    case .register(let register): loadNull(register, at: site)
    case .tail: emit(.returnNull, at: site)
    }
  }

  // MARK: Literals

  /// The constant that an expression is; nil when it is no literal.
  mutating func literal(_ start: NodeID) -> Constant? {
    let node = tree.withoutParentheses(start)
    switch tree.kind(of: node) {
    case .integer: return .int(tree.integerValue(node))
    case .float: return .float(tree.floatValue(node).bitPattern)
    case .string: return .string(string(ofKey: node))
    case .nullLiteral: return .null
    case .trueLiteral: return .bool(true)
    case .falseLiteral: return .bool(false)
    default: return nil
    }
  }

  // MARK: Names

  private mutating func loadName(_ node: NodeID, into target: Int) {
    let resolution = resolved.resolutions[Int(node.rawValue)]
    let site = site(node)
    if let index = resolution.index {
      load(index, into: target, at: site)
    } else if let index = resolution.preludeIndex {
      emit(.getPrelude, a: target * 16, wide: index, at: site)
    } else if let intrinsic = resolution.intrinsic {
      switch intrinsic {
      case .selfValue: emit(.loadSelf, a: target * 16, at: site)
      case .end: emit(.loadSimple, a: target * 16, b: Int(Tag.end), c: 0, at: site)
      default: report("'\(intrinsic.spelling)' must be called", at: tree.span(of: node))
      }
    } else {
      loadNull(target, at: site)
    }
  }

  /// Reads a variable.
  mutating func load(_ index: Int, into target: Int, at site: UInt32) {
    let binding = resolved.bindings[index]
    let isOwn = binding.function == function
    switch binding.storage {
    case .register where isOwn: move(target, Int(binding.location), at: site)
    case .register: emit(.getCapture, a: target * 16, b: Int(binding.captureIndex), at: site)
    case .cell where isOwn: emit(.getCell, a: target * 16, b: Int(binding.location) * 16, at: site)
    case .cell: emit(.getCaptureCell, a: target * 16, b: Int(binding.captureIndex), at: site)
    case .global: emit(.getGlobal, a: target * 16, wide: Int(binding.location), at: site)
    case .imported:
      emit(.getGlobal, a: target * 16, wide: importedLink(Int(binding.location)), at: site)
    case .module:
      module(resolved.modules[Int(binding.location)], named: tree.name(binding.name), into: target, at: site)
    case .broken: loadNull(target, at: site)
    }
  }

  /// Assigns the value in a register to a variable.
  mutating func store(_ index: Int, from register: Int, at site: UInt32) {
    let binding = resolved.bindings[index]
    let isOwn = binding.function == function
    switch binding.storage {
    case .register: move(Int(binding.location), register, at: site)
    case .cell where isOwn: emit(.setCell, a: Int(binding.location) * 16, b: register * 16, at: site)
    case .cell: emit(.setCaptureCell, a: register * 16, b: Int(binding.captureIndex), at: site)
    case .global: emit(.setGlobal, a: register * 16, wide: Int(binding.location), at: site)
    case .imported: emit(.setGlobal, a: register * 16, wide: importedLink(Int(binding.location)), at: site)
    case .module, .broken: break
    }
  }

  /// The number in `program.links` of an imported link: the program's own globals come first.
  func importedLink(_ number: Int) -> Int { resolved.globals.count + number }

  /// A module's name used as a value: `__module(name, {...})`, with what it exports now.
  private mutating func module(_ module: ModuleInterface, named name: String, into target: Int, at site: UInt32) {
    let mark = free
    let base = callRegister(target)
    preludeValue("__module", into: base, at: site)
    loadConstant(allocate(), .string(string(name)), at: site)
    let members = allocate()
    var builder = MapBuilder(target: members, site: site)
    for name in module.names {
      guard let export = module.exports[name] else { continue }
      let link = GlobalLink.imported(program: module.program, slot: export.slot)
      program.links.append(link)
      let register = nextEntry(&builder, key: string(name))
      emit(.getGlobal, a: register * 16, wide: program.links.count - 1, at: site)
    }
    finish(&builder)
    emit(.call, a: base * 16, b: 2, at: site)
    move(target, base, at: site)
    free = mark
  }
}
