// Statements, blocks and assignments.

import ICSSyntax
import ICSVM

extension Emitter {
  // MARK: Blocks

  /// Emits a block; its value is that of its last statement when that is an expression, else null.
  mutating func block(_ node: NodeID, _ target: Target) {
    let mark = free
    let outerTarget = scratchTarget
    if case .register(let register) = target, isScratch(register) { scratchTarget = register }
    statements(tree.statements(of: node), of: node, target)
    scratchTarget = outerTarget
    free = mark
    if isObserved || keepsLocals { forgetVariables(from: mark) }
  }

  /// Emits the statements of a block or of the file.
  mutating func statements(_ statements: NodeList, of block: NodeID, _ target: Target) {
    let needs = BlockNeeds(rawValue: resolved.resolutions[Int(block.rawValue)].rawValue)
    if !needs.isEmpty { prepare(statements, needs) }
    guard let last = statements.last else {
      null(target, at: site(block))
      return
    }
    for node in statements.dropLast() { statement(node, .effect) }
    statement(last, target)
  }

  /// Makes the cells and the functions that must exist when a block begins.
  private mutating func prepare(_ statements: NodeList, _ needs: BlockNeeds) {
    if needs.contains(.earlyCells) {
      for node in statements where tree.kind(of: node) == .variable {
        prepareCells(tree.variable(node).pattern)
      }
    }
    if needs.contains(.functions) {
      let functions = statements.filter { tree.kind(of: $0) == .function }
      for node in functions { prepareFunction(node) }
      for node in functions { makeFunction(node) }
    }
  }

  private mutating func prepareCells(_ pattern: NodeID) {
    switch tree.kind(of: pattern) {
    case .namePattern, .restPattern:
      guard let index = resolved.resolutions[Int(pattern.rawValue)].index else { return }
      if resolved.bindings[index].isEarlyCell { makeEarlyCell(index, at: site(pattern)) }
    case .listPattern, .mapPattern:
      for part in tree.patterns(of: pattern) { prepareCells(part) }
    case .fieldPattern: prepareCells(tree.fieldPattern(pattern).pattern)
    default: break
    }
  }

  private mutating func makeEarlyCell(_ index: Int, at site: UInt32) {
    let register = allocate()
    resolved.bindings[index].location = Int32(register)
    emit(.loadSimple, a: register * 16, b: Int(Tag.unset), c: 0, at: site)
    emit(.newCell, a: register * 16, at: site)
  }

  private mutating func prepareFunction(_ node: NodeID) {
    guard let index = functionBinding(node) else { return }
    if resolved.bindings[index].isEarlyCell {
      makeEarlyCell(index, at: site(node))
    } else if resolved.bindings[index].storage != .global {
      resolved.bindings[index].location = Int32(allocate())
    }
  }

  private mutating func makeFunction(_ node: NodeID) {
    guard let index = functionBinding(node) else { return }
    let binding = resolved.bindings[index]
    if binding.storage == .register {
      closure(node, into: Int(binding.location))
    } else {
      let mark = free
      let register = allocate()
      closure(node, into: register)
      store(index, from: register, at: site(node))
      free = mark
    }
  }

  private func functionBinding(_ node: NodeID) -> Int? {
    guard let function = resolved.resolutions[Int(node.rawValue)].index else { return nil }
    return Int(resolved.functions[function].binding)
  }

  // MARK: Statements

  mutating func statement(_ node: NodeID, _ target: Target) {
    let outerBase = scratchBase
    scratchBase = free
    defer { scratchBase = outerBase }
    let site = site(node)
    if isObserved { markStatement(node) }
    let scope = keepsLocals ? beginLocals() : nil
    defer { if let scope { endLocals(scope) } }
    switch tree.kind(of: node) {
    case .variable: variable(node)
    case .block:
      block(node, target)
      return
    case .function, .importModule, .importNames: break
    case .forLoop: forLoop(node)
    case .whileLoop: whileLoop(node)
    case .returnStatement:
      returnStatement(node)
      return
    case .breakStatement:
      leaveLoop(node, isBreak: true)
      return
    case .continueStatement:
      leaveLoop(node, isBreak: false)
      return
    case .throwStatement:
      let mark = free
      let register = operand(tree.operand(of: node))
      free = mark
      emit(.throw, a: register * 16, at: site)
      return
    case .assignment: assignment(node)
    case .onHook: onHook(node)
    case .everyHook: everyHook(node)
    case .waitStatement: wait(node)
    default:
      expression(node, target)
      return
    }
    null(target, at: site)
  }

  private mutating func returnStatement(_ node: NodeID) {
    let value = tree.operand(of: node)
    if contexts.contains(where: \.isFinally) {
      let mark = free
      let register = value.isNone ? allocate() : operand(value)
      if value.isNone { loadNull(register, at: site(node)) }
      let exit = leave(downTo: 0, value: register, at: site(node))
      emit(.return, a: exit.value * 16, at: site(node))
      reenter(exit)
      free = mark
    } else if value.isNone {
      emit(.returnNull, at: site(node))
    } else {
      expression(value, .tail)
    }
  }

  // MARK: Variables

  private mutating func variable(_ node: NodeID) {
    let (_, pattern, value) = tree.variable(node)
    guard tree.kind(of: pattern) == .namePattern, let index = resolved.resolutions[Int(pattern.rawValue)].index
    else {
      let mark = free
      if tree.kind(of: pattern) == .wildcardPattern {
        effect(value)
        free = mark
        return
      }
      // The variables come first, so that what is above them is free again after the statement.
      placeVariables(of: pattern)
      let kept = free
      let register = operand(value)
      destructure(pattern, from: register, at: site(node))
      free = kept
      return
    }
    let binding = resolved.bindings[index]
    switch binding.storage {
    case .register:
      let register = allocate()
      resolved.bindings[index].location = Int32(register)
      expression(value, into: register)
    case .cell where !binding.isEarlyCell:
      let register = allocate()
      resolved.bindings[index].location = Int32(register)
      expression(value, into: register)
      emit(.newCell, a: register * 16, at: site(pattern))
    default:
      let mark = free
      let register = operand(value)
      store(index, from: register, at: site(pattern))
      free = mark
    }
  }

  // MARK: Assignments

  private mutating func assignment(_ node: NodeID) {
    let (op, target, value) = tree.assignment(node)
    let mark = free
    switch tree.kind(of: target) {
    case .name: assignName(node, op, target, value)
    case .member:
      let (object, name) = tree.member(target)
      let register = operand(object)
      assignField(node, op, target, of: register, string(name), value)
    case .index:
      let (object, index) = tree.index(target)
      let register = operand(object)
      assignItem(node, op, target, of: register, index, value)
    default: break
    }
    free = mark
  }

  private mutating func assignName(_ node: NodeID, _ op: Operator?, _ target: NodeID, _ value: NodeID) {
    guard let index = resolved.resolutions[Int(target.rawValue)].index else { return }
    let binding = resolved.bindings[index]
    let site = site(node)
    // A variable in a register is its own temporary.
    let isPlain = binding.storage == .register && binding.function == function
    guard let op else {
      if isPlain {
        expression(value, into: Int(binding.location))
      } else {
        let register = operand(value)
        store(index, from: register, at: site)
      }
      return
    }
    let register = isPlain ? Int(binding.location) : allocate()
    if !isPlain { load(index, into: register, at: self.site(target)) }
    if op == .coalesce {
      var end = JumpList()
      jump(.jumpIfNotNull, a: register * 16, at: site, &end)
      expression(value, into: register)
      if !isPlain { store(index, from: register, at: site) }
      land(end)
    } else {
      var left = register
      if isPlain, resolved.functions[Int(function)].assignsInExpressions {
        left = allocate()
        move(left, register, at: site)
      }
      apply(op, left, value, into: register, at: site)
      if !isPlain { store(index, from: register, at: site) }
    }
  }

  private mutating func assignField(
    _ node: NodeID, _ op: Operator?, _ target: NodeID, of object: Int, _ name: UInt32, _ value: NodeID
  ) {
    let site = site(target)
    guard let op else {
      let register = operand(value)
      setField(name, of: object, to: register, at: site)
      return
    }
    let register = allocate()
    getField(name, of: object, into: register, at: site)
    var end = JumpList()
    if op == .coalesce {
      jump(.jumpIfNotNull, a: register * 16, at: self.site(node), &end)
      expression(value, into: register)
    } else {
      apply(op, register, value, into: register, at: self.site(node))
    }
    setField(name, of: object, to: register, at: site)
    land(end)
  }

  private mutating func setField(_ name: UInt32, of object: Int, to value: Int, at site: UInt32) {
    if let constant = operand(.string(name)) {
      emit(.setField, a: object * 16, b: constant, c: value * 16, at: site)
      emitExtra(0, at: site)
      emitExtra(0, at: site)
    } else {
      let key = allocate()
      loadConstant(key, .string(name), at: site)
      emit(.setIndex, a: object * 16, b: key * 16, c: value * 16, at: site)
      free = key
    }
  }

  private mutating func assignItem(
    _ node: NodeID, _ op: Operator?, _ target: NodeID, of object: Int, _ index: NodeID, _ value: NodeID
  ) {
    let site = site(target)
    let key = operand(index)
    guard let op else {
      let register = operand(value)
      emit(.setIndex, a: object * 16, b: key * 16, c: register * 16, at: site)
      return
    }
    let register = allocate()
    emit(.getIndex, a: register * 16, b: object * 16, c: key * 16, at: site)
    var end = JumpList()
    if op == .coalesce {
      jump(.jumpIfNotNull, a: register * 16, at: self.site(node), &end)
      expression(value, into: register)
    } else {
      apply(op, register, value, into: register, at: self.site(node))
    }
    emit(.setIndex, a: object * 16, b: key * 16, c: register * 16, at: site)
    land(end)
  }
}

extension Binding {
  /// Whether its cell is made before its declaration, because a function may see it before.
  var isEarlyCell: Bool { storage == .cell && flags.contains(.readEarly) }
}
