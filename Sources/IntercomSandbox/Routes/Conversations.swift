// Conversations: made, read, listed, searched, updated, deleted, merged, converted.

import ICSJSON

enum Conversations {
  static let routes: [Route] = [
    Route("GET", "/conversations") { call throws(Failure) in
      try Search.listing(call, in: .conversations, standard: 20)
    },
    Route("POST", "/conversations", create),
    Route("POST", "/conversations/search", .reads) { call throws(Failure) in
      try Search.answer(call, in: .conversations)
    },
    Route("GET", "/conversations/deleted", deletedIDs),
    // Not the conversation `attributes`, and without state here.
    Route("GET", "/conversations/attributes") { call throws(Failure) in
      try Examples.answer(method: "GET", path: call.path, body: call.body)
    },
    Route("POST", "/conversations/redact", ConversationParts.redact),
    Route("GET", "/conversations/{conversation_id}", show),
    Route("PUT", "/conversations/{conversation_id}", update),
    Route("DELETE", "/conversations/{conversation_id}", delete),
    Route("POST", "/conversations/{conversation_id}/customers", attachContact),
    Route("DELETE", "/conversations/{conversation_id}/customers/{contact_id}", detachContact),
    Route("POST", "/conversations/{conversation_id}/tags", tag),
    Route("DELETE", "/conversations/{conversation_id}/tags/{tag_id}", untag),
    Route("POST", "/conversations/{conversation_id}/merge", merge),
    Route("POST", "/conversations/{conversation_id}/convert", Tickets.convert),
    Route("GET", "/conversations/{conversation_id}/handling_events") { call throws(Failure) in
      _ = try object(call.store, call.parameter("conversation_id"))
      return .json(["handling_events": []])
    },
    Route("GET", "/conversations/{conversation_id}/side_conversations") { call throws(Failure) in
      _ = try object(call.store, call.parameter("conversation_id"))
      return .json([
        "type": "side_conversation.list", "side_conversations": [], "total_count": 0,
        "pages": ["type": "pages", "page": 1, "per_page": 20, "total_pages": 0],
      ])
    },
  ]

  // MARK: Reading

  /// A living conversation, without its parts.
  static func object(
    _ store: Store, _ id: String, else failure: Failure = .notFound
  ) throws(Failure) -> JSONObject {
    guard case .object(let conversation)? = try store.value(.conversations, id) else { throw failure }
    return conversation
  }

  private static func show(_ call: Call) throws(Failure) -> Answer {
    .json(try whole(try object(call.store, call.parameter("conversation_id")), in: call.store))
  }

  /// A conversation answers at most so many of its parts, the newest.
  private static let maximumParts = 500

  /// A conversation with its parts.
  static func whole(_ conversation: JSONObject, in store: Store) throws(Failure) -> JSONObject {
    let id = conversation["id"]?.stringValue ?? ""
    var parts: [JSONValue] = []
    let texts = try store.texts(.conversationParts, parent: id, newestFirst: true, limit: maximumParts)
    for text in texts.reversed() { parts.append(try Store.parse(text)) }
    var conversation = conversation
    conversation["conversation_parts"] = [
      "type": "conversation_part.list", "conversation_parts": .array(parts),
      "total_count": .int(try store.count(.conversationParts, parent: id)),
    ]
    return conversation
  }

  /// The conversations that a contact is part of.
  static func ids(of contact: String, in store: Store) throws(Failure) -> [String] {
    try store.strings(
      """
      SELECT id FROM conversations WHERE state = 'live' AND EXISTS (
        SELECT 1 FROM json_each(document, '$.contacts.contacts') WHERE json_extract(value, '$.id') = ?)
      ORDER BY seq
      """, [contact])
  }

  // MARK: Making

  private static func create(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    try body.check(
      [BodyField("from", .object, required: true), BodyField("body", .string, required: true)], allowsMore: true)
    let contact = try Messages.contact(body["from"] ?? .null, in: call.store)
    return .json(try open(by: contact, text: body["body"]?.stringValue ?? "", call))
  }

  /// Opens a conversation for a contact's message; returns the message.
  static func open(by contact: JSONObject, text: String, _ call: Call) throws(Failure) -> JSONValue {
    let author: JSONValue = [
      "type": contact["role"] ?? "user", "id": contact["id"] ?? nil, "name": contact["name"] ?? nil,
      "email": contact["email"] ?? nil,
    ]
    let (id, message) = try insert(
      author: author, contact: contact, text: text, subject: nil, deliveredAs: "customer_initiated",
      topic: "conversation.user.created", call)
    return [
      "type": "user_message", "id": .string(message), "created_at": .int(call.now), "body": .string(text),
      "message_type": "inapp", "conversation_id": .string(id),
    ]
  }

  /// Starts a conversation for an admin's message; returns its id.
  static func start(
    by admin: JSONValue, with contact: JSONObject, text: String, subject: String?, _ call: Call
  ) throws(Failure) -> String {
    let author: JSONValue = [
      "type": "admin", "id": admin["id"] ?? nil, "name": admin["name"] ?? nil, "email": admin["email"] ?? nil,
    ]
    return try insert(
      author: author, contact: contact, text: text, subject: subject, deliveredAs: "admin_initiated",
      topic: "conversation.admin.single.created", call
    ).id
  }

  private static func insert(
    author: JSONValue, contact: JSONObject, text: String, subject: String?, deliveredAs: String, topic: String,
    _ call: Call
  ) throws(Failure) -> (id: String, message: String) {
    let id = String(try call.store.next("conversation", from: 499))
    let message = String(try call.store.next("conversation_message", from: 403_918_330))
    var conversation: JSONObject = [
      "type": "conversation", "id": .string(id), "created_at": .int(call.now), "updated_at": .int(call.now),
      "waiting_since": author["type"] == "admin" ? nil : .int(call.now), "snoozed_until": nil,
    ]
    conversation["source"] = [
      "type": "conversation", "id": .string(message), "delivered_as": .string(deliveredAs),
      "subject": .string(subject ?? ""), "body": .string(HTMLText.paragraph(text)), "author": author,
      "attachments": [], "url": nil, "redacted": false,
    ]
    conversation["contacts"] = ["type": "contact.list", "contacts": [reference(contact)]]
    conversation["first_contact_reply"] = .null
    conversation["admin_assignee_id"] = .null
    conversation["team_assignee_id"] = .null
    conversation["open"] = true
    conversation["state"] = "open"
    conversation["read"] = false
    conversation["tags"] = ["type": "tag.list", "tags": []]
    conversation["priority"] = "none"
    for name in ["sla_applied", "conversation_rating", "title", "ticket", "ai_agent"] { conversation[name] = .null }
    conversation["teammates"] = ["type": "admin.list", "teammates": []]
    conversation["statistics"] = [
      "type": "conversation_statistics", "count_reopens": 0, "count_assignments": 0, "count_conversation_parts": 1,
    ]
    conversation["custom_attributes"] = [:]
    conversation["topics"] = [:]
    conversation["linked_objects"] = ["type": "list", "data": [], "total_count": 0, "has_more": false]
    conversation["ai_agent_participated"] = false
    try call.store.insert(.conversations, id: id, .object(conversation))
    call.announce(topic, .object(try whole(conversation, in: call.store)))
    return (id, message)
  }

  /// A contact as conversations and tickets name it.
  static func reference(_ contact: JSONObject) -> JSONValue {
    ["type": "contact", "id": contact["id"] ?? nil, "external_id": contact["external_id"] ?? nil]
  }

  // MARK: Changing

  private static func update(_ call: Call) throws(Failure) -> Answer {
    let id = call.parameter("conversation_id")
    var conversation = try object(call.store, id)
    let body = try call.object()
    try body.check([
      BodyField("read", .boolean), BodyField("title", .string), BodyField("custom_attributes", .object),
      BodyField("company_id", .id), BodyField("priority", .any),
    ])
    for name in ["read", "title"] {
      if let value = body[name] { conversation[name] = value }
    }
    if let attributes = body.given("custom_attributes")?.objectValue {
      var all = conversation["custom_attributes"]?.objectValue ?? JSONObject()
      for (name, value) in attributes { all[name] = value }
      conversation["custom_attributes"] = .object(all)
    }
    if let company = body.given("company_id")?.idText {
      guard let value = try call.store.value(.companies, company) else { throw .companyNotFound }
      conversation["company"] = value
    }
    return .json(try save(conversation, topic: nil, call))
  }

  /// Stores a changed conversation, announces it, and answers it whole.
  static func save(_ conversation: JSONObject, topic: String?, _ call: Call) throws(Failure) -> JSONObject {
    var conversation = conversation
    conversation["updated_at"] = .int(call.now)
    let id = conversation["id"]?.stringValue ?? ""
    try call.store.update(.conversations, id: id, .object(conversation))
    let whole = try whole(conversation, in: call.store)
    if let topic { call.announce(topic, .object(whole)) }
    return whole
  }

  private static func delete(_ call: Call) throws(Failure) -> Answer {
    let id = call.parameter("conversation_id")
    _ = try object(call.store, id)
    try call.store.setState(.conversations, id: id, Store.State.deleted)
    let answer: JSONValue = ["id": .string(id), "object": "conversation", "deleted": true]
    call.announce("conversation.deleted", ["type": "conversation", "id": .string(id), "deleted": true])
    return .json(answer)
  }

  private static func deletedIDs(_ call: Call) throws(Failure) -> Answer {
    let store = call.store
    let condition = "FROM conversations WHERE state = 'deleted'"
    let rows = try store.rows("SELECT seq, id, state, '' \(condition) ORDER BY changed_at DESC, seq DESC", [])
    var items: [JSONValue] = []
    for row in rows {
      let at = try store.number("SELECT changed_at FROM conversations WHERE id = ?", [row.id])
      items.append([
        "type": "conversation", "id": .string(row.id), "metrics_retained": true, "deleted_at": .int(at),
      ])
    }
    return .json([
      "type": "conversation.list", "conversations": .array(items), "total_count": .int(items.count),
      "pages": ["type": "pages", "page": 1, "next": nil, "per_page": .int(max(20, items.count)), "total_pages": 1],
    ])
  }

  // MARK: Contacts, tags, merging

  private static func attachContact(_ call: Call) throws(Failure) -> Answer {
    var conversation = try object(call.store, call.parameter("conversation_id"))
    let customer = try call.object()["customer"] ?? .null
    let contact = try Messages.contact(
      [
        "id": customer["intercom_user_id"] ?? nil, "user_id": customer["user_id"] ?? nil,
        "email": customer["email"] ?? nil,
      ], in: call.store)
    var contacts = conversation["contacts"]?["contacts"]?.arrayValue ?? []
    let new = reference(contact)
    if !contacts.contains(where: { $0["id"] == new["id"] }) { contacts.append(new) }
    conversation["contacts"] = ["type": "contact.list", "contacts": .array(contacts)]
    return .json(try save(conversation, topic: "conversation.contact.attached", call))
  }

  private static func detachContact(_ call: Call) throws(Failure) -> Answer {
    var conversation = try object(call.store, call.parameter("conversation_id"))
    var contacts = conversation["contacts"]?["contacts"]?.arrayValue ?? []
    guard let place = contacts.firstIndex(where: { $0["id"]?.stringValue == call.parameter("contact_id") }) else {
      throw .contactNotFound
    }
    guard contacts.count > 1 else {
      throw Failure(422, "parameter_invalid", "Removing the last customer is not allowed")
    }
    contacts.remove(at: place)
    conversation["contacts"] = ["type": "contact.list", "contacts": .array(contacts)]
    return .json(try save(conversation, topic: "conversation.contact.detached", call))
  }

  /// Puts one contact in another's place, after a merge.
  static func replaceContact(
    _ old: String, by new: String, conversation id: String, in store: Store
  ) throws(Failure) {
    var conversation = try object(store, id)
    let replacement = reference(try Contacts.object(store, new))
    var contacts = conversation["contacts"]?["contacts"]?.arrayValue ?? []
    contacts.removeAll { $0["id"]?.stringValue == old || $0["id"]?.stringValue == new }
    contacts.append(replacement)
    conversation["contacts"] = ["type": "contact.list", "contacts": .array(contacts)]
    try store.update(.conversations, id: id, .object(conversation))
  }

  private static func tag(_ call: Call) throws(Failure) -> Answer {
    var conversation = try object(call.store, call.parameter("conversation_id"), else: .conversationNotFound)
    let tag = try Tags.find(try call.object()["id"], in: call.store, else: .tagNotFound)
    let applied = try TagList.change(&conversation, tag: tag.id, isOn: true, by: call.body["admin_id"]?.idText, call)
    _ = try save(conversation, topic: "conversation_part.tag.created", call)
    return .json(applied ?? .null)
  }

  private static func untag(_ call: Call) throws(Failure) -> Answer {
    var conversation = try object(call.store, call.parameter("conversation_id"), else: .conversationNotFound)
    let admin = call.body["admin_id"]?.idText
    guard
      let removed = try TagList.change(&conversation, tag: call.parameter("tag_id"), isOn: false, by: admin, call)
    else { throw .tagNotFound }
    _ = try save(conversation, topic: nil, call)
    return .json(removed)
  }

  /// The conversation of the path goes into the one of the body.
  private static func merge(_ call: Call) throws(Failure) -> Answer {
    guard let target = call.body["merge_into_conversation_id"]?.idText, Int(target) != nil else {
      throw .invalid("merge_into_conversation_id must be a valid integer conversation ID")
    }
    let id = call.parameter("conversation_id")
    func refused(_ message: String) -> Failure { Failure(422, "merge_failed", message) }
    guard id != target else { throw refused("Cannot merge a conversation into itself") }
    var secondary = try object(call.store, id)
    guard try call.store.value(.conversations, key: "merged:" + id) == nil else {
      throw refused("Secondary conversation has already been merged")
    }
    let primary = try object(call.store, target, else: refused("Primary conversation not found"))
    try call.store.execute("UPDATE conversation_parts SET parent = ? WHERE parent = ?", [target, id])
    // It can still be read, but only once be merged.
    try call.store.execute("UPDATE conversations SET key = ? WHERE id = ?", ["merged:" + id, id])
    secondary["open"] = false
    secondary["state"] = "closed"
    _ = try save(secondary, topic: nil, call)
    return .json(try save(primary, topic: nil, call))
  }
}
