// Recordings, replays and dry runs.

import ICSJSON
import IntercomAPI
import Synchronization
import Testing

/// Collects what a recording writes.
private final class Tape: Sendable {
  private let content = Mutex<[UInt8]>([])

  var bytes: [UInt8] { content.withLock { $0 } }
  var text: String { String(decoding: bytes, as: UTF8.self) }
  func write(_ bytes: [UInt8]) { content.withLock { $0 += bytes } }
}

@Suite struct RecordingTests {
  private let account = Account(accessToken: Secret(canaryToken))

  private func client(_ transport: any HTTPTransport) -> IntercomClient {
    IntercomClient(account: account, transport: transport, clock: VirtualClock().clock)
  }

  /// Records a few exchanges: a create that is refused at first, two same reads with different answers, a bad page.
  private func record() async throws -> Tape {
    let tape = Tape()
    let network = FakeTransport { (request, count) throws(TransportError) in
      switch (request.method, String(request.target.prefix { $0 != "?" }), count) {
      case ("POST", "/contacts", 0): return .error(429, "rate_limit_exceeded", headers: [("Retry-After", "1")])
      case ("POST", "/contacts", _): return .json(["id": "1", "echo": .string("Bearer \(canaryToken)"), "n": 1.5])
      case ("GET", "/tags/1", _): throw TransportError(.unknownHost, detail: canaryToken)
      case ("GET", "/tags/2", _):
        return TransportResponse(status: 200, body: Array("<html>\(canaryToken)</html>".utf8))
      case ("GET", "/me", _): return .json(["id": "a", "access_token": "an0ther-token", "app": ["client_secret": "s"]])
      default: return .json(["count": .int(count)])
      }
    }
    let client = client(
      RecordingTransport(network, account: account, facts: ["random_seed": 7]) { tape.write($0) })
    _ = try await client.call("contacts.create", body: ["role": "user", "name": .string("N \(canaryToken)")])
    _ = try await client.call("contacts.get", parameters: ["contact_id": "x"])
    _ = try await client.call("contacts.get", parameters: ["contact_id": "x"])
    _ = try await client.call("admins.me")
    _ = await failure { () async throws(APIError) in
      try await client.send(APIRequest("GET", "/tags/1", retries: 0))
    }
    _ = try await client.send(APIRequest("GET", "/tags/2", query: [("t", .string(canaryToken))]))
    return tape
  }

  @Test("a recording holds each exchange as a document, and no secret")
  func recorded() async throws {
    let tape = try await record()
    let lines = tape.text.split(separator: "\n")
    #expect(lines.count == 8)
    let documents = try lines.map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(documents[0]["base"] == "https://api.intercom.io")
    #expect(documents[1]["status"] == 429 && documents[2]["status"] == 200)
    #expect(documents[2]["body"]?["role"] == "user")
    for secret in [canaryToken, "an0ther-token", "Authorization"] { #expect(!tape.text.contains(secret)) }
    #expect(documents[5]["answer"]?["app"]?["client_secret"] == "<secret>")
  }

  @Test("a replay answers the same, in the same order, without a network")
  func replay() async throws {
    let replay = try ReplayTransport(try await record().bytes, secrets: [Secret(canaryToken)])
    #expect(replay.facts["random_seed"] == 7 && replay.baseURL.host == "api.intercom.io")
    let client = client(replay)
    let made = try await client.call(
      "contacts.create", body: ["role": "user", "name": .string("N \(canaryToken)")])
    #expect(made["id"] == "1" && made["n"] == 1.5)
    #expect(try await client.call("contacts.get", parameters: ["contact_id": "x"])["count"] == 2)
    #expect(try await client.call("contacts.get", parameters: ["contact_id": "x"])["count"] == 3)
    let lost = await failure { () async throws(APIError) in
      try await client.send(APIRequest("GET", "/tags/1", retries: 0))
    }
    #expect(lost?.code == .network && lost?.message.contains("no host") == true)
    let page = try await client.send(APIRequest("GET", "/tags/2", query: [("t", .string(canaryToken))]))
    #expect(page.body == Array("<html><secret></html>".utf8))
    #expect(replay.remaining == 1)
  }

  @Test("a request that was not recorded fails, and shows the nearest")
  func unmatched() async throws {
    let client = client(try ReplayTransport(try await record().bytes))
    let body = await failure { () async throws(APIError) in
      try await client.call("contacts.create", body: ["role": "lead"])
    }
    #expect(body?.code == .network)
    #expect(body?.message.contains(#"body.role: "user" -> "lead""#) == true, "\(body?.message ?? "")")
    let path = await failure { () async throws(APIError) in
      try await client.call("contacts.get", parameters: ["contact_id": "y"])
    }
    #expect(path?.message.contains("GET /contacts/x") == true, "\(path?.message ?? "")")
    for _ in 0..<2 { _ = try await client.call("contacts.get", parameters: ["contact_id": "x"]) }
    let often = await failure { () async throws(APIError) in
      try await client.call("contacts.get", parameters: ["contact_id": "x"])
    }
    #expect(often?.message.contains("more often") == true, "\(often?.message ?? "")")
    // A hundred requests that are not there are no outage.
    for _ in 0..<100 {
      let error = await failure { () async throws(APIError) in try await client.call("tags.list") }
      #expect(error?.message.contains("recording") == true)
    }
  }

  @Test(
    "what is no recording is said",
    arguments: [
      "", "x", "{}", #"{"ics_recording":2}"#, #"{"ics_recording":1}"#, #"{"ics_recording":1,"base":"x"}"#,
      "{\"ics_recording\":1,\"base\":\"https://api.intercom.io\"}\n[]",
      "{\"ics_recording\":1,\"base\":\"https://api.intercom.io\"}\n{\"n\":1,\"method\":\"GET\",\"target\":\"/\",\"status\":9}",
    ])
  func damaged(text: String) {
    #expect(throws: APIError.self) { try ReplayTransport(Array(text.utf8)) }
  }
}

@Suite struct DryRunTests {
  private func dryRun(
    _ answer: @escaping @Sendable (TransportRequest) -> JSONValue = { _ in [:] }
  ) -> (client: IntercomClient, network: FakeTransport, changes: Changes) {
    let network = FakeTransport { (request, _) throws(TransportError) in .json(answer(request)) }
    let changes = Changes()
    let account = Account(accessToken: Secret(canaryToken))
    let transport = DryRunTransport(network, account: account) { changes.add($0) }
    return (
      IntercomClient(account: account, transport: transport, clock: VirtualClock().clock), network, changes
    )
  }

  @Test("an update is not sent; it is compared with the object that was read, and answered as the API would")
  func update() async throws {
    let (client, network, changes) = dryRun { _ in
      ["type": "contact", "id": "c1", "name": "Wash", "email": "w@x.io", "custom_attributes": ["plan": "pro", "n": 1]]
    }
    _ = try await client.call("contacts.get", parameters: ["contact_id": "c1"])
    let answer = try await client.contacts.update("c1", ["name": "Hoban", "custom_attributes": ["plan": "free"]])
    #expect(answer["name"] == "Hoban" && answer["email"] == "w@x.io" && answer["id"] == "c1")
    #expect(answer["custom_attributes"] == ["plan": "free", "n": 1])
    #expect(network.requests.map(\.method) == ["GET"])
    let change = try #require(changes.all.first)
    #expect(change.wasRead && change.operation == "contacts.update")
    #expect(
      change.differences.map(\.description) == [
        #"name: "Wash" -> "Hoban""#, #"custom_attributes.plan: "pro" -> "free""#,
      ])
    #expect(change.description.hasPrefix("would send PUT /contacts/c1 (contacts.update)\n  name:"))
  }

  @Test("items of a listing and a search count as read")
  func listed() async throws {
    let (client, _, changes) = dryRun { _ in ["data": [["id": "c1", "name": "A"]]] }
    _ = try await client.contacts.search(["field": "role", "operator": "=", "value": "user"]).allItems()
    _ = try await client.contacts.update("c1", ["name": "B"])
    #expect(changes.all.map(\.wasRead) == [true])
    _ = try await client.contacts.update("c2", ["name": "B"])
    #expect(changes.all.map(\.wasRead) == [true, false])
  }

  @Test("what is made has an id of the API's form, and can be read")
  func made() async throws {
    let (client, network, changes) = dryRun()
    let one = try await client.contacts.create(["role": "user", "email": "a@x.io"])
    let two = try await client.contacts.create(["role": "lead"])
    let id = try #require(one["id"]?.stringValue)
    #expect(id.count == 24 && id.allSatisfy(\.isHexDigit) && one["id"] != two["id"])
    #expect(one["type"] == "contact" && one["email"] == "a@x.io")
    #expect(try await client.contacts.get(id)["email"] == "a@x.io")
    _ = try await client.contacts.archive(id)
    #expect(try await client.contacts.delete(id)["deleted"] == true)
    _ = try await client.call("contacts.attach_tag", parameters: ["contact_id": "c"], body: ["id": "t"])
    #expect(network.requests.isEmpty)
    #expect(changes.all.count == 5)
    #expect(changes.all[0].differences.map(\.description) == [#"role: "user""#, #"email: "a@x.io""#])
  }

  @Test("a wrong body is an error in a dry run too")
  func checked() async {
    let (client, network, changes) = dryRun()
    let error = await failure { () async throws(APIError) in try await client.contacts.create(["emial": "x"]) }
    #expect(error?.code == .invalidRequest)
    #expect(network.requests.isEmpty && changes.all.isEmpty)
  }
}

/// A list behind a lock.
private final class Changes: Sendable {
  private let items = Mutex<[DryRunChange]>([])

  var all: [DryRunChange] { items.withLock { $0 } }
  func add(_ item: DryRunChange) { items.withLock { $0.append(item) } }
}
