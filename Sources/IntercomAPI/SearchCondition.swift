// A condition on the fields of an item, in no particular form.

import ICSJSON

/// A comparison of a field with a value.
public enum SearchOperator: String, Sendable, CaseIterable {
  /// The field has the value.
  case equal = "="
  /// The field has another value, or none.
  case notEqual = "!="
  /// The field is smaller; for dates, earlier.
  case less = "<"
  /// The field is smaller, or the same.
  case lessOrEqual = "<="
  /// The field is greater; for dates, later.
  case greater = ">"
  /// The field is greater, or the same.
  case greaterOrEqual = ">="
  /// The field has one of the values of a list.
  case isIn = "IN"
  /// The field has none of the values of a list.
  case isNotIn = "NIN"
  /// The text has the value in it.
  case contains = "~"
  /// The text does not have the value in it.
  case doesNotContain = "!~"
  /// The text begins with the value.
  case startsWith = "^"
  /// The text ends with the value.
  case endsWith = "$"
}

/// A condition, as a `where` has it. `SearchQuery` brings it into the API's form.
public indirect enum SearchCondition: Sendable, Hashable {
  /// All of them hold.
  case and([SearchCondition])
  /// One of them holds.
  case or([SearchCondition])
  /// It does not hold.
  case not(SearchCondition)
  /// The field is a path with dots: `custom_attributes.plan`.
  case comparison(field: String, SearchOperator, JSONValue)
}

extension SearchCondition {
  /// The condition with negations pushed into the comparisons, so that only `and`, `or` and comparisons are left.
  ///
  /// A comparison by order or by text does not hold for a missing field, so its negation holds for one: that is the
  /// `= null` beside it.
  ///
  /// - Throws: A finding for what has no opposite: the API cannot ask for "does not start with".
  func negationNormal(isNegated: Bool = false) throws(SearchFault) -> SearchCondition {
    switch self {
    case .and(let parts), .or(let parts):
      var normal: [SearchCondition] = []
      for part in parts { normal.append(try part.negationNormal(isNegated: isNegated)) }
      let isAnd = if case .and = self { true } else { false }
      return isAnd != isNegated ? .and(normal) : .or(normal)
    case .not(let inner): return try inner.negationNormal(isNegated: !isNegated)
    case .comparison(let field, let comparison, let value):
      guard isNegated else { return self }
      guard let opposite = comparison.opposite else {
        throw SearchFault(
          Finding(.wrongOperator, path: field, "'not \(comparison.spelling)' is nothing that the API can search for"))
      }
      let turned = SearchCondition.comparison(field: field, opposite, value)
      guard comparison.isFalseForMissing else { return turned }
      return .or([turned, .comparison(field: field, .equal, .null)])
    }
  }

  /// The condition without groups in groups of the same kind, and without groups of one.
  var flattened: SearchCondition {
    switch self {
    case .and(let parts):
      let flat = parts.map(\.flattened).flatMap { part in if case .and(let inner) = part { inner } else { [part] } }
      return flat.count == 1 ? flat[0] : .and(flat)
    case .or(let parts):
      let flat = parts.map(\.flattened).flatMap { part in if case .or(let inner) = part { inner } else { [part] } }
      return flat.count == 1 ? flat[0] : .or(flat)
    case .not, .comparison: return self
    }
  }

  /// How many groups stand in each other.
  var depth: Int {
    switch self {
    case .and(let parts), .or(let parts): 1 + (parts.map(\.depth).max() ?? 0)
    case .not(let inner): inner.depth
    case .comparison: 0
    }
  }

  /// The condition as a group of groups of comparisons: an "or" of "and"s, or the other way round.
  ///
  /// - Returns: `nil` when it would have more groups than fit.
  func twoLevels(outerIsOr: Bool, maximumGroups: Int) -> [[SearchCondition]]? {
    switch self {
    case .comparison: return [[self]]
    case .not: return nil
    case .or(let parts), .and(let parts):
      let isOr = if case .or = self { true } else { false }
      let groups = parts.map { $0.twoLevels(outerIsOr: outerIsOr, maximumGroups: maximumGroups) }
      var known: [[[SearchCondition]]] = []
      for group in groups {
        guard let group else { return nil }
        known.append(group)
      }
      if isOr == outerIsOr {
        let joined = known.flatMap(\.self)
        return joined.count <= maximumGroups ? joined : nil
      }
      var product: [[SearchCondition]] = [[]]
      for group in known {
        // Checked before multiplying: a condition that blows up must not cost more than the check.
        guard product.count * group.count <= maximumGroups else { return nil }
        product = product.flatMap { left in group.map { right in left + right.filter { !left.contains($0) } } }
      }
      return product
    }
  }
}

extension SearchOperator {
  /// The operator that holds where this one does not, for a field that is there.
  var opposite: SearchOperator? {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    case .isIn: .isNotIn
    case .isNotIn: .isIn
    case .contains: .doesNotContain
    case .doesNotContain: .contains
    case .startsWith, .endsWith: nil
    }
  }

  /// Whether a missing field or null fulfils neither this nor its opposite.
  var isFalseForMissing: Bool {
    switch self {
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .contains, .doesNotContain, .startsWith, .endsWith: true
    case .equal, .notEqual, .isIn, .isNotIn: false
    }
  }

  /// The operator as a script writes it.
  public var spelling: String {
    switch self {
    case .equal: "=="
    case .isIn: "in"
    case .isNotIn: "!in"
    case .startsWith: "^="
    case .endsWith: "$="
    default: rawValue
    }
  }
}

/// A search that the API cannot do.
struct SearchFault: Error {
  let findings: [Finding]

  init(_ findings: Finding...) { self.findings = findings }
  init(_ findings: [Finding]) { self.findings = findings }
}
