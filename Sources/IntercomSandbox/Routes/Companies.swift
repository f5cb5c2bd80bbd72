// Companies: create or update, read, list, scroll, delete.

import ICSJSON

enum Companies {
  static let routes: [Route] = [
    Route("POST", "/companies", createOrUpdate),
    Route("GET", "/companies", retrieve),
    Route("POST", "/companies/list", .reads, list),
    Route("GET", "/companies/scroll", .writes, scroll),
    Route("GET", "/companies/{company_id}") { call throws(Failure) in .document(try row(call).text) },
    Route("PUT", "/companies/{company_id}", update),
    Route("DELETE", "/companies/{company_id}", delete),
    Route("GET", "/companies/{company_id}/contacts", contacts),
    Route("GET", "/companies/{company_id}/segments", segments),
    Route("GET", "/companies/{company_id}/notes", Notes.listOfCompany),
    Route("POST", "/companies/{company_id}/notes", Notes.createOnCompany),
  ]

  private static let fields = [
    BodyField("name", .string), BodyField("company_id", .id), BodyField("plan", .string),
    BodyField("size", .integer), BodyField("website", .string), BodyField("industry", .string),
    BodyField("custom_attributes", .object), BodyField("remote_created_at", .integer),
    BodyField("update_last_request_at", .boolean), BodyField("monthly_spend", .number),
  ]

  static func row(_ call: Call) throws(Failure) -> Store.Row {
    guard let row = try call.store.row(.companies, call.parameter("company_id")), row.state == Store.State.live else {
      throw .companyNotFound
    }
    return row
  }

  // MARK: Writing

  /// A known `company_id` updates that company.
  private static func createOrUpdate(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    try body.check(fields)
    let key = body["company_id"]?.idText
    if let key, case .object(let found)? = try call.store.value(.companies, key: key) {
      return try save(body, to: found, isNew: false, call)
    }
    guard key != nil || body.given("name") != nil else { throw Failure(400, "bad_request", "company_id is required") }
    let id = try call.store.nextID(.company)
    var company: JSONObject = [
      "type": "company", "company_id": .string(key ?? id), "id": .string(id), "app_id": .string(Workspace.id),
      "name": "", "remote_created_at": .int(call.now), "created_at": .int(call.now), "updated_at": .int(call.now),
      "monthly_spend": 0,
      "session_count": 0, "user_count": 0,
    ]
    company["tags"] = ["type": "tag.list", "tags": []]
    company["segments"] = ["type": "segment.list", "segments": []]
    company["plan"] = [:]
    company["custom_attributes"] = [:]
    return try save(body, to: company, isNew: true, call)
  }

  private static func update(_ call: Call) throws(Failure) -> Answer {
    let row = try row(call)
    let body = try call.body.isNull ? JSONObject() : call.object()
    try body.check(fields.filter { $0.name != "company_id" && $0.name != "remote_created_at" })
    guard case .object(let company) = try row.value() else { throw .server("a company is no object") }
    return try save(body, to: company, isNew: false, call)
  }

  private static func save(
    _ body: JSONObject, to before: JSONObject, isNew: Bool, _ call: Call
  ) throws(Failure) -> Answer {
    var company = before
    for (name, value) in body {
      switch name {
      case "company_id": continue
      case "plan":
        company["plan"] =
          value.stringValue.map { ["type": "plan", "id": .string("plan-" + $0), "name": .string($0)] } ?? [:]
      case "monthly_spend":
        // Cut to an integer, as Intercom does.
        let spend = min(max(value.doubleValue ?? 0, 0), 2_147_483_647)
        company[name] = .int(Int(spend))
      case "custom_attributes":
        company[name] = .object(
          try DataAttributes.merged(
            company[name]?.objectValue ?? JSONObject(), with: value.objectValue ?? JSONObject(), model: "company",
            in: call.store))
      case "update_last_request_at":
        if value == true { company["last_request_at"] = .int(call.now) }
      case "size", "remote_created_at": company[name] = body.integer(name).map(JSONValue.int)
      default: company[name] = value.isNull ? nil : value
      }
    }
    company["updated_at"] = .int(call.now)
    let id = company["id"]?.stringValue ?? ""
    if isNew {
      try call.store.insert(.companies, id: id, key: company["company_id"]?.stringValue, .object(company))
    } else {
      try call.store.update(.companies, id: id, .object(company))
    }
    call.announce(isNew ? "company.created" : "company.updated", .object(company))
    return .json(company)
  }

  private static func delete(_ call: Call) throws(Failure) -> Answer {
    let row = try row(call)
    let contacts = try call.store.owners(.contactCompany, of: row.id)
    try call.store.delete(.companies, id: row.id)
    try call.store.unlinkAll(.contactCompany, target: row.id)
    try call.store.execute("DELETE FROM links WHERE owner = ?", [row.id])
    for contact in contacts { try ContactDocument.refresh(contact, in: call.store) }
    let answer: JSONValue = ["id": .string(row.id), "object": "company", "deleted": true]
    call.announce("company.deleted", ["type": "company", "id": .string(row.id), "deleted": true])
    return .json(answer)
  }

  /// Shows a company's people and tags anew, after they changed.
  static func refresh(_ id: String, in store: Store) throws(Failure) {
    guard case .object(var company)? = try store.value(.companies, id) else { return }
    company["user_count"] = .int(
      try store.number("SELECT COUNT(*) FROM links WHERE kind = 'contact_company' AND target = ?", [id]))
    var tags: [JSONValue] = []
    for tag in try store.targets(.companyTag, of: id) {
      if let value = try store.value(.tags, tag) { tags.append(value) }
    }
    company["tags"] = ["type": "tag.list", "tags": .array(tags)]
    try store.update(.companies, id: id, .object(company))
  }

  // MARK: Reading

  /// One company by `company_id` or `name`; a list by tag or segment.
  private static func retrieve(_ call: Call) throws(Failure) -> Answer {
    let store = call.store
    if let key = call.query["company_id"] {
      guard let company = try store.value(.companies, key: key) else { throw .companyNotFound }
      return .json(company)
    }
    if let name = call.query["name"] {
      let rows = try store.rows(
        "SELECT seq, id, state, document FROM companies WHERE name = ? AND state = 'live' LIMIT 1", [name])
      guard let row = rows.first else { throw .companyNotFound }
      return .document(row.text)
    }
    if let tag = call.query["tag_id"] {
      let ids = try store.owners(.companyTag, of: tag)
      return try Pages.numbered(call, standard: 15, total: ids.count) { limit, offset throws(Failure) in
        try ContactLinks.texts(.companies, Array(ids.dropFirst(offset).prefix(limit)), in: store)
      }
    }
    if call.query["segment_id"] != nil {
      return try Pages.numbered(call, standard: 15, total: 0) { _, _ throws(Failure) in [] }
    }
    throw Failure(400, "bad_request", "Please pass one of company_id, name, tag_id or segment_id")
  }

  /// Most recent first. Intercom lists only companies with a contact, at most 10,000 of them.
  private static func list(_ call: Call) throws(Failure) -> Answer {
    let store = call.store
    let condition = """
      FROM companies WHERE state = 'live'
      AND EXISTS (SELECT 1 FROM links WHERE kind = 'contact_company' AND target = companies.id)
      """
    let total = try store.number("SELECT COUNT(*) \(condition)", [])
    return try Pages.numbered(call, standard: 15, maximum: 60, total: total) { limit, offset throws(Failure) in
      guard offset < 10_000 else {
        throw Failure(400, "bad_request", "page limit reached, please use scroll API")
      }
      return try store.rows(
        """
        SELECT seq, id, state, document \(condition)
        ORDER BY ifnull(last_request_at, 0) DESC, seq DESC LIMIT ? OFFSET ?
        """, [limit, offset]
      ).map(\.text)
    }
  }

  private static let scrollPageSize = 100
  /// A scroll that is not used for so long is closed.
  private static let scrollLife = 60

  /// All companies, a hundred at a time. One scroll may be open; the empty page at the end closes it.
  private static func scroll(_ call: Call) throws(Failure) -> Answer {
    let open = try call.store.value(.scrolls, "companies")
    let isAlive = open.flatMap { $0["used_at"]?.intValue }.map { call.now - $0 <= scrollLife } ?? false
    var name: String
    var after = 0
    if let asked = call.query["scroll_param"], !asked.isEmpty {
      guard isAlive, open?["name"]?.stringValue == asked else {
        throw Failure(404, "not_found", "scroll parameter not found")
      }
      name = asked
      after = open?["after"]?.intValue ?? 0
    } else {
      guard !isAlive else { throw Failure(400, "scroll_exists", "scroll already exists for this workspace") }
      name = Hex.text(UInt64(try call.store.next("scroll")), digits: 32)
    }
    let rows = try call.store.rows(
      "SELECT seq, id, state, document FROM companies WHERE state = 'live' AND seq > ? ORDER BY seq LIMIT ?",
      [after, scrollPageSize])
    try call.store.delete(.scrolls, id: "companies")
    if let last = rows.last {
      try call.store.insert(
        .scrolls, id: "companies", ["name": .string(name), "after": .int(last.seq), "used_at": .int(call.now)])
    }
    let data = rows.map(\.text).joined(separator: ",")
    return .document(
      "{\"type\":\"list\",\"data\":[\(data)],\"pages\":null,\"total_count\":null,\"scroll_param\":\"\(name)\"}")
  }

  private static func contacts(_ call: Call) throws(Failure) -> Answer {
    let company = try row(call)
    let ids = try call.store.owners(.contactCompany, of: company.id)
    let store = call.store
    return try Pages.numbered(call, standard: 50, total: ids.count) { limit, offset throws(Failure) in
      try ContactLinks.texts(.contacts, Array(ids.dropFirst(offset).prefix(limit)), in: store)
    }
  }

  private static func segments(_ call: Call) throws(Failure) -> Answer {
    _ = try row(call)
    return Pages.whole([])
  }
}
