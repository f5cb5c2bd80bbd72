// Merging a lead into a user.

import ICSJSON

enum ContactMerge {
  static func merge(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    try body.check(
      [
        BodyField("from", .id, required: true), BodyField("into", .id, required: true),
        BodyField("skip_duplicate_validation", .boolean),
      ])
    let from = try row(call, body["from"]?.idText)
    let into = try row(call, body["into"]?.idText)
    guard case .object(let lead) = try from.value(), case .object(var user) = try into.value() else {
      throw .server("a contact is no object")
    }
    guard lead["role"] == "lead", user["role"] == "user" else {
      throw Failure(400, "invalid_merge", "Merging can only be performed on a lead into a user")
    }
    guard body["skip_duplicate_validation"] == true || areDuplicates(lead, user) else {
      throw Failure(
        400, "invalid_merge",
        "Contacts can only be merged when they are duplicates (matching email or phone). Pass "
          + "skip_duplicate_validation=true to override this check.")
    }
    adopt(lead, into: &user)
    var history = user["merge_history"]?.arrayValue ?? []
    history.append([
      "type": "merge_history_item", "source_contact_id": .string(from.id), "source_contact_role": "lead",
      "merged_at": .int(call.now),
    ])
    user["merge_history"] = .array(history)
    user["updated_at"] = .int(call.now)
    try Contacts.save(user, row: into, in: call.store)
    try move(from, into: into, in: call.store)
    let merged = try Contacts.object(call.store, into.id)
    var item = merged
    item["merged_from"] = ["type": "contact", "id": .string(from.id)]
    call.announce("contact.merged", .object(item))
    return .json(merged)
  }

  static func history(_ call: Call) throws(Failure) -> Answer {
    guard let contact = try call.store.value(.contacts, call.parameter("contact_id")) else {
      throw Failure(404, "not_found", "Contact not found")
    }
    return .json(["type": "list", "data": contact["merge_history"] ?? [], "next_cursor": nil, "has_more": false])
  }

  private static func row(_ call: Call, _ id: String?) throws(Failure) -> Store.Row {
    guard let id, let row = try call.store.row(.contacts, id), row.state == Store.State.live else {
      throw Failure(404, "not_found", "Contact Not Found")
    }
    return row
  }

  private static func areDuplicates(_ a: JSONObject, _ b: JSONObject) -> Bool {
    ["email", "phone"].contains { name in
      guard let first = a[name]?.stringValue, let second = b[name]?.stringValue else { return false }
      return first.lowercased() == second.lowercased()
    }
  }

  /// What the user lacks is copied from the lead.
  private static func adopt(_ lead: JSONObject, into user: inout JSONObject) {
    let fields = ["email", "email_domain", "phone", "name", "avatar", "owner_id", "signed_up_at", "last_seen_at"]
    for name in fields where user[name]?.isNull ?? true { user[name] = lead[name] ?? .null }
    var attributes = user["custom_attributes"]?.objectValue ?? JSONObject()
    for (name, value) in lead["custom_attributes"]?.objectValue ?? JSONObject() where attributes[name]?.isNull ?? true {
      attributes[name] = value
    }
    user["custom_attributes"] = .object(attributes)
  }

  /// The lead's links, notes and conversations become the user's, and the lead points to the user.
  private static func move(_ from: Store.Row, into: Store.Row, in store: Store) throws(Failure) {
    try store.execute("UPDATE OR IGNORE links SET owner = ? WHERE owner = ?", [into.id, from.id])
    try store.execute("DELETE FROM links WHERE owner = ?", [from.id])
    try store.execute(
      "UPDATE notes SET parent = ? WHERE parent = ?", ["contact:" + into.id, "contact:" + from.id])
    try store.execute("DELETE FROM contact_attributes WHERE seq = ?", [from.seq])
    for conversation in try Conversations.ids(of: from.id, in: store) {
      try Conversations.replaceContact(from.id, by: into.id, conversation: conversation, in: store)
    }
    guard case .object(var lead) = try from.value() else { return }
    lead["merged_into"] = .string(into.id)
    try store.update(.contacts, id: from.id, .object(lead))
    try store.setState(.contacts, id: from.id, Store.State.merged)
    try ContactDocument.refresh(into.id, in: store)
    for company in try store.targets(.contactCompany, of: into.id) { try Companies.refresh(company, in: store) }
  }
}
