// The conditions of `where`: comparisons of a field with a value, joined by `&&`, `||` and `!`.

import ICSDiagnostics

extension Parser {
  mutating func parseCondition() -> NodeID {
    let first = here
    var left = parseConjunction()
    while !isRecovering, kind == .or {
      let op = here
      advance()
      let right = parseConjunction()
      left = make(.conditionOr, token: op, first: first, a: left, b: right)
    }
    return left
  }

  private mutating func parseConjunction() -> NodeID {
    let first = here
    var left = parseNegation()
    while !isRecovering, kind == .and {
      let op = here
      advance()
      let right = parseNegation()
      left = make(.conditionAnd, token: op, first: first, a: left, b: right)
    }
    return left
  }

  private mutating func parseNegation() -> NodeID {
    let first = position
    while kind == .not, position - first <= SyntaxTree.maximumDepth { advance() }
    let count = position - first
    guard enter(count) else { return makeMissing() }
    var node = kind == .leftParenthesis ? parseGroup() : parseComparison()
    leave(count)
    for op in (first..<first + count).reversed() {
      node = make(.conditionNot, token: TokenIndex(op), first: TokenIndex(op), a: node)
    }
    return node
  }

  private mutating func parseGroup() -> NodeID {
    let open = here
    guard enter() else { return makeMissing() }
    let outer = context
    context = .brackets
    advance()
    let condition = parseCondition()
    close(open, .rightParenthesis, "')' after the condition")
    context = outer
    leave()
    return make(.conditionGroup, token: open, first: open, a: condition)
  }

  private mutating func parseComparison() -> NodeID {
    let first = here
    guard kind == .identifier || kind.isHardKeyword && nextKind.comparesFields else {
      failField()
      return makeMissing()
    }
    let path = parsePath()
    guard !isRecovering else { return path }
    guard kind.comparesFields, !current.startsLine || !context.linesMatter else {
      failBareField(path)
      return path
    }
    let op = here
    advance()
    // Everything that binds more tightly than a comparison; `&&` and `||` join conditions.
    let value = parseBinary(atLeast: 6)
    if !isRecovering, kind.comparesFields, !current.startsLine || !context.linesMatter {
      fail("comparisons do not chain", at: span(position), label: "join two comparisons with '&&'")
    }
    return make(.fieldComparison, token: op, first: first, a: path, b: value)
  }

  /// `custom_attributes.plan` or `custom_attributes["Plan X"]`.
  private mutating func parsePath() -> NodeID {
    let first = here
    let mark = scratch.count
    let root = parseKey()
    scratch.append(root.rawValue)
    while !isRecovering {
      if kind == .dot {
        advance()
        guard kind.isNameLike else {
          failExpected("a field's name after '.'")
          break
        }
        let key = parseKey()
        scratch.append(key.rawValue)
      } else if kind == .leftBracket, nextKind == .string, !current.startsLine || !context.linesMatter {
        let open = here
        advance()
        let key = parseString()
        close(open, .rightBracket, "']' after the field's name")
        scratch.append(key.rawValue)
      } else {
        break
      }
    }
    let fields = commitList(from: mark)
    return make(.fieldPath, token: first, first: first, a: fields)
  }

  private mutating func failField() {
    switch kind {
    case .string, .stringStart, .integer, .float, .true, .false, .null, .minus:
      fail(
        "a condition starts with a field, found \(describe(position))", at: span(position),
        label: "the field stands on the left, the value on the right")
    default:
      failExpected("a field's name")
    }
  }

  private mutating func failBareField(_ path: NodeID) {
    switch kind {
    case .leftParenthesis:
      fail("the left side of a comparison is a field, not a call", at: span(path))
    case .optionalDot, .optionalBracket:
      fail(
        "a field's path needs no \(describe(position))", at: span(position),
        label: "a path through null is null already: write '.'")
    case .assign:
      fail("expected a comparison, found '='", at: span(position), help: "write '=='")
    case .plus, .minus, .star, .slash, .percent, .truncatingSlash, .leftBracket:
      fail("the left side of a comparison is a field, nothing computed", at: span(position))
    default:
      fail(
        "a condition compares a field with a value", at: span(path), label: "this is only a field",
        help: "write \(source.text(in: span(path))) == true")
    }
  }
}

extension TokenKind {
  /// Whether the token compares a field with a value in a condition.
  var comparesFields: Bool { Operator.of(self)?.row.comparesFields ?? false }
}
