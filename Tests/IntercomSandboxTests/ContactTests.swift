import ICSJSON
import IntercomSandbox
import Testing

struct ContactTests {
  private static let wash: JSONValue = [
    "role": "user", "external_id": "25", "email": "wash@serenity.io", "phone": "+1123456789",
    "name": "Hoban Washburn", "avatar": "https://example.org/128Wash.jpg", "last_seen_at": 1_571_069_751,
    "signed_up_at": 1_571_069_751, "owner_id": 127, "unsubscribed_from_emails": false,
    "custom_attributes": ["paid_subscriber": true, "monthly_spend": 155.5, "team_mates": 1],
  ]

  @Test("a contact comes back with every field as it was sent")
  func roundTrip() async throws {
    try await withSandbox { client async throws in
      let made = try await client.post("/contacts", Self.wash)
      #expect(made.status == 200)
      let id = try #require(made.json["id"]?.stringValue)
      #expect(id.count == 24 && id.allSatisfy(\.isHexDigit))
      let read = try await client.get("/contacts/\(id)")
      let sent = try #require(Self.wash.objectValue)
      for (name, value) in sent { #expect(read.json[name] == value, "\(name)") }
      let listed = try await client.get("/contacts")
      #expect(listed.json["data"]?[0] == read.json)
      #expect(listed.json["total_count"] == 1)
      let found = try await client.get("/contacts/find_by_external_id/25")
      #expect(found.json["id"]?.stringValue == id)
    }
  }

  @Test(
    "a body that is wrong is refused with the code that Intercom gives",
    arguments: [
      (["email": "x"], 400, "parameter_invalid"), ([:], 400, "parameter_not_found"),
      (["role": "boss"], 400, "parameter_invalid"), (["role": "user", "emial": "a@b.c"], 400, "bad_request"),
      (["role": "user", "name": 7], 400, "parameter_invalid"),
      (["role": "user", "owner_id": 1], 400, "parameter_invalid"),
      (["role": "user", "custom_attributes": ["nope": 1]], 400, "parameter_invalid"),
      (["role": "user", "custom_attributes": ["team_mates": "x"]], 400, "parameter_invalid"),
      (["role": "user", "email_verified": true], 400, "parameter_invalid"), ([1, 2], 400, "parameter_invalid"),
    ] as [(JSONValue, Int, String)])
  func wrongBodies(body: JSONValue, status: Int, code: String) async throws {
    try await withSandbox { client async throws in
      let answer = try await client.post("/contacts", body)
      #expect(answer.status == status)
      #expect(answer.code == code)
      #expect(answer.json["type"] == "error.list")
      #expect(answer.json["request_id"]?.stringValue == answer.header("X-Request-Id"))
      #expect(try await client.get("/contacts").json["total_count"] == 0)
    }
  }

  @Test("users clash by external id and by address, leads do not")
  func duplicates() async throws {
    try await withSandbox { client async throws in
      let id = try await client.contact(["role": "user", "email": "Ann@example.com", "external_id": "1"])
      for body: JSONValue in [["email": "ann@EXAMPLE.com"], ["role": "user", "external_id": "1"]] {
        let answer = try await client.post("/contacts", body)
        #expect(answer.status == 409)
        #expect(answer.code == "conflict")
        #expect(answer.message == "A contact matching those details already exists with id=\(id)")
      }
      _ = try await client.contact(["role": "lead", "email": "ann@example.com"])
      _ = try await client.contact(["role": "lead", "email": "ann@example.com"])
      #expect(try await client.post("/contacts/\(id)/archive").json["archived"] == true)
      let archived = try await client.post("/contacts", ["email": "ann@example.com"])
      #expect(archived.message == "An archived contact matching those details already exists with id=\(id)")
    }
  }

  @Test("null clears a field, an absent one stays, and a user does not become a lead")
  func update() async throws {
    try await withSandbox { client async throws in
      let id = try await client.contact(Self.wash)
      let answer = try await client.put(
        "/contacts/\(id)", ["phone": nil, "owner_id": nil, "custom_attributes": ["team_mates": 2]])
      #expect(answer.json["phone"] == .null && answer.json["owner_id"] == .null)
      #expect(answer.json["name"] == "Hoban Washburn")
      #expect(answer.json["custom_attributes"]?["team_mates"] == 2)
      #expect(answer.json["custom_attributes"]?["paid_subscriber"] == true)
      #expect(try await client.put("/contacts/\(id)", ["role": "lead"]).status == 400)
      let found = try await client.names(["field": "custom_attributes.team_mates", "operator": "=", "value": 2])
      #expect(found == ["Hoban Washburn"])
    }
  }

  @Test("a merged lead is gone and says where it went")
  func merge() async throws {
    try await withSandbox { client async throws in
      let lead = try await client.contact(["role": "lead", "email": "a@b.example", "phone": "+1"])
      let user = try await client.contact(["role": "user", "email": "a@b.example"])
      let talk = try await client.post(
        "/conversations", ["from": ["type": "lead", "id": .string(lead)], "body": "hi"])
      #expect(
        try await client.post("/contacts/merge", ["from": .string(user), "into": .string(lead)]).code == "invalid_merge"
      )
      let merged = try await client.post("/contacts/merge", ["from": .string(lead), "into": .string(user)])
      #expect(merged.json["phone"] == "+1")
      let gone = try await client.get("/contacts/\(lead)")
      #expect(gone.status == 410 && gone.code == "contact_merged")
      #expect(gone.header("Link") == "</contacts/\(user)>; rel=\"canonical\"")
      let id = try #require(talk.json["conversation_id"]?.stringValue)
      let moved = try await client.get("/conversations/\(id)")
      #expect(moved.json["contacts"]?["contacts"]?[0]?["id"]?.stringValue == user)
    }
  }

  @Test("tags, notes, companies and subscriptions show in the contact")
  func links() async throws {
    try await withSandbox { client async throws in
      let id = try await client.contact(["role": "user", "name": "Kay"])
      let tag = try await client.post("/tags", ["name": "vip"])
      let company = try await client.post("/companies", ["company_id": "c1", "name": "Acme"])
      let tagID = try #require(tag.json["id"]?.stringValue)
      _ = try await client.post("/contacts/\(id)/tags", ["id": .string(tagID)])
      _ = try await client.post("/contacts/\(id)/companies", ["id": company.json["id"] ?? nil])
      _ = try await client.post("/contacts/\(id)/notes", ["body": "calls often", "admin_id": 127])
      _ = try await client.post("/contacts/\(id)/subscriptions", ["id": "135", "consent_type": "opt_out"])
      let contact = try await client.get("/contacts/\(id)")
      for name in ["tags", "companies", "notes", "opted_out_subscription_types"] {
        #expect(contact.json[name]?["total_count"] == 1, "\(name)")
      }
      #expect(try await client.names(["field": "tag_id", "operator": "=", "value": .string(tagID)]) == ["Kay"])
      #expect(try await client.get("/companies?company_id=c1").json["user_count"] == 1)
      #expect(try await client.delete("/tags/\(tagID)").status == 200)
      #expect(try await client.get("/contacts/\(id)").json["tags"]?["total_count"] == 0)
    }
  }
}
