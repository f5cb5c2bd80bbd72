// What the fields of statements mean, as named tuples. Each function takes a node of the kind that it names.

import ICSDiagnostics

extension SyntaxTree {
  /// The statements of a `program` or `block`.
  @inlinable
  package func statements(of node: NodeID) -> NodeList { list(self[node].a) }

  /// `let` and `var`.
  @inlinable
  package func variable(_ node: NodeID) -> (isVar: Bool, pattern: NodeID, value: NodeID) {
    let it = self[node]
    return (tokens[Int(it.token)].kind == .var, NodeID(it.a), NodeID(it.b))
  }

  /// Whether a `variable` or a `function` is exported.
  @inlinable
  package func isExported(_ node: NodeID) -> Bool { tokens[Int(self[node].first)].kind == .export }

  /// `fn`; the name's own span is `mainSpan(of:)`.
  @inlinable
  package func function(_ node: NodeID) -> (name: NameID, parameters: NodeList, body: NodeID) {
    let it = self[node]
    return (canonicalName(ofToken: it.token), list(it.a), NodeID(it.b))
  }

  /// A `parameter`.
  @inlinable
  package func parameter(_ node: NodeID) -> (pattern: NodeID, defaultValue: NodeID) {
    let it = self[node]
    return (NodeID(it.a), NodeID(it.b))
  }

  /// `import "path" as name`.
  @inlinable
  package func importModule(_ node: NodeID) -> (path: NodeID, name: NodeID) {
    let it = self[node]
    return (NodeID(it.a), NodeID(it.b))
  }

  /// `import { ... } from "path"`.
  @inlinable
  package func importNames(_ node: NodeID) -> (names: NodeList, path: NodeID) {
    let it = self[node]
    return (list(it.a), NodeID(it.b))
  }

  /// One name of an import: what it is called there, and the `namePattern` of what it is called here.
  @inlinable
  package func importedName(_ node: NodeID) -> (name: NameID, local: NodeID) {
    let it = self[node]
    return (NameID(it.a), NodeID(it.b))
  }

  /// `for pattern in sequence { body }`.
  @inlinable
  package func forLoop(_ node: NodeID) -> (pattern: NodeID, sequence: NodeID, body: NodeID) {
    let a = self[node].a
    return (field(a, 0), field(a, 1), field(a, 2))
  }

  /// `while condition { body }`.
  @inlinable
  package func whileLoop(_ node: NodeID) -> (condition: NodeID, body: NodeID) {
    let it = self[node]
    return (NodeID(it.a), NodeID(it.b))
  }

  /// The value of a `returnStatement` (may be none), `throwStatement`, `waitStatement`, `spread`, `unary`,
  /// `parenthesized`, `computedKey`, `optionalChain`, `literalPattern`, `conditionNot` or `conditionGroup`.
  @inlinable
  package func operand(of node: NodeID) -> NodeID { NodeID(self[node].a) }

  /// An `assignment`. `op` is nil for a plain `=`; `??=` is `.coalesce`.
  package func assignment(_ node: NodeID) -> (op: Operator?, target: NodeID, value: NodeID) {
    let it = self[node]
    let op: Operator?
    switch tokens[Int(it.token)].kind {
    case .addAssign: op = .add
    case .subtractAssign: op = .subtract
    case .multiplyAssign: op = .multiply
    case .divideAssign: op = .divide
    case .remainderAssign: op = .remainder
    case .coalesceAssign: op = .coalesce
    default: op = nil
    }
    return (op, NodeID(it.a), NodeID(it.b))
  }

  /// An `onHook`. `event` is a `topic` or a string; all others but `body` may be none.
  package func onHook(
    _ node: NodeID
  ) -> (event: NodeID, name: NodeID, condition: NodeID, item: NodeID, notification: NodeID, body: NodeID) {
    let a = self[node].a
    return (field(a, 0), field(a, 1), field(a, 2), field(a, 3), field(a, 4), field(a, 5))
  }

  /// The text of a `topic`: `contact.user.created`.
  package func topicText(_ node: NodeID) -> String {
    let it = self[node]
    return (it.first...it.last).map { source.text(in: span(ofToken: $0)) }.joined()
  }

  /// An `everyHook`; `name` may be none.
  package func everyHook(_ node: NodeID) -> (schedule: NodeID, options: NodeList, name: NodeID, body: NodeID) {
    let a = self[node].a
    return (field(a, 0), list(extra[Int(a) + 1]), field(a, 2), field(a, 3))
  }
}
