// Contacts: create, read, update, list, search, archive, delete, block.

import ICSJSON

enum Contacts {
  static let routes: [Route] = [
    Route("POST", "/contacts", create),
    Route("GET", "/contacts") { call throws(Failure) in try Search.listing(call, in: .contacts, standard: 50) },
    Route("POST", "/contacts/search", .reads) { call throws(Failure) in try Search.answer(call, in: .contacts) },
    Route("POST", "/contacts/merge", ContactMerge.merge),
    Route("GET", "/contacts/{contact_id}/merge_history", ContactMerge.history),
    Route("GET", "/contacts/find_by_external_id/{external_id}", findByExternalID),
    Route("GET", "/contacts/{contact_id}", show),
    Route("PUT", "/contacts/{contact_id}", update),
    Route("DELETE", "/contacts/{contact_id}", delete),
    Route("POST", "/contacts/{contact_id}/archive", archive),
    Route("POST", "/contacts/{contact_id}/unarchive", unarchive),
    Route("POST", "/contacts/{contact_id}/block", block),
  ]

  // MARK: Reading

  static func show(_ call: Call) throws(Failure) -> Answer {
    .document(try row(call.store, call.parameter("contact_id")).text)
  }

  /// Finds users, not leads.
  private static func findByExternalID(_ call: Call) throws(Failure) -> Answer {
    let rows = try call.store.rows(
      """
      SELECT seq, id, state, document FROM contacts
      WHERE external_id = ? AND role = 'user' AND state IN ('live', 'archived') LIMIT 1
      """, [call.parameter("external_id")])
    guard let row = rows.first else { throw .contactNotFound }
    return .document(row.text)
  }

  /// A contact's row, archived or not; a merged one answers where it went.
  static func row(_ store: Store, _ id: String) throws(Failure) -> Store.Row {
    guard let row = try store.row(.contacts, id), row.state != Store.State.deleted else { throw .contactNotFound }
    if row.state == Store.State.merged {
      var failure = Failure(
        410, "contact_merged", "This contact has been merged. See the 'Link' header for the canonical contact.")
      let target = try row.value()["merged_into"]?.stringValue ?? ""
      failure.headers = [("Link", "</contacts/\(target)>; rel=\"canonical\"")]
      throw failure
    }
    return row
  }

  static func object(_ store: Store, _ id: String) throws(Failure) -> JSONObject {
    try row(store, id).value().objectValue ?? JSONObject()
  }

  // MARK: Writing

  static func create(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    try body.check(ContactDocument.fields)
    guard body.given("email") != nil || body.given("external_id") != nil || body.given("role") != nil else {
      throw .missing("One of email, external_id or role is required")
    }
    let id = try call.store.nextID(.contact)
    var contact = ContactDocument.blank(id: id, now: call.now)
    try ContactDocument.apply(body, to: &contact, in: call.store)
    try refuseDuplicates(contact, in: call.store)
    try insert(contact, id: id, in: call.store)
    call.announce(topic(contact, "created"), .object(contact))
    return .json(contact)
  }

  /// Stores a new contact with the rows that its custom attributes are searched by.
  static func insert(_ contact: JSONObject, id: String, in store: Store) throws(Failure) {
    let seq = try store.insert(.contacts, id: id, .object(contact))
    try indexAttributes(contact, seq: seq, in: store)
  }

  static func update(_ call: Call) throws(Failure) -> Answer {
    let row = try row(call.store, call.parameter("contact_id"))
    let body = try call.object()
    try body.check(ContactDocument.fields)
    guard case .object(let before) = try row.value() else { throw .server("a contact is no object") }
    var after = before
    try ContactDocument.apply(body, to: &after, in: call.store)
    if before["role"] == "user", after["role"] == "lead" {
      throw .invalid("A user cannot be turned into a lead", field: "role")
    }
    try refuseDuplicates(after, in: call.store)
    after["updated_at"] = .int(call.now)
    try save(after, row: row, in: call.store)
    announceUpdate(call, from: before, to: after)
    return .json(after)
  }

  /// Stores a contact anew, with what its custom attributes are searched by.
  static func save(_ contact: JSONObject, row: Store.Row, in store: Store) throws(Failure) {
    try store.update(.contacts, id: row.id, .object(contact))
    try store.execute("DELETE FROM contact_attributes WHERE seq = ?", [row.seq])
    try indexAttributes(contact, seq: row.seq, in: store)
  }

  private static func indexAttributes(_ contact: JSONObject, seq: Int, in store: Store) throws(Failure) {
    for (name, value) in contact["custom_attributes"]?.objectValue ?? JSONObject() {
      let sql = "INSERT OR IGNORE INTO contact_attributes (name, value, seq) VALUES (?, ?, ?)"
      switch value {
      case .string(let text): try store.execute(sql, [name, text, seq])
      case .int(let number): try store.execute(sql, [name, number, seq])
      case .double(let number): try store.execute(sql, [name, number, seq])
      case .bool(let flag): try store.execute(sql, [name, flag, seq])
      case .null, .array, .object: break
      }
    }
  }

  /// A user's external id and e-mail address belong to one user. Leads may share an address with anybody.
  private static func refuseDuplicates(_ contact: JSONObject, in store: Store) throws(Failure) {
    guard contact["role"] == "user" else { return }
    let id = contact["id"]?.stringValue
    for (column, value) in [
      ("external_id", contact["external_id"]?.stringValue),
      ("email_key", contact["email"]?.stringValue.map(asciiLowercased)),
    ] {
      guard let value else { continue }
      let rows = try store.rows(
        """
        SELECT seq, id, state, document FROM contacts
        WHERE \(column) = ? AND role = 'user' AND state IN ('live', 'archived') AND id <> ? LIMIT 1
        """, [value, id])
      guard let other = rows.first else { continue }
      let kind = other.state == Store.State.archived ? "An archived contact" : "A contact"
      throw Failure(409, "conflict", "\(kind) matching those details already exists with id=\(other.id)")
    }
  }

  /// As SQLite's `lower`, by which the column is computed.
  private static func asciiLowercased(_ text: String) -> String {
    String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
  }

  // MARK: States

  private static func archive(_ call: Call) throws(Failure) -> Answer {
    try changeState(call, to: Store.State.archived, flag: "archived", true, topic: "contact.archived")
  }

  private static func unarchive(_ call: Call) throws(Failure) -> Answer {
    try changeState(call, to: Store.State.live, flag: "archived", false, topic: "contact.unarchive")
  }

  /// Blocking also archives the contact's conversations.
  private static func block(_ call: Call) throws(Failure) -> Answer {
    let id = call.parameter("contact_id")
    let answer = try changeState(call, to: Store.State.archived, flag: "blocked", true, topic: "contact.archived")
    for conversation in try Conversations.ids(of: id, in: call.store) {
      try call.store.setState(.conversations, id: conversation, Store.State.archived)
    }
    return answer
  }

  private static func delete(_ call: Call) throws(Failure) -> Answer {
    let row = try row(call.store, call.parameter("contact_id"))
    let reference = try reference(row, flag: "deleted", true)
    let companies = try call.store.targets(.contactCompany, of: row.id)
    try call.store.delete(.contacts, id: row.id)
    try call.store.execute("DELETE FROM contact_attributes WHERE seq = ?", [row.seq])
    try call.store.execute("DELETE FROM links WHERE owner = ?", [row.id])
    try call.store.execute("DELETE FROM notes WHERE parent = ?", ["contact:" + row.id])
    for company in companies { try Companies.refresh(company, in: call.store) }
    call.announce("contact.deleted", reference)
    return .json(reference)
  }

  private static func changeState(
    _ call: Call, to state: String, flag: String, _ value: Bool, topic: String
  ) throws(Failure) -> Answer {
    let row = try row(call.store, call.parameter("contact_id"))
    try call.store.setState(.contacts, id: row.id, state)
    call.announce(topic, try row.value())
    return .json(try reference(row, flag: flag, value))
  }

  private static func reference(_ row: Store.Row, flag: String, _ value: Bool) throws(Failure) -> JSONValue {
    let external = try row.value()["external_id"] ?? .null
    return .object(["type": "contact", "id": .string(row.id), "external_id": external, flag: .bool(value)])
  }

  // MARK: Webhooks

  /// The topic of a contact's change: users and leads have their own.
  static func topic(_ contact: JSONObject, _ change: String) -> String {
    "contact.\(contact["role"] == "lead" ? "lead" : "user").\(change)"
  }

  private static func announceUpdate(_ call: Call, from before: JSONObject, to after: JSONObject) {
    let item = JSONValue.object(after)
    call.announce(topic(after, "updated"), item)
    if before["role"] == "lead", after["role"] == "user" { call.announce("contact.lead.signed_up", item) }
    guard before["email"] != after["email"] else { return }
    if before["role"] == "lead", before["email"]?.isNull ?? true { call.announce("contact.lead.added_email", item) }
    call.announce("contact.email.updated", item)
  }
}
