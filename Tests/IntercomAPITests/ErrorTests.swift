import ICSJSON
import IntercomAPI
import Testing

@Suite struct ErrorTests {
  private func error(
    _ answer: Result<TransportResponse, TransportError>, _ request: APIRequest = APIRequest("GET", "/contacts/1")
  ) async -> APIError? {
    let client = makeClient(FakeTransport(answer)) { $0.retryPolicy.maximumAttempts = 1 }
    return await failure { () async throws(APIError) in try await client.send(request) }
  }

  @Test(
    "a status has its code",
    arguments: [
      (400, APIError.Code.invalidRequest), (401, .auth), (403, .http), (404, .notFound), (409, .conflict),
      (410, .notFound), (422, .invalidRequest), (429, .rateLimit), (408, .timeout), (500, .http), (503, .http),
      (302, .http), (418, .http),
    ])
  func codes(status: Int, code: APIError.Code) async {
    let error = await error(.success(.error(status, "some_code", "Some message")))
    #expect(error?.code == code)
    #expect(error?.status == status)
    #expect(error?.requestID == "req-1")
    #expect(error?.errors == [APIError.Detail(code: "some_code", message: "Some message")])
    #expect(error?.method == "GET")
    #expect(error?.path == "/contacts/1")
    #expect(error?.data["code"] == "some_code")
  }

  @Test("an error page of a proxy is shown from its beginning, made harmless")
  func proxyPage() async {
    let page = TransportResponse(status: 502, body: Array("<html>\u{1B}[31mBad gateway \(canaryToken)</html>".utf8))
    let message = await error(.success(page))?.message ?? ""
    #expect(message.contains("Bad gateway"))
    #expect(!message.contains("\u{1B}"))
    #expect(!message.contains(canaryToken))
  }

  @Test("a success that is not JSON, or is empty, is an error when its body is wanted")
  func notJSON() async throws {
    let html = FakeTransport(.success(TransportResponse(status: 200, body: Array("<html>\(canaryToken)".utf8))))
    let answer = try await makeClient(html).send(APIRequest("GET", "/me"))
    let error = #expect(throws: APIError.self) { try answer.json() }
    #expect(error?.message.contains("<html>") == true)
    #expect(error?.message.contains(canaryToken) == false)
    let empty = FakeTransport(.success(TransportResponse(status: 200)))
    let nothing = try await makeClient(empty).send(APIRequest("GET", "/me"))
    #expect(throws: APIError.self) { try nothing.json() }
    let accepted = FakeTransport(.success(TransportResponse(status: 202)))
    let event = try await makeClient(accepted).send(
      APIRequest("POST", "/events", body: ["event_name": "x", "created_at": 1, "user_id": "1"]))
    #expect(try event.json() == .null)
  }

  @Test(
    "a connection that fails has its sentence",
    arguments: [
      (TransportError.Kind.cannotConnect, APIError.Code.network), (.unknownHost, .network), (.insecure, .network),
      (.connectTimeout, .timeout), (.timeout, .timeout), (.connectionLost, .network), (.bodyTooLarge, .http),
      (.malformedAnswer, .http), (.cancelled, .cancelled),
    ])
  func lost(kind: TransportError.Kind, code: APIError.Code) async {
    let error = await error(.failure(TransportError(kind)))
    #expect(error?.code == code)
    #expect(error?.status == nil)
  }

  @Test("a token appears in no error, in clear or in Base64")
  func canary() async {
    let basic = "VG9rZW46" + "x"
    for shown in [canaryToken, "Bearer \(canaryToken)", basic] {
      let echo = TransportResponse.error(401, "unauthorized", "you sent \(shown)")
      let error = await error(.success(echo))
      #expect(error.map { "\($0) \($0.data.serialized())" }?.contains(canaryToken) == false)
    }
    let lost = await error(.failure(TransportError(.connectionLost, detail: "header Bearer \(canaryToken)")))
    #expect(lost?.message.contains(canaryToken) == false)
  }

  @Test("a secret does not print, however it is printed")
  func secret() {
    let secret = Secret(canaryToken + "\n")
    #expect(secret.reveal() == canaryToken)
    var dumped = ""
    dump(Account(accessToken: secret), to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), String(describing: Optional(secret)), dumped] {
      #expect(!text.contains(canaryToken))
    }
  }

  @Test("a redactor finds Base64 at every alignment", arguments: ["", "a", "ab", "Bearer ", "token:"])
  func base64(prefix: String) {
    let redactor = Redactor(secrets: [Secret("s3cret-t0ken-value")])
    let text = base64Text(Array((prefix + "s3cret-t0ken-value" + ":tail").utf8))
    #expect(redactor.redact("x \(text) y") != "x \(text) y")
    #expect(redactor.redact("nothing here") == "nothing here")
  }

  private func base64Text(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
    while bits.count % 6 != 0 { bits.append(0) }
    return String(
      stride(from: 0, to: bits.count, by: 6).map { start in
        alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }]
      })
  }
}
