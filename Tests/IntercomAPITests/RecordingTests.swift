// Recordings, replays and dry runs.

import ICSJSON
import Synchronization
import Testing

@testable import IntercomAPI

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
    let recorder = Recorder(facts: ["random_seed": 7]) { tape.write($0) }
    let client = client(recorder.transport(network, account: account))
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
    #expect(lines.count == 9)
    let documents = try lines.map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(documents[0]["random_seed"] == 7)
    #expect(documents[1]["base"] == "https://api.intercom.io" && documents[1]["choice"] == "own")
    #expect(documents[2]["status"] == 429 && documents[3]["status"] == 200)
    #expect(documents[3]["body"]?["role"] == "user")
    for secret in [canaryToken, "an0ther-token", "Authorization"] { #expect(!tape.text.contains(secret)) }
    #expect(documents[6]["answer"]?["app"]?["client_secret"] == "<secret>")
  }

  @Test("a replay answers the same, in the same order, without a network")
  func replay() async throws {
    let replay = try Recording(try await record().bytes, secrets: [Secret(canaryToken)])
    let account = try replay.account(for: .own)
    #expect(replay.facts["random_seed"] == 7 && account.baseURL.host == "api.intercom.io")
    let client = client(replay.transport(for: account))
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
    let recording = try Recording(try await record().bytes)
    let client = client(recording.transport(for: try recording.account(for: .own)))
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
      "", "x", "{}", #"{"ics_recording":2}"#, "{\"ics_recording\":1}\n[]",
      "{\"ics_recording\":1}\n{\"choice\":\"own\"}",
      "{\"ics_recording\":1}\n{\"choice\":\"own\",\"account\":\"a\",\"base\":\"x\"}",
      "{\"ics_recording\":1}\n{\"n\":1,\"method\":\"GET\",\"target\":\"/\",\"status\":9}",
    ])
  func damaged(text: String) {
    #expect(throws: APIError.self) { try Recording(Array(text.utf8)) }
  }

  @Test("each choice of an account leads where it led, also nowhere")
  func choices() async throws {
    let tape = Tape()
    let recorder = Recorder { tape.write($0) }
    let network = FakeTransport { (request, _) throws(TransportError) in
      .json(["for": .string(request.header("Authorization") ?? "")])
    }
    let other = Account(accessToken: Secret("0ther-token-1"), baseURL: .intercom(.eu), name: "other")
    let userToken = "eyJhbGciOiJSUzI1NiJ9.e30.signature"
    let own = client(recorder.transport(network, account: account))
    let second = client(recorder.transport(network, account: other, choice: .named("other")))
    recorder.record(other, of: .user(project: "shop", token: userToken))
    recorder.record(APIError(.auth, "there is no account 'x'"), of: .named("x"))
    _ = try await own.call("tags.list")
    _ = try await second.call("tags.list")
    for secret in [canaryToken, "0ther-token-1", userToken] { #expect(!tape.text.contains(secret)) }
    let recording = try Recording(tape.bytes)
    #expect(try recording.account(for: .named("other")).baseURL.host == "api.eu.intercom.io")
    #expect(try recording.account(for: .user(project: "shop", token: userToken)).name == "other")
    #expect(throws: APIError.self) { try recording.account(for: .user(project: "shop", token: userToken + "x")) }
    do throws(APIError) {
      _ = try recording.account(for: .named("x"))
      Issue.record("it led nowhere")
    } catch {
      #expect(error.code == .auth && error.message == "there is no account 'x'")
    }
    #expect(throws: APIError.self) { try recording.account(for: .named("never")) }
    let replayed = client(recording.transport(for: try recording.account(for: .named("other"))))
    #expect(try await replayed.call("tags.list")["for"] == "Bearer <secret>")
    let again = await failure { () async throws(APIError) in try await replayed.call("tags.list") }
    #expect(again?.message.contains("more often") == true, "the other account's answer is not this one's")
  }

  @Test("of calls that ask for the same, each gets its own answer, whichever is sent first")
  func origins() async throws {
    let tape = Tape()
    let network = FakeTransport { (_, count) throws(TransportError) in .json(["id": .int(count)]) }
    let recorder = Recorder { tape.write($0) }
    let recorded = client(recorder.transport(network, account: account))
    for call in [2, 1] {
      try await RequestOrigin.$number.withValue(call) { _ = try await recorded.call("tags.list") }
    }
    let recording = try Recording(tape.bytes)
    let replayed = client(recording.transport(for: try recording.account(for: .own)))
    for (call, id) in [(1, 1), (2, 0)] {
      let answer = try await RequestOrigin.$number.withValue(call) { try await replayed.call("tags.list") }
      #expect(answer["id"] == .int(id))
    }
  }

  @Test("readings of the clock are kept where the time changes")
  func times() throws {
    let tape = Tape()
    let recorder = Recorder { tape.write($0) }
    for time in [5, 5, 6, 6, 6, 9] { recorder.record(time: time) }
    let times = try Recording(tape.bytes).times
    #expect(times.map(\.read) == [0, 2, 5] && times.map(\.seconds) == [5, 6, 9])
  }

  @Test("a recording without a request has a head all the same, once")
  func empty() throws {
    let tape = Tape()
    let recorder = Recorder(facts: ["random_seed": 1]) { tape.write($0) }
    #expect(tape.bytes.isEmpty)
    recorder.finish()
    recorder.finish()
    #expect(try Recording(tape.bytes).facts["random_seed"] == 1)
    #expect(tape.text.split(separator: "\n").count == 1)
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
    // What the tag is attached to was not read before, so it is now.
    #expect(network.requests.map(\.target) == ["/contacts/c"])
    #expect(changes.all.count == 5)
    #expect(changes.all[0].differences.map(\.description) == [#"role: "user""#, #"email: "a@x.io""#])
  }

  @Test("an object that was not read is read before its first write, and once")
  func unread() async throws {
    let (client, network, changes) = dryRun { _ in ["type": "contact", "id": "c1", "name": "Wash"] }
    let answer = try await client.contacts.update("c1", ["name": "Hoban"])
    _ = try await client.contacts.update("c1", ["name": "Wash"])
    #expect(answer["type"] == "contact" && answer["name"] == "Hoban")
    #expect(network.requests.map(\.method) == ["GET"])
    #expect(
      changes.all.map { $0.differences.map(\.description) } == [
        [#"name: "Wash" -> "Hoban""#], [#"name: "Hoban" -> "Wash""#],
      ])
    #expect(try await client.contacts.get("c1")["name"] == "Wash", "a read shows what was written")
  }

  @Test("a write to what is not there, or was deleted here, is refused as the API would")
  func missing() async throws {
    let network = FakeTransport { (_, _) throws(TransportError) in .error(404, "not_found", "User Not Found") }
    let account = Account(accessToken: Secret(canaryToken))
    let changes = Changes()
    let transport = DryRunTransport(network, account: account) { changes.add($0) }
    let client = IntercomClient(account: account, transport: transport, clock: VirtualClock().clock)
    let error = await failure { () async throws(APIError) in try await client.contacts.update("x", ["name": "A"]) }
    #expect(error?.code == .notFound && changes.all.isEmpty)
    let made = try await client.contacts.create(["role": "lead"])
    let id = try #require(made["id"]?.stringValue)
    _ = try await client.contacts.delete(id)
    let gone = await failure { () async throws(APIError) in try await client.contacts.get(id) }
    let again = await failure { () async throws(APIError) in try await client.contacts.delete(id) }
    #expect(gone?.code == .notFound && again?.code == .notFound)
    #expect(changes.all.map(\.method) == ["POST", "DELETE"] && network.requests.count == 1)
  }

  @Test("answers have the status and the other fields of the API's")
  func shapes() async throws {
    let (client, _, _) = dryRun { request in
      request.url.hasSuffix("/conversations/1")
        ? ["type": "conversation", "id": "1", "open": true] : ["id": "c", "type": "contact"]
    }
    let made = try await client.contacts.create(["role": "lead"])
    #expect(made["created_at"]?.intValue != nil && made.objectValue?["name"] == .null)
    #expect(made["custom_attributes"] == [:])
    let event: JSONValue = ["event_name": "e", "created_at": 1, "user_id": "u"]
    let answer = try await client.send(APIRequest("POST", "/events", body: event))
    #expect(answer.status == 202 && answer.body.isEmpty)
    let reply: JSONValue = ["message_type": "comment", "type": "admin", "admin_id": "1", "body": "Hi"]
    let conversation = try await client.send(APIRequest("POST", "/conversations/1/reply", body: reply)).json()
    #expect(conversation["type"] == "conversation" && conversation["open"] == true)
    let merged = try await client.send(APIRequest("POST", "/contacts/merge", body: ["from": "a", "into": "c"])).json()
    #expect(merged["id"] == "c")
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
