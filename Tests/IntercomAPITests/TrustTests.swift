import ICSJSON
import IntercomAPI
import Testing

@Suite struct WebhookSignatureTests {
  @Test("the signature is the HMAC of the bytes that came")
  func vector() {
    // RFC 2202, case 2.
    let body = Array("what do ya want for nothing?".utf8)
    let signature = WebhookSignature.sign(body, secret: Secret("Jefe"))
    #expect(signature == "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    #expect(WebhookSignature.isValid(signature, of: body, secret: Secret("Jefe")))
    #expect(!WebhookSignature.isValid(signature, of: body + [0], secret: Secret("Jefe")))
    #expect(!WebhookSignature.isValid(signature, of: body, secret: Secret("Jeff")))
    for bad in ["", "sha1=", signature.uppercased(), String(signature.dropLast()), signature + "0"] {
      #expect(!WebhookSignature.isValid(bad, of: body, secret: Secret("Jefe")))
    }
  }

  @Test("without a secret nothing is valid")
  func noSecret() {
    let signature = WebhookSignature.sign([], secret: Secret(""))
    #expect(!WebhookSignature.isValid(signature, of: [], secret: Secret("")))
  }
}

@Suite struct OAuthTests {
  private let app = OAuth.App(clientID: "id 1", clientSecret: Secret("client-secret-1"))

  private func oauth() throws -> OAuth { OAuth(app: app, api: try BaseURL("https://api.intercom.io")) }

  @Test("the authorize page gets client id, state and redirect")
  func authorize() throws {
    let url = try oauth().authorizeURL(state: "s", redirect: "http://127.0.0.1:9/callback")
    #expect(url.hasPrefix("https://app.intercom.com/oauth?client_id=id%201&state=s&"))
    #expect(url.hasSuffix("redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback"))
    #expect(OAuth.state() != OAuth.state())
  }

  @Test("a code is taken whole, and only with the state that was sent")
  func code() throws {
    #expect(try OAuth.code(fromQuery: "code=abc==&state=s", state: "s") == "abc==")
    for bad in ["code=abc&state=t", "code=abc", "state=s", "error=denied&state=s", ""] {
      #expect(throws: APIError.self) { try OAuth.code(fromQuery: bad, state: "s") }
    }
  }

  @Test("a code becomes a token; a bad one is one clear error without secrets")
  func exchange() async throws {
    let good = FakeTransport(.success(.json(["token_type": "Bearer", "token": "t", "access_token": "t"])))
    #expect(try await oauth().exchange(code: "c", transport: good).reveal() == "t")
    #expect(good.requests.first?.json?["client_secret"] == "client-secret-1")
    #expect(good.requests.first?.header("Authorization") == nil)
    let bad = FakeTransport(.success(.error(401, "unauthorized", "Unauthorized Code client-secret-1")))
    let oauth = try oauth()
    let error = await failure { () async throws(APIError) in try await oauth.exchange(code: "c", transport: bad) }
    #expect(error?.code == .auth)
    #expect(error.map { "\($0)\($0.data.serialized())" }?.contains("client-secret-1") == false)
  }

  @Test("a token that may not read admins is refused with what to do")
  func identity() async throws {
    let me: JSONValue = ["type": "admin", "id": "127", "name": "A", "app": ["id_code": "abc", "region": "EU"]]
    let identity = try await makeClient(FakeTransport(.success(.json(me)))).identity()
    #expect(identity.adminID == "127" && identity.workspaceID == "abc" && identity.region == .eu)
    for answer in [TransportResponse.error(403, "forbidden"), .json(["type": "app"])] {
      let error = await failure { () async throws(APIError) in
        try await makeClient(FakeTransport(.success(answer))).identity()
      }
      #expect(error?.code == .auth)
      #expect(error?.message.contains("Read admins") == true)
    }
  }
}

@Suite struct IdentityTokenTests {
  private func message(_ token: String, audience: String? = nil, at time: Double = 1500) async -> String {
    let tokens = IdentityTokens(publicKey: TestTokens.publicKey, audience: audience)
    let error = await failure { () async throws(APIError) in try await tokens.verify(token, unixTime: time) }
    if let error { #expect(error.code == .auth) }
    return error?.message ?? ""
  }

  @Test("a good token names its user")
  func good() async throws {
    let tokens = IdentityTokens(publicKey: TestTokens.publicKey)
    let user = try await tokens.verify(TestTokens.good, unixTime: 1500)
    #expect(user.id == "user-1" && user.issuedAt == 1000 && user.expiresAt == 2000)
    #expect(try await tokens.verify(TestTokens.withFractions, unixTime: 1500).expiresAt == 2000)
    let audience = IdentityTokens(publicKey: TestTokens.publicKey, audience: "me")
    #expect(try await audience.verify(TestTokens.withAudiences, unixTime: 1500).id == "user-1")
  }

  @Test("each bad token has its own sentence")
  func bad() async {
    #expect(await message(TestTokens.good, at: 2100).contains("expired"))
    #expect(await message(TestTokens.good, at: 900).contains("future"))
    #expect(await message(TestTokens.withoutSubject).contains("'sub'"))
    #expect(await message(TestTokens.withoutExpiry).contains("'exp'"))
    #expect(await message(TestTokens.otherAudience, audience: "me").contains("'aud'"))
    #expect(await message(TestTokens.good, audience: "me").contains("'aud'"))
    #expect(await message(TestTokens.otherKey).contains("project's key"))
    #expect(await message(TestTokens.changed).contains("project's key"))
    for text in ["", "a.b", "a.b.c", "....", String(repeating: "a", count: 100_000)] {
      #expect(await message(text).contains("no JSON Web Token"))
    }
  }

  @Test("a token signed with another algorithm is refused before a key is used")
  func algorithms() async {
    #expect(await message(TestTokens.unsigned).contains("none"))
    #expect(await message(TestTokens.hs256).contains("HS256"))
  }

  @Test("a public key that is none is said")
  func badKey() async {
    let tokens = IdentityTokens(publicKey: "nothing")
    let error = await failure { () async throws(APIError) in try await tokens.verify(TestTokens.good) }
    #expect(error?.message.contains("public key") == true)
  }
}
