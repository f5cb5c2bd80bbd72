import ICSDiagnostics
import ICSSyntax

/// The arguments of a call as they are written, in the order in which the connector's calls take them: named arguments
/// are one map at the end.
struct CallArguments {
  /// The positional ones.
  let nodes: [NodeID]
  private let named: LiteralValue?
  private let tree: SyntaxTree
  private var index = 0
  /// Whether a map at the end has given an id already.
  private var lastWithoutIDs: LiteralValue?

  /// Nil when it is not known how many arguments there are.
  init?(_ list: NodeList, of call: NodeID, in tree: SyntaxTree) {
    guard !list.contains(where: { tree.kind(of: $0) == .spread }) else { return nil }
    self.tree = tree
    nodes = list.filter { tree.kind(of: $0) != .namedArgument }
    let named = list.filter { tree.kind(of: $0) == .namedArgument }
    self.named = named.isEmpty ? nil : LiteralValue(arguments: named, span: tree.span(of: call), in: tree)
  }

  var count: Int { nodes.count + (named == nil ? 0 : 1) }

  /// The last argument, when it is a map that is written out.
  var last: LiteralValue? {
    if let lastWithoutIDs { return lastWithoutIDs }
    return named ?? (nodes.isEmpty ? nil : literal(nodes.count - 1))
  }

  /// A positional argument, when it is a map that is written out.
  func literal(_ index: Int) -> LiteralValue? {
    guard nodes.indices.contains(index) else { return nil }
    let value = LiteralValue(nodes[index], in: tree)
    return value.isMap ? value : nil
  }

  /// Passes an id over.
  ///
  /// - Returns: Whether it is known which argument is the id.
  mutating func takeID(_ name: String) -> Bool {
    guard index == count - 1 else {
      index += 1
      return index < count
    }
    guard var last else { return false }
    for key in [name, "id"] where last.remove(key) != nil {
      lastWithoutIDs = last
      return true
    }
    return false
  }

  /// The body, and whether it is the last argument, which has the options too.
  mutating func takeBody() -> (LiteralValue, isLast: Bool)? {
    guard index < count else { return nil }
    if index == count - 1 { return last.map { ($0, true) } }
    return literal(index).map { ($0, false) }
  }
}
