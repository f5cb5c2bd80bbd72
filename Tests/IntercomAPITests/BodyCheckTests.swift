import ICSJSON
import IntercomAPI
import IntercomCatalogue
import Testing

@Suite struct BodyCheckTests {
  private func findings(_ name: String, _ body: JSONValue) -> [Finding] {
    guard let operation = Catalogue.shared.operation(named: name) else { return [] }
    return BodyCheck.shared.findings(in: body, for: operation)
  }

  private static let examples = read(exampleBodies)
  /// Those and one for each operation.
  private static let bodies = examples + read(derivedBodies)

  private static func read(_ text: String) -> [(operation: Operation, body: JSONValue)] {
    text.split(separator: "\n").compactMap { line in
      let columns = line.split(separator: "\t", maxSplits: 2).map(String.init)
      guard columns.count == 3,
        let operation = Catalogue.shared.operations.first(where: { $0.method == columns[0] && $0.path == columns[1] }),
        let body = try? JSONValue(parsing: columns[2])
      else { return nil }
      return (operation, body)
    }
  }

  @Test("bodies that the description shows as wrong are refused")
  func wrongExamples() {
    for (operation, body) in Self.read(refusedBodies) {
      let found = BodyCheck.shared.findings(in: body, for: operation)
      #expect(!found.isEmpty, "\(operation.name): \(body.serialized())")
    }
  }

  @Test("the description's own examples pass, and bodies made from its schemas")
  func examples() {
    #expect(Self.examples.count >= 150 && Self.bodies.count >= 240)
    for (operation, body) in Self.bodies {
      let found = BodyCheck.shared.findings(in: body, for: operation)
      #expect(found.isEmpty, "\(operation.name): \(found.map(\.sentence)) in \(body.serialized())")
    }
  }

  @Test("a body with a misspelt field is refused with the right name")
  func misspelt() {
    var count = 0
    for (operation, body) in Self.bodies {
      guard let object = body.objectValue, let key = object.keys.first(where: { $0.count >= 5 }),
        operation.name != "messages.send" || key != "referer"
      else { continue }
      var changed = object
      changed[key] = nil
      let wrong = String(key.dropLast()) + "qx"
      changed[wrong] = object[key]
      let found = BodyCheck.shared.findings(in: .object(changed), for: operation)
      let finding = found.first { $0.path == wrong }
      #expect(finding?.kind == .unknownField, "\(operation.name): \(wrong) in \(body.serialized())")
      #expect(finding?.candidates.contains(key) == true, "\(operation.name): \(wrong)")
      count += 1
    }
    #expect(count >= 200)
  }

  @Test("a body without a field that is required is refused with its path")
  func missingFields() {
    var count = 0
    for (operation, body) in Self.bodies {
      guard case .object(let shape)? = operation.body.map(Catalogue.shared.resolve)?.shape else { continue }
      for field in shape.fields where field.isRequired && !field.isReadOnly && body[field.name] != nil {
        var changed = body.objectValue ?? [:]
        changed[field.name] = nil
        let found = BodyCheck.shared.findings(in: .object(changed), for: operation)
        #expect(found.contains { $0.kind == .missingField && $0.path == field.name }, "\(operation.name).\(field.name)")
        count += 1
      }
    }
    #expect(count >= 100)
  }

  @Test("a body with a value that is none of the known ones is refused with its path")
  func wrongValues() {
    var count = 0
    for (operation, body) in Self.bodies {
      guard case .object(let shape)? = operation.body.map(Catalogue.shared.resolve)?.shape else { continue }
      for field in shape.fields where body[field.name]?.stringValue != nil {
        guard !Catalogue.shared.resolve(field.schema).allowedValues.isEmpty else { continue }
        var changed = body
        changed[field.name] = "nonsense"
        let found = BodyCheck.shared.findings(in: changed, for: operation)
        #expect(found.contains { $0.kind == .wrongValue && $0.path == field.name }, "\(operation.name).\(field.name)")
        count += 1
      }
    }
    #expect(count >= 50)
  }

  @Test("a body with a value of another type is refused with the field's path")
  func wrongTypes() {
    for (operation, body) in Self.bodies {
      for (key, value) in body.objectValue ?? [:] {
        var changed = body
        changed[key] = value.arrayValue == nil ? [[["x": [1]]]] : .bool(true)
        let found = BodyCheck.shared.findings(in: changed, for: operation)
        #expect(found.contains { $0.path.hasPrefix(key) }, "\(operation.name).\(key) = \(changed[key]!.serialized())")
      }
    }
  }

  @Test("the contact of the first example passes")
  func first() {
    #expect(
      findings(
        "contacts.create",
        [
          "role": "user", "external_id": "25", "email": "wash@serenity.io", "phone": "+1123456789",
          "name": "Hoban Washburn", "avatar": "https://example.org/128Wash.jpg", "last_seen_at": 1_571_069_751,
          "signed_up_at": 1_571_069_751, "owner_id": 127, "unsubscribed_from_emails": false,
          "custom_attributes": ["paid_subscriber": true, "monthly_spend": 155.5, "team_mates": 1],
        ]
      ).isEmpty)
  }

  @Test("a misspelt field names the right one")
  func nearest() {
    let found = findings("contacts.create", ["role": "user", "emial": "x@y.z"])
    #expect(found.map(\.path) == ["emial"])
    #expect(found.first?.candidates.first == "email")
    #expect(found.first?.sentence.contains("did you mean 'email'?") == true)
  }

  @Test("what is missing is said")
  func missing() {
    let nobody = findings("contacts.create", ["name": "x"])
    #expect(nobody.first?.message == "needs one of email, external_id, role")
    let tag = findings("contacts.attach_tag", [:])
    #expect(tag.map(\.path) == ["id"])
    #expect(findings("contacts.merge", ["from": "1"]).map(\.path) == ["into"])
  }

  @Test("wrong values and types name their field")
  func values() {
    let attribute = findings("data_attributes.create", ["name": "a", "model": "contct", "data_type": "string"])
    #expect(attribute.first?.candidates == ["contact"])
    #expect(findings("contacts.update", ["unsubscribed_from_emails": "yes"]).first?.path == "unsubscribed_from_emails")
    #expect(findings("contacts.update", ["signed_up_at": "yesterday"]).first?.message.contains("Unix seconds") == true)
    #expect(findings("contacts.update", ["custom_attributes": [1]]).first?.kind == .wrongType)
    #expect(findings("contacts.update", [1]).first?.kind == .wrongType)
  }

  @Test("both spellings of an in-app message pass, and an e-mail needs its subject")
  func messages() {
    let base: JSONValue = [
      "body": "hi", "from": ["type": "admin", "id": "1"], "to": ["type": "user", "id": "5f"],
    ]
    for type in ["inapp", "in_app"] {
      var body = base
      body["message_type"] = .string(type)
      #expect(findings("messages.send", body).isEmpty)
    }
    var email = base
    email["message_type"] = "email"
    #expect(Set(findings("messages.send", email).map(\.path)) == ["subject", "template"])
    var other = base
    other["message_type"] = "pigeon"
    #expect(findings("messages.send", other).contains { $0.path == "message_type" })
  }

  @Test("a wrong body is not sent; check: false sends it")
  func notSent() async throws {
    let transport = FakeTransport(.success(.json([:])))
    let client = makeClient(transport)
    var request = APIRequest("POST", "/contacts", body: ["emial": "x"])
    let error = await failure { () async throws(APIError) in try await client.send(request) }
    #expect(error?.code == .invalidRequest)
    #expect(error?.findings.isEmpty == false)
    #expect(transport.requests.isEmpty)
    request.checksBody = false
    _ = try await client.send(request)
    #expect(transport.requests.count == 1)
  }
}
