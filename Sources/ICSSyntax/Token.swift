// Tokens: what the lexer cuts a source file into. White space and comments are the gaps between tokens, so that the
// token array and the source together hold every byte of the file.

/// What a token is.
package enum TokenKind: UInt8, Sendable {
  /// The end of the file; always the last token, and empty.
  case endOfFile
  /// Bytes that are no token. The lexer has already reported them.
  case invalid
  /// A name that is no hard keyword; `on`, `every`, `step`, `where`, `from`, `as` and `wait` are among them.
  case identifier
  case integer
  case float

  /// A whole string without interpolation, quotes included.
  case string
  /// From the opening quotes to the first `{{`, both included.
  case stringStart
  /// From a `}}` to the next `{{`, both included.
  case stringMiddle
  /// From the last `}}` to the closing quotes, both included.
  case stringEnd

  case leftParenthesis, rightParenthesis
  case leftBracket, rightBracket
  /// `?[`
  case optionalBracket
  case leftBrace, rightBrace

  case comma, semicolon, colon, dot
  /// `?.`
  case optionalDot
  /// `=>`
  case arrow
  /// A single `|`, between the patterns of an arm.
  case pipe

  case assign, addAssign, subtractAssign, multiplyAssign, divideAssign, remainderAssign, coalesceAssign

  case coalesce, or, and
  case equal, notEqual
  case less, lessOrEqual, greater, greaterOrEqual
  /// `!in`, when no name character follows.
  case notIn
  /// `..<`
  case halfOpenRange
  /// `...`: the closed range, spread and rest.
  case ellipsis
  case plus, minus
  case star, slash, truncatingSlash, percent
  case not
  /// `~`, `!~`, `^=`, `$=`: only in the condition of a `where`.
  case contains, notContains, startsWith, endsWith

  // INVARIANT: the hard keywords stand last and in the order of `NameID.hardKeywords`.
  case `let`, `var`, fn, `return`, `if`, `else`, `for`, `in`, `while`, `break`, `continue`, match, `try`, `catch`
  case finally, `throw`, `import`, export, `true`, `false`, null

  /// Whether the token is a keyword wherever it stands, except after `.` and as a key.
  @inlinable
  package var isHardKeyword: Bool { rawValue >= TokenKind.let.rawValue }

  /// Whether the keyword starts a statement that is no expression.
  var startsStatement: Bool {
    switch self {
    case .let, .var, .fn, .return, .for, .while, .break, .continue, .throw, .import, .export: true
    default: false
    }
  }

  /// Whether the token can be a name after `.` or as a key: names and keywords.
  @inlinable
  package var isNameLike: Bool { self == .identifier || isHardKeyword }
}

/// One token. Its text is `source.bytes[start..<end]`.
package struct Token: Sendable {
  /// What is known about a token besides its kind.
  package struct Flags: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt8

    /// Flags of these bits.
    @inlinable
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A line break stands between the token before and this one.
    package static let newlineBefore = Flags(rawValue: 1)
    /// The string's text is not simply the bytes between its delimiters.
    package static let needsDecoding = Flags(rawValue: 2)
    /// The string is in single quotes.
    package static let raw = Flags(rawValue: 4)
    /// The string is in triple quotes.
    package static let multiline = Flags(rawValue: 8)
    /// The integer is 9223372036854775808, which only a minus before it brings into range.
    package static let minimumMagnitude = Flags(rawValue: 16)
    /// The token is wrong inside and has been reported; it stands for itself in the tree all the same.
    package static let reported = Flags(rawValue: 32)
    /// A `///` comment stands in the gap before the token.
    package static let docBefore = Flags(rawValue: 64)
  }

  /// What the token is.
  package var kind: TokenKind
  /// What stands before it.
  package var flags: Flags
  /// The offset of its first byte.
  package var start: UInt32
  /// The offset behind its last byte.
  package var end: UInt32
  /// Identifiers and keywords: the `NameID` of the spelling. Numbers: the index of the value. Brackets and strings
  /// with interpolation: the index of the partner token, or `noPartner`.
  package var value: UInt32

  /// The `value` of a bracket that no other belongs to.
  package static let noPartner = UInt32.max

  /// A token over the bytes `start ..< end`.
  @inlinable
  package init(kind: TokenKind, flags: Flags = [], start: UInt32, end: UInt32, value: UInt32 = 0) {
    self.kind = kind
    self.flags = flags
    self.start = start
    self.end = end
    self.value = value
  }

  /// Whether a line break stands before it.
  @inlinable
  package var startsLine: Bool { flags.contains(.newlineBefore) }
}

/// The index of a token in `SyntaxTree.tokens`.
package typealias TokenIndex = UInt32
