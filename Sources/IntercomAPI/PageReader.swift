// Reading a listing page by page.

import ICSJSON
import IntercomCatalogue

/// One page of a listing.
public struct Page: Sendable {
  /// The answer that the page came in.
  public let response: APIResponse
  /// The field of the body that holds the items.
  public let itemsField: String

  /// The items, parsed.
  public func items() throws(APIError) -> [JSONValue] {
    let body = try response.json()
    return body[itemsField]?.arrayValue ?? []
  }
}

/// How far a listing has been read.
public struct PageReading: Sendable {
  /// The request's method.
  public let method: String
  /// The operation's path, with its parameters in braces.
  public let path: String
  /// How many pages were read, this one included.
  public let pages: Int
  /// How many items a page has; nil when the answer does not say.
  public let itemsPerPage: Int?
  /// How many items there are on all pages; nil when the answer does not say.
  public let total: Int?
  /// The value of `starting_after` with which another listing would go on; nil after the last page, and for listings
  /// that are not read by cursors in the query.
  public let cursor: String?
}

/// Reads the pages of a listing in order, for callers that pull them.
///
/// `readAhead()` fetches the next page while the caller works on this one. It is the caller's task that does so: a
/// reader starts none of its own, so that whoever stops reading stops the fetching too. A page that could not be read
/// may be asked for again; the place in the listing is kept.
package actor PageReader {
  private let client: IntercomClient
  private var paginator: Paginator
  private var upcoming: APIRequest?
  private var loaded: Result<Page, APIError>?
  private var isFetching = false
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private var pagesRead = 0

  /// A reader that has not asked for anything yet.
  package init(client: IntercomClient, request: APIRequest) {
    self.client = client
    upcoming = request
    let path = request.path.prefix { $0 != "?" }
    let paging = Catalogue.shared.operation(method: request.method, path: String(path))?.paging
    paginator = Paginator(request: request, paging: paging, base: client.account.baseURL)
  }

  /// The field of a page's body that holds the items.
  package var itemsField: String { paginator.itemsField }

  /// Whether all pages were handed out.
  package var isAtEnd: Bool { upcoming == nil && loaded == nil && !isFetching }

  /// The next page, or `nil` after the last one.
  package func next() async throws(APIError) -> Page? {
    while isFetching { await withCheckedContinuation { waiters.append($0) } }
    if let result = loaded {
      loaded = nil
      return try result.get()
    }
    guard upcoming != nil else { return nil }
    isFetching = true
    defer { finishFetching() }
    return try await fetch()
  }

  /// Fetches the next page and keeps it for `next()`; does nothing when it is there, on its way, or not to come.
  package func readAhead() async {
    guard !isFetching, loaded == nil, upcoming != nil else { return }
    isFetching = true
    defer { finishFetching() }
    do throws(APIError) {
      loaded = .success(try await fetch())
    } catch {
      // A cancelled read says nothing about the page: `next()` asks for it again.
      if error.code != .cancelled { loaded = .failure(error) }
    }
  }

  private func fetch() async throws(APIError) -> Page {
    guard let request = upcoming else { throw APIError(.value, "the listing is at its end") }
    let response = try await client.send(request)
    upcoming = try paginator.next(after: response.body)
    pagesRead += 1
    // Looking into the answer once more costs time, which is spent only where somebody watches.
    if let tell = client.configuration.pageRead { tell(reading(of: response.body, request)) }
    return Page(response: response, itemsField: paginator.itemsField)
  }

  private func reading(of body: [UInt8], _ request: APIRequest) -> PageReading {
    let facts = TopLevelFields.read(["total_count", "pages"], in: body)
    let path = String(request.path.prefix { $0 != "?" })
    return PageReading(
      method: request.method,
      path: Catalogue.shared.operation(method: request.method, path: path)?.path ?? path, pages: pagesRead,
      itemsPerPage: facts["pages"]?["per_page"]?.intValue, total: facts["total_count"]?.intValue,
      cursor: upcoming?.query.last { $0.name == "starting_after" }?.value.stringValue)
  }

  private func finishFetching() {
    isFetching = false
    let waiting = waiters
    waiters = []
    for waiter in waiting { waiter.resume() }
  }
}

/// The pages of a listing as an asynchronous sequence, each read when it is asked for.
public struct Pages: AsyncSequence, Sendable {
  /// A page at a time.
  public typealias Element = Page
  let client: IntercomClient
  let request: APIRequest

  /// Reads from the first page.
  public func makeAsyncIterator() -> Iterator { Iterator(reader: PageReader(client: client, request: request)) }

  /// Hands out the pages in order.
  public struct Iterator: AsyncIteratorProtocol {
    let reader: PageReader

    /// The next page; `nil` after the last one.
    public mutating func next() async throws(APIError) -> Page? { try await reader.next() }

    /// The next page; `nil` after the last one.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(APIError) -> Page? {
      try await reader.next()
    }
  }

  /// Calls a closure with each page, and reads the next page meanwhile.
  ///
  /// - Parameter body: Gives whether to go on; after `false` nothing more is asked for.
  public func read(_ body: (Page) async throws -> Bool) async throws {
    let reader = PageReader(client: client, request: request)
    var current = try await reader.next()
    while let page = current {
      async let ahead: Void = reader.readAhead()
      guard try await body(page) else { return }
      await ahead
      current = try await reader.next()
    }
  }

  /// All items of all pages. For listings that fit into memory.
  public func allItems() async throws(APIError) -> [JSONValue] {
    var items: [JSONValue] = []
    var iterator = makeAsyncIterator()
    while let page = try await iterator.next() { items += try page.items() }
    return items
  }
}
