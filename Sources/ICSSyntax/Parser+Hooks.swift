// `on`, `every`, `wait` and `step`: words that mean something only where the grammar expects them.

import ICSDiagnostics

extension Parser {
  /// A hook or a `wait`, when the current identifier starts one.
  mutating func parseSoftStatement() -> NodeID? {
    let next = position + 1
    guard let name = softKeyword, !tokens[min(next, tokens.count - 1)].startsLine else { return nil }
    switch (name, kind(at: next)) {
    case (.on, .identifier), (.on, .string), (.on, .stringStart):
      return parseOn()
    case (.every, .identifier), (.every, .string), (.every, .stringStart), (.every, .integer), (.every, .float):
      return isWord(next, .where) ? nil : parseEvery()
    case (.wait, .identifier), (.wait, .string), (.wait, .stringStart), (.wait, .integer), (.wait, .float):
      return isWord(next, .where) ? nil : parseWait()
    default:
      return nil
    }
  }

  /// The name at the current token, when it is one of those that mean something.
  private var softKeyword: NameID? {
    let value = current.value
    return value >= NameID.from.rawValue && value <= NameID.request.rawValue ? NameID(value) : nil
  }

  private func isWord(_ index: Int, _ name: NameID) -> Bool {
    kind(at: index) == .identifier && tokens[index].value == name.rawValue
  }

  private mutating func parseOn() -> NodeID {
    let keyword = here
    advance()
    let event = kind == .identifier ? parseTopic() : parseString()
    let name = parseHookName()
    var condition = NodeID.none
    if isSoft(.where) {
      advance()
      condition = inHead { $0.parseCondition() }
    }
    var item = NodeID.none
    var notification = NodeID.none
    if isSoft(.as) {
      advance()
      item = parsePattern(.binding)
      if take(.comma) {
        if kind == .identifier { notification = parseName(.namePattern) } else { failExpected("a name for the event") }
      }
    }
    let body = parseFunctionBody(of: "the hook")
    return make(
      .onHook, token: keyword, first: keyword, a: record(event, name, condition, item, notification, body))
  }

  private mutating func parseTopic() -> NodeID {
    let first = here
    advance()
    while kind == .dot, !isRecovering {
      advance()
      if kind.isNameLike {
        advance()
      } else if kind == .star {
        fail("a topic with '*' is written in quotes", at: span(position), help: "on \"\(topicSoFar(first))*\"")
      } else {
        failExpected("the next part of the topic")
      }
    }
    return make(.topic, token: first, first: first)
  }

  private func topicSoFar(_ first: TokenIndex) -> String {
    (Int(first)..<position).map { source.text(in: span($0)) }.joined()
  }

  private mutating func parseHookName() -> NodeID {
    guard !isRecovering, kind == .string || kind == .stringStart, !current.startsLine else { return .none }
    return parseString()
  }

  private mutating func inHead(_ parse: (inout Parser) -> NodeID) -> NodeID {
    let outer = context
    context.allowsMap = false
    defer { context = outer }
    return parse(&self)
  }

  /// The body of something that runs on its own: no `break` leaves it, and no `finally` is around it.
  private mutating func parseFunctionBody(of owner: String) -> NodeID {
    let outer = jumps
    jumps = Jumps()
    defer { jumps = outer }
    return parseBlock(of: owner)
  }

  private mutating func parseEvery() -> NodeID {
    let keyword = here
    advance()
    let schedule = parseHead()
    var name = parseHookName()
    let options = parseOptions()
    if name.isNone { name = parseHookName() }
    let body = parseFunctionBody(of: "the 'every'")
    let fields = extra.count
    _ = record(schedule, NodeID(options), name, body)
    return make(.everyHook, token: keyword, first: keyword, a: UInt32(fields))
  }

  /// `, name: value` after a `step` or an `every`, as a list.
  private mutating func parseOptions() -> UInt32 {
    let mark = scratch.count
    while !isRecovering, take(.comma) {
      guard kind.isNameLike, nextKind == .colon else {
        failExpected("an option such as 'retries: 3'")
        break
      }
      let option = inHead { $0.parseNamedArgument() }
      scratch.append(option.rawValue)
    }
    return commitList(from: mark)
  }

  private mutating func parseWait() -> NodeID {
    let keyword = here
    advance()
    let duration = parseExpression()
    return make(.waitStatement, token: keyword, first: keyword, a: duration)
  }

  /// Whether the current identifier, `step`, starts a step: a string or a name on its line, then `{` or `,`.
  var startsStep: Bool {
    var index = position + 1
    guard index < tokens.count, !tokens[index].startsLine else { return false }
    switch tokens[index].kind {
    case .identifier, .string:
      break
    case .stringStart:
      while tokens[index].kind != .stringEnd {
        guard let partner = partner(of: index), partner > index else { return false }
        index = partner
      }
    default:
      return false
    }
    let after = kind(at: index + 1)
    return after == .leftBrace || after == .comma
  }

  mutating func parseStep() -> NodeID {
    let keyword = here
    advance()
    let name = kind == .identifier ? parseName(.name) : parseString()
    let options = parseOptions()
    let body = parseFunctionBody(of: "the step")
    return make(.step, token: keyword, first: keyword, a: record(name, NodeID(options), body))
  }
}
