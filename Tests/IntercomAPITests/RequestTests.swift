import ICSJSON
import IntercomAPI
import Testing

@Suite struct RequestTests {
  private let ok = FakeTransport(.success(.json(["ok": true])))

  @Test("a request carries token, version, user agent and JSON")
  func headers() async throws {
    let client = makeClient(ok)
    let answer = try await client.send(
      APIRequest("POST", "/contacts", body: ["role": "user", "external_id": "25"]))
    #expect(try answer.json() == ["ok": true])
    let sent = try #require(ok.requests.first)
    #expect(sent.url == "https://api.intercom.io/contacts")
    #expect(sent.header("Authorization") == "Bearer \(canaryToken)")
    #expect(sent.header("Intercom-Version") == "2.16")
    #expect(sent.header("Content-Type") == "application/json")
    #expect(sent.header("Accept") == "application/json")
    #expect(sent.header("User-Agent") != nil)
    #expect(sent.json == ["role": "user", "external_id": "25"])
  }

  @Test("the query is encoded, whatever is in it")
  func query() async throws {
    _ = try await makeClient(ok).send(
      APIRequest(
        "GET", "/contacts?a=1",
        query: [("per_page", 5), ("q", "a b&c=d+é"), ("none", nil), ("ids", [1, 2]), ("filter", ["user_id": "x"])]))
    #expect(ok.requests.first?.target == "/contacts?a=1&per_page=5&q=a%20b%26c%3Dd%2B%C3%A9&ids=1,2&user_id=x")
  }

  @Test(
    "a path that leads elsewhere is refused before anything is sent",
    arguments: [
      "@evil.test/x", "//evil.test/x", #"\\evil.test"#, #"/\evil.test"#, "http://169.254.169.254/",
      "HTTPS://api.intercom.io@evil.test", "/contacts/../../admin", "/%2e%2e/x", "/.%2E/x", "/a//b", "/;x=y", "/..;/x",
      "/%2e%2e%2fx", "/a/%5c..%5cx", "/a/.", "", "contacts", "/a b", "/a\r\nHost: x", "/a\u{0}", "/a#b", "/%zz", "/%2",
      "/a?b=c d", "/a?x=%z", "/" + String(repeating: "a", count: 1 << 20),
    ])
  func badPath(path: String) async {
    let error = await failure { () async throws(APIError) in
      try await makeClient(ok).send(APIRequest("GET", path))
    }
    #expect(error?.code == .value)
    #expect(ok.requests.isEmpty)
  }

  @Test("a path with an encoded slash or text beyond ASCII stays one segment")
  func goodPath() async throws {
    _ = try await makeClient(ok).send(APIRequest("GET", "/contacts/a%2Fb"))
    _ = try await makeClient(ok).send(APIRequest("GET", "/contacts/😀"))
    #expect(ok.requests.map(\.target) == ["/contacts/a%2Fb", "/contacts/%F0%9F%98%80"])
  }

  @Test("an id in a template is one segment whatever it holds")
  func templates() throws {
    let request = try IntercomClient.request(
      for: "contacts.get", parameters: ["contact_id": "a/b?c#d%2Fe\nü"])
    #expect(request.path == "/contacts/a%2Fb%3Fc%23d%252Fe%0A%C3%BC")
    for bad: JSONValue in ["", ".", "..", nil, ["id": 1]] {
      #expect(throws: APIError.self) {
        try IntercomClient.request(for: "contacts.get", parameters: ["contact_id": bad])
      }
    }
  }

  @Test(
    "a header that could end the headers is refused",
    arguments: [
      ("X-A", "a\r\nX-Evil: 1"), ("X A", "b"), ("X:A", "b"), ("", "b"), ("X-A", "ü"), ("X-Ä", "b"),
      ("X-A", String(repeating: "a", count: 1 << 20)), ("X-A", "a\u{0}"), ("Intercom-Version", "odd"),
      ("Intercom-Version", "2.16\r\n"),
    ])
  func badHeader(name: String, value: String) async {
    let error = await failure { () async throws(APIError) in
      try await makeClient(ok).send(APIRequest("GET", "/me", headers: [(name, value)]))
    }
    #expect(error?.code == .value)
    #expect(ok.requests.isEmpty)
  }

  @Test(
    "a script does not set the connector's headers",
    arguments: ["Authorization", "authorization", "Host", "Content-Length", "TRANSFER-ENCODING"])
  func reservedHeader(name: String) async {
    let error = await failure { () async throws(APIError) in
      try await makeClient(ok).send(APIRequest("GET", "/me", headers: [(name, "x")]))
    }
    #expect(error?.code == .permission)
    #expect(ok.requests.isEmpty)
  }

  @Test("a script may ask for another version")
  func version() async throws {
    _ = try await makeClient(ok).send(APIRequest("GET", "/me", headers: [("Intercom-Version", "2.11")]))
    #expect(ok.requests.first?.headers.filter { $0.name == "Intercom-Version" }.map(\.value) == ["2.11"])
  }

  @Test("a method that is none is refused", arguments: ["GET\r\n", "CONNECT", "TRACE", "", "get", "OPTIONS"])
  func badMethod(method: String) async {
    let error = await failure { () async throws(APIError) in
      try await makeClient(ok).send(APIRequest(method, "/me"))
    }
    #expect(error?.code == .value)
    #expect(ok.requests.isEmpty)
  }

  @Test("plain HTTP is for this machine only")
  func baseURLs() throws {
    for good in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80/", "https://proxy.test/intercom"] {
      _ = try BaseURL(good)
    }
    for bad in [
      "http://intercom.test", "http://127.0.0.1.evil.test", "ftp://127.0.0.1", "https://u:p@h", "https://", "x",
      "https://h:0", "https://h:99999", "https://h?x", "https://h#x", "http://127.0.0.1@evil.test", "https://a b",
    ] {
      #expect(throws: APIError.self, "\(bad)") { try BaseURL(bad) }
    }
  }

  @Test("a number that JSON does not have is refused")
  func notFinite() async {
    let error = await failure { () async throws(APIError) in
      try await makeClient(ok).send(
        APIRequest("POST", "/contacts", body: ["role": "user", "custom_attributes": ["a": .double(.nan)]]))
    }
    #expect(error?.code == .value)
  }

  @Test("an operation is called by its name; a misspelt one is an error with the right one")
  func call() async throws {
    let client = makeClient(ok)
    _ = try await client.call("contacts.list", parameters: ["per_page": 2])
    #expect(ok.requests.first?.target == "/contacts?per_page=2")
    let error = await failure { () async throws(APIError) in try await client.call("contacts.crate") }
    #expect(error?.message.contains("contacts.create") == true)
    let parameter = await failure { () async throws(APIError) in
      try await client.call("contacts.get", parameters: ["contact_idd": "1"])
    }
    #expect(parameter?.message.contains("contact_id") == true)
  }
}
