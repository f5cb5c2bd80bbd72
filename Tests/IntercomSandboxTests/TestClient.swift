// A small client for the tests, and a sandbox for each.

import Foundation
import ICSJSON
import IntercomSandbox
import Synchronization
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// What a request answered.
struct TestAnswer {
  let status: Int
  let json: JSONValue
  let headers: [String: String]

  /// The code of the first error.
  var code: String? { json["errors"]?[0]?["code"]?.stringValue }
  var message: String? { json["errors"]?[0]?["message"]?.stringValue }

  func header(_ name: String) -> String? {
    headers.first { $0.key.lowercased() == name.lowercased() }?.value
  }
}

/// A clock that stands still until a test moves it.
final class TestClock: Sendable {
  private let seconds: Mutex<Int>

  init(_ start: Int = 1_750_000_000) { seconds = Mutex(start) }

  var now: Int { seconds.withLock { $0 } }
  func advance(_ count: Int) { seconds.withLock { $0 += count } }
}

struct TestClient {
  let sandbox: Sandbox

  func send(
    _ method: String, _ path: String, _ body: JSONValue? = nil, token: String? = nil, headers: [String: String] = [:]
  ) async throws -> TestAnswer {
    var request = URLRequest(url: try #require(URL(string: sandbox.url + path)))
    request.httpMethod = method
    request.setValue("Bearer " + (token ?? sandbox.accessToken), forHTTPHeaderField: "Authorization")
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    if let body { request.httpBody = Data(body.serializedBytes()) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = try #require(response as? HTTPURLResponse)
    var found: [String: String] = [:]
    for (name, value) in http.allHeaderFields { found["\(name)"] = "\(value)" }
    return TestAnswer(
      status: http.statusCode, json: data.isEmpty ? .null : try JSONValue(parsing: [UInt8](data)), headers: found)
  }

  /// The text that an address answers to somebody without a token.
  func text(_ path: String) async throws -> String {
    let (data, _) = try await URLSession.shared.data(from: #require(URL(string: sandbox.url + path)))
    return String(decoding: data, as: UTF8.self)
  }

  func get(_ path: String) async throws -> TestAnswer { try await send("GET", path) }
  func post(_ path: String, _ body: JSONValue? = nil) async throws -> TestAnswer { try await send("POST", path, body) }
  func put(_ path: String, _ body: JSONValue) async throws -> TestAnswer { try await send("PUT", path, body) }
  func delete(_ path: String, _ body: JSONValue? = nil) async throws -> TestAnswer {
    try await send("DELETE", path, body)
  }

  /// The id of a new contact.
  func contact(_ body: JSONValue) async throws -> String {
    let answer = try await post("/contacts", body)
    #expect(answer.status == 200)
    return try #require(answer.json["id"]?.stringValue)
  }

  /// The names of the contacts that a search finds, in order.
  func names(_ query: JSONValue, sort: JSONValue = ["field": "name", "order": "ascending"]) async throws -> [String] {
    let answer = try await post("/contacts/search", ["query": query, "sort": sort])
    #expect(answer.status == 200, "\(answer.json.serialized())")
    return (answer.json["data"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
  }
}

/// Runs a test against a sandbox of its own.
func withSandbox(
  _ configuration: Sandbox.Configuration = Sandbox.Configuration(),
  _ test: (TestClient) async throws -> Void
) async throws {
  let sandbox = try await Sandbox.start(configuration)
  do {
    try await test(TestClient(sandbox: sandbox))
  } catch {
    await sandbox.stop()
    throw error
  }
  await sandbox.stop()
}
