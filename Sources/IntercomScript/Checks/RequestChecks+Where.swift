import ICSDiagnostics
import ICSJSON
import ICSSyntax
import IntercomAPI
import IntercomCatalogue

extension RequestChecks {
  /// `contacts where ...`: what the API could not search for.
  mutating func checkWhere(_ node: NodeID) {
    let (object, condition) = tree.whereExpression(node)
    guard let collection = collection(tree.withoutParentheses(object)) else { return }
    guard !Catalogue.shared.searchFields(of: collection).isEmpty else {
      // It is listed, and filtered here; without a listing there is nothing to filter.
      let list = Catalogue.shared.operation(named: "\(collection).list")
      if list?.paging == nil {
        report(
          Finding(.unknownField, path: "", "can be neither searched nor listed"), at: tree.span(of: object),
          subject: "the search of \(collection)", code: .query)
      }
      return
    }
    var comparisons: [NodeID] = []
    let whole = self.condition(condition, of: collection, &comparisons)
    var isWrong = false
    for comparison in comparisons {
      let (value, isKnown) = rightSide(comparison, of: collection)
      let wrong = SearchQuery.findings(collection: collection, leaf(comparison, value)).filter {
        // What is compared with something computed may fit.
        isKnown || ($0.kind != .wrongType && $0.kind != .wrongValue)
      }
      for finding in wrong { report(finding, at: span(of: finding, comparison), subject: "this search", code: .query) }
      isWrong = isWrong || !wrong.isEmpty
    }
    guard !isWrong, let finding = SearchQuery.findings(collection: collection, whole).first,
      finding.kind == .tooComplex || finding.kind == .wrongOperator
    else { return }
    report(finding, at: tree.span(of: condition), subject: "this search", code: .query)
  }

  private func span(of finding: Finding, _ comparison: NodeID) -> Span {
    switch finding.kind {
    case .unknownField: tree.span(of: tree.binary(comparison).left)
    case .wrongOperator: tree.mainSpan(of: comparison)
    default: tree.span(of: tree.binary(comparison).right)
    }
  }

  /// A condition as the search sees it; what is computed is replaced by something that fits.
  private func condition(_ node: NodeID, of collection: String, _ comparisons: inout [NodeID]) -> SearchCondition {
    switch tree.kind(of: node) {
    case .conditionGroup: return condition(tree.operand(of: node), of: collection, &comparisons)
    case .conditionNot: return .not(condition(tree.operand(of: node), of: collection, &comparisons))
    case .conditionAnd, .conditionOr:
      let kind = tree.kind(of: node)
      var parts: [SearchCondition] = []
      // Chains lean to the left, and may be long.
      var left = node
      while tree.kind(of: left) == kind {
        let sides = tree.sides(of: left)
        parts.append(condition(sides.right, of: collection, &comparisons))
        left = sides.left
      }
      parts.append(condition(left, of: collection, &comparisons))
      return kind == .conditionAnd ? .and(parts.reversed()) : .or(parts.reversed())
    default:
      comparisons.append(node)
      return leaf(node, rightSide(node, of: collection).value)
    }
  }

  private func leaf(_ node: NodeID, _ value: JSONValue) -> SearchCondition {
    let spelling = tree.binary(node).op.spelling
    let comparison = SearchOperator.allCases.first { $0.spelling == spelling } ?? .equal
    return .comparison(field: path(tree.binary(node).left), comparison, value)
  }

  private func path(_ node: NodeID) -> String {
    var names = tree.elements(of: node).map { tree.keyText($0) }
    if names.first == "it" { names.removeFirst() }
    return names.joined(separator: ".")
  }

  /// What a field is compared with, or something that fits it when that is computed.
  private func rightSide(_ node: NodeID, of collection: String) -> (value: JSONValue, isKnown: Bool) {
    let (op, left, right) = tree.binary(node)
    let literal = LiteralValue(right, in: tree)
    if literal.isComplete { return (literal.json, true) }
    let name = path(left)
    let field = Catalogue.shared.searchFields(of: collection).first { $0.matches(name) }
    let sample: JSONValue =
      switch field?.types.first {
      case .integer, .date: 1
      case .float: 1.5
      case .boolean: true
      default: .string(field?.values.first ?? "x")
      }
    return (op == .in || op == .notIn ? [sample] : sample, false)
  }
}
