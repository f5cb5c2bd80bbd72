import ICSJSON
import IntercomAPI
import IntercomCatalogue
import Testing

@Suite struct SearchTests {
  private func filter(_ condition: SearchCondition, in collection: String = "contacts") throws -> JSONValue {
    try SearchQuery(collection: collection, condition).filter
  }

  private func role(_ value: String) -> SearchCondition { .comparison(field: "role", .equal, .string(value)) }
  private func name(_ value: Int) -> SearchCondition { .comparison(field: "name", .equal, .string("n\(value)")) }

  @Test("a comparison is one filter")
  func single() throws {
    #expect(try filter(role("user")) == ["field": "role", "operator": "=", "value": "user"])
  }

  @Test("groups of one kind become one group")
  func flat() throws {
    let nested = SearchCondition.and([role("user"), .and([name(1), .and([name(2)])])])
    #expect(try filter(nested)["value"]?.arrayValue?.count == 3)
  }

  @Test("a negation is pushed inwards")
  func negation() throws {
    let not = SearchCondition.not(.or([role("user"), .not(name(1))]))
    #expect(
      try filter(not) == [
        "operator": "AND",
        "value": [
          ["field": "role", "operator": "!=", "value": "user"], ["field": "name", "operator": "=", "value": "n1"],
        ],
      ])
  }

  @Test("the negation of a text or an order holds for a missing field too")
  func missing() throws {
    let not = SearchCondition.not(.comparison(field: "email", .contains, "acme"))
    #expect(
      try filter(not) == [
        "operator": "OR",
        "value": [
          ["field": "email", "operator": "!~", "value": "acme"], ["field": "email", "operator": "=", "value": nil],
        ],
      ])
  }

  @Test("'at least' on a date is 'after, or the same day'")
  func atLeast() throws {
    let filter = try filter(.comparison(field: "created_at", .greaterOrEqual, 1_700_000_000))
    #expect(filter["operator"] == "OR")
    #expect(filter["value"]?.arrayValue?.compactMap { $0["operator"] } == [">", "="])
  }

  @Test("what has no opposite is an error")
  func noOpposite() {
    let findings = SearchQuery.findings(
      collection: "contacts", .not(.comparison(field: "email", .startsWith, "a")))
    #expect(findings.map(\.kind) == [.wrongOperator])
  }

  @Test("a misspelt field names the right one")
  func unknownField() {
    let findings = SearchQuery.findings(collection: "contacts", .comparison(field: "emial", .equal, "x"))
    #expect(findings.first?.candidates.first == "email")
    #expect(throws: APIError.self) { try filter(.comparison(field: "emial", .equal, "x")) }
  }

  @Test("operators and values are those of the field")
  func operators() {
    let cases: [(String, SearchOperator, JSONValue, Finding.Kind)] = [
      ("created_at", .contains, "x", .wrongOperator), ("tag_id", .greater, "1", .wrongOperator),
      ("created_at", .less, "soon", .wrongType),
      ("unsubscribed_from_emails", .equal, "yes", .wrongType), ("role", .equal, "usr", .wrongValue),
      ("email", .isIn, "x", .wrongType), ("email", .isIn, [], .wrongValue), ("created_at", .less, nil, .wrongType),
      ("email", .less, "x", .wrongOperator),
      ("email", .equal, ["a"], .wrongType),
    ]
    for (field, comparison, value, kind) in cases {
      let findings = SearchQuery.findings(collection: "contacts", .comparison(field: field, comparison, value))
      #expect(findings.first?.kind == kind, "\(field) \(comparison): \(findings)")
    }
  }

  @Test("a field that takes no list is compared one by one")
  func lists() throws {
    let filter = try filter(.comparison(field: "tag_id", .isIn, ["1", "2"]))
    #expect(filter["operator"] == "OR")
    #expect(filter["value"]?.arrayValue?.count == 2)
  }

  @Test("three levels are brought into two")
  func threeLevels() throws {
    let deep = SearchCondition.and([
      role("user"), .or([name(1), .and([name(2), .comparison(field: "email", .contains, "x")])]),
    ])
    let filter = try filter(deep)
    #expect(depth(of: filter) <= 2)
    #expect(throws: Never.self) { try SearchQuery.request(collection: "contacts", body: filter) }
  }

  @Test("sixteen alternatives of one field become a list, and of several fields two groups")
  func manyFilters() throws {
    let one = try filter(.or((0..<40).map(name)))
    #expect(one["operator"] == "IN")
    #expect(one["value"]?.arrayValue?.count == 40)
    let several = try filter(
      .and((0..<20).map { .comparison(field: "custom_attributes.a\($0)", .equal, .int($0)) }))
    #expect(depth(of: several) == 2)
    #expect(throws: Never.self) { try SearchQuery.request(collection: "contacts", body: several) }
  }

  @Test("what cannot be brought into two levels is an error, quickly")
  func tooComplex() {
    let group = { (kind: Int) -> SearchCondition in
      .or(
        (0..<6).map { index in
          .and([
            .comparison(field: "custom_attributes.a\(kind)\(index)", .equal, 1),
            .or([name(index), .comparison(field: "email", .contains, .string("\(kind)\(index)"))]),
          ])
        })
    }
    let findings = SearchQuery.findings(collection: "contacts", .and((0..<12).map(group)))
    #expect(findings.map(\.kind) == [.tooComplex])
  }

  @Test("a search in the API's own form is checked")
  func rawForm() {
    let one: JSONValue = ["field": "name", "operator": "=", "value": "x"]
    let bad: [JSONValue] = [
      [:], ["query": ["field": "emial", "operator": "=", "value": "x"]],
      ["query": ["operator": "AND", "value": .array(Array(repeating: one, count: 16))]],
      [
        "query": [
          "operator": "AND",
          "value": [["operator": "OR", "value": [["operator": "AND", "value": []]]]],
        ]
      ],
      ["query": ["operator": "NOT", "value": []]], ["query": ["field": "name", "operator": "LIKE", "value": "x"]],
    ]
    for body in bad {
      #expect(throws: APIError.self, "\(body.serialized())") {
        try SearchQuery.request(collection: "contacts", body: body)
      }
    }
  }

  @Test("a search passes the check of its body, groups and filters mixed")
  func bodyCheck() async throws {
    let transport = FakeTransport(.success(.json(["data": []])))
    let client = makeClient(transport)
    let condition = SearchCondition.and([role("user"), .or([name(1), name(2)])])
    _ = try await client.contacts.search(where: condition).allItems()
    #expect(transport.requests.count == 1)
    let wrong = APIRequest(
      "POST", "/contacts/search", body: ["query": ["field": "emial", "operator": "=", "value": "x"]])
    let error = await failure { () async throws(APIError) in try await client.send(wrong) }
    #expect(error?.findings.first?.candidates.first == "email")
    #expect(transport.requests.count == 1)
  }

  @Test("random conditions mean the same before and after")
  func random() throws {
    var random = SeededRandom(seed: 7)
    var translated = 0
    for _ in 0..<3000 {
      let condition = randomCondition(&random, depth: 3)
      guard let query = try? SearchQuery(collection: "contacts", condition) else { continue }
      translated += 1
      #expect(depth(of: query.filter) <= 2)
      for _ in 0..<10 {
        let item = randomItem(&random)
        #expect(
          holds(query.filter, item) == holds(condition, item),
          "\(condition) became \(query.filter.serialized()) for \(item.serialized())")
      }
    }
    #expect(translated > 1500)
  }

  private func depth(of filter: JSONValue) -> Int {
    guard filter["field"] == nil, let parts = filter["value"]?.arrayValue else { return 0 }
    return 1 + (parts.map(depth).max() ?? 0)
  }

  private func randomCondition(_ random: inout SeededRandom, depth: Int) -> SearchCondition {
    switch depth == 0 ? 3 : Int.random(in: 0..<5, using: &random) {
    case 0: return .and((0..<2).map { _ in randomCondition(&random, depth: depth - 1) })
    case 1: return .or((0..<3).map { _ in randomCondition(&random, depth: depth - 1) })
    case 2: return .not(randomCondition(&random, depth: depth - 1))
    default:
      let text = JSONValue.string(["a", "ab", "b"].randomElement(using: &random) ?? "a")
      return switch Int.random(in: 0..<6, using: &random) {
      case 0: .comparison(field: "name", .equal, text)
      case 1: .comparison(field: "email", .contains, text)
      case 2: .comparison(field: "phone", .isIn, ["a", "b"])
      case 3: .comparison(field: "created_at", .greaterOrEqual, .int(Int.random(in: 0..<3, using: &random)))
      case 4: .comparison(field: "created_at", .less, .int(Int.random(in: 0..<3, using: &random)))
      default: .comparison(field: "custom_attributes.n", .lessOrEqual, .int(Int.random(in: 0..<3, using: &random)))
      }
    }
  }

  private func randomItem(_ random: inout SeededRandom) -> JSONValue {
    var item: JSONObject = [:]
    for field in ["name", "email", "phone"] {
      item[field] = ["a", "ab", "b", nil].randomElement(using: &random) ?? .null
    }
    item["created_at"] = .int(Int.random(in: 0..<3, using: &random))
    item["custom_attributes.n"] = [0, 1, 2, nil].randomElement(using: &random) ?? .null
    return .object(item)
  }

  private func holds(_ condition: SearchCondition, _ item: JSONValue) -> Bool {
    switch condition {
    case .and(let parts): parts.allSatisfy { holds($0, item) }
    case .or(let parts): parts.contains { holds($0, item) }
    case .not(let inner): !holds(inner, item)
    case .comparison(let field, let comparison, let value):
      compare(item[field] ?? .null, comparison.rawValue, value)
    }
  }

  private func holds(_ filter: JSONValue, _ item: JSONValue) -> Bool {
    let word = filter["operator"]?.stringValue ?? ""
    guard let field = filter["field"]?.stringValue else {
      let parts = filter["value"]?.arrayValue ?? []
      return word == "AND" ? parts.allSatisfy { holds($0, item) } : parts.contains { holds($0, item) }
    }
    return compare(item[field] ?? .null, word, filter["value"] ?? .null)
  }

  private func compare(_ have: JSONValue, _ word: String, _ want: JSONValue) -> Bool {
    switch word {
    case "=": return have == want
    case "!=": return have != want
    case "IN": return want.arrayValue?.contains(have) == true
    case "NIN": return want.arrayValue?.contains(have) == false
    case "~": return have.stringValue.map { $0.contains(want.stringValue ?? "") } ?? false
    case "!~": return have.stringValue.map { !$0.contains(want.stringValue ?? "") } ?? false
    default:
      guard let one = have.intValue, let other = want.intValue else { return false }
      return word == "<" ? one < other : word == ">" ? one > other : word == "<=" ? one <= other : one >= other
    }
  }
}

/// A generator whose numbers a failing test repeats.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
