// Help centre articles.

import ICSJSON

enum Articles {
  static let routes: [Route] = [
    Route("GET", "/articles", list),
    Route("POST", "/articles", create),
    Route("GET", "/articles/search", search),
    Route("GET", "/articles/{article_id}") { call throws(Failure) in .json(try object(call)) },
    Route("PUT", "/articles/{article_id}", update),
    Route("DELETE", "/articles/{article_id}", delete),
    Route("POST", "/articles/{article_id}/tags", tag),
    Route("DELETE", "/articles/{article_id}/tags/{tag_id}", untag),
  ]

  /// What articles can be written with, drafts too.
  static let fields = [
    BodyField("title", .string), BodyField("description", .string), BodyField("body", .string),
    BodyField("body_markdown", .string), BodyField("author_id", .integer),
    BodyField("state", .oneOf(["published", "draft"])), BodyField("parent_id", .id), BodyField("parent_type", .string),
    BodyField("translated_content", .object),
  ]

  static func object(
    _ call: Call, named name: String = "article_id", else failure: Failure = .notFound
  ) throws(Failure) -> JSONObject {
    guard case .object(let article)? = try call.store.value(.articles, call.parameter(name)) else { throw failure }
    return article
  }

  private static func list(_ call: Call) throws(Failure) -> Answer {
    let store = call.store
    return try Pages.numbered(call, standard: 15, maximum: 250, total: try store.count(.articles)) {
      limit, offset throws(Failure) in
      try store.texts(.articles, newestFirst: true, limit: limit, offset: offset)
    }
  }

  private static func create(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    try body.check(fields, allowsMore: true)
    guard let author = body.integer("author_id") else {
      throw .missing("author_id must be in the main body or default locale translated_content object")
    }
    guard try call.store.text(.admins, String(author)) != nil else { throw .invalid("author_id is not an admin") }
    guard let title = body.given("title")?.stringValue, !title.isEmpty else {
      throw .missing("title is required", field: "title")
    }
    let id = String(try call.store.next("article", from: 42))
    var article: JSONObject = [
      "id": .string(id), "type": "article", "workspace_id": .string(Workspace.id), "parent_ids": [],
      "statistics": [
        "type": "article_statistics", "views": 0, "conversions": 0, "conversations": 0, "reactions": 0,
        "happy_reaction_percentage": 0, "neutral_reaction_percentage": 0, "sad_reaction_percentage": 0,
      ],
      "tags": ["type": "tag.list", "tags": []], "title": .string(title), "description": body["description"] ?? nil,
      "body": .string(text(body)), "body_markdown": body["body_markdown"] ?? nil, "author_id": .int(author),
      "state": "draft", "created_at": .int(call.now),
      "updated_at": .int(call.now), "has_unpublished_changes": false, "default_locale": "en",
    ]
    if body["state"] == "published" { article["state"] = "published" }
    for name in ["ai_chatbot_availability", "ai_copilot_availability", "ai_sales_agent_availability"] {
      article[name] = body.given(name) ?? true
    }
    article["draft_updated_at"] = .null
    article["url"] = url(article)
    try call.store.insert(.articles, id: id, .object(article))
    try addVersion(article, call)
    call.announce("article.created", .object(article))
    if article["state"] == "published" { call.announce("article.published", .object(article)) }
    return .json(article)
  }

  private static func text(_ body: JSONObject) -> String {
    let text = body.given("body")?.stringValue ?? body.given("body_markdown")?.stringValue ?? ""
    return text.contains("<") ? text : "<p class=\"no-margin\">\(text)</p>"
  }

  /// Only what is published has an address.
  private static func url(_ article: JSONObject) -> JSONValue {
    guard article["state"] == "published", let id = article["id"]?.stringValue else { return .null }
    let slug = (article["title"]?.stringValue ?? "").lowercased().split { !$0.isLetter && !$0.isNumber }
    return .string("http://help-center.test/ics-sandbox/en/articles/\(id)-\(slug.joined(separator: "-"))")
  }

  private static func update(_ call: Call) throws(Failure) -> Answer {
    let before = try object(call)
    let body = try call.object()
    try body.check(fields, allowsMore: true)
    var article = before
    apply(body, to: &article)
    return .json(try save(article, before: before, call))
  }

  /// Writes a checked body into an article or a draft.
  static func apply(_ body: JSONObject, to article: inout JSONObject) {
    for name in ["title", "description", "state"] {
      if let value = body.given(name) { article[name] = value }
    }
    if body.given("body") != nil || body.given("body_markdown") != nil { article["body"] = .string(text(body)) }
    if let author = body.integer("author_id") { article["author_id"] = .int(author) }
  }

  /// Stores a changed article as a new version, and announces it.
  static func save(_ article: JSONObject, before: JSONObject, _ call: Call) throws(Failure) -> JSONObject {
    var article = article
    article["updated_at"] = .int(call.now)
    article["url"] = url(article)
    try call.store.update(.articles, id: article["id"]?.stringValue ?? "", .object(article))
    try addVersion(article, call)
    call.announce("article.updated", .object(article))
    if article["state"] != before["state"] {
      call.announce(article["state"] == "published" ? "article.published" : "article.unpublished", .object(article))
    }
    return article
  }

  private static func addVersion(_ article: JSONObject, _ call: Call) throws(Failure) {
    let id = String(try call.store.next("article_version", from: 301))
    let author = JSONValue.string(String(article["author_id"]?.intValue ?? Workspace.ownerID))
    let version: JSONValue = [
      "type": "article_version", "id": .string(id), "article_id": article["id"] ?? nil,
      "title": article["title"] ?? nil, "description": article["description"] ?? nil, "body": article["body"] ?? nil,
      "body_markdown": nil, "author_id": author, "created_by_id": author, "created_via": "api",
      "from_version_id": nil, "state": article["state"] ?? nil, "created_at": .int(call.now),
      "updated_at": .int(call.now),
    ]
    try call.store.insert(.articleVersions, id: id, parent: article["id"]?.stringValue, version)
  }

  private static func delete(_ call: Call) throws(Failure) -> Answer {
    let id = try object(call)["id"]?.stringValue ?? ""
    try call.store.delete(.articles, id: id)
    call.announce("article.deleted", ["type": "article", "id": .string(id), "deleted": true])
    return .json(["id": .string(id), "object": "article", "deleted": true])
  }

  /// Articles that contain all words of the phrase.
  private static func search(_ call: Call) throws(Failure) -> Answer {
    let words = TextSearch.words(call.query["phrase"] ?? "")
    let state = call.query["state"] ?? "all"
    var found: [JSONValue] = []
    var highlights: [JSONValue] = []
    for text in try call.store.texts(.articles, newestFirst: true) {
      let article = try Store.parse(text)
      let title = article["title"]?.stringValue ?? ""
      let have = Set(TextSearch.words(title + " " + (article["body"]?.stringValue ?? "")))
      guard words.allSatisfy(have.contains), state == "all" || article["state"]?.stringValue == state else { continue }
      found.append(article)
      highlights.append([
        "article_id": article["id"] ?? nil, "highlighted_title": [["type": "plain", "text": .string(title)]],
        "highlighted_summary": [],
      ])
    }
    let wantsHighlights = call.query["highlight"] == "true"
    return .json([
      "type": "list", "total_count": .int(found.count),
      "data": ["articles": .array(Array(found.prefix(50))), "highlights": .array(wantsHighlights ? highlights : [])],
      "pages": ["type": "pages", "page": 1, "per_page": 50, "total_pages": 1, "next": nil],
    ])
  }

  private static func tag(_ call: Call) throws(Failure) -> Answer {
    var article = try object(call, else: .articleNotFound)
    let tag = try Tags.find(try call.object()["id"], in: call.store, else: .tagNotFound)
    let applied = try TagList.change(&article, tag: tag.id, isOn: true, by: nil, call)
    try call.store.update(.articles, id: call.parameter("article_id"), .object(article))
    return .json(applied ?? .null)
  }

  private static func untag(_ call: Call) throws(Failure) -> Answer {
    var article = try object(call, else: .articleNotFound)
    guard let removed = try TagList.change(&article, tag: call.parameter("tag_id"), isOn: false, by: nil, call) else {
      throw .tagNotFound
    }
    try call.store.update(.articles, id: call.parameter("article_id"), .object(article))
    return .json(removed)
  }
}
