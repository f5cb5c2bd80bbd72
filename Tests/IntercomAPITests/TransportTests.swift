import ICSJSON
import IntercomAPI
import Testing

/// The real transport against a server of raw bytes on this machine.
@Suite struct TransportTests {
  private func client(
    port: Int, configure: (inout IntercomClient.Configuration) -> Void = { _ in }
  ) throws -> IntercomClient {
    var configuration = IntercomClient.Configuration()
    configuration.retryPolicy.maximumAttempts = 1
    configuration.maximumBodySize = 1 << 20
    configuration.timeout = .seconds(30)
    configure(&configuration)
    let account = Account(accessToken: Secret(canaryToken), baseURL: try BaseURL("http://127.0.0.1:\(port)"))
    return IntercomClient(account: account, configuration: configuration)
  }

  private func error(
    _ answer: [UInt8]?, holdsOpen: Bool = false, configure: (inout IntercomClient.Configuration) -> Void = { _ in }
  ) async throws -> APIError? {
    let server = try await LoopbackServer(answer: answer, holdsOpen: holdsOpen)
    let client = try client(port: server.port, configure: configure)
    let error = await failure { () async throws(APIError) in
      try await client.send(APIRequest("GET", "/contacts"))
    }
    await client.shutdown()
    try await server.close()
    return error
  }

  private func response(_ head: String, _ body: [UInt8] = []) -> [UInt8] { Array((head + "\r\n\r\n").utf8) + body }

  @Test("an answer comes with status, headers and body")
  func answer() async throws {
    let body = Array(#"{"type": "list", "data": []}"#.utf8)
    let server = try await LoopbackServer(
      answer: response("HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nContent-Length: \(body.count)", body))
    let client = try client(port: server.port)
    let answer = try await client.send(APIRequest("GET", "/contacts"))
    #expect(answer.status == 200 && answer.requestID == "r1" && answer.body == body)
    await client.shutdown()
    try await server.close()
  }

  @Test("a redirect is not followed")
  func redirect() async throws {
    let error = try await error(
      response("HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\nContent-Length: 0"))
    #expect(error?.status == 302)
    #expect(error?.code == .http)
  }

  @Test("nobody listening is E_NETWORK, at once")
  func refused() async throws {
    let server = try await LoopbackServer(answer: nil)
    let port = server.port
    try await server.close()
    let client = try client(port: port)
    let error = await failure { () async throws(APIError) in try await client.send(APIRequest("GET", "/me")) }
    #expect(error?.code == .network)
    #expect(error?.message.contains("nobody listens there") == true, "\(error?.message ?? "")")
    await client.shutdown()
  }

  @Test("a connection that closes without an answer is E_NETWORK")
  func closed() async throws {
    let error = try await error(nil)
    #expect(error?.code == .network, "\(error.map(\.message) ?? "")")
  }

  @Test("a server that is silent is E_TIMEOUT")
  func silent() async throws {
    let error = try await error(nil, holdsOpen: true) { $0.timeout = .milliseconds(200) }
    #expect(error?.code == .timeout, "\(error.map(\.message) ?? "")")
  }

  @Test("an answer that stops in the middle is an error")
  func cut() async throws {
    let error = try await error(response("HTTP/1.1 200 OK\r\nContent-Length: 100", Array("{".utf8)))
    #expect(error?.code == .network || error?.code == .http, "\(error.map(\.message) ?? "")")
  }

  @Test("what is no HTTP is an error")
  func garbage() async throws {
    #expect(try await error(Array("hello\r\n\r\n".utf8)) != nil)
    #expect(try await error(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", Array("zz\r\nx".utf8))) != nil)
  }

  @Test("an answer over the limit is refused, with and without a length")
  func large() async throws {
    let body = [UInt8](repeating: 0x20, count: 2 << 20)
    let told = try await error(response("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)", body))
    #expect(told?.message.contains("larger") == true, "\(told.map(\.message) ?? "")")
    let untold = try await error(response("HTTP/1.1 200 OK\r\nConnection: close", body))
    #expect(untold?.message.contains("larger") == true, "\(untold.map(\.message) ?? "")")
  }

  @Test("an answer that unpacks beyond the limit is refused")
  func bomb() async throws {
    let packed = GzipBomb.bytes
    let error = try await error(
      response("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)", packed))
    #expect(error?.message.contains("larger") == true, "\(error.map(\.message) ?? "")")
  }

  @Test("ten thousand headers do not hang")
  func headers() async throws {
    let head = "HTTP/1.1 200 OK\r\n" + (0..<10_000).map { "X-\($0): \($0)\r\n" }.joined() + "Content-Length: 2"
    // Either outcome is fine: what counts is that there is one.
    _ = try await error(response(head, Array("{}".utf8)))
  }
}
