// The resolver's walk over expressions. Chains on the left side are followed by the loop, not by calls, because they
// may be a million nodes long; everything else nests at most `SyntaxTree.maximumDepth` deep.

import ICSSyntax

extension Resolver {
  mutating func expression(_ start: NodeID) {
    var node = start
    while true {
      switch tree.kind(of: node) {
      case .name:
        use(node)
        return
      case .binary, .logicalAnd, .logicalOr, .coalesce, .range:
        let (_, left, right) = tree.binary(node)
        expression(right)
        node = left
      case .call:
        let (callee, arguments) = tree.call(node)
        for argument in arguments { expression(argument) }
        node = callee
      case .member:
        if moduleMember(node) { return }
        node = tree.member(node).object
      case .optionalMember:
        node = tree.member(node).object
      case .index, .optionalIndex:
        let (object, index) = tree.index(node)
        expression(index)
        node = object
      case .parenthesized, .unary, .optionalChain, .spread, .computedKey:
        node = tree.operand(of: node)
      case .namedArgument:
        node = tree.namedArgument(node).value
      case .list, .map:
        for element in tree.elements(of: node) { expression(element) }
        return
      case .mapEntry:
        let (key, value) = tree.mapEntry(node)
        expression(key)
        node = value
      case .interpolation:
        for piece in tree.pieces(of: node) { expression(piece) }
        return
      case .lambda:
        lambda(node)
        return
      case .step:
        step(node)
        return
      case .ifExpression, .matchExpression, .tryExpression:
        expressionDepth += 1
        branching(node)
        expressionDepth -= 1
        return
      case .whereExpression:
        let (collection, condition) = tree.whereExpression(node)
        self.condition(condition)
        node = collection
      default:
        return
      }
    }
  }

  /// The right sides in a condition of `where`; the paths on the left are no names of the script.
  mutating func condition(_ start: NodeID) {
    var node = start
    while true {
      switch tree.kind(of: node) {
      case .fieldComparison:
        expression(tree.binary(node).right)
        return
      case .conditionAnd, .conditionOr:
        let (left, right) = tree.sides(of: node)
        condition(right)
        node = left
      case .conditionNot, .conditionGroup:
        node = tree.operand(of: node)
      default:
        return
      }
    }
  }
}
