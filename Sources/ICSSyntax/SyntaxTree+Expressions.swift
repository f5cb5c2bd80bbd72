// What the fields of expressions mean, as named tuples. Each function takes a node of the kind that it names.

import ICSDiagnostics

extension SyntaxTree {
  // MARK: Literals

  /// The value of an `integer`.
  @inlinable
  package func integerValue(_ node: NodeID) -> Int { Int(Int64(bitPattern: bits(node))) }

  /// The value of a `float`.
  @inlinable
  package func floatValue(_ node: NodeID) -> Double { Double(bitPattern: bits(node)) }

  @inlinable
  func bits(_ node: NodeID) -> UInt64 {
    let it = self[node]
    return UInt64(it.b) << 32 | UInt64(it.a)
  }

  /// The UTF-8 of a `string`, escapes resolved and indentation taken off.
  @inlinable
  package func stringBytes(_ node: NodeID) -> ArraySlice<UInt8> {
    let it = self[node]
    let start = Int(it.a & 0x7FFF_FFFF)
    let range = start..<start + Int(it.b)
    return it.a & 0x8000_0000 == 0 ? source.bytes[range] : decodedText[range]
  }

  /// The value of a `string`.
  @inlinable
  package func stringValue(_ node: NodeID) -> String { String(decoding: stringBytes(node), as: UTF8.self) }

  /// The pieces of an `interpolation`: `string` nodes are text, all others expressions.
  @inlinable
  package func pieces(of node: NodeID) -> NodeList { list(self[node].a) }

  /// The elements of a `list`, the entries of a `map`, the segments of a `fieldPath`.
  @inlinable
  package func elements(of node: NodeID) -> NodeList { list(self[node].a) }

  /// `key: value` in a map.
  @inlinable
  package func mapEntry(_ node: NodeID) -> (key: NodeID, value: NodeID) {
    let it = self[node]
    return (NodeID(it.a), NodeID(it.b))
  }

  /// The name of a `name`, `namePattern`, `restParameter` or `restPattern` (canonical: one id for one variable name),
  /// or of a `key` (as spelled: keys are not normalised).
  @inlinable
  package func name(of node: NodeID) -> NameID { NameID(self[node].a) }

  /// The text of a `key` or `string` node that stands for a key.
  @inlinable
  package func keyText(_ node: NodeID) -> String {
    kind(of: node) == .key ? name(name(of: node)) : stringValue(node)
  }

  @inlinable
  func canonicalName(ofToken index: TokenIndex) -> NameID {
    let token = tokens[Int(index)]
    // After an error a declaration may lack its name.
    return token.kind.isNameLike ? names.canonical(NameID(token.value)) : .underscore
  }

  // MARK: Operators

  /// A `binary`, `logicalAnd`, `logicalOr`, `coalesce`, `range` or `fieldComparison` (`left` is then the path).
  @inlinable
  package func binary(_ node: NodeID) -> (op: Operator, left: NodeID, right: NodeID) {
    let it = self[node]
    return (Operator.of(tokens[Int(it.token)].kind) ?? .add, NodeID(it.a), NodeID(it.b))
  }

  /// Whether a `unary` is `!`; else it is `-`.
  @inlinable
  package func isNot(_ node: NodeID) -> Bool { tokens[Int(self[node].token)].kind == .not }

  /// The two sides of a `conditionAnd` or `conditionOr`.
  @inlinable
  package func sides(of node: NodeID) -> (left: NodeID, right: NodeID) {
    let it = self[node]
    return (NodeID(it.a), NodeID(it.b))
  }

  /// A node without the parentheses around it.
  @inlinable
  package func withoutParentheses(_ node: NodeID) -> NodeID {
    var node = node
    while kind(of: node) == .parenthesized { node = NodeID(self[node].a) }
    return node
  }

  // MARK: Postfix

  /// `callee(arguments)`.
  @inlinable
  package func call(_ node: NodeID) -> (callee: NodeID, arguments: NodeList) {
    let it = self[node]
    return (NodeID(it.a), list(it.b))
  }

  /// `name: value` in a call.
  @inlinable
  package func namedArgument(_ node: NodeID) -> (name: NameID, value: NodeID) {
    let it = self[node]
    return (NameID(it.a), NodeID(it.b))
  }

  /// A `member` or `optionalMember`.
  @inlinable
  package func member(_ node: NodeID) -> (object: NodeID, name: NameID) {
    let it = self[node]
    return (NodeID(it.a), NameID(it.b))
  }

  /// An `index` or `optionalIndex`.
  @inlinable
  package func index(_ node: NodeID) -> (object: NodeID, index: NodeID) {
    let it = self[node]
    return (NodeID(it.a), NodeID(it.b))
  }

  // MARK: Expressions with bodies

  /// `parameters => body`.
  @inlinable
  package func lambda(_ node: NodeID) -> (parameters: NodeList, body: NodeID) {
    let it = self[node]
    return (list(it.a), NodeID(it.b))
  }

  /// `otherwise` may be none.
  @inlinable
  package func ifExpression(_ node: NodeID) -> (branches: NodeList, otherwise: NodeID) {
    let it = self[node]
    return (list(it.a), NodeID(it.b))
  }

  /// The condition and the body of an `if`.
  @inlinable
  package func ifBranch(_ node: NodeID) -> (condition: NodeID, body: NodeID) {
    let it = self[node]
    return (NodeID(it.a), NodeID(it.b))
  }

  /// The parts of an `if let`.
  @inlinable
  package func ifLetBranch(_ node: NodeID) -> (pattern: NodeID, value: NodeID, body: NodeID) {
    let a = self[node].a
    return (field(a, 0), field(a, 1), field(a, 2))
  }

  /// `match subject { arms }`.
  @inlinable
  package func matchExpression(_ node: NodeID) -> (subject: NodeID, arms: NodeList) {
    let it = self[node]
    return (NodeID(it.a), list(it.b))
  }

  /// `condition`, the guard, may be none. `body` is a `block`, an expression or another simple statement.
  @inlinable
  package func matchArm(_ node: NodeID) -> (patterns: NodeList, condition: NodeID, body: NodeID) {
    let it = self[node]
    return (list(it.a), field(it.b, 0), field(it.b, 1))
  }

  /// All but `body` may be none.
  @inlinable
  package func tryExpression(
    _ node: NodeID
  ) -> (body: NodeID, catchPattern: NodeID, catchBody: NodeID, finallyBody: NodeID) {
    let a = self[node].a
    return (field(a, 0), field(a, 1), field(a, 2), field(a, 3))
  }

  /// `step name, options { body }`.
  @inlinable
  package func step(_ node: NodeID) -> (name: NodeID, options: NodeList, body: NodeID) {
    let a = self[node].a
    return (field(a, 0), list(extra[Int(a) + 1]), field(a, 2))
  }

  /// `collection where condition`.
  @inlinable
  package func whereExpression(_ node: NodeID) -> (collection: NodeID, condition: NodeID) {
    let it = self[node]
    return (NodeID(it.a), NodeID(it.b))
  }

  // MARK: Patterns

  /// The patterns of a `listPattern`, or the fields of a `mapPattern`; a `restPattern` may be the last.
  @inlinable
  package func patterns(of node: NodeID) -> NodeList { list(self[node].a) }

  /// `key` is a `key` or a `string`; `defaultValue` may be none.
  @inlinable
  package func fieldPattern(_ node: NodeID) -> (key: NodeID, pattern: NodeID, defaultValue: NodeID) {
    let it = self[node]
    return (NodeID(it.a), field(it.b, 0), field(it.b, 1))
  }
}
