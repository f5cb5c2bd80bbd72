// How statements are formatted.

extension SyntaxFormatter {
  /// Statements on lines of their own; the separator before the first is left as it is.
  mutating func emitStatements(_ statements: NodeList) {
    for (index, statement) in statements.enumerated() {
      skipAll(.semicolon)
      if index > 0 { separator = .hard }
      emit(statement)
    }
    skipAll(.semicolon)
  }

  /// Whether a block stands on one line in the source and may stay there.
  func isOneLine(_ block: NodeID) -> Bool {
    let node = tree[block]
    let statements = tree.statements(of: block)
    guard statements.count <= 1, !tree.tokens[Int(node.last)].startsLine else { return false }
    return !tree.tokens[Int(node.first) + 1].startsLine
  }

  /// A block of its own.
  mutating func emitBlock(_ block: NodeID) {
    begin(isForced: !isOneLine(block) && !tree.statements(of: block).isEmpty)
    emitBlockInGroup(block)
    end()
  }

  /// A block that breaks together with the group around it.
  mutating func emitBlockInGroup(_ block: NodeID) {
    take(.leftBrace)
    let statements = tree.statements(of: block)
    guard !statements.isEmpty else {
      skipAll(.semicolon)
      return takeClosingOfEmpty()
    }
    ops.append(.indent)
    // No blank line stands at the start of a block.
    separator = .softSpace
    emitStatements(statements)
    emitCommentsBeforeClosing()
    ops.append(.dedent)
    separator = .softSpace
    take(.rightBrace)
  }

  mutating func emitStatement(_ node: NodeID) {
    switch tree.kind(of: node) {
    case .variable: emitVariable(node)
    case .function: emitFunction(node)
    case .importModule:
      emitWords([tree.importModule(node).path])
      separator = .space
      take()
      separator = .space
      take(.identifier)
    case .importNames: emitImportNames(node)
    case .forLoop: emitFor(node)
    case .whileLoop: emitWords([tree.whileLoop(node).condition, tree.whileLoop(node).body])
    case .returnStatement, .throwStatement, .waitStatement:
      let value = tree.operand(of: node)
      emitWords(value.isNone ? [] : [value])
    case .breakStatement, .continueStatement: take()
    case .assignment: emitAssignment(node)
    case .onHook: emitOn(node)
    case .everyHook: emitEvery(node)
    default: fail()
    }
  }

  /// The keyword, then nodes with a space before each.
  mutating func emitWords(_ nodes: [NodeID]) {
    take()
    for node in nodes where !node.isNone {
      separator = .space
      emit(node)
    }
  }

  private mutating func takeExport() {
    guard nextKind == .export else { return }
    take()
    separator = .space
  }

  private mutating func emitVariable(_ node: NodeID) {
    takeExport()
    emitWords([tree.variable(node).pattern])
    separator = .space
    take(.assign)
    separator = .space
    emit(tree.variable(node).value)
  }

  private mutating func emitFunction(_ node: NodeID) {
    takeExport()
    take(.fn)
    separator = .space
    take(.identifier)
    emitElements(tree.function(node).parameters, hugs: false)
    separator = .space
    emitBlock(tree.function(node).body)
  }

  private mutating func emitImportNames(_ node: NodeID) {
    take(.import)
    separator = .space
    emitElements(tree.importNames(node).names, hugs: false, flat: .line)
    separator = .space
    take(.identifier)
    separator = .space
    emit(tree.importNames(node).path)
  }

  private mutating func emitFor(_ node: NodeID) {
    let (pattern, sequence, body) = tree.forLoop(node)
    emitWords([pattern])
    separator = .space
    take(.in)
    separator = .space
    emit(sequence)
    separator = .space
    emit(body)
  }

  private mutating func emitAssignment(_ node: NodeID) {
    emit(tree.assignment(node).target)
    separator = .space
    take()
    separator = .space
    emit(tree.assignment(node).value)
  }

  private mutating func emitOn(_ node: NodeID) {
    let (event, name, condition, item, notification, body) = tree.onHook(node)
    emitWords([event, name])
    if !condition.isNone {
      separator = .space
      emitWords([condition])
    }
    if !item.isNone {
      separator = .space
      emitWords([item])
    }
    if !notification.isNone {
      take(.comma)
      separator = .space
      emit(notification)
    }
    separator = .space
    emit(body)
  }

  private mutating func emitEvery(_ node: NodeID) {
    let (schedule, options, name, body) = tree.everyHook(node)
    emitWords([schedule])
    // The name stands before or after the options.
    if !name.isNone, nextKind != .comma {
      separator = .space
      emit(name)
    }
    emitOptions(options)
    if !name.isNone, nextKind != .leftBrace {
      separator = .space
      emit(name)
    }
    separator = .space
    emit(body)
  }

  /// `, name: value` after a `step` or an `every`.
  mutating func emitOptions(_ options: NodeList) {
    for option in options {
      take(.comma)
      separator = .space
      emit(option)
    }
  }
}
