// Patterns: those of `let`, parameters and loops must fit; those of `match` and `if let` are tried.

import ICSSyntax

extension Evaluator {
  /// Takes a value apart; E_MATCH or E_NULL when it does not fit.
  func bind(_ pattern: NodeID, to value: Value, _ scope: Scope) throws {
    switch tree.kind(of: pattern) {
    case .namePattern, .restPattern: scope.values[tree.name(of: pattern)] = value
    case .listPattern:
      guard case .list(let list) = value, fits(pattern, list.items.count) else { throw raise("E_MATCH") }
      let items = list.items
      for (index, part) in tree.patterns(of: pattern).enumerated() {
        let isRest = tree.kind(of: part) == .restPattern
        try bind(part, to: isRest ? .items(Array(items.dropFirst(index))) : items[index], scope)
      }
    case .mapPattern:
      guard case .map(let map) = value else { throw raise(value.isNull ? "E_NULL" : "E_MATCH") }
      for part in tree.patterns(of: pattern) {
        if tree.kind(of: part) == .restPattern {
          try bind(part, to: rest(of: map, without: pattern), scope)
        } else {
          let (key, inner, defaultValue) = tree.fieldPattern(part)
          if let found = map[.text(tree.keyText(key))] {
            try bind(inner, to: found, scope)
          } else {
            try bind(inner, to: defaultValue.isNone ? .null : try evaluate(defaultValue, scope), scope)
          }
        }
      }
    default: break
    }
  }

  /// Whether a value has the form of a pattern; binds the names in it on the way.
  func matches(_ pattern: NodeID, _ value: Value, _ scope: Scope) throws -> Bool {
    switch tree.kind(of: pattern) {
    case .literalPattern: return areEqual(value, try evaluate(tree.operand(of: pattern), scope))
    case .listPattern:
      guard case .list(let list) = value, fits(pattern, list.items.count) else { return false }
      for (index, part) in tree.patterns(of: pattern).enumerated() {
        let isRest = tree.kind(of: part) == .restPattern
        let item = isRest ? .items(Array(list.items.dropFirst(index))) : list.items[index]
        if try !matches(part, item, scope) { return false }
      }
      return true
    case .mapPattern:
      guard case .map(let map) = value else { return false }
      for part in tree.patterns(of: pattern) {
        if tree.kind(of: part) == .restPattern {
          try bind(part, to: rest(of: map, without: pattern), scope)
          continue
        }
        let (key, inner, defaultValue) = tree.fieldPattern(part)
        var found = map[.text(tree.keyText(key))]
        if found == nil && !defaultValue.isNone { found = try evaluate(defaultValue, scope) }
        guard let found, try matches(inner, found, scope) else { return false }
      }
      return true
    default:
      try bind(pattern, to: value, scope)
      return true
    }
  }

  private func fits(_ pattern: NodeID, _ count: Int) -> Bool {
    let parts = tree.patterns(of: pattern)
    let hasRest = parts.last.map { tree.kind(of: $0) == .restPattern } ?? false
    return hasRest ? count >= parts.count - 1 : count == parts.count
  }

  private func rest(of map: MapObject, without pattern: NodeID) -> Value {
    let taken = tree.patterns(of: pattern).filter { tree.kind(of: $0) == .fieldPattern }
      .map { Key.text(tree.keyText(tree.fieldPattern($0).key)) }
    return .map(MapObject(map.entries.filter { !taken.contains($0.0) }))
  }
}
