// The parts of a conversation: replies, notes, and what admins do with it.

import ICSJSON

enum ConversationParts {
  static let routes: [Route] = [
    Route("POST", "/conversations/{conversation_id}/reply", reply),
    Route("POST", "/conversations/{conversation_id}/parts", manage),
  ]

  // MARK: Replies

  private static func reply(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    let isAdmin = body["type"] == "admin"
    let types = isAdmin ? ["comment", "note", "quick_reply"] : ["comment", "quick_reply"]
    try body.check(
      [
        BodyField("message_type", .oneOf(types), required: true),
        BodyField("type", .oneOf(["admin", "user", "contact", "lead"]), required: true), BodyField("body", .string),
        BodyField("attachment_urls", .array), BodyField("attachment_files", .array), BodyField("reply_options", .array),
      ], allowsMore: true)
    var conversation = try found(call, body)
    let author = isAdmin ? try admin(body["admin_id"], call.store) : try person(body, in: call.store)
    let type = body["message_type"]?.stringValue ?? "comment"
    guard type == "quick_reply" || body.given("body") != nil || body.given("attachment_urls") != nil else {
      throw .invalid("Body is required", field: "body")
    }
    let attachments =
      (body["attachment_urls"]?.arrayValue?.count ?? 0) + (body["attachment_files"]?.arrayValue?.count ?? 0)
    guard attachments <= 10 else { throw .invalid("At most 10 attachments are allowed", field: "attachment_urls") }
    try add(
      type: type, body: text(body, type: type), author: author, options: body["reply_options"], to: &conversation, call)
    if type != "note" { record(reply: isAdmin, in: &conversation, call) }
    let topic =
      type == "note" ? "conversation.admin.noted" : isAdmin ? "conversation.admin.replied" : "conversation.user.replied"
    return .json(try Conversations.save(conversation, topic: topic, call))
  }

  /// The conversation of the path; `last` is the contact's newest one.
  private static func found(_ call: Call, _ body: JSONObject) throws(Failure) -> JSONObject {
    let id = call.parameter("conversation_id")
    guard id == "last" else { return try Conversations.object(call.store, id) }
    let author = try person(body, in: call.store)
    guard let last = try Conversations.ids(of: author["id"]?.stringValue ?? "", in: call.store).last else {
      throw .notFound
    }
    return try Conversations.object(call.store, last)
  }

  /// A quick reply of a contact says the option that was chosen.
  private static func text(_ body: JSONObject, type: String) -> String? {
    if let text = body["body"]?.stringValue { return HTMLText.paragraph(text) }
    guard type == "quick_reply", let first = body["reply_options"]?[0]?["text"]?.stringValue else { return nil }
    return HTMLText.paragraph(first)
  }

  private static func admin(_ id: JSONValue?, _ store: Store) throws(Failure) -> JSONValue {
    guard let id = id?.idText, let admin = try store.value(.admins, id) else { throw .adminNotFound }
    return ["id": .string(id), "type": "admin", "name": admin["name"] ?? nil, "email": admin["email"] ?? nil]
  }

  private static func person(_ body: JSONObject, in store: Store) throws(Failure) -> JSONValue {
    let contact = try Messages.contact(
      [
        "id": body["intercom_user_id"] ?? nil, "user_id": body["user_id"] ?? nil, "email": body["email"] ?? nil,
      ], in: store)
    return [
      "id": contact["id"] ?? nil, "type": contact["role"] ?? "user", "name": contact["name"] ?? nil,
      "email": contact["email"]?.stringValue.map { .string($0) } ?? "",
    ]
  }

  /// Stores a part and counts it.
  static func add(
    type: String, body: String?, author: JSONValue, assignedTo: JSONValue = nil, options: JSONValue? = nil,
    to conversation: inout JSONObject, _ call: Call
  ) throws(Failure) {
    let id = String(try call.store.next("conversation_part", from: 136))
    var part: JSONObject = [
      "type": "conversation_part", "id": .string(id), "part_type": .string(type), "body": JSONValue(body),
      "created_at": .int(call.now), "updated_at": .int(call.now), "notified_at": .int(call.now),
      "assigned_to": assignedTo, "author": author, "attachments": [], "external_id": nil, "redacted": false,
    ]
    part["metadata"] = options?.arrayValue.map { ["quick_reply_options": .array($0)] } ?? [:]
    part["email_message_metadata"] = .null
    part["state"] = conversation["state"] ?? "open"
    part["tags"] = []
    part["event_details"] = .null
    part["app_package_code"] = .null
    try call.store.insert(.conversationParts, id: id, parent: conversation["id"]?.stringValue, .object(part))
    count("count_conversation_parts", in: &conversation)
  }

  // MARK: Statistics

  /// What a reply changes in its conversation.
  private static func record(reply isAdmin: Bool, in conversation: inout JSONObject, _ call: Call) {
    let now = JSONValue.int(call.now)
    if isAdmin {
      conversation["waiting_since"] = .null
      note("first_admin_reply_at", "last_admin_reply_at", in: &conversation, call)
      return
    }
    conversation["waiting_since"] = conversation.given("waiting_since") ?? now
    if conversation.given("first_contact_reply") == nil {
      conversation["first_contact_reply"] = ["created_at": now, "type": "conversation", "url": nil]
    }
    conversation["open"] = true
    conversation["state"] = "open"
    note("first_contact_reply_at", "last_contact_reply_at", in: &conversation, call)
  }

  private static func note(_ first: String?, _ last: String, in conversation: inout JSONObject, _ call: Call) {
    var statistics = conversation["statistics"] ?? [:]
    if let first, statistics[first] == nil { statistics[first] = .int(call.now) }
    statistics[last] = .int(call.now)
    conversation["statistics"] = statistics
  }

  private static func count(_ name: String, in conversation: inout JSONObject) {
    var statistics = conversation["statistics"] ?? [:]
    statistics[name] = .int((statistics[name]?.intValue ?? 0) + 1)
    conversation["statistics"] = statistics
  }

  // MARK: Managing

  private static func manage(_ call: Call) throws(Failure) -> Answer {
    var conversation = try Conversations.object(call.store, call.parameter("conversation_id"))
    let body = try call.object()
    try body.check(
      [
        BodyField("message_type", .oneOf(["close", "snoozed", "open", "assignment"]), required: true),
        BodyField("admin_id", .id, required: true), BodyField("assignee_id", .id), BodyField("body", .string),
        BodyField("snoozed_until", .integer), BodyField("type", .string),
      ], allowsMore: true)
    let author = try admin(body["admin_id"], call.store)
    let type = body["message_type"]?.stringValue ?? ""
    var target: JSONValue = nil
    let topic: String
    switch type {
    case "close":
      conversation["open"] = false
      conversation["state"] = "closed"
      note("first_close_at", "last_close_at", in: &conversation, call)
      topic = "conversation.admin.closed"
    case "snoozed":
      guard let until = body.integer("snoozed_until") else {
        throw .missing("snoozed_until is required", field: "snoozed_until")
      }
      conversation["state"] = "snoozed"
      conversation["open"] = true
      conversation["snoozed_until"] = .int(until)
      topic = "conversation.admin.snoozed"
    case "open":
      if conversation["state"] == "closed" { count("count_reopens", in: &conversation) }
      conversation["open"] = true
      conversation["state"] = "open"
      conversation["snoozed_until"] = .null
      topic = "conversation.admin.opened"
    default:
      target = try assign(body, &conversation, call)
      topic = "conversation.admin.assigned"
    }
    let text = body.given("body")?.stringValue.map(HTMLText.paragraph)
    try add(type: type, body: text, author: author, assignedTo: target, to: &conversation, call)
    return .json(try Conversations.save(conversation, topic: topic, call))
  }

  /// Assigns to an admin or a team; `0` to nobody.
  private static func assign(
    _ body: JSONObject, _ conversation: inout JSONObject, _ call: Call
  ) throws(Failure) -> JSONValue {
    guard let id = body["assignee_id"]?.idText, let number = Int(id) else {
      throw .missing("assignee_id is required", field: "assignee_id")
    }
    count("count_assignments", in: &conversation)
    note("first_assignment_at", "last_assignment_at", in: &conversation, call)
    if number == 0 {
      conversation["admin_assignee_id"] = .null
      return nil
    }
    if let admin = try call.store.value(.admins, id) {
      conversation["admin_assignee_id"] = .int(number)
      var mates = conversation["teammates"]?["teammates"]?.arrayValue ?? []
      if !mates.contains(where: { $0["id"] == admin["id"] }) { mates.append(["type": "admin", "id": .string(id)]) }
      conversation["teammates"] = ["type": "admin.list", "teammates": .array(mates)]
      return ["type": "admin", "id": .string(id)]
    }
    guard try call.store.text(.teams, id) != nil else { throw Failure(404, "assignee_not_found", "Assignee not found") }
    conversation["team_assignee_id"] = .int(number)
    return ["type": "team", "id": .string(id)]
  }

  /// Empties a part, or the message that began the conversation.
  static func redact(_ call: Call) throws(Failure) -> Answer {
    let refusal = Failure(404, "conversation_part_or_message_not_found", "Conversation part or message not found")
    let body = try call.object()
    var conversation = try Conversations.object(call.store, body["conversation_id"]?.idText ?? "", else: refusal)
    if body["type"] == "source" {
      guard conversation["source"]?["id"]?.stringValue == body["source_id"]?.idText else { throw refusal }
      conversation["source"]?["body"] = ""
      conversation["source"]?["redacted"] = true
      return .json(try Conversations.save(conversation, topic: "conversation_part.redacted", call))
    }
    guard let id = body["conversation_part_id"]?.idText,
      case .object(var part)? = try call.store.value(.conversationParts, id)
    else { throw refusal }
    part["body"] = .null
    part["redacted"] = true
    part["updated_at"] = .int(call.now)
    try call.store.update(.conversationParts, id: id, .object(part))
    return .json(try Conversations.save(conversation, topic: "conversation_part.redacted", call))
  }
}
