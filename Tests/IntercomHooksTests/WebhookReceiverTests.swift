import Foundation
import ICSDurable
import ICSJSON
import IntercomAPI
import Testing

@testable import IntercomHooks

@Suite struct WebhookReceiverTests {
  private static let body = TestService.body("contact.user.created", item: ["type": "contact", "id": "1"], id: "n1")
  private static let good = WebhookSignature.sign(body, secret: TestService.secret)

  private func receiver(_ store: any DurableStore = MemoryStore(), limits: WebhookReceiver.Limits = .init())
    -> WebhookReceiver
  {
    WebhookReceiver(secrets: [TestService.secret], store: store, limits: limits) { _ in [] }
  }

  @Test(
    "a signature of another form or another body is refused, and nothing is stored",
    arguments: [
      "", "sha1=", String(good.dropLast()), good + "0", good.uppercased(), "sha1=" + good.dropFirst(5).uppercased(),
      "sha256=" + good.dropFirst(5), "sha1=" + String(repeating: "g", count: 40), String(good.dropFirst(5)),
      "sha1=" + String(repeating: "0", count: 40), " " + good,
    ])
  func badSignatures(signature: String) async throws {
    let store = MemoryStore()
    let answer = await receiver(store).receive(TestService.request(Self.body, signature: signature))
    #expect(answer.status == 401)
    #expect(try await store.events(EventFilter()).isEmpty)
  }

  @Test("no signature and two signatures are refused")
  func signatureCount() async {
    for signatures in [[], [Self.good, Self.good]] {
      let request = WebhookRequest(method: "POST", signatures: signatures, body: Self.body)
      #expect(await receiver().receive(request).status == 401)
    }
  }

  @Test("the signature is over the bytes that came, not over the same JSON written anew")
  func rawBytes() async throws {
    let spaced = Array(try JSONValue(parsing: Self.body).serialized(indent: 2).utf8)
    #expect(await receiver().receive(TestService.request(spaced, signature: Self.good)).status == 401)
    #expect(await receiver().receive(TestService.request(spaced)).status == 200)
  }

  @Test("without a secret every webhook is refused, also one signed with an empty one")
  func noSecret() async {
    let signature = WebhookSignature.sign(Self.body, secret: Secret(""))
    for secrets in [[], [Secret("")]] {
      let receiver = WebhookReceiver(secrets: secrets, store: MemoryStore()) { _ in [] }
      #expect(await receiver.receive(TestService.request(Self.body, signature: signature)).status == 401)
    }
  }

  @Test("two secrets are taken while one is being changed")
  func rotation() async {
    let receiver = WebhookReceiver(secrets: [Secret("new"), TestService.secret], store: MemoryStore()) { _ in [] }
    #expect(await receiver.receive(TestService.request(Self.body)).status == 200)
  }

  @Test("the same notification a hundred times is one event; with another body it is a conflict")
  func duplicates() async throws {
    let store = MemoryStore()
    let receiver = receiver(store)
    #expect(await receiver.receive(TestService.request(Self.body)).body.contains("accepted"))
    for _ in 0..<99 {
      let answer = await receiver.receive(TestService.request(Self.body))
      #expect(answer.status == 200 && answer.body.contains("duplicate"))
    }
    // Intercom counts its attempts in the body: that is no other body.
    var again = try JSONValue(parsing: Self.body)
    again["delivery_attempts"] = 2
    #expect(await receiver.receive(TestService.request(again.serializedBytes())).body.contains("duplicate"))
    #expect(try await store.counters().conflicts == 0)
    let other = TestService.body("contact.user.created", item: ["type": "contact", "id": "2"], id: "n1")
    #expect(await receiver.receive(TestService.request(other)).status == 200)
    #expect(try await store.counters().conflicts == 1)
    #expect(try await store.events(EventFilter()).count == 1)
  }

  @Test(
    "what changes from delivery to delivery is no part of the content, wherever it stands",
    arguments: [
      (#"{"topic":"a","delivery_attempts":1,"data":{}}"#, #"{"topic":"a","delivery_attempts":22,"data":{}}"#, true),
      (#"{"topic":"a","data":{},"delivered_at":0}"#, #"{"topic":"a","data":{}}"#, true),
      (#"{"delivered_at":0,"delivery_status":"\"}","topic":"a"}"#, #"{"delivery_attempts":[1,{}],"topic":"a"}"#, true),
      (#"{"delivery_status":null,"topic":"a","delivered_at":1}"#, #"{"topic":"a"}"#, true),
      (#"{"topic":"a","x":"delivered_at"}"#, #"{"topic":"a","x":"delivered_to"}"#, false),
      (#"{"topic":"a","data":{"delivered_at":1}}"#, #"{"topic":"a","data":{"delivered_at":2}}"#, false),
      (#"{"topic":"a","x\"delivered_at":1}"#, #"{"topic":"a","x\"delivered_at":2}"#, false),
      (#"{"topic":"a","x":1}"#, #"{"topic":"a","x":2}"#, false),
    ])
  func content(one: String, other: String, isSame: Bool) throws {
    let hashes = try [one, other].map { try WebhookNotification(body: Array($0.utf8)).contentHash }
    #expect((hashes[0] == hashes[1]) == isSame)
  }

  @Test(
    "a signed body that is no notification is refused for good",
    arguments: [
      "", "{", "[1]", "7", "\"x\"", "{\"id\": \"n\"}", "{\"topic\": 7}", "{\"topic\": \"\"}",
      "{\"topic\": \"\(String(repeating: "t", count: 1_000_000))\"}",
      String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000),
      "{\"topic\": \"x\", \"data\": \(String(repeating: "[", count: 500))\(String(repeating: "]", count: 500))}",
      "{\"topic\": \"x\"} trailing",
    ])
  func malformed(text: String) async throws {
    let store = MemoryStore()
    #expect(await receiver(store).receive(TestService.request(Array(text.utf8))).status == 400)
    #expect(try await store.events(EventFilter()).isEmpty)
  }

  @Test("a topic that no hook is for is stored and answered 200")
  func unknownTopics() async throws {
    let store = MemoryStore()
    let body = TestService.body("acme.never.heard.of", item: .null, id: "x")
    #expect(await receiver(store).receive(TestService.request(body)).status == 200)
    #expect(try await store.events(EventFilter()).first?.topic == "acme.never.heard.of")
  }

  @Test("ping is answered and not stored")
  func ping() async throws {
    let store = MemoryStore()
    let body = TestService.body("ping", item: ["type": "ping", "message": "hello"], id: "p")
    #expect(await receiver(store).receive(TestService.request(body)).body.contains("pong"))
    #expect(try await store.events(EventFilter()).isEmpty)
  }

  @Test("HEAD is answered 200, other methods 405, a large body 413")
  func shapes() async {
    #expect(await receiver().receive(WebhookRequest(method: "HEAD", signatures: [], body: [])).status == 200)
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
      let answer = await receiver().receive(WebhookRequest(method: method, signatures: [], body: []))
      #expect(answer.status == 405 && answer.headers["Allow"] == "POST, HEAD")
    }
    let large = [UInt8](repeating: 32, count: (1 << 20) + 1)
    #expect(await receiver().receive(TestService.request(large)).status == 413)
  }

  @Test(
    "a store that cannot store is 503, and too long a backlog 429",
    arguments: [DurableError.Trouble.full, .readOnly, .locked])
  func trouble(trouble: DurableError.Trouble) async {
    let answer = await receiver(FailingStore(trouble: trouble)).receive(TestService.request(Self.body))
    #expect(answer.status == 503 && answer.headers["Retry-After"] != nil)
    var limits = WebhookReceiver.Limits()
    limits.backlog = 0
    let full = await receiver(limits: limits).receive(TestService.request(Self.body))
    #expect(full.status == 429 && full.headers["Retry-After"] != nil)
  }

  @Test(
    "events of one contact share a key",
    arguments: [
      ("contact.user.created", "{\"type\": \"contact\", \"id\": \"1\"}", "contact:1"),
      ("contact.user.tag.created", "{\"type\": \"contact_tag\", \"contact\": {\"id\": \"1\"}}", "contact:1"),
      ("company.created", "{\"type\": \"company\", \"id\": 5}", "company:5"),
      ("conversation.read", "{\"type\": \"conversation\", \"id\": \"9\"}", "conversation:9"),
      ("ticket.closed", "{\"ticket\": {\"id\": \"3\"}}", "ticket:3"),
      ("ticket.resolved", "{\"type\": \"ticket\", \"id\": \"3\"}", "ticket:3"),
      ("ping", "{\"type\": \"ping\"}", nil), ("x", "null", nil), ("x", "{\"id\": {}}", nil),
    ] as [(String, String, String?)])
  func orderKeys(topic: String, item: String, key: String?) throws {
    let body = TestService.body(topic, item: try JSONValue(parsing: item), id: "1")
    #expect(try WebhookNotification(body: body).orderKey == key)
  }

  @Test("how long a comparison takes does not tell how many bytes are right")
  func timing() {
    // Digests with 0 to 19 equal bytes in front, and the one that is equal, in random order: the t-statistic of the
    // correlation between that number and the time, as dudect asks for. `ICS_COMPARES=1000000` is the full size.
    let compares = ProcessInfo.processInfo.environment["ICS_COMPARES"].flatMap { Int($0) } ?? 80_000
    let expected = [UInt8](repeating: 7, count: 20)
    let others = (0...20).map { equal in expected.indices.map { $0 < equal ? 7 : UInt8(1) } }
    let clock = ContinuousClock()
    var (count, prefixes, times, products, prefixSquares, timeSquares) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    var wrong = 0
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<compares / 4 {
      let equal = Int.random(in: 0...20, using: &generator)
      let other = others[equal]
      var result = false
      let time = clock.measure { for _ in 0..<4 { result = WebhookSignature.isEqual(expected, other) } }
      if result != (equal == 20) { wrong += 1 }
      // What the scheduler did to a measurement says nothing about the comparison.
      let nanoseconds = time / .nanoseconds(1)
      guard nanoseconds < 100_000 else { continue }
      let prefix = Double(equal)
      count += 1
      prefixes += prefix
      times += nanoseconds
      products += prefix * nanoseconds
      prefixSquares += prefix * prefix
      timeSquares += nanoseconds * nanoseconds
    }
    #expect(wrong == 0)
    let together = count * products - prefixes * times
    let apart = (count * prefixSquares - prefixes * prefixes) * (count * timeSquares - times * times)
    let correlation = together / apart.squareRoot()
    let t = correlation * ((count - 2) / (1 - correlation * correlation)).squareRoot()
    #expect(abs(t) < 4.5, "t = \(t)")
  }
}
