// Expressions.

import ICSSyntax

extension Evaluator {
  func evaluate(_ node: NodeID, _ scope: Scope) throws -> Value {
    try step()
    let value = try valueOf(node, scope)
    try checkSize(value)
    return value
  }

  private func valueOf(_ node: NodeID, _ scope: Scope) throws -> Value {
    switch tree.kind(of: node) {
    case .nullLiteral: return .null
    case .trueLiteral: return .bool(true)
    case .falseLiteral: return .bool(false)
    case .integer: return .int(tree.integerValue(node))
    case .float: return .float(tree.floatValue(node))
    case .string: return .text(tree.stringValue(node))
    case .interpolation:
      return .text(try tree.pieces(of: node).map { try evaluate($0, scope).printed() }.joined())
    case .name: return try read(tree.name(of: node), scope)
    case .list: return .items(try items(tree.elements(of: node), scope))
    case .map: return try map(node, scope)
    case .parenthesized: return try evaluate(tree.operand(of: node), scope)
    case .unary: return try unary(node, scope)
    case .binary:
      let (op, left, right) = tree.binary(node)
      let a = try evaluate(left, scope)
      return try apply(op, a, try evaluate(right, scope))
    case .logicalAnd:
      let (_, left, right) = tree.binary(node)
      let a = try evaluate(left, scope)
      return a.isTrue ? try evaluate(right, scope) : a
    case .logicalOr:
      let (_, left, right) = tree.binary(node)
      let a = try evaluate(left, scope)
      return a.isTrue ? a : try evaluate(right, scope)
    case .coalesce:
      let (_, left, right) = tree.binary(node)
      let a = try evaluate(left, scope)
      return a.isNull ? try evaluate(right, scope) : a
    case .range:
      let (op, left, right) = tree.binary(node)
      guard case (.int(let start), .int(let end)) = (try evaluate(left, scope), try evaluate(right, scope)) else {
        throw raise("E_TYPE")
      }
      return .range(start: start, end: end, isClosed: op == .closedRange)
    case .call: return try call(node, scope)
    case .member, .optionalMember, .index, .optionalIndex: return try access(node, scope)
    case .optionalChain:
      do { return try evaluate(tree.operand(of: node), scope) } catch Signal.chainEnded { return .null }
    case .lambda:
      let (parameters, body) = tree.lambda(node)
      return .function(closureFunction("", parameters, body, scope))
    case .ifExpression: return try ifExpression(node, scope)
    case .matchExpression: return try matchExpression(node, scope)
    case .tryExpression: return try tryExpression(node, scope)
    case .whereExpression: return try query(node, scope)
    default: throw Signal.unsupported("\(tree.kind(of: node))")
    }
  }

  func read(_ name: NameID, _ scope: Scope) throws -> Value {
    if let value = scope.owner(of: name)?.values[name] ?? globals.values[name] { return value }
    if let (module, exported) = importedNames[name] { return try module.global(exported) }
    if let value = builtIns[tree.name(name)] { return value }
    throw raise("E_UNINITIALIZED")
  }

  private func unary(_ node: NodeID, _ scope: Scope) throws -> Value {
    let value = try evaluate(tree.operand(of: node), scope)
    if tree.isNot(node) { return .bool(!value.isTrue) }
    switch value {
    case .int(let int):
      if int == Int.min { throw raise("E_OVERFLOW") }
      return .int(-int)
    case .float(let float): return .float(-float)
    default: throw raise("E_TYPE")
    }
  }

  // MARK: Collections

  /// The elements of a list or the positional arguments of a call.
  func items(_ nodes: some Sequence<NodeID>, _ scope: Scope) throws -> [Value] {
    var items: [Value] = []
    for node in nodes {
      guard tree.kind(of: node) == .spread else {
        items.append(try evaluate(node, scope))
        continue
      }
      let value = try evaluate(tree.operand(of: node), scope)
      switch value {
      case .list(let list): items += list.items
      case .range: items += rangeItems(value).map { .int($0) }
      default: throw raise("E_TYPE")
      }
    }
    return items
  }

  private func map(_ node: NodeID, _ scope: Scope) throws -> Value {
    let map = MapObject()
    for entry in tree.elements(of: node) {
      if tree.kind(of: entry) == .spread {
        guard case .map(let other) = try evaluate(tree.operand(of: entry), scope) else { throw raise("E_TYPE") }
        for (key, value) in other.entries { map[key] = value }
      } else {
        let (keyNode, valueNode) = tree.mapEntry(entry)
        let key: Key
        switch tree.kind(of: keyNode) {
        case .computedKey:
          key = try Key(checking: try evaluate(tree.operand(of: keyNode), scope))
        case .interpolation: key = try Key(checking: try evaluate(keyNode, scope))
        default: key = .text(tree.keyText(keyNode))
        }
        map[key] = try evaluate(valueNode, scope)
      }
    }
    return .map(map)
  }

  // MARK: Expressions with bodies

  private func ifExpression(_ node: NodeID, _ scope: Scope) throws -> Value {
    let (branches, otherwise) = tree.ifExpression(node)
    for branch in branches {
      if tree.kind(of: branch) == .ifBranch {
        let (condition, body) = tree.ifBranch(branch)
        if try evaluate(condition, scope).isTrue { return try block(body, scope) }
      } else {
        let (pattern, valueNode, body) = tree.ifLetBranch(branch)
        let value = try evaluate(valueNode, scope)
        let inner = Scope(scope)
        if !value.isNull, try matches(pattern, value, inner) { return try block(body, inner) }
      }
    }
    return otherwise.isNone ? .null : try block(otherwise, scope)
  }

  private func matchExpression(_ node: NodeID, _ scope: Scope) throws -> Value {
    let (subjectNode, arms) = tree.matchExpression(node)
    let subject = try evaluate(subjectNode, scope)
    for arm in arms {
      let (patterns, guardNode, body) = tree.matchArm(arm)
      for pattern in patterns {
        let inner = Scope(scope)
        guard try matches(pattern, subject, inner) else { continue }
        // Alternatives bind nothing, so one guard decides for all of them.
        if !guardNode.isNone, try !evaluate(guardNode, inner).isTrue { break }
        return tree.kind(of: body) == .block ? try block(body, inner) : try run(body, inner)
      }
    }
    throw raise("E_MATCH")
  }

  private func tryExpression(_ node: NodeID, _ scope: Scope) throws -> Value {
    let (body, catchPattern, catchBody, finallyBody) = tree.tryExpression(node)
    func attempt() throws -> Value {
      do {
        return try block(body, scope)
      } catch Signal.raised(let error) where !catchBody.isNone {
        let inner = Scope(scope)
        if !catchPattern.isNone { try bind(catchPattern, to: .error(error), inner) }
        return try block(catchBody, inner)
      }
    }
    if finallyBody.isNone { return try attempt() }
    let result: Value
    do {
      result = try attempt()
    } catch let signal as Signal {
      switch signal {
      case .outOfSteps, .unsupported: break
      default: _ = try block(finallyBody, scope)
      }
      throw signal
    }
    _ = try block(finallyBody, scope)
    return result
  }
}
