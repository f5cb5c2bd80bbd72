import ICSJSON
import IntercomSandbox
import Testing

struct ConversationTests {
  @Test("an admin's message reaches a contact, and says what it lacks")
  func messages() async throws {
    try await withSandbox { client async throws in
      let id = try await client.contact(["role": "user", "email": "a@b.example"])
      let from: JSONValue = ["type": "admin", "id": 127]
      let to: JSONValue = ["type": "user", "id": .string(id)]
      for type in ["inapp", "in_app"] {
        let sent = try await client.post(
          "/messages", ["message_type": .string(type), "body": "hello", "from": from, "to": to])
        #expect(sent.status == 200 && sent.json["message_type"] == "inapp")
        #expect(sent.json["conversation_id"] == nil)
      }
      #expect(try await client.get("/contacts/\(id)").json["last_contacted_at"]?.intValue != nil)
      let wrong: [(JSONValue, Int, String)] = [
        (["message_type": "inapp", "from": from, "to": to], 400, "parameter_invalid"),
        (["message_type": "email", "body": "x", "from": from, "to": to], 422, "parameter_not_found"),
        (["body": "x", "from": ["type": "admin", "id": 9], "to": to], 404, "admin_not_found"),
        (["body": "x", "from": from, "to": ["type": "user", "id": "nobody"]], 404, "not_found"),
        (["body": "x", "from": from], 400, "parameter_not_found"),
        (["message_type": "pigeon", "body": "x", "from": from, "to": to], 400, "parameter_invalid"),
      ]
      for (body, status, code) in wrong {
        let answer = try await client.post("/messages", body)
        #expect(answer.status == status && answer.code == code, "\(body.serialized())")
      }
    }
  }

  @Test("a conversation goes from open over replies and notes to closed, and open again")
  func life() async throws {
    try await withSandbox { client async throws in
      let contact = try await client.contact(["role": "user", "name": "Kay"])
      let made = try await client.post(
        "/conversations", ["from": ["type": "user", "id": .string(contact)], "body": "help"])
      let path = "/conversations/" + (made.json["conversation_id"]?.stringValue ?? "")
      _ = try await client.post(
        path + "/reply", ["message_type": "comment", "type": "admin", "admin_id": 127, "body": "coming"])
      _ = try await client.post(path + "/parts", ["message_type": "assignment", "admin_id": "127", "assignee_id": 128])
      let closed = try await client.post(path + "/parts", ["message_type": "close", "type": "admin", "admin_id": 127])
      #expect(closed.json["state"] == "closed" && closed.json["open"] == false)
      #expect(closed.json["admin_assignee_id"] == 128)
      let again = try await client.post(
        "/conversations/last/reply",
        ["message_type": "comment", "type": "user", "intercom_user_id": .string(contact), "body": "thanks"])
      #expect(again.json["state"] == "open")
      let parts = again.json["conversation_parts"]?["conversation_parts"]?.arrayValue ?? []
      #expect(parts.map { $0["part_type"]?.stringValue } == ["comment", "assignment", "close", "comment"])
      #expect(try await client.get("/conversations").json["conversations"]?[0]?["conversation_parts"] == nil)
      #expect(try await client.delete(path).json["deleted"] == true)
      #expect(try await client.get(path).status == 404)
    }
  }

  @Test("a ticket is made, answered, moved on and found")
  func tickets() async throws {
    try await withSandbox { client async throws in
      let contact = try await client.contact(["role": "user"])
      let types = try await client.get("/ticket_types").json["data"]?.arrayValue ?? []
      let type = try #require(types.first { $0["category"] == "Customer" }?["id"])
      let made = try await client.post(
        "/tickets",
        [
          "ticket_type_id": type, "contacts": [["id": .string(contact)]],
          "ticket_attributes": ["_default_title_": "Broken"],
        ])
      let path = "/tickets/" + (made.json["id"]?.stringValue ?? "")
      #expect(try await client.put(path, ["ticket_state_id": "0"]).code == "ticket_state_id_invalid")
      let moved = try await client.put(path, ["ticket_state_id": 8538, "admin_id": 127])
      #expect(moved.json["ticket_state"]?["category"] == "in_progress")
      let found = try await client.post(
        "/tickets/search", ["query": ["field": "state", "operator": "=", "value": "in_progress"]])
      #expect(found.json["tickets"]?[0]?["ticket_attributes"]?["_default_title_"] == "Broken")
      let bad = try await client.post("/tickets/search", ["query": ["field": "x", "operator": "=", "value": 1]])
      #expect(bad.code == "invalid_field")
    }
  }
}
