import Foundation
import ICSJSON
import IntercomSandbox
import Testing

struct ServerTests {
  @Test("a wrong token is 401, and says nothing about limits")
  func token() async throws {
    try await withSandbox { client async throws in
      let answer = try await client.send("GET", "/me", token: "wrong")
      #expect(answer.status == 401 && answer.code == "unauthorized")
      #expect(answer.header("X-RateLimit-Limit") == nil)
      #expect(try await client.get("/me").json["email_verified"] == true)
    }
  }

  @Test("unknown paths, methods and versions are refused, and HEAD is GET without a body")
  func routing() async throws {
    try await withSandbox { client async throws in
      #expect(try await client.get("/nowhere").status == 404)
      #expect(try await client.delete("/contacts").status == 404)
      #expect(try await client.get("/contacts/ffffffffffffffffffffffff").message == "User Not Found")
      let version = try await client.send("GET", "/me", headers: ["Intercom-Version": "9.9"])
      #expect(version.code == "intercom_version_invalid")
      let head = try await client.send("HEAD", "/me")
      #expect(head.status == 200 && head.json == .null)
    }
  }

  @Test("an operation without state answers a marked example")
  func examples() async throws {
    try await withSandbox { client async throws in
      let answer = try await client.get("/brands")
      #expect(answer.status == 200)
      #expect(answer.header("X-Sandbox-Example") == "true")
      #expect(answer.json["type"] == "list")
      #expect(try await client.get("/me").header("X-Sandbox-Example") == nil)
      // Bodies are checked all the same.
      #expect(try await client.post("/custom_object_instances/order", [1]).status == 400)
      #expect(try await client.post("/visitors/convert", ["type": 7.5]).status == 400)
    }
  }

  @Test("the rate limit counts in windows of ten seconds")
  func rateLimit() async throws {
    let clock = TestClock(1_750_000_003)
    var configuration = Sandbox.Configuration(requestsPerMinute: 12)
    configuration.clock = { clock.now }
    try await withSandbox(configuration) { client async throws in
      let first = try await client.get("/me")
      #expect(first.header("X-RateLimit-Limit") == "2")
      #expect(first.header("X-RateLimit-Remaining") == "1")
      #expect(first.header("X-RateLimit-Reset") == "1750000010")
      _ = try await client.get("/me")
      let refused = try await client.get("/me")
      #expect(refused.status == 429 && refused.code == "rate_limit_exceeded")
      #expect(refused.message == "Exceeded rate limit of 2 in 10_seconds")
      clock.advance(7)
      #expect(try await client.get("/me").status == 200)
    }
  }

  @Test("faults come in the share that was asked for, and a dropped answer is no answer")
  func faults() async throws {
    try await withSandbox(Sandbox.Configuration(faults: Faults("429:20%,503:20%"))) { client async throws in
      var counts: [Int: Int] = [:]
      for _ in 0..<50 { counts[try await client.get("/me").status, default: 0] += 1 }
      #expect(Set(counts.keys) == [200, 429, 503])
    }
    try await withSandbox(Sandbox.Configuration(faults: Faults("drop:100%"))) { client async throws in
      await #expect(throws: (any Error).self) { try await client.get("/me") }
    }
  }

  @Test("an answer that is lost was work that was done")
  func lost() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ics-\(UUID().uuidString).sqlite").path
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    var configuration = Sandbox.Configuration(database: .path(path))
    configuration.faults = try Faults("lost:100%")
    try await withSandbox(configuration) { client async throws in
      await #expect(throws: (any Error).self) { try await client.post("/contacts", ["role": "user"]) }
    }
    configuration.faults = Faults()
    try await withSandbox(configuration) { client async throws in
      let count = try #require(try await client.get("/contacts").json["total_count"]?.intValue)
      // The client may have sent the request again on its own.
      #expect(count >= 1)
    }
  }

  @Test("a wrong fault is refused", arguments: ["429", "200:5%", "429:5", "429:101%", "slow:5", "nap:5%", "rate:0"])
  func wrongFaults(text: String) {
    #expect(throws: SandboxError.self) { try Faults(text) }
  }

  @Test("the file keeps the state over a restart")
  func restart() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ics-\(UUID().uuidString).sqlite").path
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    let configuration = Sandbox.Configuration(database: .path(path), seed: 2)
    var id = ""
    try await withSandbox(configuration) { id = try await $0.contact(["email": "stay@example.com"]) }
    try await withSandbox(configuration) { client async throws in
      #expect(try await client.get("/contacts/\(id)").json["email"] == "stay@example.com")
      #expect(try await client.get("/contacts").json["total_count"] == 3)
      #expect(try await client.contact(["email": "new@example.com"]) != id)
    }
  }

  @Test("a port in use and a file that is none are errors that say so")
  func startErrors() async throws {
    try await withSandbox { client async throws in
      let port = client.sandbox.port
      await #expect(throws: SandboxError.portInUse(host: "127.0.0.1", port: port)) {
        try await Sandbox.start(Sandbox.Configuration(port: port))
      }
    }
    await #expect(throws: SandboxError.self) {
      try await Sandbox.start(Sandbox.Configuration(database: .path("/nowhere/at/all.sqlite")))
    }
    await #expect(throws: SandboxError.self) { try await Sandbox.start(Sandbox.Configuration(port: 70_000)) }
  }

  @Test("the authorisation flow ends in the token, and a code works once")
  func oauth() async throws {
    try await withSandbox { client async throws in
      let sandbox = client.sandbox
      let request: JSONValue = [
        "client_id": .string(sandbox.clientID), "state": "s", "redirect_uri": "http://evil.example/",
      ]
      #expect(try await client.post("/oauth", request).status == 400)
      let page = try await client.text(
        "/oauth?client_id=\(sandbox.clientID)&state=s&redirect_uri=http://127.0.0.1:9/cb")
      #expect(page.contains("Authorize access"))
      #expect(
        try await client.post(
          "/auth/eagle/token",
          ["code": "no", "client_id": .string(sandbox.clientID), "client_secret": .string(sandbox.clientSecret)]
        ).message == "Unauthorized Code")
    }
  }
}
