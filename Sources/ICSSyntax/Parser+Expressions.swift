// Expressions by precedence, from `where` down to what operators stand between.

import ICSDiagnostics

extension Parser {
  mutating func parseExpression() -> NodeID {
    if isLambdaStart { return parseLambda() }
    let first = here
    let expression = parseBinary(atLeast: 1)
    guard kind == .identifier, isAtWhere else { return expression }
    return parseWhere(expression, first: first)
  }

  /// Whether the current token is the word `where` and not a variable of that name at the start of a statement.
  private var isAtWhere: Bool {
    guard isSoft(.where), !isRecovering else { return false }
    guard current.startsLine, context.linesMatter else { return true }
    switch nextKind {
    case .assign, .addAssign, .subtractAssign, .multiplyAssign, .divideAssign, .remainderAssign, .coalesceAssign:
      return false
    default:
      return true
    }
  }

  private mutating func parseWhere(_ collection: NodeID, first: TokenIndex) -> NodeID {
    let keyword = here
    advance()
    let condition = parseCondition()
    let query = make(.whereExpression, token: keyword, first: first, a: collection, b: condition)
    if isAtWhere {
      fail(
        "a second 'where' cannot follow the first", at: span(position), label: "join the conditions with '&&'")
    }
    return query
  }

  /// Binary operators that bind at least as tightly as `precedence`. Left chains are built in the loop, so a long one
  /// takes no stack.
  mutating func parseBinary(atLeast precedence: UInt8) -> NodeID {
    let first = here
    var left = parseUnary()
    while true {
      let token = current
      let entry = operators[Int(token.kind.rawValue)]
      guard entry.precedence >= precedence, entry.precedence > 0, continues(token), !isRecovering else { break }
      let op = here
      advance()
      let right = parseBinary(atLeast: entry.precedence + 1)
      left = make(entry.node, token: op, first: first, a: left, b: right)
      if !entry.chains, operators[Int(kind.rawValue)].precedence == entry.precedence, continues(current) {
        failChain(after: op)
      }
    }
    return left
  }

  /// Whether an operator goes on with the expression before it, or starts a line of its own.
  @inline(__always)
  private func continues(_ token: Token) -> Bool {
    !token.startsLine || !context.linesMatter || continuesStatement(token.kind)
  }

  private mutating func failChain(after op: TokenIndex) {
    let isRange = kind == .halfOpenRange || kind == .ellipsis
    fail(
      isRange ? "ranges do not chain" : "comparisons do not chain", at: span(position),
      label: isRange ? "the expression before it is a range already" : "join two comparisons with '&&'")
  }

  // MARK: Prefix operators

  private mutating func parseUnary() -> NodeID {
    guard kind == .minus || kind == .not else { return parsePostfix() }
    let first = position
    while kind == .minus || kind == .not {
      lastMinus = kind == .minus ? position : Parser.noMinus
      advance()
      guard position - first <= SyntaxTree.maximumDepth else { break }
    }
    let count = position - first
    guard enter(count) else { return makeMissing() }
    defer { leave(count) }
    return applyPrefix(first..<position)
  }

  /// The operand of prefix operators, and then the operators from the inside out.
  private mutating func applyPrefix(_ prefix: Range<Int>) -> NodeID {
    let operandStart = position
    var node = parsePostfix()
    var remaining = prefix
    if kind(at: prefix.upperBound - 1) == .minus {
      if let number = negated(node, first: prefix.upperBound - 1) {
        node = number
        remaining = prefix.dropLast()
      } else if kind(at: operandStart) == .integer, tokens[operandStart].flags.contains(.minimumMagnitude) {
        failRange(operandStart)
      }
    }
    for op in remaining.reversed() {
      node = make(.unary, token: TokenIndex(op), first: TokenIndex(op), a: node)
    }
    return node
  }

  /// A number literal with the minus before it taken in.
  mutating func negated(_ node: NodeID, first: Int) -> NodeID? {
    var literal = nodes[Int(node.rawValue)]
    var bits = UInt64(literal.b) << 32 | UInt64(literal.a)
    switch literal.kind {
    case .integer: bits = 0 &- bits
    case .float: bits ^= 1 << 63
    default: return nil
    }
    literal.first = TokenIndex(first)
    literal.a = UInt32(truncatingIfNeeded: bits)
    literal.b = UInt32(truncatingIfNeeded: bits >> 32)
    nodes[Int(node.rawValue)] = literal
    return node
  }

  private mutating func failRange(_ index: Int) {
    report(
      "this number is too large for an int", at: span(index), label: "the greatest is 9223372036854775807")
  }

  mutating func parseNumber() -> NodeID {
    let token = current
    if token.flags.contains(.minimumMagnitude), lastMinus != position - 1 { failRange(position) }
    let bits = numbers[Int(token.value)]
    let index = here
    advance()
    return make(
      token.kind == .integer ? .integer : .float, token: index, first: index, a: UInt32(truncatingIfNeeded: bits),
      b: UInt32(truncatingIfNeeded: bits >> 32))
  }

  // MARK: Members, indexes, calls

  private mutating func parsePostfix() -> NodeID {
    let first = here
    var node = parsePrimary()
    var isOptional = false
    while !isRecovering {
      switch kind {
      case .dot:
        node = parseMember(node, .member, first: first)
      case .optionalDot:
        isOptional = true
        node = parseMember(node, .optionalMember, first: first)
      case .leftParenthesis where continues(current):
        node = parseCall(node, first: first)
      case .leftBracket where continues(current):
        node = parseIndex(node, .index, first: first)
      case .optionalBracket where continues(current):
        isOptional = true
        node = parseIndex(node, .optionalIndex, first: first)
      default:
        return isOptional ? make(.optionalChain, token: nodes[Int(node.rawValue)].token, first: first, a: node) : node
      }
    }
    return node
  }

  private mutating func parseMember(_ object: NodeID, _ kind: NodeKind, first: TokenIndex) -> NodeID {
    advance()
    guard self.kind.isNameLike else {
      failExpected("a name after '\(kind == .member ? "." : "?.")'")
      return object
    }
    let token = here
    let name = current.value
    advance()
    return make(kind, token: token, first: first, a: object.rawValue, b: name)
  }

  private mutating func parseIndex(_ object: NodeID, _ kind: NodeKind, first: TokenIndex) -> NodeID {
    let open = here
    guard enter() else { return object }
    let outer = context
    context = .brackets
    advance()
    let index = parseExpression()
    close(open, .rightBracket, "']'")
    context = outer
    leave()
    return make(kind, token: open, first: first, a: object, b: index)
  }

  private mutating func parseCall(_ callee: NodeID, first: TokenIndex) -> NodeID {
    let open = here
    advance()
    let mark = scratch.count
    var hasNamed = false
    let arguments = parseElements(open, .rightParenthesis, "',' or ')' after an argument") { parser in
      if parser.scratch.count - mark >= SyntaxTree.maximumArguments {
        parser.fail(
          "a call has at most \(SyntaxTree.maximumArguments) arguments", at: parser.span(parser.position),
          label: "pass a list instead")
      }
      return parser.parseArgument(&hasNamed)
    }
    return make(.call, token: open, first: first, a: callee.rawValue, b: arguments)
  }

  private mutating func parseArgument(_ hasNamed: inout Bool) -> NodeID {
    if kind.isNameLike, nextKind == .colon {
      hasNamed = true
      return parseNamedArgument()
    }
    let argument = kind == .ellipsis ? parseSpread() : parseExpression()
    if hasNamed {
      report(
        "an argument without a name cannot follow one with a name", at: span(argument),
        label: "put it before the named ones")
    }
    return argument
  }

  mutating func parseNamedArgument() -> NodeID {
    let name = here
    let id = current.value
    advance()
    advance()
    let value = parseExpression()
    return make(.namedArgument, token: name, first: name, a: id, b: value.rawValue)
  }

  mutating func parseSpread() -> NodeID {
    let dots = here
    advance()
    let value = parseExpression()
    return make(.spread, token: dots, first: dots, a: value)
  }

  // MARK: Lists of anything

  /// Elements with commas between them, up to the closing bracket; the current token is the first after `open`.
  mutating func parseElements(
    _ open: TokenIndex, _ closing: TokenKind, _ wanted: String, _ parse: (inout Parser) -> NodeID
  ) -> UInt32 {
    guard enter() else { return emptyList() }
    let outer = context
    context = .brackets
    let mark = scratch.count
    while kind != closing, kind != .endOfFile, !isRecovering {
      let element = parse(&self)
      scratch.append(element.rawValue)
      if isRecovering || !take(.comma) { break }
    }
    let list = commitList(from: mark)
    close(open, closing, wanted)
    context = outer
    leave()
    return list
  }
}
