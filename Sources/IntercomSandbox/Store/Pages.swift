// Pages of listings: by cursor, and by number.

import ICSJSON

/// How many items a page has, and after which it begins.
struct PageRequest {
  let perPage: Int
  let cursor: Cursor?

  /// The page that a listing's query string asks for.
  init(_ query: Query, kind: String, standard: Int = 50, maximum: Int = 150) throws(Failure) {
    let size = query["per_page"]
    perPage = try Self.size(size.map { .string($0) }, standard: standard, maximum: maximum)
    let after = query["starting_after"]
    cursor = try after.flatMap { $0.isEmpty ? nil : $0 }.map { text throws(Failure) in try Cursor(text, kind: kind) }
  }

  /// The page that a search's `pagination` asks for.
  init(pagination: JSONValue?, kind: String, standard: Int, maximum: Int = 150) throws(Failure) {
    perPage = try Self.size(pagination?["per_page"], standard: standard, maximum: maximum)
    switch pagination?["starting_after"] {
    case nil, .null: cursor = nil
    case .string(let text): cursor = try Cursor(text, kind: kind)
    default: throw .badCursor
    }
  }

  static func size(_ value: JSONValue?, standard: Int, maximum: Int) throws(Failure) -> Int {
    guard let value, !value.isNull else { return standard }
    guard let size = value.intValue ?? value.stringValue.flatMap({ Int($0) }), size > 0 else {
      throw .invalid("Per Page is not a number above 0", field: "per_page")
    }
    guard size <= maximum else { throw .invalid("Per Page is too big", field: "per_page") }
    return size
  }
}

/// Where a page begins: after the row with this sort value and sequence number. Clients see it as an opaque text.
struct Cursor {
  let page: Int
  let sortField: String
  let value: JSONValue
  let seq: Int

  init(page: Int, sortField: String, value: JSONValue, seq: Int) {
    self.page = page
    self.sortField = sortField
    self.value = value
    self.seq = seq
  }

  /// The cursor of a text that this listing gave out; another text is refused.
  init(_ text: String, kind: String) throws(Failure) {
    // What is no JSON is no cursor of ours: one answer for all of them.
    guard let bytes = Hex.bytes(text), let parts = (try? JSONValue(parsing: bytes))?.arrayValue, parts.count == 5,
      parts[0] == .string(kind), let page = parts[1].intValue, let sortField = parts[2].stringValue,
      let seq = parts[4].intValue
    else { throw .badCursor }
    self.init(page: page, sortField: sortField, value: parts[3], seq: seq)
  }

  func text(kind: String) -> String {
    let parts: JSONValue = [.string(kind), .int(page), .string(sortField), value, .int(seq)]
    return Hex.text(parts.serializedBytes())
  }
}

enum Pages {
  /// The answer of a listing by cursor, made of stored documents as they are.
  static func answer(
    type: String = "list", items name: String = "data", documents: [String], total: Int, request: PageRequest,
    kind: String, next: Cursor?
  ) -> Answer {
    var pages: JSONObject = ["type": "pages"]
    if let next {
      pages["next"] = [
        "page": .int(next.page), "per_page": .int(request.perPage), "starting_after": .string(next.text(kind: kind)),
      ]
    }
    pages["page"] = .int(request.cursor?.page ?? 1)
    pages["per_page"] = .int(request.perPage)
    pages["total_pages"] = .int((total + request.perPage - 1) / request.perPage)
    return list(type: type, items: name, documents: documents, total: total, pages: .object(pages))
  }

  /// The answer of a listing by page number: `pages.next` is a URL, and a page past the end is empty.
  static func numbered(
    _ call: Call, standard: Int, maximum: Int = 150, alias: String? = nil, total: Int,
    documents: (_ limit: Int, _ offset: Int) throws(Failure) -> [String]
  ) throws(Failure) -> Answer {
    let text = call.query["page"]
    let perPage = try PageRequest.size(call.query["per_page"].map { .string($0) }, standard: standard, maximum: maximum)
    guard let page = text.map({ Int($0) }) ?? 1, page >= 1, page < 1_000_000 else {
      throw .invalid("Page is not a number above 0", field: "page")
    }
    let found = try documents(perPage, (page - 1) * perPage)
    let count = (total + perPage - 1) / perPage
    let next = page < count ? "\(call.baseURL)\(call.path)?per_page=\(perPage)&page=\(page + 1)" : nil
    let pages: JSONObject = [
      "type": "pages", "next": JSONValue(next), "page": .int(page), "per_page": .int(perPage),
      "total_pages": .int(count),
    ]
    return list(type: "list", items: "data", alias: alias, documents: found, total: total, pages: .object(pages))
  }

  /// All documents at once, without pages.
  static func whole(
    type: String = "list", items name: String = "data", _ documents: [String], total: Int? = nil
  ) -> Answer {
    list(type: type, items: name, documents: documents, total: total, pages: nil)
  }

  private static func list(
    type: String, items name: String, alias: String? = nil, documents: [String], total: Int?, pages: JSONValue?
  ) -> Answer {
    let items = "[" + documents.joined(separator: ",") + "]"
    var text = "{\"type\":\"\(type)\",\"\(name)\":\(items)"
    if let alias { text += ",\"\(alias)\":\(items)" }
    if let total { text += ",\"total_count\":\(total)" }
    if let pages { text += ",\"pages\":\(pages.serialized())" }
    return .document(text + "}")
  }
}
