// Statements and declarations.

import ICSDiagnostics

extension Parser {
  mutating func parseProgram() -> NodeID {
    let mark = scratch.count
    parseStatements(in: nil)
    return make(.program, token: 0, first: 0, a: commitList(from: mark))
  }

  /// Statements up to the `}` of the block that `open` starts, or to the end of the file; they go to `scratch`.
  private mutating func parseStatements(in open: TokenIndex?) {
    while true {
      while kind == .semicolon { advance() }
      if kind == .endOfFile { return }
      if isClosing(kind) {
        if let open, kind == .rightBrace || belongsOutside(Int(open)) { return }
        skipStray()
        continue
      }
      let start = position
      let statement = parseStatement()
      scratch.append(statement.rawValue)
      if !isRecovering, !isAtEndOfStatement { failAfterStatement() }
      if isRecovering { synchronize(from: start) }
    }
  }

  private var isAtEndOfStatement: Bool {
    switch kind {
    case .endOfFile, .semicolon, .rightBrace: return true
    default: return current.startsLine
    }
  }

  private mutating func skipStray() {
    report("this '\(text(of: span(position)))' closes nothing", at: span(position))
    advance()
  }

  private mutating func failAfterStatement() {
    if isClosing(kind), !belongsOutside(position) {
      return fail("this '\(text(of: span(position)))' closes nothing", at: span(position))
    }
    switch kind {
    case .contains, .notContains, .startsWith, .endsWith:
      fail("\(describe(position)) compares only in the condition of a 'where'", at: span(position))
    case .arrow:
      fail("unexpected '=>'", at: span(position), label: "a function starts its expression: put it in parentheses")
    case .assign:
      fail("unexpected '='", at: span(position), label: "'=' is a statement, '==' compares")
    default:
      fail(
        "expected the end of the statement, found \(describe(position))", at: span(position),
        label: "a statement ends with its line or with ';'", help: borrowedHelp)
    }
  }

  // MARK: Blocks

  /// A block: the body of something, named for the message when it is missing.
  mutating func parseBlock(of owner: String) -> NodeID {
    if !isRecovering, kind != .leftBrace {
      failExpected("'{' and the body of \(owner)", help: bodyHelp)
    }
    if isRecovering { findBlockOnLine() }
    guard kind == .leftBrace, !isRecovering else { return makeMissing() }
    guard enter() else { return makeMissing() }
    let outer = context
    defer {
      context = outer
      leave()
    }
    let open = here
    if looksLikeMap(position), !isRecovering { return parseMapInsteadOfBlock() }
    advance()
    context = .statements
    blockDepth += 1
    let mark = scratch.count
    parseStatements(in: open)
    let statements = commitList(from: mark)
    blockDepth -= 1
    close(open, .rightBrace, "'}'")
    return make(.block, token: open, first: open, a: statements)
  }

  /// After an error in the head of a statement: its body may still be parsed, so that errors in it are found too.
  private mutating func findBlockOnLine() {
    var index = position
    while kind(at: index) != .endOfFile, !tokens[index].startsLine {
      switch tokens[index].kind {
      case .leftBrace:
        guard partner(of: index) != nil, !looksLikeMap(index) else { return }
        position = index
        isRecovering = false
        return
      case .leftParenthesis, .leftBracket, .optionalBracket:
        guard let partner = partner(of: index) else { return }
        index = partner + 1
      case .semicolon, .rightParenthesis, .rightBracket, .rightBrace, .stringStart, .stringMiddle, .stringEnd, .else,
        .catch, .finally:
        return
      default:
        index += 1
      }
    }
  }

  /// Whether what follows a `{` is an entry of a map and cannot be a statement.
  func looksLikeMap(_ open: Int) -> Bool {
    let next = kind(at: open + 1)
    if next == .ellipsis { return true }
    return (next.isNameLike || next == .string) && kind(at: open + 2) == .colon
  }

  private mutating func parseMapInsteadOfBlock() -> NodeID {
    report(
      "this '{' opens a block, not a map", at: span(position), label: "a map needs parentheses here: ({ ... })")
    return parseMap()
  }

  // MARK: Statements

  mutating func parseStatement() -> NodeID {
    switch kind {
    case .identifier: return parseSoftStatement() ?? parseSimple()
    case .let, .var: return parseVariable(first: here)
    case .fn: return parseFunction(first: here)
    case .export: return parseExport()
    case .import: return parseImport()
    case .for: return parseFor()
    case .while: return parseWhile()
    case .return: return parseReturn()
    case .break, .continue: return parseJump()
    case .throw: return parseThrow()
    case .leftBrace: return parseStrayBrace()
    default: return parseSimple()
    }
  }

  /// An expression or an assignment.
  private mutating func parseSimple() -> NodeID {
    let first = here
    let expression = parseExpression()
    switch kind {
    case .assign, .addAssign, .subtractAssign, .multiplyAssign, .divideAssign, .remainderAssign, .coalesceAssign:
      if isRecovering || current.startsLine && context.linesMatter { return expression }
      return parseAssignment(to: expression, first: first)
    default:
      return expression
    }
  }

  private mutating func parseAssignment(to target: NodeID, first: TokenIndex) -> NodeID {
    switch kind(target) {
    case .name, .member, .index: break
    case .optionalChain:
      report("'?.' and '?[' cannot be assigned to", at: span(target), label: "this may be null")
    case .list, .map:
      report(
        "only 'let' and 'var' take a value apart", at: span(target), label: "this is no variable, member or index")
    default:
      report("this cannot be assigned to", at: span(target), label: "only a variable, a member or an index can")
    }
    let op = here
    advance()
    let value = parseExpression()
    return make(.assignment, token: op, first: first, a: target, b: value)
  }

  /// A `{` where a statement is expected.
  private mutating func parseStrayBrace() -> NodeID {
    let open = position
    let isMap = looksLikeMap(open) || kind(at: open + 1) == .rightBrace
    if partner(of: open) != nil {
      report(
        "a block stands only as the body of something", at: span(open),
        label: isMap ? "a map needs parentheses here: ({ ... })" : "no 'if', 'for' or 'fn' before this block")
    }
    return isMap ? parseMap() : parseBlock(of: "a block")
  }

  private mutating func parseVariable(first: TokenIndex) -> NodeID {
    let keyword = here
    advance()
    let pattern = parsePattern(.binding)
    if kind == .assign {
      advance()
    } else {
      failExpected("'=' and a value", help: kind == .colon ? "the types of values are not written" : nil)
    }
    let value = parseExpression()
    return make(.variable, token: keyword, first: first, a: pattern, b: value)
  }

  private mutating func parseFunction(first: TokenIndex) -> NodeID {
    advance()
    let name = here
    if kind == .identifier {
      advance()
    } else if kind == .leftParenthesis {
      fail(
        "a function declared with 'fn' has a name", at: span(position),
        label: "a function without one is written (x, y) => { ... }")
    } else {
      failExpected("the name of the function")
    }
    var parameters = emptyList()
    if !isRecovering {
      if kind == .leftParenthesis {
        parameters = parseParameters()
      } else {
        failExpected("'(' and the parameters")
      }
    }
    let outer = jumps
    jumps = Jumps()
    let body = parseBlock(of: "the function")
    jumps = outer
    return make(.function, token: name, first: first, a: parameters, b: body.rawValue)
  }

  mutating func emptyList() -> UInt32 { commitList(from: scratch.count) }

  private mutating func parseExport() -> NodeID {
    let first = here
    if blockDepth > 0 { report("'export' stands at the top level of a file", at: span(position)) }
    advance()
    switch kind {
    case .let, .var: return parseVariable(first: first)
    case .fn: return parseFunction(first: first)
    default:
      failExpected("'let', 'var' or 'fn' after 'export'")
      return makeMissing()
    }
  }

  // MARK: Imports

  private mutating func parseImport() -> NodeID {
    let keyword = here
    if blockDepth > 0 { report("'import' stands at the top level of a file", at: span(position)) }
    advance()
    if kind == .leftBrace { return parseImportNames(keyword) }
    let path = parseImportPath("a path in quotes, or '{' and the names to import")
    if isSoft(.as) { advance() } else { failExpected("'as' and a name for the module") }
    let name = parseImportedAs()
    return make(.importModule, token: keyword, first: keyword, a: path, b: name)
  }

  private mutating func parseImportNames(_ keyword: TokenIndex) -> NodeID {
    let open = here
    advance()
    let names = parseElements(open, .rightBrace, "',' or '}' after a name to import") { $0.parseImportedName() }
    if isSoft(.from) { advance() } else { failExpected("'from' and the path of the module") }
    let path = parseImportPath("the path of the module in quotes")
    return make(.importNames, token: keyword, first: keyword, a: names, b: path.rawValue)
  }

  private mutating func parseImportedName() -> NodeID {
    let first = here
    guard kind == .identifier else {
      failExpected("a name to import")
      return makeMissing()
    }
    let name = names.canonical(current.value)
    advance()
    if isSoft(.as), nextKind == .identifier {
      advance()
      let local = parseImportedAs()
      return make(.importedName, token: first, first: first, a: name, b: local.rawValue)
    }
    let local = make(.namePattern, token: first, first: first, a: name)
    return make(.importedName, token: first, first: first, a: name, b: local.rawValue)
  }

  private mutating func parseImportedAs() -> NodeID {
    guard !isRecovering, kind == .identifier else {
      failExpected("a name")
      return makeMissing()
    }
    return parseName(.namePattern)
  }

  private mutating func parseImportPath(_ wanted: String) -> NodeID {
    if kind == .stringStart { fail("the path of an import has no '{{ }}'", at: span(position)) }
    guard kind == .string else {
      failExpected(wanted)
      return makeMissing()
    }
    return parseString()
  }

  /// A node of one identifier, with its name in its canonical form.
  mutating func parseName(_ kind: NodeKind) -> NodeID {
    let token = here
    let name = names.canonical(current.value)
    advance()
    return make(kind, token: token, first: token, a: name)
  }

  // MARK: Loops and jumps

  private mutating func parseFor() -> NodeID {
    let keyword = here
    advance()
    let pattern = parsePattern(.binding)
    expect(.in, "'in' and what to go through")
    let sequence = parseHead()
    let body = parseLoopBody(of: "the 'for'")
    return make(.forLoop, token: keyword, first: keyword, a: record(pattern, sequence, body))
  }

  private mutating func parseWhile() -> NodeID {
    let keyword = here
    advance()
    let condition = parseHead()
    let body = parseLoopBody(of: "the 'while'")
    return make(.whileLoop, token: keyword, first: keyword, a: condition, b: body)
  }

  private mutating func parseLoopBody(of owner: String) -> NodeID {
    let outer = jumps
    jumps.isInLoop = true
    defer { jumps = outer }
    return parseBlock(of: owner)
  }

  /// An expression in the head of a statement, where `{` opens the body.
  mutating func parseHead() -> NodeID {
    let outer = context
    context.allowsMap = false
    defer { context = outer }
    return parseExpression()
  }

  private mutating func parseReturn() -> NodeID {
    let keyword = here
    if jumps.isInFinally { report("'return' cannot leave a 'finally'", at: span(position)) }
    advance()
    let value = isAtEndOfStatement || isClosing(kind) || kind == .comma ? NodeID.none : parseExpression()
    return make(.returnStatement, token: keyword, first: keyword, a: value)
  }

  private mutating func parseJump() -> NodeID {
    let keyword = here
    let isBreak = kind == .break
    if !jumps.isInLoop {
      let word = isBreak ? "'break'" : "'continue'"
      report(
        jumps.isInFinally ? "\(word) cannot leave a 'finally'" : "\(word) outside of a loop", at: span(position),
        label: jumps.isInFinally ? "" : "no 'for' or 'while' around it in this function")
    }
    advance()
    return make(isBreak ? .breakStatement : .continueStatement, token: keyword, first: keyword)
  }

  private mutating func parseThrow() -> NodeID {
    let keyword = here
    advance()
    if isAtEndOfStatement { failExpected("the value to throw, on the line of 'throw'") }
    let value = parseExpression()
    return make(.throwStatement, token: keyword, first: keyword, a: value)
  }
}
