import ICSJSON
import IntercomSandbox
import Testing

struct PagingTests {
  @Test("every contact comes once, in a listing and in a search, whatever the order", arguments: [0, 1, 150, 151])
  func cursors(count: Int) async throws {
    try await withSandbox(Sandbox.Configuration(seed: count)) { client async throws in
      var listed: [String] = []
      var path = "/contacts?per_page=50"
      while true {
        let page = try await client.get(path)
        #expect(page.json["total_count"]?.intValue == count)
        listed += (page.json["data"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
        guard let next = page.json["pages"]?["next"]?["starting_after"]?.stringValue else { break }
        path = "/contacts?per_page=50&starting_after=\(next)"
      }
      #expect(listed.count == count && Set(listed).count == count)
      for field in ["name", "created_at", "last_seen_at", "owner_id"] {
        let sort: JSONValue = ["field": .string(field), "order": "ascending"]
        #expect(try await searched(client, sort: sort) == Set(listed), "\(field)")
      }
    }
  }

  private func searched(_ client: TestClient, sort: JSONValue) async throws -> Set<String> {
    var found: [String] = []
    var cursor: JSONValue = nil
    repeat {
      let page = try await client.post(
        "/contacts/search",
        [
          "query": ["field": "role", "operator": "IN", "value": ["user", "lead"]], "sort": sort,
          "pagination": ["per_page": 40, "starting_after": cursor],
        ])
      found += (page.json["data"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
      cursor = page.json["pages"]?["next"]?["starting_after"] ?? nil
    } while !cursor.isNull
    #expect(found.count == Set(found).count)
    return Set(found)
  }

  @Test(
    "a cursor that is none and a page size that is too big are refused",
    arguments: [
      "/contacts?starting_after=nonsense", "/contacts?starting_after=5b5d", "/contacts?per_page=151",
      "/contacts?per_page=0", "/contacts?per_page=x", "/conversations?per_page=151", "/articles?page=0",
    ])
  func refusals(path: String) async throws {
    try await withSandbox { client async throws in
      let answer = try await client.get(path)
      #expect(answer.status == 400)
      #expect(answer.code == (path.contains("starting_after") ? "client_error" : "parameter_invalid"))
    }
  }

  @Test("a cursor of one listing does not fit another")
  func foreignCursor() async throws {
    try await withSandbox(Sandbox.Configuration(seed: 3)) { client async throws in
      let page = try await client.get("/contacts?per_page=1")
      let cursor = try #require(page.json["pages"]?["next"]?["starting_after"]?.stringValue)
      #expect(try await client.get("/conversations?starting_after=\(cursor)").code == "client_error")
    }
  }

  @Test("companies scroll once, and a page past the end is empty")
  func companies() async throws {
    try await withSandbox { client async throws in
      for number in 0..<3 {
        _ = try await client.post("/companies", ["company_id": .string("c\(number)"), "name": "C"])
      }
      let first = try await client.get("/companies/scroll")
      #expect(first.json["data"]?.arrayValue?.count == 3)
      #expect(try await client.get("/companies/scroll").code == "scroll_exists")
      let param = try #require(first.json["scroll_param"]?.stringValue)
      #expect(try await client.get("/companies/scroll?scroll_param=\(param)").json["data"] == [])
      #expect(try await client.get("/companies/scroll?scroll_param=\(param)").status == 404)
      #expect(try await client.get("/companies/scroll").status == 200)
      let past = try await client.post("/companies/list?page=9")
      #expect(past.status == 200 && past.json["data"] == [])
    }
  }

  @Test("the same seed gives the same contacts")
  func seeds() async throws {
    let query = "/contacts?per_page=20"
    var first: JSONValue = nil
    try await withSandbox(Sandbox.Configuration(seed: 20)) { first = try await $0.get(query).json }
    try await withSandbox(Sandbox.Configuration(seed: 20)) { client async throws in
      #expect(try await client.get(query).json == first)
    }
    let roles = Set((first["data"]?.arrayValue ?? []).compactMap { $0["role"]?.stringValue })
    #expect(roles == ["user", "lead"])
  }
}
