// Tags, and tagging.

import ICSJSON

enum Tags {
  static let routes: [Route] = [
    Route("GET", "/tags") { call throws(Failure) in Pages.whole(try call.store.texts(.tags)) },
    Route("POST", "/tags", create),
    Route("GET", "/tags/{tag_id}") { call throws(Failure) in
      .document(try find(.string(call.parameter("tag_id")), in: call.store, else: .notFound).text)
    },
    Route("DELETE", "/tags/{tag_id}", delete),
  ]

  /// A tag by its id, written as text or number.
  static func find(
    _ id: JSONValue?, in store: Store, else failure: Failure
  ) throws(Failure) -> (id: String, text: String) {
    guard let id = id?.idText, let text = try store.text(.tags, id) else { throw failure }
    return (id, text)
  }

  /// Creates a tag or renames one; with companies or users, tags or untags them.
  private static func create(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    guard let name = body["name"]?.stringValue, !name.isEmpty else { throw .invalid("invalid tag parameters") }
    for field in ["users", "companies"] where body.given(field) != nil && body[field]?.arrayValue == nil {
      throw .invalid("invalid tag parameters", field: field)
    }
    let id = try identify(body, name: name, in: call.store)
    var answer: JSONObject = ["type": "tag", "id": .string(id), "name": .string(name)]
    if let users = body["users"]?.arrayValue { answer["users"] = .array(try tag(id, users: users, call)) }
    if let companies = body["companies"]?.arrayValue {
      answer["companies"] = .array(try tag(id, companies: companies, call))
    }
    return .json(answer)
  }

  /// The id of the tag that a body means: the one it names, the one of that name, or a new one.
  private static func identify(_ body: JSONObject, name: String, in store: Store) throws(Failure) -> String {
    if body.given("id") != nil {
      let id = try find(body["id"], in: store, else: .notFound).id
      try store.update(.tags, id: id, ["type": "tag", "id": .string(id), "name": .string(name)])
      try store.execute("UPDATE tags SET key = ? WHERE id = ?", [name.lowercased(), id])
      return id
    }
    if let id = try store.value(.tags, key: name.lowercased())?["id"]?.stringValue { return id }
    let id = String(try store.next("tag", from: 101))
    try store.insert(
      .tags, id: id, key: name.lowercased(), ["type": "tag", "id": .string(id), "name": .string(name)])
    return id
  }

  private static func tag(_ id: String, users: [JSONValue], _ call: Call) throws(Failure) -> [JSONValue] {
    var tagged: [JSONValue] = []
    for user in users {
      let isOn = user["untag"] != true
      guard let contact = user["id"]?.idText, try call.store.text(.contacts, contact) != nil else {
        throw .contactNotFound
      }
      try apply(id, contact: contact, isOn: isOn, call)
      tagged.append(["id": .string(contact), "tagged": .bool(isOn)])
    }
    return tagged
  }

  private static func tag(_ id: String, companies: [JSONValue], _ call: Call) throws(Failure) -> [JSONValue] {
    var tagged: [JSONValue] = []
    for item in companies {
      let isOn = item["untag"] != true
      let company: String
      if let known = item["id"]?.idText, try call.store.text(.companies, known) != nil {
        company = known
      } else if let key = item["company_id"]?.idText,
        let known = try call.store.value(.companies, key: key)?["id"]?.stringValue
      {
        company = known
      } else {
        throw .companyNotFound
      }
      if isOn {
        try call.store.link(.companyTag, company, id)
      } else {
        try call.store.unlink(.companyTag, company, id)
      }
      try Companies.refresh(company, in: call.store)
      call.announce("company.updated", try call.store.value(.companies, company) ?? .null)
      tagged.append(["id": .string(company), "tagged": .bool(isOn)])
    }
    return tagged
  }

  /// Tags or untags a contact, shows it in the contact, and announces it.
  static func apply(_ tag: String, contact: String, isOn: Bool, _ call: Call) throws(Failure) {
    if isOn {
      try call.store.link(.contactTag, contact, tag)
    } else {
      try call.store.unlink(.contactTag, contact, tag)
    }
    try ContactDocument.refresh(contact, in: call.store)
    let person = try Contacts.object(call.store, contact)
    let item: JSONValue = [
      "type": "contact_tag", "created_at": .int(call.now), "tag": try call.store.value(.tags, tag) ?? .null,
      "contact": .object(person),
    ]
    call.announce(Contacts.topic(person, isOn ? "tag.created" : "tag.deleted"), item)
  }

  private static func delete(_ call: Call) throws(Failure) -> Answer {
    let tag = try find(.string(call.parameter("tag_id")), in: call.store, else: .notFound)
    let contacts = try call.store.owners(.contactTag, of: tag.id)
    let companies = try call.store.owners(.companyTag, of: tag.id)
    try call.store.delete(.tags, id: tag.id)
    try call.store.unlinkAll(.contactTag, target: tag.id)
    try call.store.unlinkAll(.companyTag, target: tag.id)
    for contact in contacts { try ContactDocument.refresh(contact, in: call.store) }
    for company in companies { try Companies.refresh(company, in: call.store) }
    return Answer(status: 200)
  }
}

/// The list of tags inside a conversation, a ticket or an article.
enum TagList {
  /// Adds a tag to a document's `tags`, or takes it away; returns the tag as applied, `nil` when it was not there.
  static func change(
    _ document: inout JSONObject, tag: String, isOn: Bool, by admin: String?, _ call: Call
  ) throws(Failure) -> JSONValue? {
    var tags = document["tags"]?["tags"]?.arrayValue ?? []
    let place = tags.firstIndex { $0["id"]?.stringValue == tag }
    var changed: JSONValue?
    if isOn {
      guard var applied = try call.store.value(.tags, tag) else { return nil }
      applied["applied_at"] = .int(call.now)
      applied["applied_by"] = ["type": "admin", "id": .string(admin ?? String(Workspace.ownerID))]
      if place == nil { tags.append(applied) }
      changed = applied
    } else if let place {
      changed = tags.remove(at: place)
    }
    document["tags"] = ["type": "tag.list", "tags": .array(tags)]
    return changed
  }
}
