// The parser: tokens in, nodes out, by hand and in one pass. This file has its state, the basic moves, and recovery;
// the extensions have one topic of the grammar each.
//
// Recovery: the first error of a statement is reported and sets `isRecovering`, which silences all others. It ends
// where the parser knows again where it is: after the closing bracket of a list, at a block, or at the next statement.

import ICSDiagnostics

/// The parser of one source file.
struct Parser {
  /// What the place that is being parsed changes about the grammar.
  struct Context {
    /// Whether a line end can end a statement; the innermost bracket decides.
    var linesMatter: Bool
    /// Whether `{` opens a map. It does not in the head of `if`, `for`, `while` and `match`.
    var allowsMap: Bool
    /// Whether `x =>` starts a lambda. It does not in a guard.
    var allowsLambda: Bool

    static let statements = Context(linesMatter: true, allowsMap: true, allowsLambda: true)
    static let brackets = Context(linesMatter: false, allowsMap: true, allowsLambda: true)
  }

  /// Where `break`, `continue` and `return` may go from here.
  struct Jumps {
    var isInLoop = false
    var isInFinally = false
  }

  static let tooDeep = "this is nested too deeply: at most \(SyntaxTree.maximumDepth) levels are allowed"

  let tokens: UnsafeBufferPointer<Token>
  let bytes: UnsafeBufferPointer<UInt8>
  let source: SourceFile
  let reports: Reports
  let numbers: [UInt64]
  let operators = Operator.byToken
  /// Whether the lexer stopped before the end, because of the nesting or the size of the text.
  let isCutOff: Bool
  /// Whether what is missing at the end of the text has been explained already.
  let isSilentAtEnd: Bool
  var names: NameInterner

  var position = 0
  var nodes: [Node] = []
  var extra: [UInt32] = []
  var decodedText: [UInt8] = []
  /// The children of the lists that are being parsed, innermost last.
  var scratch: [UInt32] = []

  var context = Context.statements
  var jumps = Jumps()
  var depth = 0
  var blockDepth = 0
  /// The prefix minus that was read last: it makes 9223372036854775808 a number.
  var lastMinus = Parser.noMinus
  /// Stands next to no token: -1 would be the one before the first.
  static let noMinus = -2
  /// The first name that the pattern being parsed binds.
  var firstBinding: TokenIndex?

  var isRecovering = false
  /// Whether the error that is being recovered from stands at the end of the text: no other can be told from it.
  private var hasFailedAtEnd = false
  private var isAborted = false

  init(tokens: UnsafeBufferPointer<Token>, lexer: Lexer, bytes: UnsafeBufferPointer<UInt8>, source: SourceFile) {
    self.tokens = tokens
    self.bytes = bytes
    self.source = source
    reports = lexer.reports
    numbers = lexer.numbers
    names = lexer.names
    isCutOff = lexer.isStopped
    isSilentAtEnd = lexer.isStopped || lexer.endsInComment
    nodes.reserveCapacity(tokens.count + 16)
    extra.reserveCapacity(tokens.count / 2 + 16)
    // Index 0 is `NodeID.none`.
    nodes.append(Node(kind: .missing, token: 0, first: 0, last: 0, a: 0, b: 0))
  }

  // MARK: Tokens

  @inline(__always)
  var current: Token { tokens[position] }

  @inline(__always)
  var kind: TokenKind { tokens[position].kind }

  /// The kind of the token after the current one.
  @inline(__always)
  var nextKind: TokenKind { kind(at: position + 1) }

  @inline(__always)
  func kind(at index: Int) -> TokenKind { index < tokens.count ? tokens[index].kind : .endOfFile }

  /// Goes on to the next token; never past the end of the file.
  @inline(__always)
  mutating func advance() {
    if position + 1 < tokens.count { position += 1 }
  }

  @inline(__always)
  var here: TokenIndex { TokenIndex(position) }

  /// Whether the current token is an identifier with a meaning of its own in some places.
  @inline(__always)
  func isSoft(_ name: NameID) -> Bool { kind == .identifier && current.value == name.rawValue }

  /// Takes the current token when it is of a kind.
  mutating func take(_ wanted: TokenKind) -> Bool {
    guard kind == wanted else { return false }
    advance()
    return true
  }

  mutating func expect(_ wanted: TokenKind, _ description: String) {
    if kind == wanted { advance() } else { failExpected(description) }
  }

  /// The partner of a bracket, if it has one.
  func partner(of index: Int) -> Int? {
    tokens[index].value == Token.noPartner ? nil : Int(tokens[index].value)
  }

  func span(_ index: Int) -> Span { Span(start: tokens[index].start, end: tokens[index].end) }

  func span(_ node: NodeID) -> Span {
    let node = nodes[Int(node.rawValue)]
    return Span(start: tokens[Int(node.first)].start, end: tokens[Int(node.last)].end)
  }

  // MARK: Nodes

  /// Adds a node that ends at the token before the current one.
  @inline(__always)
  mutating func make(
    _ kind: NodeKind, token: TokenIndex, first: TokenIndex, a: UInt32 = 0, b: UInt32 = 0
  ) -> NodeID {
    let last = position > Int(first) ? position - 1 : Int(first)
    nodes.append(Node(kind: kind, token: token, first: first, last: TokenIndex(last), a: a, b: b))
    return NodeID(UInt32(truncatingIfNeeded: nodes.count - 1))
  }

  @inline(__always)
  mutating func make(
    _ kind: NodeKind, token: TokenIndex, first: TokenIndex, a: NodeID, b: NodeID = .none
  ) -> NodeID {
    make(kind, token: token, first: first, a: a.rawValue, b: b.rawValue)
  }

  /// A node in the place of something that is not there.
  mutating func makeMissing() -> NodeID { make(.missing, token: here, first: here) }

  @inline(__always)
  func kind(_ node: NodeID) -> NodeKind { nodes[Int(node.rawValue)].kind }

  func first(_ node: NodeID) -> TokenIndex { nodes[Int(node.rawValue)].first }

  /// Moves the children since `mark` from `scratch` to `extra` as a list.
  mutating func commitList(from mark: Int) -> UInt32 {
    let index = UInt32(extra.count)
    extra.append(UInt32(scratch.count - mark))
    extra.append(contentsOf: scratch[mark...])
    scratch.removeLast(scratch.count - mark)
    return index
  }

  mutating func record(_ fields: NodeID...) -> UInt32 {
    let index = UInt32(extra.count)
    for field in fields { extra.append(field.rawValue) }
    return index
  }

  // MARK: Nesting

  /// Goes one level deeper, or reports that this is too deep and ends the parse.
  mutating func enter(_ levels: Int = 1) -> Bool {
    guard depth + levels <= SyntaxTree.maximumDepth else {
      if !isRecovering, !isCutOff { reports.error(Self.tooDeep, at: span(position)) }
      abort()
      return false
    }
    depth += levels
    return true
  }

  mutating func leave(_ levels: Int = 1) { depth -= levels }

  /// Ends the parse: everything that is still open sees the end of the file, silently.
  private mutating func abort() {
    isAborted = true
    isRecovering = true
    position = tokens.count - 1
  }

  // MARK: Errors

  /// Reports an error that does not confuse the parser.
  mutating func report(
    _ message: String, at span: Span, label: String = "", secondary: [Diagnostic.Label] = [], help: String? = nil
  ) {
    guard !isRecovering else { return }
    reports.error(message, at: span, label: label, secondary: secondary, help: help)
    if reports.isFull { abort() }
  }

  /// Reports an error after which the parser does not know where it is.
  mutating func fail(
    _ message: String, at span: Span, label: String = "", secondary: [Diagnostic.Label] = [], help: String? = nil
  ) {
    guard !isRecovering else { return }
    isRecovering = true
    let isAtEnd = kind == .endOfFile
    hasFailedAtEnd = isAtEnd
    if isAtEnd && isSilentAtEnd || kind == .invalid { return }
    reports.error(message, at: span, label: label, secondary: secondary, help: help, atEnd: isAtEnd)
    if reports.isFull { abort() }
  }

  /// Reports that the current token is not what has to stand here.
  mutating func failExpected(_ wanted: String, help: String? = nil) {
    if kind == .assign, help == nil {
      return fail("expected \(wanted), found '='", at: span(position), label: "'=' assigns, '==' compares")
    }
    fail("expected \(wanted), found \(describe(position))", at: placeOfFailure, help: help ?? borrowedHelp)
  }

  /// The current token; at the end of the file, the place after the last token.
  var placeOfFailure: Span {
    guard kind == .endOfFile, position > 0 else { return span(position) }
    let end = tokens[position - 1].end
    return Span(start: end, end: end)
  }

  /// A token in words, for "found ...".
  func describe(_ index: Int) -> String {
    switch tokens[index].kind {
    case .endOfFile: return "the end of the file"
    case .string, .stringStart: return "a string"
    case .stringMiddle, .stringEnd: return "'}}'"
    default: return "'\(text(of: span(index)))'"
    }
  }

  /// A piece of the source, short enough for a message.
  func text(of span: Span) -> String {
    guard span.length > 40 else { return source.text(in: span) }
    let start = source.text(in: Span(start: span.start, end: span.start + 40))
    return String(start.filter { $0 != "\u{FFFD}" }) + "…"
  }

  // MARK: Brackets

  /// Ends a bracketed list: at its closing bracket, or where an error leaves off.
  mutating func close(_ open: TokenIndex, _ closing: TokenKind, _ wanted: String) {
    if !isRecovering, kind == closing { return advance() }
    guard !isAborted else { return }
    guard let partner = partner(of: Int(open)) else {
      // Where the text was cut off, brackets miss their partners for no fault of their own.
      return isCutOff ? failExpected(wanted) : failUnclosed(open)
    }
    if !isRecovering { failExpected(wanted) }
    guard !isAborted else { return }
    position = max(position, partner)
    advance()
    isRecovering = false
  }

  private mutating func failUnclosed(_ open: TokenIndex) {
    guard !isRecovering else { return }
    if tokens[Int(open)].flags.contains(.reported) {
      isRecovering = true
      return
    }
    let token = tokens[Int(open)]
    let isInterpolation = token.kind == .stringStart || token.kind == .stringMiddle
    let start = isInterpolation ? token.end - 2 : token.start
    let place = Span(start: start, end: token.end)
    fail("this '\(source.text(in: place))' is never closed", at: place, label: "opened here")
  }

  // MARK: Recovery

  /// Skips to where the next statement can start.
  ///
  /// - Parameter start: The first token of the statement that went wrong.
  mutating func synchronize(from start: Int) {
    while kind != .endOfFile {
      if position > start, current.startsLine, !continuesStatement(kind) { break }
      if kind == .semicolon { break }
      if isClosing(kind) {
        if belongsOutside(start), position > start { break }
      } else if isOpening(kind) {
        skipToPartner()
      }
      advance()
    }
    isRecovering = isAborted || hasFailedAtEnd
  }

  /// Whether the current token, a closing bracket, ends something that was opened before the token `start`. An
  /// interpolation always does: statements inside one are inside a block in it.
  func belongsOutside(_ start: Int) -> Bool {
    if kind == .stringMiddle || kind == .stringEnd { return true }
    return partner(of: position).map { $0 < start } ?? false
  }

  /// Goes from an opening bracket to its partner, or from the start of a string to its end.
  private mutating func skipToPartner() {
    repeat {
      guard let partner = partner(of: position), partner > position else { return }
      position = partner
    } while kind == .stringMiddle
  }

  /// Whether a line that begins with a token goes on with the statement before it.
  @inline(__always)
  func continuesStatement(_ kind: TokenKind) -> Bool {
    switch kind {
    case .dot, .optionalDot, .and, .or, .coalesce, .else, .catch, .finally: return true
    default: return false
    }
  }

  func isOpening(_ kind: TokenKind) -> Bool {
    switch kind {
    case .leftParenthesis, .leftBracket, .optionalBracket, .leftBrace, .stringStart, .stringMiddle: return true
    default: return false
    }
  }

  func isClosing(_ kind: TokenKind) -> Bool {
    switch kind {
    case .rightParenthesis, .rightBracket, .rightBrace, .stringMiddle, .stringEnd: return true
    default: return false
    }
  }
}
