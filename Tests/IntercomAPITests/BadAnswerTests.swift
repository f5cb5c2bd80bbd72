// Answers that nobody should send: each ends as an error, in time, and nothing else is asked for.

import ICSJSON
import IntercomAPI
import Testing

@Suite struct BadAnswerTests {
  private func error(
    _ answer: [UInt8], holdsOpen: Bool = false, scheme: String = "http"
  ) async throws -> (error: APIError?, body: [UInt8]?) {
    let server = try await LoopbackServer(answer: answer, holdsOpen: holdsOpen)
    var configuration = IntercomClient.Configuration()
    configuration.retryPolicy.maximumAttempts = 1
    configuration.maximumBodySize = 1 << 20
    // Short where the time is what is tested; a busy machine must not run into it anywhere else.
    configuration.timeout = holdsOpen ? .milliseconds(500) : .seconds(30)
    let client = IntercomClient(
      account: Account(
        accessToken: Secret(canaryToken), baseURL: try BaseURL("\(scheme)://127.0.0.1:\(server.port)")),
      configuration: configuration)
    var body: [UInt8]?
    let error = await failure { () async throws(APIError) in
      let answer = try await client.send(APIRequest("GET", "/contacts"))
      body = answer.body
      return try answer.json()
    }
    await client.shutdown()
    try await server.close()
    return (error, body)
  }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(
    "a redirect is not followed, wherever it leads",
    arguments: [
      "https://evil.test/", "http://127.0.0.1:1/", "file:///etc/passwd", "/contacts", "//evil.test/", "",
      "javascript:x",
    ])
  func redirects(location: String) async throws {
    for status in [301, 302, 303, 307, 308] {
      let answer = bytes("HTTP/1.1 \(status) Go\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n")
      let error = try await error(answer).error
      #expect(error?.status == status && error?.code == .http)
    }
  }

  @Test(
    "what is no answer is an error",
    arguments: [
      "<html>HTTP/0.9 had no head</html>", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 1e9\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nX",
    ])
  func garbage(answer: String) async throws {
    let error = try await error(bytes(answer)).error
    #expect(error != nil)
    #expect(error?.message.contains(canaryToken) == false)
  }

  @Test("an answer that trickles or stops ends at its time")
  func slow() async throws {
    for start in ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "H"] {
      let begin = ContinuousClock.now
      #expect(try await error(bytes(start), holdsOpen: true).error != nil)
      #expect(ContinuousClock.now - begin < .seconds(25))
    }
  }

  @Test("a header of a megabyte does not hang")
  func largeHeader() async throws {
    let head = "HTTP/1.1 200 OK\r\nX-A: " + String(repeating: "a", count: 1 << 20) + "\r\nContent-Length: 2\r\n\r\n{}"
    // Either outcome is fine: what counts is that there is one.
    _ = try await error(bytes(head))
  }

  @Test("a body that is empty, HTML or no JSON is shown from its beginning, harmless")
  func bodies() async throws {
    func answer(_ body: [UInt8]) -> [UInt8] {
      bytes("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n") + body
    }
    #expect(try await error(answer([])).error?.message.contains("empty") == true)
    let html = try await error(answer(bytes("<html>\u{1B}[2J\(canaryToken)</html>"))).error
    #expect(html?.code == .http && html?.message.contains("<html>") == true)
    #expect(html?.message.contains("\u{1B}") == false && html?.message.contains(canaryToken) == false)
    for text in ["{", "nul", "{} {}", "\u{FEFF}x", "[1,]", "NaN"] {
      #expect(try await error(answer(bytes(text))).error?.code == .http, "\(text)")
    }
  }

  @Test("bytes that are no UTF-8 in a string are an error or a replacement character")
  func notUTF8() async throws {
    let body: [UInt8] = bytes(#"{"name": ""#) + [0xC0, 0xAF, 0xFF] + bytes(#""}"#)
    let head = bytes("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
    let (error, received) = try await error(head + body)
    if let error {
      #expect(error.code == .http)
    } else {
      let json = try JSONValue(parsing: received ?? [])
      #expect(json["name"]?.stringValue?.contains("\u{FFFD}") == true)
    }
  }

  @Test("a host that does not speak TLS is not spoken to in clear")
  func noTLS() async throws {
    let error = try await error(bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), scheme: "https").error
    #expect(error?.code == .network)
  }
}
