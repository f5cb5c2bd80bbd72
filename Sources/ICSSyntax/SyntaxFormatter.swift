// The formatter: one style for every script. It walks the tree, takes the tokens in order, and says between them
// where a line may break; `Layout` decides which breaks are needed. Line breaks that somebody wrote after an opening
// bracket, before a method or after an operator stay, so formatting twice changes nothing.

import ICSDiagnostics

/// Prints a tree in the one style of the language: two spaces of indentation, at most 100 columns where they suffice.
package struct SyntaxFormatter {
  let tree: SyntaxTree
  var ops: [LayoutOp] = []
  /// The next token to be printed.
  var cursor = 0
  /// What stands before the next token, if nothing else is said.
  var separator = Separator.none
  /// Comments before tokens that were left out.
  private var carried: [Comment] = []
  /// The token whose comments have been printed already.
  private var commentedToken = -1
  private var hasFailed = false

  enum Separator {
    case none
    case space
    /// A place to break; `space` without a break.
    case line
    /// As `line`, without the blank line that may stand there in the source: at the start of a block.
    case softSpace
    /// A place to break; nothing without a break.
    case softLine
    /// A line break.
    case hard
  }

  /// The formatted text of a tree.
  ///
  /// - Returns: The same program, with its comments and single blank lines; nil when the tree has errors.
  package static func format(_ tree: SyntaxTree) -> String? {
    guard !tree.hasErrors else { return nil }
    // What the formatter may not do is change a program, so it checks itself: the text as it is, is better than that.
    return faithfulText(of: tree) ?? String(decoding: tree.source.bytes, as: UTF8.self)
  }

  /// The formatted text, if it says the same as the tree; it always should.
  static func faithfulText(of tree: SyntaxTree) -> String? {
    var formatter = SyntaxFormatter(tree: tree)
    formatter.formatProgram()
    guard !formatter.hasFailed else { return nil }
    let text = Layout.print(formatter.ops)
    return tree.hasSameStructure(as: SyntaxTree.parse(SourceFile(name: "", text: text))) ? text : nil
  }

  private init(tree: SyntaxTree) { self.tree = tree }

  private mutating func formatProgram() {
    if let line = CommentScanner.hashBangLine(of: tree.source) {
      ops.append(.text(line))
      ops.append(.hard(keepsBlank: false))
    }
    emitStatements(tree.statements(of: tree.root))
    emitCommentsBeforeClosing()
    if nextKind != .endOfFile { fail() }
  }

  // MARK: Tokens

  var nextKind: TokenKind { tree.tokens[min(cursor, tree.tokens.count - 1)].kind }

  var nextStartsLine: Bool { tree.tokens[min(cursor, tree.tokens.count - 1)].startsLine }

  /// Whether a comment stands before the next token.
  var hasCommentNext: Bool { !carried.isEmpty || !CommentScanner.comments(before: cursor, in: tree).comments.isEmpty }

  /// Prints the next token with the comments before it.
  mutating func take(_ kind: TokenKind? = nil) {
    guard cursor < tree.tokens.count, kind == nil || kind == nextKind else {
      hasFailed = true
      return
    }
    emitGap()
    let token = tree.tokens[cursor]
    ops.append(.text(tree.source.text(in: Span(start: token.start, end: token.end))))
    cursor += 1
  }

  /// Prints the tokens up to and with `last` exactly as they stand in the source.
  mutating func takeVerbatim(through last: TokenIndex) {
    guard Int(last) >= cursor else {
      hasFailed = true
      return
    }
    emitGap()
    let span = Span(start: tree.tokens[cursor].start, end: tree.tokens[Int(last)].end)
    ops.append(.text(tree.source.text(in: span)))
    cursor = Int(last) + 1
  }

  /// Leaves the next token out; the comments before it stay.
  mutating func skip() {
    carried += CommentScanner.comments(before: cursor, in: tree).comments
    cursor += 1
  }

  mutating func skipAll(_ kind: TokenKind) {
    while nextKind == kind { skip() }
  }

  /// Prints comments and white space before the next token.
  private mutating func emitGap() {
    let gap = CommentScanner.comments(before: cursor, in: tree)
    let comments = emitTrailingComments(gap.comments)
    let isBlankBefore = comments.first.map { $0.linesBefore > 1 } ?? (gap.linesAfter > 1)
    appendSeparator(isBlankBefore)
    for comment in comments { append(comment) }
    if let last = comments.last, last.endsLine, gap.linesAfter > 1 { ops.append(.hard(keepsBlank: true)) }
  }

  /// Prints the comments before a closing bracket while what they stand in is still indented.
  mutating func emitCommentsBeforeClosing() {
    let comments = emitTrailingComments(CommentScanner.comments(before: cursor, in: tree).comments)
    for comment in comments { ops.append(.ownLine(comment.text, keepsBlank: comment.linesBefore > 1)) }
    commentedToken = cursor
  }

  /// Prints the comments that end the line of the token before; gives the others.
  private mutating func emitTrailingComments(_ found: [Comment]) -> ArraySlice<Comment> {
    var comments = carried[...] + (commentedToken == cursor ? [] : found)
    carried = []
    while let comment = comments.first, comment.isTrailing, !ops.isEmpty {
      ops.append(.trailing(comment.text))
      comments = comments.dropFirst()
    }
    return comments
  }

  private mutating func append(_ comment: Comment) {
    if comment.endsLine {
      ops.append(.ownLine(comment.text, keepsBlank: comment.linesBefore > 1))
    } else {
      ops.append(.text(comment.text))
      ops.append(.space)
    }
  }

  private mutating func appendSeparator(_ isBlankBefore: Bool) {
    switch separator {
    case .none: break
    case .space: ops.append(.space)
    case .line: ops.append(.line(flat: " ", keepsBlank: isBlankBefore))
    case .softSpace: ops.append(.line(flat: " ", keepsBlank: false))
    case .softLine: ops.append(.line(flat: "", keepsBlank: false))
    case .hard: ops.append(.hard(keepsBlank: isBlankBefore))
    }
    separator = .none
  }

  /// Starts a group of breaks. What stands before the next token is outside of it.
  mutating func begin(isForced: Bool) {
    emitGap()
    commentedToken = cursor
    ops.append(.begin(isForced: isForced))
  }

  mutating func end() { ops.append(.end) }

  mutating func fail() { hasFailed = true }
}

extension SyntaxTree {
  /// Whether another tree says the same: the same nodes in the same order, the same names and the same values.
  func hasSameStructure(as other: SyntaxTree) -> Bool {
    guard !other.hasErrors, nodes.count == other.nodes.count, names.count == other.names.count else { return false }
    for index in nodes.indices {
      let node = NodeID(UInt32(index))
      guard nodes[index].kind == other.nodes[index].kind else { return false }
      switch nodes[index].kind {
      case .string: guard stringBytes(node) == other.stringBytes(node) else { return false }
      case .integer, .float, .name, .key: guard nodes[index].a == other.nodes[index].a else { return false }
      case .binary: guard binary(node).op == other.binary(node).op else { return false }
      default: break
      }
    }
    return true
  }
}
