// Makes a notification of the sandbox's data, or of a file.

import ICSDurable
import ICSJSON
import IntercomAPI
import IntercomHooks
import IntercomSandbox

/// What `ics trigger` sends.
struct NotificationMaker: Sendable {
  let topic: String
  let file: String?

  private static let maximumFileSize = 16 << 20

  /// The notification, with fields of its object changed.
  func make(_ changes: [FieldChange]) async throws -> JSONValue {
    let now = Timestamp.now.seconds
    var envelope: JSONValue = [
      "type": "notification_event", "app_id": "ics_sandbox", "id": .string("notif_" + Self.uuid()),
      "topic": .string(topic), "created_at": .int(now), "first_sent_at": .int(now), "delivery_attempts": 1,
      "delivery_status": "pending", "delivered_at": 0, "links": [:], "self": nil,
    ]
    var item: JSONValue
    if let file {
      let given = try parsed(file)
      if given["type"]?.stringValue == "notification_event" {
        item = given["data"]?["item"] ?? .null
        for (key, value) in given.objectValue ?? [:] where key != "data" { envelope[key] = value }
        envelope["topic"] = .string(topic)
      } else {
        item = given
      }
    } else {
      item = try await SandboxObjects.withSandbox { objects in try await objects.item(of: topic, now: now) }
    }
    for change in changes { item = change.applied(to: item) }
    envelope["topic"] = .string(Self.fullTopic(topic, item: item))
    envelope["data"] = ["type": "notification_event_data", "item": item]
    return envelope
  }

  private func parsed(_ file: String) throws -> JSONValue {
    let bytes = try InputFile.read(file, limit: Self.maximumFileSize)
    do { return try JSONValue(parsing: bytes) } catch {
      throw UsageError(message: "'\(file)' is no JSON: \(error)")
    }
  }

  /// Intercom has no topic for users and leads together: the object says which of the two it is.
  private static func fullTopic(_ topic: String, item: JSONValue) -> String {
    guard let covered = TopicPattern.short.first(where: { $0.name == topic })?.covers else { return topic }
    let role = item["role"]?.stringValue == "lead" ? "lead" : "user"
    return covered.first { $0.contains(".\(role).") } ?? topic
  }

  private static func uuid() -> String {
    let digits = Array("0123456789abcdef")
    let text = (0..<32).map { _ in String(digits[Int.random(in: 0..<16)]) }
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { text[$0].joined() }.joined(separator: "-")
  }
}

/// Objects of the sandbox's workspace: the newest of a kind, or one that is made. Nobody is told of what is made here.
struct SandboxObjects: Sendable {
  private let client: IntercomClient

  /// Opens the sandbox for as long as a closure runs.
  static func withSandbox<R: Sendable>(_ body: (SandboxObjects) async throws -> R) async throws -> R {
    let path = Environment.fileInHome("sandbox.sqlite")
    let sandbox = try await Sandbox.start(Sandbox.Configuration(database: .path(path)))
    let account = Account(
      accessToken: Secret(sandbox.accessToken), baseURL: try BaseURL(sandbox.url), name: "sandbox")
    let client = IntercomClient(account: account)
    let result: Result<R, any Error>
    do { result = .success(try await body(SandboxObjects(client: client))) } catch { result = .failure(error) }
    await client.shutdown()
    await sandbox.stop()
    return try result.get()
  }

  /// The object that a notification of a topic is about.
  func item(of topic: String, now: Int) async throws -> JSONValue {
    let parts = topic.split(separator: ".").map(String.init)
    let kind = parts.first ?? "item"
    let id = JSONValue.string(String(now))
    switch kind {
    case "contact" where parts.contains("tag"):
      let tag = try await client.send(APIRequest("POST", "/tags", body: ["name": "from ics trigger"])).json()
      let contact = try await contact(role: parts.contains("lead") ? "lead" : "user", now: now)
      return ["type": "contact_tag", "created_at": .int(now), "tag": tag, "contact": contact]
    case "contact", "visitor":
      let contact = try await contact(
        role: parts.contains("lead") ? "lead" : parts.contains("user") ? "user" : nil, now: now)
      guard parts.last == "deleted" else { return contact }
      return ["type": "contact", "id": contact["id"] ?? .null, "deleted": true]
    case "company":
      let company = try await company(now: now)
      guard parts.contains("contact") else { return company }
      return ["type": "company.contact", "company": company, "contact": try await contact(role: nil, now: now)]
    case "conversation", "conversation_part": return try await conversation(now: now)
    case "ticket": return try await newest(at: "/tickets/search", "tickets", where: []) ?? ["type": "ticket", "id": id]
    case "admin": return try await first(at: "/admins", "admins") ?? ["type": "admin", "id": id]
    case "article": return try await first(at: "/articles", "data") ?? ["type": "article", "id": id]
    case "ping": return ["type": "ping", "message": "something something interzen"]
    default: return ["type": .string(kind), "id": id, "created_at": .int(now)]
    }
  }

  private func contact(role: String?, now: Int) async throws -> JSONValue {
    let condition: [JSONValue] = role.map { [["field": "role", "operator": "=", "value": .string($0)]] } ?? []
    if let found = try await newest(at: "/contacts/search", "data", where: condition) { return found }
    return try await client.send(
      APIRequest(
        "POST", "/contacts",
        body: [
          "role": .string(role ?? "user"), "email": .string("ada.\(now)@example.com"), "name": "Ada Lovelace",
        ])
    ).json()
  }

  private func company(now: Int) async throws -> JSONValue {
    let listed = try await client.send(APIRequest("POST", "/companies/list")).json()["data"]?.arrayValue ?? []
    if let found = Self.newest(of: listed) { return found }
    return try await client.send(
      APIRequest("POST", "/companies", body: ["company_id": .string("acme-\(now)"), "name": "Acme"])
    ).json()
  }

  private func conversation(now: Int) async throws -> JSONValue {
    if let found = try await newest(at: "/conversations/search", "conversations", where: []),
      let id = found["id"]?.stringValue
    {
      return try await client.send(APIRequest("GET", "/conversations/\(id)")).json()
    }
    let contact = try await contact(role: "user", now: now)
    let made = try await client.send(
      APIRequest(
        "POST", "/conversations",
        body: ["from": ["type": "user", "id": contact["id"] ?? .null], "body": "Hello, is anybody there?"])
    ).json()
    guard let id = made["conversation_id"]?.stringValue ?? made["id"]?.stringValue else { return made }
    return try await client.send(APIRequest("GET", "/conversations/\(id)")).json()
  }

  /// The object that was made last among those that fulfil conditions.
  private func newest(at path: String, _ field: String, where conditions: [JSONValue]) async throws -> JSONValue? {
    let all: [JSONValue] = [["field": "created_at", "operator": ">", "value": 0]] + conditions
    var body: JSONValue = [
      "query": ["operator": "AND", "value": .array(all)], "pagination": ["per_page": 150],
    ]
    // Contacts alone come in an order of one's choice.
    if path.hasPrefix("/contacts") { body["sort"] = ["field": "created_at", "order": "descending"] }
    let answer = try await client.send(APIRequest("POST", path, body: body)).json()
    return Self.newest(of: answer[field]?.arrayValue ?? [])
  }

  /// The object that was made last on the first page of a listing.
  private func first(at path: String, _ field: String) async throws -> JSONValue? {
    let items = try await client.send(APIRequest("GET", path)).json()[field]?.arrayValue ?? []
    return Self.newest(of: items)
  }

  private static func newest(of items: [JSONValue]) -> JSONValue? {
    items.max { ($0["created_at"]?.intValue ?? 0) < ($1["created_at"]?.intValue ?? 0) }
  }
}
