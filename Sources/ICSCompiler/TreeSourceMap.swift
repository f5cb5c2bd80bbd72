// Places for the words of a program, from the tree that it was compiled from: nothing is stored but a number for each
// word, the node and two bits.

import ICSDiagnostics
import ICSSyntax
import ICSVM

/// Which part of a node a word belongs to: the lower two bits of a site number.
enum SitePart: UInt32 {
  case standard = 0
  /// The keyword at its start.
  case head = 1
}

/// Keeps the tree, and looks places up when an error is made.
struct TreeSourceMap: SourceMap {
  let tree: SyntaxTree

  func site(_ number: UInt32) -> Site {
    let node = NodeID(number >> 2)
    guard !node.isNone, Int(node.rawValue) < tree.nodes.count else { return Site(span: .zero) }
    if number & 3 == SitePart.head.rawValue { return headSite(node) }
    let span = tree.span(of: node)
    switch tree.kind(of: node) {
    case .member, .optionalMember:
      return Site(span: tree.mainSpan(of: node), subject: tree.span(of: tree.member(node).object))
    case .index, .optionalIndex:
      let (object, index) = tree.index(node)
      let subject = tree.span(of: object)
      return Site(
        span: span, subject: subject, second: tree.span(of: index), access: Span(start: subject.end, end: span.end))
    case .call: return callSite(node, span)
    case .binary, .logicalAnd, .logicalOr, .coalesce, .range, .fieldComparison:
      let (_, left, right) = tree.binary(node)
      return Site(span: span, subject: tree.span(of: left), second: tree.span(of: right))
    case .unary, .spread, .throwStatement, .waitStatement:
      return Site(span: span, subject: tree.span(of: tree.operand(of: node)))
    case .assignment:
      let (_, target, value) = tree.assignment(node)
      return Site(span: span, subject: tree.span(of: target), second: tree.span(of: value))
    case .variable:
      let (_, pattern, value) = tree.variable(node)
      return Site(span: tree.span(of: pattern), subject: tree.span(of: value))
    case .forLoop: return Site(span: tree.span(of: tree.forLoop(node).sequence))
    case .whereExpression:
      return Site(span: span, subject: tree.span(of: tree.whereExpression(node).collection))
    case .matchExpression:
      let subject = tree.span(of: tree.matchExpression(node).subject)
      return Site(span: subject, subject: subject)
    case .function, .step, .onHook, .everyHook, .whileLoop, .ifExpression, .tryExpression, .program:
      return headSite(node)
    default: return Site(span: span)
    }
  }

  /// A method call points at the whole call, with the receiver as its subject and the method's name as its access.
  private func callSite(_ node: NodeID, _ span: Span) -> Site {
    let callee = tree.call(node).callee
    switch tree.kind(of: callee) {
    case .member, .optionalMember:
      let name = tree.mainSpan(of: callee)
      return Site(span: span, subject: tree.span(of: tree.member(callee).object), second: name, access: name)
    default: return Site(span: span, subject: tree.span(of: callee))
    }
  }

  private func headSite(_ node: NodeID) -> Site { Site(span: tree.mainSpan(of: node)) }
}
