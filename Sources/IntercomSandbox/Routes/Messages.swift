// Messages: from an admin to contacts, or from a contact.

import ICSJSON

enum Messages {
  static let routes: [Route] = [Route("POST", "/messages", create)]

  private static let fields = [
    BodyField("from", .object, required: true), BodyField("message_type", .oneOf(types.keys.sorted())),
    BodyField("subject", .string), BodyField("body", .string), BodyField("template", .any), BodyField("to", .any),
    BodyField("cc", .any), BodyField("bcc", .any), BodyField("created_at", .integer), BodyField("referer", .string),
    BodyField("create_conversation_without_contact_reply", .boolean), BodyField("components", .array),
    BodyField("locale", .string),
  ]

  /// How a type is written in requests, and in answers.
  private static let types = [
    "in_app": "inapp", "inapp": "inapp", "conversation": "inapp", "email": "email", "whatsapp": "whatsapp",
  ]

  private static func create(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    try body.check(fields)
    let from = body["from"] ?? .null
    switch from["type"]?.stringValue {
    case "admin": return try fromAdmin(body, call)
    case "user", "lead", "contact":
      guard let text = body.given("body")?.stringValue, !text.isEmpty else { throw .invalid("Body is required") }
      let contact = try contact(from, in: call.store)
      return .json(try Conversations.open(by: contact, text: text, call))
    default: throw .invalid("from.type must be admin, user, lead or contact", field: "from")
    }
  }

  private static func fromAdmin(_ body: JSONObject, _ call: Call) throws(Failure) -> Answer {
    let type = types[body["message_type"]?.stringValue ?? "inapp"] ?? "inapp"
    if type != "whatsapp", body.given("body")?.stringValue?.isEmpty ?? true { throw .invalid("Body is required") }
    if type == "email" {
      guard let subject = body.given("subject")?.stringValue, !subject.isEmpty else {
        throw Failure(422, "parameter_not_found", "No subject supplied for email message")
      }
    }
    guard let id = body["from"]?["id"]?.idText, let admin = try call.store.value(.admins, id) else {
      throw .adminNotFound
    }
    let recipients = type == "whatsapp" ? [] : try recipients(body, in: call.store)
    for contact in recipients { try markContacted(contact, call) }
    let number = String(try call.store.next("message", from: 19))
    let text = body["body"]?.stringValue ?? ""
    var message: JSONObject = ["type": "admin_message", "id": .string(number), "created_at": .int(call.now)]
    if let subject = body.given("subject") { message["subject"] = subject }
    message["body"] = .string(text)
    message["message_type"] = .string(type)
    message["owner"] = admin
    if body["create_conversation_without_contact_reply"] == true, let contact = recipients.first {
      message["conversation_id"] = .string(
        try Conversations.start(by: admin, with: contact, text: text, subject: body["subject"]?.stringValue, call))
    }
    try call.store.insert(.messages, id: number, .object(message))
    return .json(message)
  }

  private static func recipients(_ body: JSONObject, in store: Store) throws(Failure) -> [JSONObject] {
    var found: [JSONObject] = []
    for field in ["to", "cc", "bcc"] {
      guard let value = body.given(field) else {
        if field == "to" { throw .missing("to is required", field: "to") }
        continue
      }
      for item in value.arrayValue ?? [value] { found.append(try contact(item, in: store)) }
    }
    return found
  }

  /// The living contact that a `{type, id | user_id | email}` means.
  static func contact(_ reference: JSONValue, in store: Store) throws(Failure) -> JSONObject {
    let (column, value): (String, String?) =
      if let id = reference["id"]?.idText {
        ("id", id)
      } else if let user = reference["user_id"]?.idText ?? reference["external_id"]?.idText {
        ("external_id", user)
      } else {
        ("email_key", reference["email"]?.stringValue?.lowercased())
      }
    let rows = try store.rows(
      "SELECT seq, id, state, document FROM contacts WHERE \(column) = ? AND state = 'live' ORDER BY role DESC LIMIT 1",
      [value])
    guard case .object(let contact)? = try rows.first?.value() else { throw .contactNotFound }
    return contact
  }

  private static func markContacted(_ contact: JSONObject, _ call: Call) throws(Failure) {
    guard let id = contact["id"]?.stringValue else { return }
    var contact = contact
    contact["last_contacted_at"] = .int(call.now)
    try call.store.update(.contacts, id: id, .object(contact))
  }
}
