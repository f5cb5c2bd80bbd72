// `where` on a collection.

import ICSJSON
import ICSVM
import IntercomAPI
import IntercomCatalogue

/// `contacts where ...`: the condition as the compiler describes it, translated into a search.
enum CollectionQuery {
  /// The stream of the items that a condition finds. A collection that the API cannot search is listed as a whole: the
  /// library filters what `__where` gives by the same condition.
  static func stream(
    collection: String, condition: Value, connection: Connection, call: Call
  ) throws(Raised) -> Value {
    guard !Catalogue.shared.searchFields(of: collection).isEmpty else {
      guard let list = Catalogue.shared.operation(named: "\(collection).list"), list.paging != nil else {
        throw call.fail("E_QUERY", "'\(collection)' can be neither searched nor listed")
      }
      let request = try ConnectorCall.attempt(call) { () throws(APIError) in
        try IntercomClient.request(for: list)
      }
      return PageStream.make(request, connection: connection, vm: call.vm)
    }
    let wanted = try self.condition(condition, call)
    let request = try ConnectorCall.attempt(call) { () throws(APIError) in
      try SearchQuery(collection: collection, wanted).request(perPage: perPage)
    }
    return PageStream.make(request, connection: connection, vm: call.vm)
  }

  /// `["and", c...]`, `["or", c...]`, `["not", c]`, `[operator, path, value]` as a condition of the connector's.
  private static func condition(_ value: Value, _ call: Call, depth: Int = 0) throws(Raised) -> SearchCondition {
    guard depth < 100, value.isList, listCount(value.address) >= 2, listItems(value.address)[0].isString else {
      throw call.fail("E_QUERY", "this condition is nested too deeply for a search")
    }
    let items = listItems(value.address)
    let count = listCount(value.address)
    let word = swiftString(items[0].address)
    switch word {
    case "and", "or":
      var parts: [SearchCondition] = []
      for index in 1..<count { parts.append(try condition(items[index], call, depth: depth + 1)) }
      return word == "and" ? .and(parts) : .or(parts)
    case "not": return .not(try condition(items[1], call, depth: depth + 1))
    default:
      guard count == 3, items[1].isString, let comparison = operators[word] else {
        throw call.fail("E_QUERY", "'\(word)' is nothing that a search can do")
      }
      let right = try call.vm.jsonValue(of: items[2])
      return .comparison(field: swiftString(items[1].address), comparison, right)
    }
  }

  /// The most that the API gives at once: a search is read to its end more often than not.
  private static let perPage = 150

  private static let operators: [String: SearchOperator] = Dictionary(
    uniqueKeysWithValues: SearchOperator.allCases.map { ($0.spelling, $0) })
}
