// The resolver's walk over statements and over functions.

import ICSDiagnostics
import ICSSyntax

extension Resolver {
  mutating func statement(_ node: NodeID) {
    switch tree.kind(of: node) {
    case .variable:
      let (_, pattern, value) = tree.variable(node)
      expression(value)
      initializePattern(pattern)
    case .function:
      let (_, parameters, body) = tree.function(node)
      if let index = result.resolutions[Int(node.rawValue)].index {
        function(index, parameters: parameters, body: body)
      }
    case .block: block(node)
    case .importModule, .importNames: break
    case .forLoop: forLoop(node)
    case .whileLoop:
      let (condition, body) = tree.whileLoop(node)
      expression(condition)
      block(body)
    case .returnStatement:
      if isInStep { reportLeavingStep(node) }
      let value = tree.operand(of: node)
      if !value.isNone { expression(value) }
    case .breakStatement, .continueStatement: break
    case .throwStatement, .waitStatement: expression(tree.operand(of: node))
    case .assignment: assignment(node)
    case .onHook: onHook(node)
    case .everyHook: everyHook(node)
    case .ifExpression, .matchExpression, .tryExpression: branching(node)
    default: expression(node)
    }
  }

  /// The parser sees to it that `break` and `continue` stay inside.
  private mutating func reportLeavingStep(_ node: NodeID) {
    report(
      .syntax, "'return' cannot leave the block of a step", at: tree.mainSpan(of: node),
      label: "a step's value is what its block ends with", help: "make the value the last expression of the block")
  }

  private mutating func assignment(_ node: NodeID) {
    let (op, target, value) = tree.assignment(node)
    switch tree.kind(of: target) {
    case .name:
      expression(value)
      assign(target, reads: op != nil)
      return
    case .member:
      if moduleMember(target) {
        let name = tree.member(target).name
        reportAssignment(
          name, span: tree.mainSpan(of: target), reason: "only its own file can change what it exports",
          declaration: nil)
      } else {
        expression(tree.member(target).object)
      }
    case .index:
      let (object, index) = tree.index(target)
      expression(object)
      expression(index)
    default: break
    }
    expression(value)
  }

  private mutating func forLoop(_ node: NodeID) {
    let (pattern, sequence, body) = tree.forLoop(node)
    expression(sequence)
    let outer = openScope()
    bindPattern(pattern, kind: .loop)
    block(body)
    closeScope(outer)
  }

  // MARK: Branches

  /// `if`, `match` and `try`, as statements or as operands.
  mutating func branching(_ node: NodeID) {
    switch tree.kind(of: node) {
    case .ifExpression: ifExpression(node)
    case .matchExpression: matchExpression(node)
    default: tryExpression(node)
    }
  }

  private mutating func ifExpression(_ node: NodeID) {
    let (branches, otherwise) = tree.ifExpression(node)
    for branch in branches {
      if tree.kind(of: branch) == .ifBranch {
        let (condition, body) = tree.ifBranch(branch)
        expression(condition)
        block(body)
      } else {
        let (pattern, value, body) = tree.ifLetBranch(branch)
        expression(value)
        let outer = openScope()
        bindPattern(pattern, kind: .matched)
        block(body)
        closeScope(outer)
      }
    }
    if !otherwise.isNone { block(otherwise) }
  }

  private mutating func matchExpression(_ node: NodeID) {
    let (subject, arms) = tree.matchExpression(node)
    expression(subject)
    for arm in arms {
      let (patterns, condition, body) = tree.matchArm(arm)
      let outer = openScope()
      for pattern in patterns { bindPattern(pattern, kind: .matched) }
      if !condition.isNone { expression(condition) }
      statement(body)
      closeScope(outer)
    }
  }

  private mutating func tryExpression(_ node: NodeID) {
    let (body, catchPattern, catchBody, finallyBody) = tree.tryExpression(node)
    block(body)
    if !catchBody.isNone {
      let outer = openScope()
      if !catchPattern.isNone { bindPattern(catchPattern, kind: .caught) }
      block(catchBody)
      closeScope(outer)
    }
    if !finallyBody.isNone { block(finallyBody) }
  }

  // MARK: Functions

  /// The state of the walk that belongs to one function.
  private struct OuterFunction {
    var function: Int32
    var isInStep: Bool
    var expressionDepth: Int
    var scope: OuterScope
  }

  private mutating func enter(_ index: Int, isStep: Bool = false) -> OuterFunction {
    let outer = OuterFunction(
      function: function, isInStep: isInStep, expressionDepth: expressionDepth,
      scope: openScope())
    function = Int32(index)
    isInStep = isStep
    expressionDepth = 0
    return outer
  }

  private mutating func leave(_ outer: OuterFunction) {
    closeScope(outer.scope)
    function = outer.function
    isInStep = outer.isInStep
    expressionDepth = outer.expressionDepth
  }

  /// Adds a function for a lambda, a step or a hook.
  private mutating func addFunction(_ node: NodeID) -> Int {
    let index = result.functions.count
    result.functions.append(FunctionInfo(node: node, parent: function))
    result.resolutions[Int(node.rawValue)] = .function(index)
    return index
  }

  private mutating func function(_ index: Int, parameters: NodeList, body: NodeID) {
    let outer = enter(index)
    for node in parameters {
      guard tree.kind(of: node) == .parameter else {
        bindPattern(node, kind: .parameter)
        continue
      }
      let (pattern, defaultValue) = tree.parameter(node)
      if !defaultValue.isNone { expression(defaultValue) }
      bindPattern(pattern, kind: .parameter)
    }
    if tree.kind(of: body) == .block { block(body) } else { expression(body) }
    leave(outer)
  }

  mutating func lambda(_ node: NodeID) {
    let (parameters, body) = tree.lambda(node)
    function(addFunction(node), parameters: parameters, body: body)
  }

  mutating func step(_ node: NodeID) {
    let (name, options, body) = tree.step(node)
    expression(name)
    for option in options { expression(tree.namedArgument(option).value) }
    let outer = enter(addFunction(node), isStep: true)
    block(body)
    leave(outer)
  }

  private mutating func onHook(_ node: NodeID) {
    let (event, name, condition, item, notification, body) = tree.onHook(node)
    if tree.kind(of: event) != .topic { expression(event) }
    if !name.isNone { expression(name) }
    if !condition.isNone { self.condition(condition) }
    let outer = enter(addFunction(node))
    if !item.isNone { bindPattern(item, kind: .parameter) }
    if !notification.isNone { bindPattern(notification, kind: .parameter) }
    block(body)
    leave(outer)
  }

  private mutating func everyHook(_ node: NodeID) {
    let (schedule, options, name, body) = tree.everyHook(node)
    expression(schedule)
    for option in options { expression(tree.namedArgument(option).value) }
    if !name.isNone { expression(name) }
    let outer = enter(addFunction(node))
    block(body)
    leave(outer)
  }
}
