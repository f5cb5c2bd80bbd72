// `list where condition`.

import ICSSyntax

extension Evaluator {
  func query(_ node: NodeID, _ scope: Scope) throws -> Value {
    let (collection, condition) = tree.whereExpression(node)
    let items = try evaluate(collection, scope)
    // The right sides are evaluated once, before the first item, and for an empty list too.
    var values: [NodeID: Value] = [:]
    try collect(condition, scope, &values)
    guard case .list(let list) = items else { throw raise("E_TYPE") }
    return .items(try list.items.filter { try holds(condition, $0, values) })
  }

  private func collect(_ node: NodeID, _ scope: Scope, _ values: inout [NodeID: Value]) throws {
    switch tree.kind(of: node) {
    case .conditionAnd, .conditionOr:
      let (left, right) = tree.sides(of: node)
      try collect(left, scope, &values)
      try collect(right, scope, &values)
    case .conditionNot, .conditionGroup: try collect(tree.operand(of: node), scope, &values)
    default: values[node] = try evaluate(tree.binary(node).right, scope)
    }
  }

  private func holds(_ node: NodeID, _ item: Value, _ values: [NodeID: Value]) throws -> Bool {
    try step()
    switch tree.kind(of: node) {
    case .conditionAnd:
      let (left, right) = tree.sides(of: node)
      return try holds(left, item, values) && holds(right, item, values)
    case .conditionOr:
      let (left, right) = tree.sides(of: node)
      return try holds(left, item, values) || holds(right, item, values)
    case .conditionNot: return try !holds(tree.operand(of: node), item, values)
    case .conditionGroup: return try holds(tree.operand(of: node), item, values)
    default:
      let (op, path, _) = tree.binary(node)
      return try compare(op, field(path, of: item), values[node] ?? .null)
    }
  }

  private func field(_ path: NodeID, of item: Value) throws -> Value {
    var value = item
    for (index, segment) in tree.elements(of: path).enumerated() {
      let name = tree.keyText(segment)
      if index == 0 && name == "it" { continue }
      if value.isNull { return .null }
      value = try member(of: value, name)
    }
    return value
  }

  private func compare(_ op: Operator, _ field: Value, _ value: Value) throws -> Bool {
    switch op {
    case .equal, .notEqual, .in, .notIn: return try apply(op, field, value).isTrue
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return field.isNull || value.isNull ? false : try apply(op, field, value).isTrue
    default:
      if field.isNull || value.isNull { return false }
      if case .list(let list) = field, op == .contains || op == .notContains {
        return list.items.contains { areEqual($0, value) } == (op == .contains)
      }
      guard case .string(let text) = field, case .string(let part) = value else { throw raise("E_TYPE") }
      let (whole, wanted) = (folded(text), folded(part))
      switch op {
      case .contains: return firstIndex(of: wanted, in: whole) != nil
      case .notContains: return firstIndex(of: wanted, in: whole) == nil
      case .startsWith: return whole.starts(with: wanted)
      default: return whole.reversed().starts(with: wanted.reversed())
      }
    }
  }

  private func folded(_ text: Text) -> Text { Array(swiftText(text).lowercased().unicodeScalars) }
}
