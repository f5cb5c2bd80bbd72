// The operators: one row each, which the parser, the compiler, the formatter and the search read.

/// A binary operator of expressions, or a comparison of a `where` condition.
package enum Operator: UInt8, Sendable, CaseIterable {
  case add, subtract, multiply, divide, truncatingDivide, remainder
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case `in`, notIn
  case coalesce, or, and
  case halfOpenRange, closedRange
  /// Only in conditions.
  case contains, notContains, startsWith, endsWith
}

extension Operator {
  /// What is known about an operator.
  package struct Row: Sendable {
    /// The token that writes it.
    package let token: TokenKind
    /// As a script writes it.
    package let spelling: String
    /// How tightly it binds in an expression, 1 the loosest; 0 when it stands in conditions only.
    package let precedence: UInt8
    /// Whether two of one precedence may follow each other without parentheses.
    package let chains: Bool
    /// The kind of node that it makes.
    package let node: NodeKind
    /// Whether it compares a field in a condition.
    package let comparesFields: Bool
  }

  /// The operator's row.
  package var row: Row { Self.table[Int(rawValue)] }

  /// As a script writes it.
  @inlinable
  package var spelling: String { row.spelling }

  // INVARIANT: in the order of the cases.
  private static let table: [Row] = [
    Row(token: .plus, spelling: "+", precedence: 7, chains: true, node: .binary, comparesFields: false),
    Row(token: .minus, spelling: "-", precedence: 7, chains: true, node: .binary, comparesFields: false),
    Row(token: .star, spelling: "*", precedence: 8, chains: true, node: .binary, comparesFields: false),
    Row(token: .slash, spelling: "/", precedence: 8, chains: true, node: .binary, comparesFields: false),
    Row(token: .truncatingSlash, spelling: "~/", precedence: 8, chains: true, node: .binary, comparesFields: false),
    Row(token: .percent, spelling: "%", precedence: 8, chains: true, node: .binary, comparesFields: false),
    Row(token: .equal, spelling: "==", precedence: 4, chains: false, node: .binary, comparesFields: true),
    Row(token: .notEqual, spelling: "!=", precedence: 4, chains: false, node: .binary, comparesFields: true),
    Row(token: .less, spelling: "<", precedence: 5, chains: false, node: .binary, comparesFields: true),
    Row(token: .lessOrEqual, spelling: "<=", precedence: 5, chains: false, node: .binary, comparesFields: true),
    Row(token: .greater, spelling: ">", precedence: 5, chains: false, node: .binary, comparesFields: true),
    Row(token: .greaterOrEqual, spelling: ">=", precedence: 5, chains: false, node: .binary, comparesFields: true),
    Row(token: .in, spelling: "in", precedence: 5, chains: false, node: .binary, comparesFields: true),
    Row(token: .notIn, spelling: "!in", precedence: 5, chains: false, node: .binary, comparesFields: true),
    Row(token: .coalesce, spelling: "??", precedence: 1, chains: true, node: .coalesce, comparesFields: false),
    Row(token: .or, spelling: "||", precedence: 2, chains: true, node: .logicalOr, comparesFields: false),
    Row(token: .and, spelling: "&&", precedence: 3, chains: true, node: .logicalAnd, comparesFields: false),
    Row(token: .halfOpenRange, spelling: "..<", precedence: 6, chains: false, node: .range, comparesFields: false),
    Row(token: .ellipsis, spelling: "...", precedence: 6, chains: false, node: .range, comparesFields: false),
    Row(token: .contains, spelling: "~", precedence: 0, chains: false, node: .fieldComparison, comparesFields: true),
    Row(
      token: .notContains, spelling: "!~", precedence: 0, chains: false, node: .fieldComparison, comparesFields: true),
    Row(token: .startsWith, spelling: "^=", precedence: 0, chains: false, node: .fieldComparison, comparesFields: true),
    Row(token: .endsWith, spelling: "$=", precedence: 0, chains: false, node: .fieldComparison, comparesFields: true),
  ]

  /// What the parser asks for each token: a flat table, because it asks for nearly every one.
  struct Entry {
    var op: Operator?
    var precedence: UInt8
    var chains: Bool
    var node: NodeKind
  }

  /// The operator that a token is, by the token's kind; nil for every other token.
  package static func of(_ kind: TokenKind) -> Operator? { byToken[Int(kind.rawValue)].op }

  static let byToken: [Entry] = {
    var entries = [Entry](repeating: Entry(op: nil, precedence: 0, chains: true, node: .missing), count: 256)
    for op in Operator.allCases {
      let row = op.row
      entries[Int(row.token.rawValue)] = Entry(op: op, precedence: row.precedence, chains: row.chains, node: row.node)
    }
    return entries
  }()
}
