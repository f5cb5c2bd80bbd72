import ICSJSON
import IntercomSandbox
import Testing

struct SearchTests {
  private static let people: [JSONValue] = [
    [
      "role": "user", "name": "Ann", "email": "ann@acme.com", "signed_up_at": 1_571_069_751,
      "custom_attributes": ["plan": "pro", "team_mates": 3, "monthly_spend": 12.5, "paid_subscriber": true],
    ],
    [
      "role": "user", "name": "Béa", "email": "bea@acme.com", "signed_up_at": 1_571_100_000, "owner_id": 127,
      "custom_attributes": ["plan": "free", "team_mates": 0],
    ],
    ["role": "lead", "name": "Cy", "email": "cy@other.org", "signed_up_at": 1_571_011_200],
    ["role": "lead", "name": "d_e%f"],
  ]

  private static func leaf(_ field: String, _ operation: String, _ value: JSONValue) -> JSONValue {
    ["field": .string(field), "operator": .string(operation), "value": value]
  }

  @Test("every operator finds what it should, and a missing value is not equal to anything")
  func operators() async throws {
    let cases: [(JSONValue, [String])] = [
      (Self.leaf("role", "=", "user"), ["Ann", "Béa"]), (Self.leaf("role", "!=", "user"), ["Cy", "d_e%f"]),
      (Self.leaf("email", "!=", "cy@other.org"), ["Ann", "Béa", "d_e%f"]),
      (Self.leaf("email", "IN", ["cy@other.org", "ann@acme.com"]), ["Ann", "Cy"]),
      (Self.leaf("email", "NIN", ["cy@other.org", "ann@acme.com"]), ["Béa", "d_e%f"]),
      (Self.leaf("email", "~", "ACME"), ["Ann", "Béa"]), (Self.leaf("email", "!~", "acme"), ["Cy"]),
      (Self.leaf("name", "~", "É"), ["Béa"]), (Self.leaf("name", "~", "_e%"), ["d_e%f"]),
      (Self.leaf("email", "^", "b"), ["Béa"]), (Self.leaf("email", "$", ".ORG"), ["Cy"]),
      (Self.leaf("email", "=", nil), ["d_e%f"]), (Self.leaf("owner_id", "!=", nil), ["Béa"]),
      (Self.leaf("owner_id", "=", 127), ["Béa"]), (Self.leaf("owner_id", "=", "127"), ["Béa"]),
      (Self.leaf("custom_attributes.plan", "=", "pro"), ["Ann"]),
      (Self.leaf("custom_attributes.plan", "!=", "pro"), ["Béa", "Cy", "d_e%f"]),
      (Self.leaf("custom_attributes.plan", "=", nil), ["Cy", "d_e%f"]),
      (Self.leaf("custom_attributes.team_mates", ">", 0), ["Ann"]),
      (Self.leaf("custom_attributes.team_mates", ">=", 0), ["Ann", "Béa"]),
      (Self.leaf("custom_attributes.monthly_spend", "<", 13), ["Ann"]),
      (Self.leaf("custom_attributes.paid_subscriber", "=", true), ["Ann"]),
      (Self.leaf("custom_attributes.paid_subscriber", "=", 1), ["Ann"]),
    ]
    try await withSandbox { client async throws in
      for person in Self.people { _ = try await client.contact(person) }
      for (query, names) in cases { #expect(try await client.names(query) == names, "\(query.serialized())") }
    }
  }

  @Test("dates of contacts match by the calendar day in UTC")
  func days() async throws {
    // 1571011200 is 2019-10-14 00:00:00.
    try await withSandbox { client async throws in
      for person in Self.people { _ = try await client.contact(person) }
      for (operation, names) in [("=", ["Ann", "Cy"]), (">", ["Béa"]), ("<", [])] {
        #expect(try await client.names(Self.leaf("signed_up_at", operation, 1_571_050_000)) == names, "\(operation)")
      }
      #expect(try await client.names(Self.leaf("signed_up_at", "<", "1571100000")) == ["Ann", "Cy"])
    }
  }

  @Test("groups nest two levels deep and hold fifteen filters")
  func limits() async throws {
    let user = Self.leaf("role", "=", "user")
    func group(_ word: String, _ items: [JSONValue]) -> JSONValue {
      ["operator": .string(word), "value": .array(items)]
    }
    try await withSandbox { client async throws in
      for person in Self.people { _ = try await client.contact(person) }
      let nested = group("OR", [group("AND", [user, Self.leaf("name", "=", "Ann")]), Self.leaf("name", "=", "Cy")])
      #expect(try await client.names(nested) == ["Ann", "Cy"])
      #expect(try await client.names(group("OR", [JSONValue](repeating: user, count: 15))) == ["Ann", "Béa"])
      let wrong: [JSONValue] = [
        group("AND", [group("OR", [group("AND", [user])])]), group("OR", [JSONValue](repeating: user, count: 16)),
        group("AND", []), Self.leaf("shoe_size", "=", 44), Self.leaf("custom_attributes.nope", "=", 1),
        Self.leaf("name", ">", "A"), Self.leaf("role", "LIKE", "u"), Self.leaf("created_at", "!=", 1),
        Self.leaf("created_at", "=", "soon"), Self.leaf("tag_id", "IN", ["1"]), Self.leaf("name", "IN", "Ann"),
        Self.leaf("unsubscribed_from_emails", "=", "perhaps"), ["field": "name", "operator": "="], nil,
      ]
      for query in wrong {
        #expect(try await client.post("/contacts/search", ["query": query]).status == 400, "\(query.serialized())")
      }
      let order = try await client.post(
        "/contacts/search", ["query": user, "sort": ["field": "name", "order": "desc"]])
      #expect(order.code == "invalid_sort_order")
    }
  }

  @Test("a conversation's dates match by the second and its body by words")
  func conversations() async throws {
    try await withSandbox { client async throws in
      let id = try await client.contact(["role": "user"])
      let made = try await client.post(
        "/conversations", ["from": ["type": "user", "id": .string(id)], "body": "I need support"])
      let at = try #require(made.json["created_at"]?.intValue)
      func count(_ query: JSONValue) async throws -> Int? {
        try await client.post("/conversations/search", ["query": query]).json["total_count"]?.intValue
      }
      #expect(try await count(Self.leaf("created_at", ">", .int(at))) == 1)
      #expect(try await count(Self.leaf("created_at", ">", .int(at + 1))) == 0)
      #expect(try await count(Self.leaf("source.body", "=", "Support")) == 1)
      #expect(try await count(Self.leaf("source.body", "=", "need support")) == 0)
      #expect(try await count(Self.leaf("contact_ids", "=", .string(id))) == 1)
      #expect(try await count(Self.leaf("open", "=", true)) == 1)
      #expect(try await count(Self.leaf("state", "IN", ["closed", "snoozed"])) == 0)
    }
  }

  @Test("a change shows in searches only after the lag")
  func lag() async throws {
    let clock = TestClock()
    var configuration = Sandbox.Configuration(searchLag: .seconds(5))
    configuration.clock = { clock.now }
    try await withSandbox(configuration) { client async throws in
      _ = try await client.contact(["role": "user", "name": "Late"])
      let query = Self.leaf("role", "=", "user")
      #expect(try await client.names(query) == [])
      #expect(try await client.get("/contacts").json["total_count"] == 1)
      clock.advance(5)
      #expect(try await client.names(query) == ["Late"])
    }
  }
}
