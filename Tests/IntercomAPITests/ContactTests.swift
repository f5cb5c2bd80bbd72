import ICSJSON
import IntercomAPI
import Testing

@Suite struct ContactTests {
  private static let conflict = TransportResponse.error(
    409, "conflict", "A contact matching those details already exists with id=5f00aa11bb22cc33dd44ee55")

  @Test("find takes the user before leads, and gives null for nobody")
  func find() async throws {
    let two: JSONValue = ["data": [["id": "1", "role": "lead"], ["id": "2", "role": "user"]]]
    #expect(try await makeClient(FakeTransport(.success(.json(two)))).contacts.find(.email, "x")?["id"] == "2")
    let nobody = FakeTransport { (request, _) throws(TransportError) in
      request.method == "GET" ? .error(404, "not_found") : .json(["data": []])
    }
    #expect(try await makeClient(nobody).contacts.find(.externalID, "a/b") == nil)
    #expect(nobody.requests.first?.target == "/contacts/find_by_external_id/a%2Fb")
  }

  @Test("upsert updates who is there, creates who is not, and settles a race")
  func upsert() async throws {
    let there = FakeTransport { (request, _) throws(TransportError) in
      request.method == "PUT" ? .json(["id": "7", "name": "n"]) : .json(["data": [["id": "7"]]])
    }
    _ = try await makeClient(there).contacts.upsert(["email": "x@y.z", "name": "n"])
    #expect(there.requests.map { "\($0.method) \($0.target)" } == ["POST /contacts/search", "PUT /contacts/7"])

    let race = FakeTransport { (request, _) throws(TransportError) in
      switch (request.method, request.target) {
      case ("POST", "/contacts/search"): .json(["data": []])
      case ("POST", _): Self.conflict
      default: .json(["id": "5f00aa11bb22cc33dd44ee55"])
      }
    }
    _ = try await makeClient(race).contacts.upsert(["email": "x@y.z"])
    #expect(race.requests.last?.target == "/contacts/5f00aa11bb22cc33dd44ee55")
  }

  @Test("a create whose answer was lost is looked up when that is allowed")
  func retrySafe() async throws {
    let transport = FakeTransport { (request, count) throws(TransportError) in
      if request.target == "/contacts" { throw TransportError(.connectionLost) }
      return .json(["id": "9", "external_id": "25"])
    }
    let client = makeClient(transport)
    let found = try await client.contacts.create(["external_id": "25"], isRetrySafe: true)
    #expect(found["id"] == "9")
    let error = await failure { () async throws(APIError) in try await client.contacts.create(["external_id": "25"]) }
    #expect(error?.outcomeUnknown == true)
  }

  @Test("the other operations reach their paths")
  func paths() async throws {
    let transport = FakeTransport(.success(.json(["id": "1"])))
    let contacts = makeClient(transport).contacts
    _ = try await contacts.get("1")
    _ = try await contacts.archive("1")
    _ = try await contacts.unarchive("1")
    _ = try await contacts.delete("1")
    _ = try await contacts.merge("1", into: "2")
    #expect(
      transport.requests.map { "\($0.method) \($0.target)" } == [
        "GET /contacts/1", "POST /contacts/1/archive", "POST /contacts/1/unarchive", "DELETE /contacts/1",
        "POST /contacts/merge",
      ])
  }

  @Test("a message goes from an admin to a contact, however they are named")
  func messages() async throws {
    let transport = FakeTransport(.success(.json(["id": "127", "type": "admin"])))
    let messages = makeClient(transport).messages
    let lead: JSONValue = ["type": "contact", "id": "5f", "role": "lead", "email": "x@y.z"]
    _ = try await messages.send(.init(from: ["type": "admin", "id": "127"], to: lead, body: "hi", type: "inapp"))
    _ = try await messages.send(.init(to: "5e", body: "hi"))
    let sent = transport.requests.compactMap(\.json)
    #expect(transport.requests.map(\.target) == ["/messages", "/me", "/messages"])
    #expect(
      sent == [
        [
          "message_type": "inapp", "body": "hi", "to": ["type": "lead", "id": "5f"],
          "from": ["type": "admin", "id": "127"],
        ],
        [
          "message_type": "inapp", "body": "hi", "to": ["type": "user", "id": "5e"],
          "from": ["type": "admin", "id": "127"],
        ],
      ])
  }

  @Test("an e-mail needs subject and template")
  func email() async throws {
    let transport = FakeTransport(.success(.json(["id": "1"])))
    let messages = makeClient(transport).messages
    let error = await failure { () async throws(APIError) in
      try await messages.send(.init(from: "1", to: "2", body: "x", type: "email"))
    }
    #expect(error?.code == .invalidRequest)
    #expect(error?.findings.map(\.path) == ["subject", "template"])
    #expect(transport.requests.isEmpty)
    _ = try await messages.send(
      .init(from: "1", to: "2", body: "x", type: "email", subject: "s", template: "plain"))
    #expect(transport.requests.first?.json?["message_type"] == "email")
  }
}
