import ICSJSON
import IntercomAPI
import IntercomCatalogue
import Testing

@Suite struct PagingTests {
  /// A listing of numbered items, in any of the styles.
  private func listing(_ count: Int, style: String) -> FakeTransport {
    FakeTransport { (request, _) throws(TransportError) in
      let query = Dictionary(
        (request.url.split(separator: "?").dropFirst().first ?? "").split(separator: "&").map {
          let parts = $0.split(separator: "=", maxSplits: 1)
          return (String(parts[0]), String(parts.dropFirst().first ?? ""))
        }
      ) { first, _ in first }
      let body = request.json
      let size = query["per_page"].flatMap { Int($0) } ?? body?["pagination"]?["per_page"]?.intValue ?? 50
      let cursor =
        query["starting_after"] ?? query["scroll_param"] ?? body?["pagination"]?["starting_after"]?.stringValue
      let start = style == "page" ? ((query["page"].flatMap { Int($0) } ?? 1) - 1) * size : 0
      let first = cursor.flatMap { Int($0.dropFirst()) } ?? start
      let end = min(first + size, count)
      let items = JSONValue.array((min(first, end)..<end).map { ["id": .int($0), "text": "\\\"}],{"] })
      switch style {
      case "scroll":
        // A real scroll keeps its parameter; this one counts in it, which a reader must not mind.
        return .json(["type": "list", "data": items, "pages": nil, "scroll_param": .string("s\(end)")])
      case "page":
        let page = start / size + 1
        let next = end < count ? "https://api.intercom.io/companies/list?per_page=\(size)&page=\(page + 1)" : nil
        return .json(["data": items, "pages": ["page": .int(page), "next": next.map(JSONValue.string) ?? .null]])
      default:
        let next: JSONValue = end < count ? ["page": 2, "starting_after": .string("c\(end)")] : nil
        return .json(["type": "list", "data": items, "pages": ["type": "pages", "next": next]])
      }
    }
  }

  @Test(
    "every item comes exactly once",
    arguments: [0, 1, 150, 151, 10_000], ["cursor", "cursor_body", "page", "scroll"])
  func everyItem(count: Int, style: String) async throws {
    let transport = listing(count, style: style)
    let client = makeClient(transport)
    let request =
      switch style {
      case "cursor_body":
        APIRequest(
          "POST", "/contacts/search",
          body: [
            "query": ["field": "role", "operator": "=", "value": "user"], "pagination": ["per_page": 150],
          ])
      case "page": APIRequest("POST", "/companies/list?per_page=150")
      case "scroll": APIRequest("GET", "/companies/scroll?per_page=150")
      default: APIRequest("GET", "/contacts", query: [("per_page", 150)])
      }
    let items = try await client.pages(of: request).allItems()
    #expect(items.map { $0["id"] } == (0..<count).map(JSONValue.int))
    let pages = max(1, (count + 149) / 150)
    #expect(transport.requests.count == (style == "scroll" && count > 0 ? pages + 1 : pages))
  }

  @Test("a cursor that repeats is an error, not a loop")
  func repeatedCursor() async {
    let transport = FakeTransport(.success(.json(["data": [1], "pages": ["next": ["starting_after": "x"]]])))
    let error = await failure { () async throws(APIError) in
      try await makeClient(transport).contacts.list().allItems()
    }
    #expect(error?.code == .http)
    #expect(transport.requests.count == 2)
  }

  @Test("empty pages with new cursors for ever are an error, not a loop")
  func emptyPages() async {
    let transport = FakeTransport { (_, count) throws(TransportError) in
      .json(["data": [], "pages": ["next": ["starting_after": .string("c\(count)")]]])
    }
    let error = await failure { () async throws(APIError) in
      try await makeClient(transport).contacts.list().allItems()
    }
    #expect(error?.code == .http)
    #expect(transport.requests.count < 50)
  }

  @Test(
    "a next page on another host is an error",
    arguments: [
      "https://evil.test/contacts?page=2", "http://api.intercom.io/contacts?page=2", "//evil.test/?page=2",
      "https://api.intercom.io.evil.test/?page=2", "https://api.intercom.io:8443/?page=2",
      "https://api.intercom.io@evil.test/?page=2",
    ])
  func otherHost(address: String) async {
    let transport = FakeTransport(.success(.json(["data": [1], "pages": ["next": .string(address)]])))
    let error = await failure { () async throws(APIError) in
      try await makeClient(transport).contacts.list().allItems()
    }
    #expect(error?.code == .http)
    #expect(transport.requests.count == 1)
  }

  @Test("reading ahead fetches one page, and stopping stops")
  func readAhead() async throws {
    let transport = listing(1000, style: "cursor")
    let reader = PageReader(client: makeClient(transport), request: APIRequest("GET", "/contacts"))
    _ = try await reader.next()
    #expect(transport.requests.count == 1)
    await reader.readAhead()
    await reader.readAhead()
    #expect(transport.requests.count == 2)
    let second = try await reader.next()
    #expect(try second?.items().first?["id"] == 50)
    #expect(transport.requests.count == 2)
  }

  @Test("a page that fails may be asked for again; the place is kept")
  func place() async throws {
    let transport = FakeTransport { (_, count) throws(TransportError) in
      switch count {
      case 0: return .json(["data": [0], "pages": ["next": ["starting_after": "a"]]])
      case 1: return .error(404, "not_found")
      default: return .json(["data": [1], "pages": ["next": nil]])
      }
    }
    let reader = PageReader(client: makeClient(transport), request: APIRequest("GET", "/contacts"))
    _ = try await reader.next()
    #expect(await failure { () async throws(APIError) in try await reader.next() } != nil)
    #expect(try await reader.next()?.items() == [1])
    #expect(try await reader.next() == nil)
    #expect(await reader.isAtEnd)
  }

  @Test("pages are worked on while the next one is read")
  func readWhileWorking() async throws {
    let transport = listing(120, style: "cursor")
    var seen = 0
    try await makeClient(transport).contacts.list(perPage: 50).read { page in
      seen += try page.items().count
      return seen < 100
    }
    #expect(seen == 100)
  }

  @Test("a listing without pages ends after one")
  func plain() async throws {
    let transport = FakeTransport(.success(.json(["type": "list", "data": [["id": "1"]]])))
    let pages = makeClient(transport).pages(of: APIRequest("GET", "/tags"))
    #expect(try await pages.allItems().count == 1)
  }
}
