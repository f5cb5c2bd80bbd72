// Patterns: what `let`, parameters, `for` and the arms of `match` take values apart with.

import ICSDiagnostics

extension Parser {
  /// Where a pattern stands.
  enum PatternUse {
    /// In `let`, parameters, `for` and hooks: it has to fit, so a literal in it makes no sense.
    case binding
    /// In an arm of `match`.
    case matching
  }

  mutating func parsePattern(_ use: PatternUse) -> NodeID {
    guard !isRecovering else { return makeMissing() }
    switch kind {
    case .identifier:
      if isSoft(.underscore) { return parseName(.wildcardPattern) }
      noteBinding()
      return parseName(.namePattern)
    case .leftBracket:
      return parseListPattern(use)
    case .leftBrace:
      return parseMapPattern(use)
    case .integer, .float, .string, .stringStart, .true, .false, .null, .minus:
      return parseLiteralPattern(use)
    default:
      if kind.isHardKeyword {
        fail("'\(text(of: span(position)))' is a keyword and cannot be a variable's name", at: span(position))
      } else {
        failExpected(use == .matching ? "a pattern" : "a name or a pattern")
      }
      return makeMissing()
    }
  }

  private mutating func noteBinding() {
    if firstBinding == nil { firstBinding = here }
  }

  private mutating func parseLiteralPattern(_ use: PatternUse) -> NodeID {
    let first = here
    if use == .binding { report("a literal stands only in the patterns of 'match'", at: span(position)) }
    if kind == .minus, nextKind != .integer, nextKind != .float {
      advance()
      failExpected("a number after '-'")
      return makeMissing()
    }
    if kind == .stringStart { report("a string in a pattern has no '{{ }}'", at: span(position)) }
    let literal = parseLiteral()
    return make(.literalPattern, token: nodes[Int(literal.rawValue)].token, first: first, a: literal)
  }

  private mutating func parseLiteral() -> NodeID {
    guard kind == .minus else { return parsePrimary() }
    let minus = position
    lastMinus = minus
    advance()
    let number = parseNumber()
    return negated(number, first: minus) ?? number
  }

  private mutating func parseListPattern(_ use: PatternUse) -> NodeID {
    let open = here
    advance()
    let patterns = parseElements(open, .rightBracket, "',' or ']' after a pattern") { parser in
      parser.kind == .ellipsis ? parser.parseRest(.restPattern, .rightBracket) : parser.parsePattern(use)
    }
    return make(.listPattern, token: open, first: open, a: patterns)
  }

  private mutating func parseMapPattern(_ use: PatternUse) -> NodeID {
    let open = here
    advance()
    let fields = parseElements(open, .rightBrace, "',' or '}' after a field") { parser in
      parser.kind == .ellipsis ? parser.parseRest(.restPattern, .rightBrace) : parser.parseField(use)
    }
    return make(.mapPattern, token: open, first: open, a: fields)
  }

  /// `...name`, which has to be the last of its list.
  mutating func parseRest(_ node: NodeKind, _ closing: TokenKind) -> NodeID {
    let dots = here
    advance()
    guard kind == .identifier else {
      failExpected("a name after '...'")
      return makeMissing()
    }
    let token = here
    if !isSoft(.underscore) { noteBinding() }
    let name = names.canonical(current.value)
    advance()
    let isLast = kind == closing || kind == .comma && nextKind == closing
    if kind == .comma, !isLast {
      fail(
        "'...\(text(of: span(Int(token))))' has to be the last", at: span(Int(token)), label: "it takes all the rest")
    }
    return make(node, token: token, first: dots, a: name)
  }

  private mutating func parseField(_ use: PatternUse) -> NodeID {
    let first = here
    let key: NodeID
    if kind == .string {
      key = parseString()
    } else if kind.isNameLike {
      key = parseKey()
    } else {
      failExpected("a field's name")
      return makeMissing()
    }
    let pattern = kind == .colon ? parseFieldPattern(use) : shorthand(key, first)
    let value = !isRecovering && take(.assign) ? parseExpression() : NodeID.none
    return make(.fieldPattern, token: first, first: first, a: key.rawValue, b: record(pattern, value))
  }

  private mutating func parseFieldPattern(_ use: PatternUse) -> NodeID {
    advance()
    return parsePattern(use)
  }

  /// The pattern of `{name}`: the name itself.
  private mutating func shorthand(_ key: NodeID, _ token: TokenIndex) -> NodeID {
    guard tokens[Int(token)].kind == .identifier else {
      failExpected("':' and a pattern after this key")
      return makeMissing()
    }
    if firstBinding == nil { firstBinding = token }
    return make(.namePattern, token: token, first: token, a: names.canonical(tokens[Int(token)].value))
  }
}
