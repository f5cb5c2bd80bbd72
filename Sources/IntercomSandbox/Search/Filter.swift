// The search language: from JSON to a tree of filters, with its limits.

import ICSJSON

/// A search's condition.
indirect enum Filter {
  /// All of the filters (`AND`) or one of them (`OR`).
  case group(isAll: Bool, [Filter])
  case leaf(field: String, operator: Operator, value: JSONValue)

  /// The operators, as they are written.
  enum Operator: String {
    case equal = "=", notEqual = "!=", isIn = "IN", notIn = "NIN"
    case greater = ">", less = "<", greaterOrEqual = ">=", lessOrEqual = "<="
    case contains = "~", containsNot = "!~", starts = "^", ends = "$"

    /// The operator that this one negates, if it does.
    var negated: Operator? {
      switch self {
      case .notEqual: .equal
      case .notIn: .isIn
      case .containsNot: .contains
      default: nil
      }
    }
  }

  /// Groups within groups.
  static let maximumDepth = 2
  /// Filters in one group.
  static let maximumGroupSize = 15

  /// Reads a search's `query`.
  init(_ value: JSONValue?, depth: Int = 0) throws(Failure) {
    guard case .object(let object)? = value else { throw .invalid("query must be an object", field: "query") }
    guard let word = object["operator"]?.stringValue else {
      throw .invalid("a filter needs an operator", field: "operator")
    }
    if object["field"] == nil, word == "AND" || word == "OR" {
      guard case .array(let items)? = object["value"] else {
        throw .invalid("the value of \(word) must be an array of filters", field: "value")
      }
      guard depth < Self.maximumDepth else { throw .invalid("filters can be nested at most 2 levels deep") }
      guard !items.isEmpty else { throw .invalid("\(word) needs at least one filter", field: "value") }
      guard items.count <= Self.maximumGroupSize else { throw .invalid("a group can hold at most 15 filters") }
      var filters: [Filter] = []
      for item in items { filters.append(try Filter(item, depth: depth + 1)) }
      self = .group(isAll: word == "AND", filters)
      return
    }
    guard let field = object["field"]?.stringValue else {
      throw .invalid("a filter needs a field", field: "field")
    }
    guard let found = Operator(rawValue: word) else {
      throw .invalid("\(word) is not an operator", field: "operator")
    }
    guard let operand = object["value"] else { throw .invalid("a filter needs a value", field: "value") }
    self = .leaf(field: field, operator: found, value: operand)
  }
}
