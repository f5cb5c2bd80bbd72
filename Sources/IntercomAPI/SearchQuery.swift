// The API's search language.

import ICSJSON
import IntercomCatalogue

/// A search in the form that the API takes: groups of groups of filters, two levels deep, fifteen to a group.
public struct SearchQuery: Sendable {
  /// `contacts`, `conversations` or `tickets`.
  public let collection: String
  /// The filter: `{field, operator, value}`, or `{operator: "AND" | "OR", value: [...]}`.
  public let filter: JSONValue

  /// Brings a condition into the API's form.
  ///
  /// - Throws: `E_QUERY` with a finding for each field that cannot be searched, operator that a field does not take or
  ///   value of another type; or for a condition that does not fit into the API's limits.
  public init(collection: String, _ condition: SearchCondition) throws(APIError) {
    self.collection = collection
    do throws(SearchFault) {
      filter = try SearchTranslator(collection: collection).filter(for: condition)
    } catch {
      throw .findings(error.findings, code: .query, subject: "the search of \(collection)")
    }
  }

  /// What is wrong with a condition; empty when it can be searched for. For checks that send nothing.
  public static func findings(collection: String, _ condition: SearchCondition) -> [Finding] {
    do throws(APIError) {
      _ = try SearchQuery(collection: collection, condition)
      return []
    } catch {
      return error.findings
    }
  }

  /// What is wrong with a search in the API's own form; empty when it can be sent. For checks that send nothing.
  public static func findings(collection: String, body: JSONValue) -> [Finding] {
    do throws(APIError) {
      _ = try request(collection: collection, body: body)
      return []
    } catch {
      return error.findings
    }
  }

  /// The request for the first page.
  ///
  /// - Parameters:
  ///   - sort: A field and whether it ascends; `nil` for the API's own order.
  ///   - perPage: How many items a page has, 1...150; `nil` for the API's own size.
  public func request(sort: (field: String, ascending: Bool)? = nil, perPage: Int? = nil) -> APIRequest {
    var body: JSONObject = ["query": filter]
    if let sort {
      body["sort"] = ["field": .string(sort.field), "order": sort.ascending ? "ascending" : "descending"]
    }
    if let perPage { body["pagination"] = ["per_page": .int(perPage)] }
    return APIRequest("POST", "/\(collection)/search", body: .object(body))
  }

  /// The request for a search in the API's own form.
  ///
  /// - Parameters:
  ///   - collection: Such as `contacts`.
  ///   - body: `{query, sort, pagination}`, or a filter alone.
  /// - Throws: `E_QUERY` when the API could not do it.
  public static func request(collection: String, body: JSONValue) throws(APIError) -> APIRequest {
    let whole: JSONValue = body["query"] == nil && body["operator"] != nil ? ["query": body] : body
    guard let filter = whole["query"] else {
      let missing = Finding(.missingField, path: "query", "is missing")
      throw .findings([missing], code: .query, subject: "the search of \(collection)")
    }
    let findings = SearchTranslator(collection: collection).findings(inFilter: filter, at: "query", level: 0)
    if !findings.isEmpty { throw .findings(findings, code: .query, subject: "the search of \(collection)") }
    return APIRequest("POST", "/\(collection)/search", body: whole)
  }
}

/// Knows what one collection can be searched for.
struct SearchTranslator {
  private let collection: String
  private let fields: [SearchField]
  private let maximumFilters = Catalogue.shared.maximumSearchFilters
  private let maximumNesting = Catalogue.shared.maximumSearchNesting

  init(collection: String) {
    self.collection = collection
    fields = Catalogue.shared.searchFields(of: collection)
  }

  /// The filter for a condition.
  func filter(for condition: SearchCondition) throws(SearchFault) -> JSONValue {
    guard !fields.isEmpty else {
      throw SearchFault(
        Finding(
          .unknownField, path: "", "\(collection) cannot be searched",
          candidates: NearestNames.of(collection, among: Catalogue.shared.searchableCollections)))
    }
    let normal = try condition.negationNormal()
    var findings: [Finding] = []
    let expressed = express(normal, findings: &findings)
    guard findings.isEmpty else { throw SearchFault(findings) }
    return try arrange(expressed.flattened)
  }

  /// Replaces each comparison by what the API has for it, and collects what it has nothing for.
  private func express(_ condition: SearchCondition, findings: inout [Finding]) -> SearchCondition {
    switch condition {
    case .and(let parts): return .and(parts.map { express($0, findings: &findings) })
    case .or(let parts): return .or(parts.map { express($0, findings: &findings) })
    case .not: return condition
    case .comparison(let name, let comparison, let value):
      guard let field = field(named: name, findings: &findings) else { return condition }
      if let expressed = express(name, comparison, value, field) {
        findings += checkValue(value, comparison, of: field, path: name)
        return expressed
      }
      let known = field.operators.compactMap { SearchOperator(rawValue: $0)?.spelling }.joined(separator: " ")
      findings.append(
        Finding(.wrongOperator, path: name, "cannot be searched by '\(comparison.spelling)'; it takes \(known)"))
      return condition
    }
  }

  /// A comparison in the operators that a field takes; `nil` when there is no way.
  private func express(
    _ name: String, _ comparison: SearchOperator, _ value: JSONValue, _ field: SearchField
  ) -> SearchCondition? {
    let condition = SearchCondition.comparison(field: name, comparison, value)
    if field.operators.contains(comparison.rawValue) { return condition }
    func isTaken(_ comparison: SearchOperator) -> Bool { field.operators.contains(comparison.rawValue) }
    switch comparison {
    // "At least" is "more, or the same" where a field has no operator of its own for it.
    case .lessOrEqual where isTaken(.less) && isTaken(.equal):
      return .or([.comparison(field: name, .less, value), .comparison(field: name, .equal, value)])
    case .greaterOrEqual where isTaken(.greater) && isTaken(.equal):
      return .or([.comparison(field: name, .greater, value), .comparison(field: name, .equal, value)])
    // A list that a field does not take is compared one by one.
    case .isIn where isTaken(.equal):
      return .or((value.arrayValue ?? []).map { .comparison(field: name, .equal, $0) })
    case .isNotIn where isTaken(.notEqual):
      return .and((value.arrayValue ?? []).map { .comparison(field: name, .notEqual, $0) })
    // Dates know no inequality, and none is before 1970: any day is that day or a later one.
    case .notEqual where isTaken(.equal) && isTaken(.greater) && value.isNull:
      return .or([.comparison(field: name, .greater, 0), .comparison(field: name, .equal, 0)])
    // "Not that day" is "before or after it".
    case .notEqual where isTaken(.less) && isTaken(.greater) && !value.isNull:
      return .or([
        .comparison(field: name, .less, value), .comparison(field: name, .greater, value),
        .comparison(field: name, .equal, .null),
      ])
    default: return nil
    }
  }

  /// Brings a condition into groups that fit, unchanged where it can be.
  private func arrange(_ condition: SearchCondition) throws(SearchFault) -> JSONValue {
    let merged = merge(condition)
    if merged.depth <= maximumNesting, let whole = json(merged, level: 0) { return whole }
    let limit = maximumFilters * maximumFilters
    for outerIsOr in [true, false] {
      guard let groups = condition.twoLevels(outerIsOr: outerIsOr, maximumGroups: limit) else { continue }
      let inner = groups.map { $0.count == 1 ? $0[0] : outerIsOr ? SearchCondition.and($0) : .or($0) }
      let rebuilt = merge((outerIsOr ? SearchCondition.or(inner) : .and(inner)).flattened)
      if rebuilt.depth <= maximumNesting, let whole = json(rebuilt, level: 0) { return whole }
    }
    throw SearchFault(
      Finding(
        .tooComplex, path: "",
        "the condition does not fit into \(maximumNesting) levels of at most \(maximumFilters) filters; search for"
          + " a part of it and filter the rest with a list's own 'where'"))
  }

  /// Equalities of one field in an "or" become one list, and inequalities in an "and": fifteen filters are few.
  private func merge(_ condition: SearchCondition) -> SearchCondition {
    switch condition {
    case .or(let parts): .or(mergeLists(parts.map(merge), single: .equal, list: .isIn)).flattened
    case .and(let parts): .and(mergeLists(parts.map(merge), single: .notEqual, list: .isNotIn)).flattened
    default: condition
    }
  }

  private func mergeLists(
    _ parts: [SearchCondition], single: SearchOperator, list: SearchOperator
  ) -> [SearchCondition] {
    guard parts.count > maximumFilters else { return parts }
    var values: [String: [JSONValue]] = [:]
    var rest: [SearchCondition] = []
    var order: [String] = []
    for part in parts {
      guard case .comparison(let name, single, let value) = part, !value.isNull,
        fields.first(where: { $0.matches(name) })?.operators.contains(list.rawValue) == true
      else {
        rest.append(part)
        continue
      }
      if values[name] == nil { order.append(name) }
      values[name, default: []].append(value)
    }
    return rest
      + order.map { name in
        let all = values[name] ?? []
        return all.count == 1
          ? .comparison(field: name, single, all[0]) : .comparison(field: name, list, .array(all))
      }
  }

  /// The API's form; `nil` when a group is too large. A group of more filters than fit is split into groups of its own
  /// kind where a level is left.
  private func json(_ condition: SearchCondition, level: Int) -> JSONValue? {
    switch condition {
    case .comparison(let field, let comparison, let value):
      return ["field": .string(field), "operator": .string(comparison.rawValue), "value": value]
    case .not: return nil
    case .and(let parts), .or(let parts):
      let isAnd = if case .and = condition { true } else { false }
      guard !parts.isEmpty, level < maximumNesting else { return nil }
      if parts.count > maximumFilters {
        let simple = parts.filter { $0.depth == 0 }
        let chunks = stride(from: 0, to: simple.count, by: maximumFilters).map { start -> SearchCondition in
          let chunk = Array(simple[start..<min(start + maximumFilters, simple.count)])
          return chunk.count == 1 ? chunk[0] : isAnd ? .and(chunk) : .or(chunk)
        }
        let split = parts.filter { $0.depth > 0 } + chunks
        guard level + 1 < maximumNesting, split.count <= maximumFilters else { return nil }
        return json(isAnd ? .and(split) : .or(split), level: level)
      }
      var filters: [JSONValue] = []
      for part in parts {
        guard let filter = json(part, level: level + 1) else { return nil }
        filters.append(filter)
      }
      return ["operator": isAnd ? "AND" : "OR", "value": .array(filters)]
    }
  }

  private func field(named name: String, findings: inout [Finding]) -> SearchField? {
    if let field = fields.first(where: { $0.matches(name) }) { return field }
    let known = fields.map { $0.isPattern ? String($0.patternPrefix.dropLast()) : $0.name }
    findings.append(
      Finding(
        .unknownField, path: name, "\(collection) cannot be searched by it",
        candidates: NearestNames.of(name, among: known)))
    return nil
  }

  private func checkValue(
    _ value: JSONValue, _ comparison: SearchOperator, of field: SearchField, path: String
  ) -> [Finding] {
    if comparison == .isIn || comparison == .isNotIn {
      guard let items = value.arrayValue else {
        return [Finding(.wrongType, path: path, "is compared with \(value.kindName), and a list is needed")]
      }
      guard !items.isEmpty else { return [Finding(.wrongValue, path: path, "is compared with an empty list")] }
      return Array(items.compactMap { checkScalar($0, of: field, path: path) }.prefix(1))
    }
    if value.isNull, comparison != .equal, comparison != .notEqual {
      return [Finding(.wrongType, path: path, "is compared with null, which has no order and no text")]
    }
    return checkScalar(value, of: field, path: path).map { [$0] } ?? []
  }

  private func checkScalar(_ value: JSONValue, of field: SearchField, path: String) -> Finding? {
    switch value {
    case .null: return nil
    case .array, .object:
      return Finding(.wrongType, path: path, "is compared with \(value.kindName), and a single value is needed")
    default: break
    }
    // What a custom attribute holds is known to the workspace only.
    if field.isPattern { return nil }
    let fits = field.types.contains { type in
      switch type {
      case .string: value.stringValue != nil || value.intValue != nil
      case .integer, .date: value.intValue != nil || value.stringValue.flatMap { Int($0) } != nil
      case .float: value.doubleValue != nil
      case .boolean: value.boolValue != nil
      }
    }
    guard fits || field.types.isEmpty else {
      let wanted = field.types.map { $0 == .date ? "Unix seconds" : $0.rawValue.lowercased() }.joined(separator: " or ")
      return Finding(.wrongType, path: path, "is compared with \(value.kindName), and \(wanted) is needed")
    }
    if !field.values.isEmpty, let text = value.stringValue, !field.values.contains(text) {
      let known = field.values.joined(separator: ", ")
      return Finding(
        .wrongValue, path: path, "is compared with '\(text.prefix(60))', and is one of \(known)",
        candidates: NearestNames.of(text, among: field.values))
    }
    return nil
  }

  /// What is wrong with a filter in the API's own form.
  func findings(inFilter filter: JSONValue, at path: String, level: Int) -> [Finding] {
    guard let word = filter["operator"]?.stringValue else {
      return [Finding(.missingField, path: path + ".operator", "is missing")]
    }
    if let parts = filter["value"]?.arrayValue, filter["field"] == nil {
      guard word == "AND" || word == "OR" else {
        return [Finding(.wrongOperator, path: path + ".operator", "is '\(word)', and a group takes AND or OR")]
      }
      if level >= maximumNesting {
        return [Finding(.tooComplex, path: path, "is deeper than \(maximumNesting) levels")]
      }
      if parts.count > maximumFilters {
        return [Finding(.tooComplex, path: path, "has \(parts.count) filters, and \(maximumFilters) are allowed")]
      }
      return parts.enumerated().flatMap { index, part in
        self.findings(inFilter: part, at: "\(path).value[\(index)]", level: level + 1)
      }
    }
    guard let name = filter["field"]?.stringValue else {
      return [Finding(.missingField, path: path + ".field", "is missing")]
    }
    var findings: [Finding] = []
    guard let field = field(named: name, findings: &findings) else { return findings }
    guard let comparison = SearchOperator(rawValue: word), field.operators.contains(word) else {
      let known = field.operators.joined(separator: " ")
      return [Finding(.wrongOperator, path: name, "cannot be searched by '\(word)'; it takes \(known)")]
    }
    return checkValue(filter["value"] ?? .null, comparison, of: field, path: name)
  }
}
