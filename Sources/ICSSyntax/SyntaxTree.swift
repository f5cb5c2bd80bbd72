// The syntax tree: flat arrays of tokens and nodes, immutable once parsed. A node is a number, so building a tree
// is appending, releasing it frees a handful of arrays, and no depth of nesting can overflow a stack on the way.

import ICSDiagnostics

/// A node of a `SyntaxTree`; meaningful only together with its tree.
package struct NodeID: Hashable, Sendable {
  /// The node's index in `SyntaxTree.nodes`.
  package let rawValue: UInt32

  /// The node with an index.
  @inlinable
  package init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// No node: an `else` that is not there.
  @inlinable
  package static var none: NodeID { NodeID(0) }

  /// Whether it stands for a part that is left out.
  @inlinable
  package var isNone: Bool { rawValue == 0 }
}

/// One node. What `a` and `b` hold is said at its `NodeKind`.
package struct Node: Sendable {
  /// What the node is; its row says what `a` and `b` are.
  package var kind: NodeKind
  /// The main token: where a diagnostic about the node as such points.
  package var token: TokenIndex
  /// The first and the last token that belong to the node.
  package var first: TokenIndex
  /// The last token that belongs to it.
  package var last: TokenIndex
  /// A part, as the row of the kind says: a node, a list of nodes, a name.
  package var a: UInt32
  /// Another part.
  package var b: UInt32

  /// A node over the tokens `first ... last`.
  @inlinable
  package init(kind: NodeKind, token: TokenIndex, first: TokenIndex, last: TokenIndex, a: UInt32, b: UInt32) {
    self.kind = kind
    self.token = token
    self.first = first
    self.last = last
    self.a = a
    self.b = b
  }
}

/// The children of a node that has any number of them.
package struct NodeList: RandomAccessCollection, Sendable {
  @usableFromInline let extra: [UInt32]
  @usableFromInline let base: Int
  /// How many nodes there are.
  package let endIndex: Int

  /// The list that begins at an index of `SyntaxTree.extra`.
  @inlinable
  package init(_ extra: [UInt32], at index: UInt32) {
    self.extra = extra
    self.base = Int(index) + 1
    self.endIndex = Int(extra[Int(index)])
  }

  /// Always 0.
  @inlinable
  package var startIndex: Int { 0 }

  /// A child by its place.
  @inlinable
  package subscript(position: Int) -> NodeID { NodeID(extra[base + position]) }
}

/// A parsed source file, whole even when it has errors.
///
/// `SyntaxTree.parse(_:)` makes one. With errors among `diagnostics` the tree has `missing` nodes and must not be
/// compiled; the formatter and the prompt may still read it.
package final class SyntaxTree: Sendable {
  /// What was parsed.
  package let source: SourceFile
  /// In order of the text; the last is `endOfFile`.
  package let tokens: [Token]
  /// Children come before their parents; index 0 stands for `NodeID.none`.
  package let nodes: [Node]
  /// The lists and records that nodes refer to.
  package let extra: [UInt32]
  /// The names of the source.
  package let names: NameTable
  /// The decoded text of strings that are not simply a piece of the source.
  package let decodedText: [UInt8]
  /// The node of the whole program.
  package let root: NodeID
  /// In order of the text, at most `maximumErrors` errors. Warnings among them have the severity `warning`.
  package let diagnostics: [Diagnostic]
  /// Whether any of `diagnostics` is an error.
  package let hasErrors: Bool
  /// Whether there are errors and all are at the end of the text: more lines may mend them. The prompt asks.
  package let isIncomplete: Bool

  init(
    source: SourceFile, tokens: [Token], nodes: [Node], extra: [UInt32], names: NameTable, decodedText: [UInt8],
    root: NodeID, diagnostics: [Diagnostic], isIncomplete: Bool
  ) {
    self.source = source
    self.tokens = tokens
    self.nodes = nodes
    self.extra = extra
    self.names = names
    self.decodedText = decodedText
    self.root = root
    self.diagnostics = diagnostics
    self.hasErrors = diagnostics.contains { $0.severity == .error }
    self.isIncomplete = isIncomplete
  }

  // MARK: Any node

  /// A node's fields.
  @inlinable
  package subscript(node: NodeID) -> Node { nodes[Int(node.rawValue)] }

  /// What a node is.
  @inlinable
  package func kind(of node: NodeID) -> NodeKind { nodes[Int(node.rawValue)].kind }

  /// The exact bytes of a node, from its first token to its last.
  @inlinable
  package func span(of node: NodeID) -> Span {
    let node = nodes[Int(node.rawValue)]
    return Span(start: tokens[Int(node.first)].start, end: tokens[Int(node.last)].end)
  }

  /// The span of a node's main token: the operator of a `binary`, the name of a `member`.
  @inlinable
  package func mainSpan(of node: NodeID) -> Span { span(ofToken: nodes[Int(node.rawValue)].token) }

  /// Where a token stands.
  @inlinable
  package func span(ofToken index: TokenIndex) -> Span {
    let token = tokens[Int(index)]
    return Span(start: token.start, end: token.end)
  }

  /// The text of a node as it is written.
  package func text(of node: NodeID) -> String { source.text(in: span(of: node)) }

  /// The text of a name.
  @inlinable
  package func name(_ id: NameID) -> String { names[id] }

  @inlinable
  func field(_ index: UInt32, _ offset: Int) -> NodeID { NodeID(extra[Int(index) + offset]) }

  @inlinable
  func list(_ index: UInt32) -> NodeList { NodeList(extra, at: index) }
}
