// From one page of a listing to the next.

import ICSJSON
import IntercomCatalogue

/// Works out the request for the next page from an answer. Five styles: a cursor in the query, a cursor in the body,
/// page numbers, a scroll, and none. The answer decides where it says something, because the description's styles are
/// partly guessed: an address or a cursor in `pages.next` is followed whatever the style.
package struct Paginator: Sendable {
  /// The field of an answer that holds the items.
  package let itemsField: String
  private let style: Operation.Paging.Style
  private let parameter: String
  private let base: BaseURL
  private var request: APIRequest
  private var seen: Set<String> = []
  private var emptyPages = 0

  /// More pages without an item in a row than a filter of the API's own makes.
  private static let maximumEmptyPages = 20

  /// - Parameters:
  ///   - request: The request for the first page.
  ///   - paging: What the catalogue says; `nil` for a listing that it does not know.
  ///   - base: Where the account's API is; an address of a next page elsewhere is an error.
  package init(request: APIRequest, paging: Operation.Paging?, base: BaseURL) {
    self.request = request
    self.base = base
    style = paging?.style ?? .cursor
    itemsField = paging?.itemsField ?? "data"
    switch style {
    case .page: parameter = paging?.parameter ?? "page"
    case .scroll: parameter = paging?.parameter ?? "scroll_param"
    default: parameter = style == .cursorInBody ? "starting_after" : paging?.parameter ?? "starting_after"
    }
  }

  /// The request for the page after an answer; `nil` after the last page.
  ///
  /// - Parameter body: The answer's body.
  /// - Throws: `E_HTTP` when the listing would go on for ever or leave the host.
  package mutating func next(after body: [UInt8]) throws(APIError) -> APIRequest? {
    try countEmptyPages(body)
    let fields = TopLevelFields.read(["pages", "scroll_param", "next_cursor"], in: body)
    if style == .scroll { return nextOfScroll(fields["scroll_param"], body: body) }
    if fields["pages"] == nil, let cursor = fields["next_cursor"]?.stringValue, !cursor.isEmpty {
      try visit(cursor)
      setCursor(cursor)
      return request
    }
    let next = fields["pages"]?["next"]
    switch next {
    case .string(let address)?:
      try visit(address)
      try follow(address)
    case .object(let entry)?:
      guard let cursor = entry["starting_after"]?.stringValue ?? entry["starting_after"]?.intValue.map(String.init)
      else {
        guard style == .page, let number = entry["page"]?.intValue else { return nil }
        try visit("page \(number)")
        request.setQuery("page", .int(number))
        return request
      }
      guard !cursor.isEmpty else { return nil }
      try visit(cursor)
      setCursor(cursor)
    case .null?: return nil
    default: return try nextByNumber(fields["pages"])
    }
    return request
  }

  /// The scroll's parameter stays the same from page to page, and an empty page ends it.
  private mutating func nextOfScroll(_ value: JSONValue?, body: [UInt8]) -> APIRequest? {
    guard let value, let text = value.stringValue, !text.isEmpty, hasItems(body) else { return nil }
    request.setQuery(parameter, value)
    return request
  }

  /// Some listings count their pages and do not name the next one.
  private mutating func nextByNumber(_ pages: JSONValue?) throws(APIError) -> APIRequest? {
    guard style == .page, let page = pages?["page"]?.intValue, let total = pages?["total_pages"]?.intValue,
      page < total
    else { return nil }
    try visit("page \(page + 1)")
    request.setQuery(parameter, .int(page + 1))
    return request
  }

  private func hasItems(_ body: [UInt8]) -> Bool {
    guard let range = TopLevelFields.range(of: itemsField, in: body) else { return false }
    return body[range].contains { $0 > 0x20 && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") }
  }

  /// New cursors for ever, and never an item: nothing of it would be seen by whoever waits for one.
  private mutating func countEmptyPages(_ body: [UInt8]) throws(APIError) {
    // A long page has items; it is not looked through twice.
    guard style != .scroll, body.count < 2048, !hasItems(body) else {
      emptyPages = 0
      return
    }
    emptyPages += 1
    guard emptyPages > Self.maximumEmptyPages else { return }
    throw APIError(
      .http, "the listing gave \(emptyPages) pages without an item, and would never end", method: request.method,
      path: request.path)
  }

  private mutating func visit(_ cursor: String) throws(APIError) {
    guard seen.insert(cursor).inserted else {
      throw APIError(
        .http, "the listing gave the same cursor twice, and would never end", method: request.method,
        path: request.path)
    }
  }

  private mutating func setCursor(_ cursor: String) {
    guard style == .cursorInBody else {
      request.setQuery(parameter, .string(cursor))
      return
    }
    var body = request.body ?? [:]
    var pagination = body["pagination"] ?? [:]
    pagination["starting_after"] = .string(cursor)
    body["pagination"] = pagination
    request.body = body
  }

  /// Takes the query of the next page's address. Method, path and body stay as they are, so that an address can choose
  /// a page and nothing else.
  private mutating func follow(_ address: String) throws(APIError) {
    guard address.hasPrefix("/") && !address.hasPrefix("//") || base.isOrigin(of: address) else {
      throw APIError(
        .http, "the next page is said to be on another host, and is not read from there", method: request.method,
        path: request.path)
    }
    let query = address.utf8.firstIndex(of: UInt8(ascii: "?")).map { address[$0...].dropFirst() } ?? ""
    for pair in query.split(separator: "&") {
      let equals = pair.firstIndex(of: "=") ?? pair.endIndex
      guard let name = Self.decoded(pair[..<equals]), let value = Self.decoded(pair[equals...].dropFirst()) else {
        continue
      }
      request.setQuery(name, .string(value))
    }
  }

  private static func decoded(_ text: Substring) -> String? {
    PercentEncoding.decode(text.utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 })
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

extension APIRequest {
  /// Sets a parameter of the query, in place of one that is there, also when it stands in the path.
  mutating func setQuery(_ name: String, _ value: JSONValue) {
    if let question = path.utf8.firstIndex(of: UInt8(ascii: "?")) {
      let kept = path[question...].dropFirst().split(separator: "&").filter { pair in
        pair != name && !pair.hasPrefix(name + "=")
      }
      path = String(path[..<question]) + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
    }
    query.removeAll { $0.name == name }
    query.append((name, value))
  }
}
