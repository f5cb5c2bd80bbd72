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
    return Page(response: response, itemsField: paginator.itemsField)
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
