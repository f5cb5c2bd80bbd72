// Drafts and versions of articles.

import ICSJSON

enum ArticleDrafts {
  static let routes: [Route] = [
    Route("GET", "/articles/{id}/draft", show),
    Route("PUT", "/articles/{id}/draft", stage),
    Route("POST", "/articles/{id}/draft/publish", publish),
    Route("GET", "/articles/{id}/versions", versions),
    Route("GET", "/articles/{id}/versions/{version_id}", version),
  ]

  private static let missing = Failure(404, "not_found", "Object not found")

  private static func draft(_ call: Call) throws(Failure) -> JSONObject? {
    try call.store.value(.articleDrafts, call.parameter("id"))?.objectValue
  }

  private static func show(_ call: Call) throws(Failure) -> Answer {
    let article = try Articles.object(call, named: "id", else: missing)
    return .json(try draft(call) ?? article)
  }

  private static func stage(_ call: Call) throws(Failure) -> Answer {
    let article = try Articles.object(call, named: "id", else: missing)
    guard article["state"] == "published" else {
      throw Failure(422, "parameter_invalid", "Article must be published before a draft can be staged")
    }
    let body = try call.object()
    try body.check(Articles.fields, allowsMore: true)
    let old = try draft(call)
    var staged = old ?? article
    Articles.apply(body, to: &staged)
    staged["has_unpublished_changes"] = true
    staged["draft_updated_at"] = .int(call.now)
    if old == nil {
      try call.store.insert(.articleDrafts, id: call.parameter("id"), .object(staged))
    } else {
      try call.store.update(.articleDrafts, id: call.parameter("id"), .object(staged))
    }
    return .json(staged)
  }

  private static func publish(_ call: Call) throws(Failure) -> Answer {
    let article = try Articles.object(call, named: "id", else: missing)
    guard var staged = try draft(call) else {
      throw Failure(422, "parameter_invalid", "Article has no draft to publish")
    }
    try call.store.delete(.articleDrafts, id: call.parameter("id"))
    staged["has_unpublished_changes"] = false
    staged["draft_updated_at"] = .null
    staged["state"] = "published"
    return .json(try Articles.save(staged, before: article, call))
  }

  private static func versions(_ call: Call) throws(Failure) -> Answer {
    let article = try Articles.object(call, named: "id", else: missing)
    let id = article["id"]?.stringValue ?? ""
    let store = call.store
    return try Pages.numbered(call, standard: 15, total: try store.count(.articleVersions, parent: id)) {
      limit, offset throws(Failure) in
      try store.texts(.articleVersions, parent: id, newestFirst: true, limit: limit, offset: offset)
    }
  }

  private static func version(_ call: Call) throws(Failure) -> Answer {
    let article = try Articles.object(call, named: "id", else: missing)
    guard let version = try call.store.value(.articleVersions, call.parameter("version_id")),
      version["article_id"] == article["id"]
    else { throw missing }
    return .json(version)
  }
}
