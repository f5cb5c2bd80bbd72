// Notes on contacts and companies.

import ICSJSON

enum Notes {
  static let routes: [Route] = [
    Route("GET", "/contacts/{contact_id}/notes", listOfContact),
    Route("POST", "/contacts/{contact_id}/notes", createOnContact),
    Route("GET", "/notes/{note_id}") { call throws(Failure) in
      guard let text = try call.store.text(.notes, call.parameter("note_id")) else { throw .notFound }
      return .document(text)
    },
  ]

  private static let fields = [
    BodyField("body", .string, required: true), BodyField("admin_id", .id), BodyField("contact_id", .id),
  ]

  private static func listOfContact(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    return try list(call, parent: "contact:" + contact.id)
  }

  private static func createOnContact(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    let owner: JSONValue = ["type": "contact", "id": .string(contact.id)]
    let note = try create(call, parent: "contact:" + contact.id, name: "contact", owner: owner)
    try ContactDocument.refresh(contact.id, in: call.store)
    return .json(note)
  }

  static func listOfCompany(_ call: Call) throws(Failure) -> Answer {
    try list(call, parent: "company:" + (try Companies.row(call).id))
  }

  static func createOnCompany(_ call: Call) throws(Failure) -> Answer {
    let company = try Companies.row(call)
    let owner: JSONValue = ["type": "company", "id": .string(company.id)]
    return .json(try create(call, parent: "company:" + company.id, name: "company", owner: owner))
  }

  private static func list(_ call: Call, parent: String) throws(Failure) -> Answer {
    let store = call.store
    return try Pages.numbered(call, standard: 50, total: try store.count(.notes, parent: parent)) {
      limit, offset throws(Failure) in
      try store.texts(.notes, parent: parent, newestFirst: true, limit: limit, offset: offset)
    }
  }

  private static func create(
    _ call: Call, parent: String, name: String, owner: JSONValue
  ) throws(Failure) -> JSONValue {
    let body = try call.object()
    try body.check(fields, allowsMore: true)
    let admin = body["admin_id"]?.idText ?? String(Workspace.ownerID)
    guard let author = try call.store.value(.admins, admin) else { throw .notFound }
    let id = String(try call.store.next("note"))
    let note: JSONValue = [
      "type": "note", "id": .string(id), "created_at": .int(call.now), name: owner, "author": author,
      "body": .string(HTMLText.paragraph(body["body"]?.stringValue ?? "")),
    ]
    try call.store.insert(.notes, id: id, parent: parent, note)
    return note
  }
}

/// Texts as Intercom shows them: plain text becomes a paragraph.
enum HTMLText {
  static func paragraph(_ text: String) -> String { text.contains("<") ? text : "<p>\(text)</p>" }
}
