// Literals, names, brackets, lambdas, and the expressions with bodies.

import ICSDiagnostics

extension Parser {
  mutating func parsePrimary() -> NodeID {
    switch kind {
    case .identifier:
      if current.value == NameID.step.rawValue, startsStep { return parseStep() }
      return parseName(.name)
    case .integer, .float: return parseNumber()
    case .string, .stringStart: return parseString()
    case .true: return parseWord(.trueLiteral)
    case .false: return parseWord(.falseLiteral)
    case .null: return parseWord(.nullLiteral)
    case .leftParenthesis: return parseParenthesized()
    case .leftBracket: return parseList()
    case .leftBrace where context.allowsMap: return parseMap()
    case .if: return parseIf()
    case .match: return parseMatch()
    case .try: return parseTry()
    default:
      failPrimary()
      return makeMissing()
    }
  }

  private mutating func parseWord(_ node: NodeKind) -> NodeID {
    let token = here
    advance()
    return make(node, token: token, first: token)
  }

  private mutating func failPrimary() {
    switch kind {
    case .fn:
      fail(
        "'fn' declares a function and is no expression", at: span(position),
        label: "a function without a name is written (x, y) => { ... }")
    case .ellipsis:
      fail("'...' spreads only in lists, maps and calls", at: span(position))
    case .leftBrace where opensMap:
      failExpected("an expression", help: "'{' opens the body here: put the map in parentheses, ({ ... })")
    case .contains, .notContains, .startsWith, .endsWith:
      fail("\(describe(position)) compares only in the condition of a 'where'", at: span(position))
    default:
      failExpected("an expression")
    }
  }

  /// Whether the brace is followed by what begins a map rather than a block.
  private var opensMap: Bool {
    if nextKind == .ellipsis || nextKind == .leftBracket || nextKind == .rightBrace { return true }
    guard nextKind.isNameLike || nextKind == .string else { return false }
    let second = kind(at: position + 2)
    return second == .colon || second == .comma
  }

  private mutating func parseParenthesized() -> NodeID {
    let open = here
    guard enter() else { return makeMissing() }
    let outer = context
    context = .brackets
    advance()
    let expression = parseExpression()
    close(open, .rightParenthesis, "')'")
    context = outer
    leave()
    return make(.parenthesized, token: open, first: open, a: expression)
  }

  private mutating func parseList() -> NodeID {
    let open = here
    advance()
    let elements = parseElements(open, .rightBracket, "',' or ']' after an element") { parser in
      parser.kind == .ellipsis ? parser.parseSpread() : parser.parseExpression()
    }
    return make(.list, token: open, first: open, a: elements)
  }

  // MARK: Maps

  mutating func parseMap() -> NodeID {
    let open = here
    advance()
    let entries = parseElements(open, .rightBrace, "',' or '}' after an entry of the map") { $0.parseEntry() }
    if extra[Int(entries)] > 1 { warnAboutDuplicates(entries) }
    return make(.map, token: open, first: open, a: entries)
  }

  private mutating func parseEntry() -> NodeID {
    let first = here
    switch kind {
    case .ellipsis:
      return parseSpread()
    case .identifier where nextKind != .colon:
      let key = parseKey()
      let value = make(.name, token: first, first: first, a: names.canonical(tokens[Int(first)].value))
      return make(.mapEntry, token: first, first: first, a: key, b: value)
    case .string, .stringStart:
      return finishEntry(parseString(), first: first)
    case .leftBracket:
      return finishEntry(parseComputedKey(), first: first)
    case .integer, .float:
      return parseNumberEntry()
    default:
      guard kind.isNameLike else {
        failExpected("a key of the map or '}'")
        return makeMissing()
      }
      return finishEntry(parseKey(), first: first)
    }
  }

  private mutating func parseNumberEntry() -> NodeID {
    let first = here
    let number = span(position)
    let key = parseNumber()
    let entry = finishEntry(key, first: first)
    let value = source.text(in: span(NodeID(nodes[Int(entry.rawValue)].b)))
    report(
      "a key that is no name or string stands in brackets", at: number,
      help: value.utf8.count > 40 ? nil : "write [\(source.text(in: number))]: \(value)")
    return entry
  }

  mutating func parseKey() -> NodeID {
    let token = here
    let spelling = current.value
    advance()
    return make(.key, token: token, first: token, a: spelling)
  }

  private mutating func parseComputedKey() -> NodeID {
    let open = here
    guard enter() else { return makeMissing() }
    advance()
    let key = parseExpression()
    close(open, .rightBracket, "']'")
    leave()
    return make(.computedKey, token: open, first: open, a: key)
  }

  private mutating func finishEntry(_ key: NodeID, first: TokenIndex) -> NodeID {
    expect(.colon, "':' and a value after the key")
    let value = isRecovering ? makeMissing() : parseExpression()
    return make(.mapEntry, token: first, first: first, a: key, b: value)
  }

  private mutating func warnAboutDuplicates(_ list: UInt32) {
    var seen = Set<UInt32>()
    let start = Int(list) + 1
    for index in start..<start + Int(extra[Int(list)]) {
      let entry = nodes[Int(extra[index])]
      guard entry.kind == .mapEntry, let name = literalKey(NodeID(entry.a)) else { continue }
      guard !seen.insert(name).inserted else { continue }
      let key = text(of: span(NodeID(entry.a)))
      reports.warning(
        .duplicateKey, "this map has the key \(key.hasPrefix("\"") ? key : "'\(key)'") twice",
        at: span(NodeID(entry.a)),
        label: "this value replaces the one before")
    }
  }

  /// A number that is the same for the same literal key, written as a name or as a string.
  private mutating func literalKey(_ key: NodeID) -> UInt32? {
    let node = nodes[Int(key.rawValue)]
    if node.kind == .key { return node.a }
    guard node.kind == .string else { return nil }
    let start = Int(node.a & 0x7FFF_FFFF)
    let range = start..<start + Int(node.b)
    if node.a & 0x8000_0000 == 0 {
      let text = UnsafeBufferPointer(rebasing: bytes[range])
      return names.intern(text, hash: names.hash(text))
    }
    return Array(decodedText[range]).withUnsafeBufferPointer { names.intern($0, hash: names.hash($0)) }
  }

  // MARK: Lambdas

  /// Whether a lambda starts here. What follows the closing parenthesis decides, and the lexer knows where that is.
  var isLambdaStart: Bool {
    guard kind == .identifier || kind == .leftParenthesis, context.allowsLambda else { return false }
    if kind == .identifier { return nextKind == .arrow }
    return partner(of: position).map { kind(at: $0 + 1) == .arrow } ?? false
  }

  mutating func parseLambda() -> NodeID {
    let first = here
    guard enter() else { return makeMissing() }
    defer { leave() }
    let parameters = kind == .identifier ? parseSingleParameter() : parseParameters()
    let arrow = here
    expect(.arrow, "'=>'")
    let outer = jumps
    jumps = Jumps()
    let body = kind == .leftBrace ? parseBlock(of: "the function") : parseExpression()
    jumps = outer
    return make(.lambda, token: arrow, first: first, a: parameters, b: body.rawValue)
  }

  private mutating func parseSingleParameter() -> UInt32 {
    let mark = scratch.count
    let parameter = parseParameter()
    scratch.append(parameter.rawValue)
    return commitList(from: mark)
  }

  /// `(pattern = default, ...rest)`, as a list.
  mutating func parseParameters() -> UInt32 {
    let open = here
    advance()
    let mark = scratch.count
    return parseElements(open, .rightParenthesis, "',' or ')' after a parameter") { parser in
      if parser.scratch.count - mark >= SyntaxTree.maximumArguments {
        parser.fail(
          "a function has at most \(SyntaxTree.maximumArguments) parameters", at: parser.span(parser.position))
      }
      return parser.kind == .ellipsis ? parser.parseRest(.restParameter, .rightParenthesis) : parser.parseParameter()
    }
  }

  private mutating func parseParameter() -> NodeID {
    let first = here
    let pattern = parsePattern(.binding)
    let value = !isRecovering && take(.assign) ? parseExpression() : NodeID.none
    return make(.parameter, token: first, first: first, a: pattern, b: value)
  }

  // MARK: Expressions with bodies

  private mutating func parseIf() -> NodeID {
    let first = here
    let mark = scratch.count
    var otherwise = NodeID.none
    while true {
      let branch = parseIfBranch()
      scratch.append(branch.rawValue)
      guard !isRecovering, take(.else) else { break }
      guard kind == .if else {
        otherwise = parseBlock(of: "the 'else'")
        break
      }
    }
    return make(.ifExpression, token: first, first: first, a: commitList(from: mark), b: otherwise.rawValue)
  }

  private mutating func parseIfBranch() -> NodeID {
    let keyword = here
    advance()
    guard kind == .let else {
      let condition = parseHead()
      let body = parseBlock(of: "the 'if'")
      return make(.ifBranch, token: keyword, first: keyword, a: condition, b: body)
    }
    let binding = here
    advance()
    let pattern = parsePattern(.binding)
    expect(.assign, "'=' and a value")
    let value = parseHead()
    let body = parseBlock(of: "the 'if'")
    return make(.ifLetBranch, token: binding, first: keyword, a: record(pattern, value, body))
  }

  private mutating func parseTry() -> NodeID {
    let keyword = here
    advance()
    let body = parseBlock(of: "the 'try'")
    var pattern = NodeID.none
    var handler = NodeID.none
    var cleanup = NodeID.none
    if !isRecovering, take(.catch) {
      if kind != .leftBrace { pattern = parseCatchName() }
      handler = parseBlock(of: "the 'catch'")
    }
    if !isRecovering, take(.finally) { cleanup = parseFinally() }
    if handler.isNone, cleanup.isNone { failExpected("'catch' or 'finally' after the body of 'try'") }
    return make(.tryExpression, token: keyword, first: keyword, a: record(body, pattern, handler, cleanup))
  }

  private mutating func parseCatchName() -> NodeID {
    guard kind == .identifier else {
      failExpected("a name for the error, or '{'")
      return makeMissing()
    }
    return parseName(isSoft(.underscore) ? .wildcardPattern : .namePattern)
  }

  private mutating func parseFinally() -> NodeID {
    let outer = jumps
    jumps = Jumps(isInLoop: false, isInFinally: true)
    defer { jumps = outer }
    return parseBlock(of: "the 'finally'")
  }

  // MARK: match

  private mutating func parseMatch() -> NodeID {
    let keyword = here
    advance()
    let subject = parseHead()
    guard kind == .leftBrace, !isRecovering else {
      failExpected("'{' and the arms of 'match'")
      return make(.matchExpression, token: keyword, first: keyword, a: subject.rawValue, b: emptyList())
    }
    guard enter() else { return makeMissing() }
    let outer = context
    context = .statements
    let open = here
    advance()
    blockDepth += 1
    let mark = scratch.count
    parseArms(open)
    let arms = commitList(from: mark)
    blockDepth -= 1
    close(open, .rightBrace, "'}' after the arms of 'match'")
    context = outer
    leave()
    return make(.matchExpression, token: keyword, first: keyword, a: subject.rawValue, b: arms)
  }

  private mutating func parseArms(_ open: TokenIndex) {
    while true {
      while kind == .semicolon { advance() }
      if kind == .endOfFile || kind == .rightBrace { return }
      if isClosing(kind), belongsOutside(Int(open)) { return }
      let start = position
      let arm = parseArm()
      scratch.append(arm.rawValue)
      if !isRecovering, !take(.comma), kind != .rightBrace, kind != .semicolon, !current.startsLine {
        failExpected("',' or a new line after an arm of 'match'")
      }
      if isRecovering { synchronize(from: start) }
    }
  }

  private mutating func parseArm() -> NodeID {
    let first = here
    let patterns = parseAlternatives()
    var condition = NodeID.none
    if !isRecovering, take(.if) {
      let outer = context
      context.allowsLambda = false
      condition = parseExpression()
      context = outer
    }
    let arrow = here
    expect(.arrow, "'=>' and what to do")
    let body = isRecovering ? makeMissing() : kind == .leftBrace ? parseBlock(of: "the arm") : parseStatement()
    return make(.matchArm, token: arrow, first: first, a: patterns, b: record(condition, body))
  }

  private mutating func parseAlternatives() -> UInt32 {
    let mark = scratch.count
    firstBinding = nil
    repeat {
      let pattern = parsePattern(.matching)
      scratch.append(pattern.rawValue)
    } while !isRecovering && take(.pipe)
    if scratch.count - mark > 1, let binding = firstBinding {
      report(
        "alternatives cannot bind a name", at: span(Int(binding)), label: "the other pattern would leave it unbound")
    }
    return commitList(from: mark)
  }
}
