// Cuts a source text into tokens, in one pass over its bytes. Knows which brackets belong together, because a `}}`
// ends an interpolation only when no brace is open inside it; the parser uses that for look-ahead and recovery.

import ICSDiagnostics

/// The lexer of one source file.
///
/// INVARIANT: the bytes are valid UTF-8; `SyntaxTree.parse(_:)` checks that first.
struct Lexer {
  /// A bracket that is not closed yet.
  struct OpenBracket {
    enum Kind { case parenthesis, bracket, brace, interpolation }

    var kind: Kind
    var token: UInt32
    /// For an interpolation: where its string's opening quotes are.
    var quote: Int = 0
  }

  let base: UnsafePointer<UInt8>
  let count: Int
  let reports: Reports
  var position = 0
  var tokens: [Token] = []
  /// The values of number tokens: Int64 or Double, as bits.
  var numbers: [UInt64] = []
  var names = NameInterner()
  var open: [OpenBracket] = []
  /// What is known about the next token from the gap before it.
  var pending: Token.Flags = []
  /// Whether the lexer gave up before the end of the text.
  var isStopped = false
  /// Whether the text ends inside a comment; what is missing at the end is then the comment's fault.
  var endsInComment = false
  /// Where the last character was that is no part of a token, so that one line of them is one error.
  var lastStrayLine = -1

  /// More tokens than any file needs that a person wrote; it bounds the memory that a hostile one can take.
  static let maximumTokens = 20_000_000

  init(_ bytes: UnsafeBufferPointer<UInt8>, reports: Reports) {
    // An empty array may have no base address; nothing is read from the stand-in, because the count is 0.
    base = bytes.baseAddress ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
    count = bytes.count
    self.reports = reports
    tokens.reserveCapacity(min(count / 3, 1 << 20) + 16)
  }

  mutating func run() {
    skipFileStart()
    while true {
      skipTrivia()
      guard position < count, !isStopped else { break }
      scanToken()
      if tokens.count >= Self.maximumTokens { stop("this file is too long: it has more than 20,000,000 tokens") }
    }
    if isStopped { position = count }
    emit(.endOfFile, end: position)
  }

  @inline(__always)
  func byte(_ index: Int) -> UInt8 { index < count ? base[index] : 0 }

  @inline(__always)
  mutating func emit(_ kind: TokenKind, end: Int, flags: Token.Flags = [], value: UInt32 = 0) {
    tokens.append(
      Token(kind: kind, flags: pending.union(flags), start: UInt32(position), end: UInt32(end), value: value))
    pending = []
    position = end
  }

  /// Emits a token of the next `length` bytes.
  @inline(__always)
  mutating func emit(_ kind: TokenKind, _ length: Int) { emit(kind, end: position + length) }

  mutating func stop(_ message: String) {
    guard !isStopped else { return }
    reports.error(message, at: Span(position..<min(position + 1, count)))
    isStopped = true
  }

  private mutating func scanToken() {
    let byte = base[position]
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      scanName()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      scanNumber()
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      scanString()
    case UInt8(ascii: "("):
      openBracket(.parenthesis, .leftParenthesis, 1)
    case UInt8(ascii: "["):
      openBracket(.bracket, .leftBracket, 1)
    case UInt8(ascii: "{"):
      openBracket(.brace, .leftBrace, 1)
    case UInt8(ascii: ")"):
      closeBracket(.parenthesis, .rightParenthesis)
    case UInt8(ascii: "]"):
      closeBracket(.bracket, .rightBracket)
    case UInt8(ascii: "}"):
      closeBraceOrInterpolation()
    case UInt8(ascii: ","):
      emit(.comma, 1)
    case UInt8(ascii: ";"):
      emit(.semicolon, 1)
    case UInt8(ascii: ":"):
      emit(.colon, 1)
    default:
      scanOperator(byte)
    }
  }

  private mutating func scanOperator(_ first: UInt8) {
    let second = byte(position + 1)
    switch first {
    case UInt8(ascii: "."):
      scanDots(second)
    case UInt8(ascii: "="):
      if second == UInt8(ascii: "=") { return scanEquality(.equal) }
      second == UInt8(ascii: ">") ? emit(.arrow, 2) : emit(.assign, 1)
    case UInt8(ascii: "+"):
      second == UInt8(ascii: "=") ? emit(.addAssign, 2) : emit(.plus, 1)
    case UInt8(ascii: "-"):
      second == UInt8(ascii: "=") ? emit(.subtractAssign, 2) : emit(.minus, 1)
    case UInt8(ascii: "*"):
      second == UInt8(ascii: "=") ? emit(.multiplyAssign, 2) : emit(.star, 1)
    case UInt8(ascii: "/"):
      second == UInt8(ascii: "=") ? emit(.divideAssign, 2) : emit(.slash, 1)
    case UInt8(ascii: "%"):
      second == UInt8(ascii: "=") ? emit(.remainderAssign, 2) : emit(.percent, 1)
    case UInt8(ascii: "<"):
      second == UInt8(ascii: "=") ? emit(.lessOrEqual, 2) : emit(.less, 1)
    case UInt8(ascii: ">"):
      second == UInt8(ascii: "=") ? emit(.greaterOrEqual, 2) : emit(.greater, 1)
    case UInt8(ascii: "~"):
      second == UInt8(ascii: "/") ? emit(.truncatingSlash, 2) : emit(.contains, 1)
    case UInt8(ascii: "!"):
      scanExclamationMark(second)
    case UInt8(ascii: "?"):
      scanQuestionMark(second)
    case UInt8(ascii: "|"):
      second == UInt8(ascii: "|") ? emit(.or, 2) : emit(.pipe, 1)
    case UInt8(ascii: "&") where second == UInt8(ascii: "&"):
      emit(.and, 2)
    case UInt8(ascii: "^") where second == UInt8(ascii: "="):
      emit(.startsWith, 2)
    case UInt8(ascii: "$") where second == UInt8(ascii: "="):
      emit(.endsWith, 2)
    case 0x80...:
      scanUnicode()
    default:
      scanStray()
    }
  }

  private mutating func scanDots(_ second: UInt8) {
    if second == UInt8(ascii: ".") {
      switch byte(position + 2) {
      case UInt8(ascii: "."): emit(.ellipsis, 3)
      case UInt8(ascii: "<"): emit(.halfOpenRange, 3)
      default:
        reports.error(
          "'..' is no operator", at: Span(position..<position + 2),
          label: "'..<' excludes the end, '...' includes it")
        emit(.invalid, 2)
      }
    } else if isDigit(second) {
      var end = position + 1
      while isDigit(byte(end)) { end += 1 }
      let digits = text(position..<end)
      reports.error(
        "a number starts with a digit", at: Span(position..<end), label: "no digit before the point",
        help: "write 0\(digits)")
      emit(.invalid, end: end)
    } else {
      emit(.dot, 1)
    }
  }

  private mutating func scanEquality(_ kind: TokenKind) {
    if byte(position + 2) == UInt8(ascii: "=") {
      let right = kind == .equal ? "==" : "!="
      reports.error("'\(right)=' is no operator", at: Span(position..<position + 3), help: "write '\(right)'")
      emit(kind, 3)
    } else {
      emit(kind, 2)
    }
  }

  private mutating func scanExclamationMark(_ second: UInt8) {
    switch second {
    case UInt8(ascii: "="): scanEquality(.notEqual)
    case UInt8(ascii: "~"): emit(.notContains, 2)
    case UInt8(ascii: "i") where byte(position + 2) == UInt8(ascii: "n") && !isNameByte(byte(position + 3)):
      emit(.notIn, 3)
    default: emit(.not, 1)
    }
  }

  private mutating func scanQuestionMark(_ second: UInt8) {
    switch second {
    case UInt8(ascii: "."): emit(.optionalDot, 2)
    case UInt8(ascii: "["): openBracket(.bracket, .optionalBracket, 2)
    case UInt8(ascii: "?"): byte(position + 2) == UInt8(ascii: "=") ? emit(.coalesceAssign, 3) : emit(.coalesce, 2)
    default: scanStray()
    }
  }

  // MARK: Brackets

  private mutating func openBracket(_ kind: OpenBracket.Kind, _ token: TokenKind, _ length: Int) {
    guard checkDepth() else { return }
    open.append(OpenBracket(kind: kind, token: UInt32(tokens.count)))
    emit(token, end: position + length, value: Token.noPartner)
  }

  /// Whether one more bracket may be open. The parser counts as well; this keeps a file of opening brackets from
  /// becoming a file of tokens.
  mutating func checkDepth() -> Bool {
    guard open.count >= SyntaxTree.maximumDepth else { return true }
    stop(Parser.tooDeep)
    return false
  }

  private mutating func closeBracket(_ kind: OpenBracket.Kind, _ token: TokenKind) {
    var index = open.count - 1
    // A bracket inside an interpolation never closes one outside its string.
    while index >= 0, open[index].kind != kind, open[index].kind != .interpolation { index -= 1 }
    let isMatched = index >= 0 && open[index].kind == kind
    emit(token, end: position + 1, value: isMatched ? close(index, with: tokens.count) : Token.noPartner)
  }

  /// Closes the bracket at an index of `open`; those inside it stay without a partner.
  ///
  /// - Returns: The token of the bracket.
  private mutating func close(_ index: Int, with closing: Int) -> UInt32 {
    let opening = open[index].token
    tokens[Int(opening)].value = UInt32(closing)
    open.removeSubrange(index...)
    return opening
  }

  private mutating func closeBraceOrInterpolation() {
    var index = open.count - 1
    while index >= 0, open[index].kind != .brace, open[index].kind != .interpolation { index -= 1 }
    guard index >= 0 else { return emitStrayBrace() }
    if open[index].kind == .brace { return closeBracket(.brace, .rightBrace) }
    guard byte(position + 1) == UInt8(ascii: "}") else { return emitStrayBrace() }
    let quote = open[index].quote
    let isMultiline = tokens[Int(open[index].token)].flags.contains(.multiline)
    _ = close(index, with: tokens.count)
    scanText(from: position + 2, quote: quote, isMultiline: isMultiline, isResumed: true)
  }

  private mutating func emitStrayBrace() {
    emit(.rightBrace, end: position + 1, value: Token.noPartner)
  }
}
