// How expressions, conditions and patterns are formatted.

extension SyntaxFormatter {
  mutating func emit(_ node: NodeID) {
    switch tree.kind(of: node) {
    case .nullLiteral, .trueLiteral, .falseLiteral, .name, .namePattern, .wildcardPattern, .key: take()
    case .integer, .float:
      if tree[node].first != tree[node].token { take(.minus) }
      take()
    case .string, .interpolation: takeVerbatim(through: tree[node].last)
    case .topic: while cursor <= Int(tree[node].last) { take() }
    case .block: emitBlock(node)
    case .list: emitElements(tree.elements(of: node), hugs: false)
    case .map: emitElements(tree.elements(of: node), hugs: false)
    case .mapEntry: emitMapEntry(node)
    case .computedKey: emitEnclosed(tree.operand(of: node))
    case .parenthesized, .conditionGroup: emitEnclosed(tree.operand(of: node))
    case .spread, .unary, .conditionNot:
      take()
      // `--a` would mean the same, but looks like the operator of another language.
      if nextKind == .minus { separator = .space }
      emit(tree.operand(of: node))
    case .restParameter, .restPattern:
      take(.ellipsis)
      take(.identifier)
    case .binary, .logicalAnd, .logicalOr, .coalesce, .range, .conditionAnd, .conditionOr: emitBinary(node)
    case .call, .member, .optionalMember, .index, .optionalIndex, .optionalChain: emitChain(node)
    case .literalPattern: emit(tree.operand(of: node))
    case .listPattern, .mapPattern: emitElements(tree.patterns(of: node), hugs: false)
    default: emitCompound(node)
    }
  }

  private mutating func emitCompound(_ node: NodeID) {
    switch tree.kind(of: node) {
    case .namedArgument:
      take()
      emitAfterColon(tree.namedArgument(node).value)
    case .importedName: emitImportedName(node)
    case .parameter: emitWithDefault(tree.parameter(node).pattern, tree.parameter(node).defaultValue)
    case .fieldPattern: emitFieldPattern(node)
    case .lambda: emitLambda(node)
    case .ifExpression: emitIf(node)
    case .matchExpression: emitMatch(node)
    case .tryExpression: emitTry(node)
    case .step:
      let (name, options, body) = tree.step(node)
      emitWords([name])
      emitOptions(options)
      separator = .space
      emit(body)
    case .whereExpression: emitWhere(node)
    case .fieldComparison:
      emit(tree.binary(node).left)
      separator = .space
      take()
      separator = .space
      emit(tree.binary(node).right)
    case .fieldPath: while cursor <= Int(tree[node].last) { take() }
    default: emitStatement(node)
    }
  }

  // MARK: Brackets

  /// Elements in brackets, the brackets included.
  ///
  /// - Parameters:
  ///   - hugs: Whether the brackets stay on the lines of what is in them.
  ///   - flat: What stands beside the brackets on one line.
  mutating func emitElements(_ elements: NodeList, hugs: Bool, flat: Separator = .softLine) {
    take()
    skipAll(.comma)
    guard !elements.isEmpty else {
      return takeClosingOfEmpty()
    }
    guard !hugs || nextStartsLine else { return emitHugging(elements) }
    ops.append(.begin(isForced: nextStartsLine))
    ops.append(.indentIfBroken)
    for (index, element) in elements.enumerated() {
      separator = index == 0 ? flat : .line
      emit(element)
      if index + 1 < elements.count { take(.comma) }
    }
    skipAll(.comma)
    ops.append(.ifBroken(","))
    emitCommentsBeforeClosing()
    ops.append(.dedentIfBroken)
    separator = flat
    take()
    end()
  }

  /// The closing bracket of something empty, with the comments in it.
  mutating func takeClosingOfEmpty() {
    if hasCommentNext {
      ops.append(.indent)
      emitCommentsBeforeClosing()
      ops.append(.dedent)
      separator = .hard
    }
    take()
  }

  private mutating func emitHugging(_ elements: NodeList) {
    for element in elements { emit(element) }
    skipAll(.comma)
    take()
  }

  private mutating func emitEnclosed(_ node: NodeID) {
    take()
    emit(node)
    take()
  }

  private mutating func emitAfterColon(_ value: NodeID) {
    take(.colon)
    separator = .space
    emit(value)
  }

  private mutating func emitMapEntry(_ node: NodeID) {
    let (key, value) = tree.mapEntry(node)
    emit(key)
    // `{name}` has its one token in both.
    if cursor <= Int(tree[value].last) { emitAfterColon(value) }
  }

  private mutating func emitImportedName(_ node: NodeID) {
    take(.identifier)
    guard cursor <= Int(tree[node].last) else { return }
    separator = .space
    take(.identifier)
    separator = .space
    take(.identifier)
  }

  private mutating func emitWithDefault(_ pattern: NodeID, _ value: NodeID) {
    emit(pattern)
    emitDefault(value)
  }

  private mutating func emitDefault(_ value: NodeID) {
    guard !value.isNone else { return }
    separator = .space
    take(.assign)
    separator = .space
    emit(value)
  }

  private mutating func emitFieldPattern(_ node: NodeID) {
    let (key, pattern, value) = tree.fieldPattern(node)
    emit(key)
    if cursor <= Int(tree[pattern].last) { emitAfterColon(pattern) }
    emitDefault(value)
  }

  // MARK: Operators and chains

  /// A chain of operators of one precedence to the left: all of its lines break, after the operators, or none.
  private mutating func emitBinary(_ node: NodeID) {
    var spine: [NodeID] = []
    var leaf = node
    while isOperator(leaf), precedence(of: leaf) == precedence(of: node) {
      spine.append(leaf)
      leaf = tree.sides(of: leaf).left
    }
    let isForced = spine.contains { tree.tokens[Int(tree[$0].token) + 1].startsLine }
    begin(isForced: isForced)
    emit(leaf)
    ops.append(.indentIfBroken)
    for link in spine.reversed() {
      let isRange = tree.kind(of: link) == .range
      separator = isRange ? .none : .space
      take()
      separator = isRange ? .none : .line
      emit(tree.sides(of: link).right)
    }
    ops.append(.dedentIfBroken)
    end()
  }

  private func precedence(of node: NodeID) -> UInt8 { tree.binary(node).op.row.precedence }

  private func isOperator(_ node: NodeID) -> Bool {
    switch tree.kind(of: node) {
    case .binary, .logicalAnd, .logicalOr, .coalesce, .range, .conditionAnd, .conditionOr: true
    default: false
    }
  }

  /// A chain of members, indexes and calls. With several method calls in it, it may break before each of them.
  private mutating func emitChain(_ node: NodeID) {
    var links: [NodeID] = []
    var base = node
    while isLink(base) {
      if tree.kind(of: base) != .optionalChain { links.append(base) }
      base = tree.operand(of: base)
    }
    links.reverse()
    let methods = breakableLinks(links)
    let isForced = methods.contains { tree.tokens[Int(tree[links[$0]].token) - 1].startsLine }
    guard isForced || methods.count > 1 else {
      emit(base)
      for link in links { emitLink(link, canBreak: false) }
      return
    }
    begin(isForced: isForced)
    emit(base)
    ops.append(.indentIfBroken)
    for (index, link) in links.enumerated() { emitLink(link, canBreak: methods.contains(index)) }
    ops.append(.dedentIfBroken)
    end()
  }

  /// The members before which a chain may break: each method that is called, with the members before it that follow
  /// another call.
  private func breakableLinks(_ links: [NodeID]) -> Set<Int> {
    var breaks: Set<Int> = []
    for index in links.indices.dropLast() where isMember(links[index]) && tree.kind(of: links[index + 1]) == .call {
      var start = index
      while start > 0, isMember(links[start - 1]) { start -= 1 }
      breaks.insert(start > 0 ? start : index)
    }
    return breaks
  }

  private mutating func emitLink(_ link: NodeID, canBreak: Bool) {
    switch tree.kind(of: link) {
    case .call:
      let arguments = tree.call(link).arguments
      emitElements(arguments, hugs: arguments.count == 1 && canHug(arguments[0]))
    case .index, .optionalIndex:
      take()
      emit(tree.index(link).index)
      take(.rightBracket)
    default:
      separator = canBreak ? .softLine : .none
      take()
      take()
    }
  }

  /// Whether an only argument looks well with the brackets of the call right beside its own.
  private func canHug(_ node: NodeID) -> Bool {
    switch tree.kind(of: node) {
    case .map, .list, .string, .interpolation: true
    case .lambda: true
    default: false
    }
  }

  private func isLink(_ node: NodeID) -> Bool {
    switch tree.kind(of: node) {
    case .call, .member, .optionalMember, .index, .optionalIndex, .optionalChain: true
    default: false
    }
  }

  private func isMember(_ node: NodeID) -> Bool {
    tree.kind(of: node) == .member || tree.kind(of: node) == .optionalMember
  }

  private mutating func emitWhere(_ node: NodeID) {
    let (collection, condition) = tree.whereExpression(node)
    begin(isForced: tree.tokens[Int(tree[node].token)].startsLine)
    emit(collection)
    ops.append(.indentIfBroken)
    separator = .line
    take(.identifier)
    separator = .space
    emit(condition)
    ops.append(.dedentIfBroken)
    end()
  }

  // MARK: Bodies

  private mutating func emitLambda(_ node: NodeID) {
    let (parameters, body) = tree.lambda(node)
    if nextKind == .leftParenthesis {
      emitElements(parameters, hugs: false)
    } else {
      for parameter in parameters { emit(parameter) }
    }
    separator = .space
    take(.arrow)
    separator = .space
    emit(body)
  }

  private mutating func emitIf(_ node: NodeID) {
    let (branches, otherwise) = tree.ifExpression(node)
    let bodies = branches.map { bodyOfBranch($0) } + (otherwise.isNone ? [] : [otherwise])
    for (index, branch) in branches.enumerated() {
      if index > 0 {
        separator = .space
        take(.else)
        separator = .space
      }
      emitBranch(branch)
      separator = .space
      if index == 0 { begin(isForced: bodies.contains { !isOneLine($0) }) }
      emitBlockInGroup(bodies[index])
    }
    if !otherwise.isNone {
      separator = .space
      take(.else)
      separator = .space
      emitBlockInGroup(otherwise)
    }
    end()
  }

  private func bodyOfBranch(_ branch: NodeID) -> NodeID {
    tree.kind(of: branch) == .ifBranch ? tree.ifBranch(branch).body : tree.ifLetBranch(branch).body
  }

  private mutating func emitBranch(_ branch: NodeID) {
    if tree.kind(of: branch) == .ifBranch {
      emitWords([tree.ifBranch(branch).condition])
    } else {
      let (pattern, value, _) = tree.ifLetBranch(branch)
      take(.if)
      separator = .space
      emitWords([pattern])
      separator = .space
      take(.assign)
      separator = .space
      emit(value)
    }
  }

  private mutating func emitTry(_ node: NodeID) {
    let (body, pattern, handler, cleanup) = tree.tryExpression(node)
    begin(isForced: [body, handler, cleanup].contains { !$0.isNone && !isOneLine($0) })
    take(.try)
    separator = .space
    emitBlockInGroup(body)
    if !handler.isNone {
      separator = .space
      emitWords([pattern])
      separator = .space
      emitBlockInGroup(handler)
    }
    if !cleanup.isNone {
      separator = .space
      take(.finally)
      separator = .space
      emitBlockInGroup(cleanup)
    }
    end()
  }

  private mutating func emitMatch(_ node: NodeID) {
    let (subject, arms) = tree.matchExpression(node)
    emitWords([subject])
    separator = .space
    take(.leftBrace)
    skipAll(.semicolon)
    guard !arms.isEmpty else {
      return takeClosingOfEmpty()
    }
    let isForced = nextStartsLine || tree.tokens[Int(tree[node].last)].startsLine
    ops.append(.begin(isForced: isForced))
    ops.append(.indent)
    for (index, arm) in arms.enumerated() {
      separator = index == 0 ? .softSpace : .line
      emitArm(arm)
      while nextKind == .comma || nextKind == .semicolon { skip() }
      if index + 1 < arms.count { ops.append(.ifFlat(",")) }
    }
    emitCommentsBeforeClosing()
    ops.append(.dedent)
    separator = .softSpace
    take(.rightBrace)
    end()
  }

  private mutating func emitArm(_ arm: NodeID) {
    let (patterns, condition, body) = tree.matchArm(arm)
    for (index, pattern) in patterns.enumerated() {
      if index > 0 {
        separator = .space
        take(.pipe)
        separator = .space
      }
      emit(pattern)
    }
    if !condition.isNone {
      separator = .space
      take(.if)
      separator = .space
      emit(condition)
    }
    separator = .space
    take(.arrow)
    separator = .space
    emit(body)
  }
}
