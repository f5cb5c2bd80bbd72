// Tickets: made, changed, replied to, linked with conversations.

import ICSJSON

enum Tickets {
  static let routes: [Route] = [
    Route("POST", "/tickets", create),
    Route("POST", "/tickets/enqueue", enqueue),
    Route("GET", "/jobs/status/{job_id}") { call throws(Failure) in
      guard let text = try call.store.text(.jobs, call.parameter("job_id")) else {
        throw Failure(404, "job_not_found", "Job not found")
      }
      return .document(text)
    },
    Route("POST", "/tickets/search", .reads) { call throws(Failure) in try Search.answer(call, in: .tickets) },
    Route("GET", "/tickets/{ticket_id}") { call throws(Failure) in
      .json(try object(call, else: .notFound))
    },
    Route("PUT", "/tickets/{ticket_id}", update),
    Route("DELETE", "/tickets/{ticket_id}", delete),
    Route("POST", "/tickets/{ticket_id}/reply", reply),
    Route("POST", "/tickets/{ticket_id}/tags", tag),
    Route("DELETE", "/tickets/{ticket_id}/tags/{tag_id}", untag),
    Route("POST", "/tickets/{ticket_id}/change_type", changeType),
    Route("POST", "/tickets/{ticket_id}/linked_conversations", linkConversation),
    Route("DELETE", "/tickets/{ticket_id}/linked_conversations/{conversation_id}", unlinkConversation),
  ]

  private static let fields = [
    BodyField("ticket_type_id", .id, required: true), BodyField("contacts", .array, required: true),
    BodyField("conversation_to_link_id", .id), BodyField("company_id", .id), BodyField("created_at", .integer),
    BodyField("ticket_attributes", .object), BodyField("assignment", .object),
    BodyField("skip_notifications", .boolean),
  ]

  private static func object(_ call: Call, else failure: Failure) throws(Failure) -> JSONObject {
    guard case .object(let ticket)? = try call.store.value(.tickets, call.parameter("ticket_id")) else {
      throw failure
    }
    return ticket
  }

  /// A ticket that shows its parts.
  private static func whole(_ ticket: JSONObject, in store: Store) throws(Failure) -> JSONObject {
    var parts: [JSONValue] = []
    for text in try store.texts(.ticketParts, parent: ticket["id"]?.stringValue ?? "") {
      parts.append(try Store.parse(text))
    }
    var ticket = ticket
    ticket["ticket_parts"] = [
      "type": "ticket_part.list", "ticket_parts": .array(parts), "total_count": .int(parts.count),
    ]
    return ticket
  }

  // MARK: Making

  private static func create(_ call: Call) throws(Failure) -> Answer {
    .json(try make(try call.object(), call))
  }

  private static func make(_ body: JSONObject, _ call: Call) throws(Failure) -> JSONObject {
    try body.check(fields)
    guard case .object(let type)? = try call.store.value(.ticketTypes, body["ticket_type_id"]?.idText ?? "") else {
      throw .notFound
    }
    var contacts: [JSONValue] = []
    for item in body["contacts"]?.arrayValue ?? [] {
      contacts.append(Conversations.reference(try Messages.contact(item, in: call.store)))
    }
    guard !contacts.isEmpty else { throw .missing("contacts is required", field: "contacts") }
    let attributes = body["ticket_attributes"]?.objectValue ?? JSONObject()
    try check(attributes, of: type, isNew: true, in: call.store)
    return try insert(type: type, contacts: contacts, attributes: attributes, body: body, call)
  }

  private static func insert(
    type: JSONObject, contacts: [JSONValue], attributes: JSONObject, body: JSONObject, _ call: Call
  ) throws(Failure) -> JSONObject {
    let id = String(try call.store.next("conversation", from: 499))
    var shown: JSONObject = ["_default_title_": nil, "_default_description_": nil]
    for (name, value) in attributes { shown[name] = value }
    var ticket: JSONObject = [
      "type": "ticket", "id": .string(id), "ticket_id": .string(String(try call.store.next("ticket"))),
      "ticket_attributes": .object(shown),
      "ticket_state": TicketTypes.state(TicketTypes.allStates[0].id) ?? nil,
      "ticket_type": .object(try TicketTypes.shown(type, in: call.store)),
      "contacts": ["type": "contact.list", "contacts": .array(contacts)],
    ]
    ticket["admin_assignee_id"] = .int(body["assignment"]?["admin_assignee_id"]?.idText.flatMap { Int($0) } ?? 0)
    ticket["team_assignee_id"] = .int(body["assignment"]?["team_assignee_id"]?.idText.flatMap { Int($0) } ?? 0)
    ticket["created_at"] = .int(body.integer("created_at") ?? call.now)
    ticket["updated_at"] = .int(call.now)
    ticket["open"] = true
    ticket["linked_objects"] = ["type": "list", "data": [], "total_count": 0, "has_more": false]
    ticket["category"] = type["category"] ?? "Customer"
    ticket["is_shared"] = .bool(type["category"] == "Customer")
    ticket["ticket_parts"] = ["type": "ticket_part.list", "ticket_parts": [], "total_count": 0]
    try call.store.insert(.tickets, id: id, .object(ticket))
    call.announce("ticket.created", .object(ticket))
    return ticket
  }

  /// Refuses attributes that the type does not have, and misses those that it needs.
  private static func check(
    _ attributes: JSONObject, of type: JSONObject, isNew: Bool, in store: Store
  ) throws(Failure) {
    let known = try TicketTypes.attributes(of: type["id"]?.stringValue ?? "", in: store)
    for name in attributes.keys where !known.contains(where: { $0["name"]?.stringValue == name }) {
      throw .invalid("Ticket attribute '\(name)' does not exist", field: "ticket_attributes.\(name)")
    }
    guard isNew else { return }
    for attribute in known where attribute["required_to_create"] == true {
      if attributes.given(attribute["name"]?.stringValue ?? "") == nil {
        throw .invalid("Missing required ticket attributes", field: "ticket_attributes")
      }
    }
  }

  /// Makes the ticket at once, and answers a job that is done.
  private static func enqueue(_ call: Call) throws(Failure) -> Answer {
    let ticket = try make(try call.object(), call)
    let id = String(try call.store.next("job", from: 20))
    let ticketID = ticket["id"]?.stringValue ?? ""
    var job: JSONObject = [
      "type": "job", "id": .string(id), "status": "success", "url": .string("\(call.baseURL)/jobs/status/\(id)"),
      "resource_type": "ticket", "resource_id": .string(ticketID),
      "resource_url": .string("\(call.baseURL)/tickets/\(ticketID)"),
    ]
    try call.store.insert(.jobs, id: id, .object(job))
    job["status"] = "pending"
    job["resource_id"] = .null
    job["resource_url"] = .null
    return .json(job)
  }

  /// A conversation becomes a ticket of a customer type.
  static func convert(_ call: Call) throws(Failure) -> Answer {
    let conversation = try Conversations.object(call.store, call.parameter("conversation_id"))
    let body = try call.object()
    guard case .object(let type)? = try call.store.value(.ticketTypes, body["ticket_type_id"]?.idText ?? "") else {
      throw .notFound
    }
    guard type["category"] == "Customer" else { throw .invalid("Ticket type is not a customer ticket type") }
    let attributes = body["attributes"]?.objectValue ?? JSONObject()
    try check(attributes, of: type, isNew: false, in: call.store)
    let ticket = try insert(
      type: type, contacts: conversation["contacts"]?["contacts"]?.arrayValue ?? [], attributes: attributes,
      body: JSONObject(), call)
    return .json(ticket)
  }

  // MARK: Changing

  private static func update(_ call: Call) throws(Failure) -> Answer {
    var ticket = try object(call, else: .notFound)
    let body = try call.object()
    try body.check([
      BodyField("ticket_attributes", .object), BodyField("ticket_state_id", .id), BodyField("company_id", .id),
      BodyField("open", .boolean), BodyField("is_shared", .boolean), BodyField("snoozed_until", .integer),
      BodyField("admin_id", .id), BodyField("assignee_id", .id), BodyField("skip_notifications", .boolean),
    ])
    guard case .object(let type)? = ticket["ticket_type"] else { throw .server("a ticket has no type") }
    if let attributes = body.given("ticket_attributes")?.objectValue {
      try check(attributes, of: type, isNew: false, in: call.store)
      var all = ticket["ticket_attributes"]?.objectValue ?? JSONObject()
      for (name, value) in attributes { all[name] = value }
      ticket["ticket_attributes"] = .object(all)
      call.announce("ticket.attribute.updated", .object(ticket))
    }
    if let id = body.given("admin_id")?.idText, try call.store.text(.admins, id) == nil {
      throw Failure(404, "assignee_not_found", "Assignee not found")
    }
    if let assignee = body.given("assignee_id")?.idText { try assign(assignee, &ticket, call) }
    if let state = body.given("ticket_state_id")?.idText {
      try setState(state, body["admin_id"]?.idText, &ticket, call)
    }
    for name in ["open", "is_shared"] {
      if let value = body.given(name) { ticket[name] = value }
    }
    if let until = body.integer("snoozed_until") { ticket["snoozed_until"] = .int(until) }
    return .json(try save(ticket, call))
  }

  private static func assign(_ id: String, _ ticket: inout JSONObject, _ call: Call) throws(Failure) {
    let isTeam = try call.store.text(.teams, id) != nil
    let isAdmin = try call.store.text(.admins, id) != nil
    guard isTeam || isAdmin || id == "0" else {
      throw Failure(404, "assignee_not_found", "Assignee not found")
    }
    ticket[isTeam ? "team_assignee_id" : "admin_assignee_id"] = .int(Int(id) ?? 0)
    call.announce(isTeam ? "ticket.team.assigned" : "ticket.admin.assigned", .object(ticket))
  }

  private static func setState(
    _ id: String, _ admin: String?, _ ticket: inout JSONObject, _ call: Call
  ) throws(Failure) {
    guard let state = TicketTypes.state(id) else {
      throw Failure(
        400, "ticket_state_id_invalid", "Ticket state id is not valid or is not associated with the ticket type")
    }
    let previous = ticket["ticket_state"]?["category"] ?? "submitted"
    ticket["previous_ticket_state_id"] = ticket["ticket_state"]?["id"] ?? nil
    ticket["ticket_state"] = state
    let author = try author(admin: admin, call.store)
    try addPart(
      [
        "part_type": "ticket_state_updated_by_admin", "ticket_state": state["category"] ?? nil,
        "previous_ticket_state": previous, "author": author, "app_package_code": "ics-sandbox",
      ], to: ticket, call)
    call.announce("ticket.state.updated", .object(ticket))
    if state["category"] == "resolved" { call.announce("ticket.resolved", .object(ticket)) }
  }

  private static func save(_ ticket: JSONObject, _ call: Call) throws(Failure) -> JSONObject {
    var ticket = ticket
    ticket["updated_at"] = .int(call.now)
    ticket = try whole(ticket, in: call.store)
    try call.store.update(.tickets, id: ticket["id"]?.stringValue ?? "", .object(ticket))
    return ticket
  }

  private static func delete(_ call: Call) throws(Failure) -> Answer {
    let ticket = try object(call, else: .ticketNotFound)
    let id = ticket["id"]?.stringValue ?? ""
    try call.store.setState(.tickets, id: id, Store.State.deleted)
    return .json(["id": .string(id), "object": "ticket", "deleted": true])
  }

  private static func changeType(_ call: Call) throws(Failure) -> Answer {
    var ticket = try object(call, else: .notFound)
    let body = try call.body.isNull ? JSONObject() : call.object()
    for name in ["ticket_type_id", "ticket_state_id"] where body.given(name)?.idText == nil {
      throw .missing("\(name) is a required parameter", field: name)
    }
    guard let id = body["ticket_type_id"]?.idText, case .object(let type)? = try call.store.value(.ticketTypes, id)
    else {
      throw .notFound
    }
    guard ticket["ticket_type"]?["id"]?.stringValue != id else {
      throw .invalid("Cannot change to the same ticket type")
    }
    guard let state = TicketTypes.state(body["ticket_state_id"]?.idText ?? "") else {
      throw .invalid("Ticket custom state doesn't belong to the new ticket type")
    }
    let attributes = body["ticket_attributes"]?.objectValue ?? JSONObject()
    try check(attributes, of: type, isNew: false, in: call.store)
    ticket["ticket_type"] = .object(try TicketTypes.shown(type, in: call.store))
    ticket["category"] = type["category"] ?? "Customer"
    ticket["ticket_state"] = state
    return .json(try save(ticket, call))
  }

  // MARK: Replies

  private static func reply(_ call: Call) throws(Failure) -> Answer {
    let ticket = try object(call, else: .notFound)
    let body = try call.object()
    let isAdmin = body["type"] == "admin"
    try body.check(
      [
        BodyField("message_type", .oneOf(["comment", "note", "quick_reply"]), required: true),
        BodyField("type", .oneOf(["admin", "user", "contact", "lead"]), required: true), BodyField("body", .string),
      ], allowsMore: true)
    guard isAdmin || ticket["category"] != "Back-office" else {
      throw Failure(400, "parameter_mismatch", "User replies are not allowed on Backoffice tickets")
    }
    let author: JSONValue
    if isAdmin {
      author = try self.author(admin: body["admin_id"]?.idText ?? "", call.store)
    } else {
      let contact = try Messages.contact(
        [
          "id": body["intercom_user_id"] ?? nil, "user_id": body["user_id"] ?? nil, "email": body["email"] ?? nil,
        ], in: call.store)
      author = [
        "type": "user", "id": contact["id"] ?? nil, "name": contact["name"] ?? nil,
        "email": contact["email"]?.stringValue.map { .string($0) } ?? "",
      ]
    }
    let type = body["message_type"]?.stringValue ?? "comment"
    let text = body.given("body")?.stringValue.map(HTMLText.paragraph)
    let part = try addPart(
      [
        "part_type": .string(type), "body": JSONValue(text), "author": author,
        "ticket_state": ticket["ticket_state"]?["category"] ?? "submitted",
        "previous_ticket_state": ticket["ticket_state"]?["category"] ?? "submitted",
        "app_package_code": "ics-sandbox",
      ], to: ticket, call)
    _ = try save(ticket, call)
    let topic = type == "note" ? "ticket.note.created" : isAdmin ? "ticket.admin.replied" : "ticket.contact.replied"
    call.announce(topic, ["ticket": .object(ticket), "ticket_part": .object(part)])
    return .json(part)
  }

  private static func author(admin id: String?, _ store: Store) throws(Failure) -> JSONValue {
    let id = id ?? String(Workspace.ownerID)
    guard let admin = try store.value(.admins, id) else { throw .adminNotFound }
    return ["id": .string(id), "type": "admin", "name": admin["name"] ?? nil, "email": admin["email"] ?? nil]
  }

  @discardableResult
  private static func addPart(
    _ given: JSONObject, to ticket: JSONObject, _ call: Call
  ) throws(Failure) -> JSONObject {
    let id = String(try call.store.next("ticket_part", from: 156))
    var part: JSONObject = ["type": "ticket_part", "id": .string(id)]
    for (name, value) in given { part[name] = value }
    part["created_at"] = .int(call.now)
    part["updated_at"] = .int(call.now)
    part["attachments"] = []
    part["redacted"] = false
    try call.store.insert(.ticketParts, id: id, parent: ticket["id"]?.stringValue, .object(part))
    return part
  }

  // MARK: Tags and conversations

  private static func tag(_ call: Call) throws(Failure) -> Answer {
    var ticket = try object(call, else: .ticketNotFound)
    let tag = try Tags.find(try call.object()["id"], in: call.store, else: .tagNotFound)
    let applied = try TagList.change(&ticket, tag: tag.id, isOn: true, by: call.body["admin_id"]?.idText, call)
    _ = try save(ticket, call)
    return .json(applied ?? .null)
  }

  private static func untag(_ call: Call) throws(Failure) -> Answer {
    var ticket = try object(call, else: .ticketNotFound)
    let admin = call.body["admin_id"]?.idText
    guard let removed = try TagList.change(&ticket, tag: call.parameter("tag_id"), isOn: false, by: admin, call) else {
      throw .tagNotFound
    }
    _ = try save(ticket, call)
    return .json(removed)
  }

  private static func linkConversation(_ call: Call) throws(Failure) -> Answer {
    let ticket = try tracker(call, refusal: "Only tracker tickets support linking conversations")
    guard let id = call.body["conversation_id"]?.idText else { throw .missing("conversation_id not specified") }
    let missing = Failure(404, "conversation_not_found", "Conversation not found")
    let conversation = try Conversations.object(call.store, id, else: missing)
    let linked = conversation["linked_objects"]?["data"]?.arrayValue ?? []
    guard !linked.contains(where: { $0["category"] == "Tracker" }) else {
      throw Failure(400, "already_linked_to_tracker", "A conversation can only have one tracker ticket")
    }
    return try setLink(isOn: true, ticket, conversation, call)
  }

  private static func unlinkConversation(_ call: Call) throws(Failure) -> Answer {
    let ticket = try tracker(call, refusal: "Only tracker tickets support unlinking conversations")
    let missing = Failure(404, "conversation_not_found", "Conversation is not linked to this ticket")
    let conversation = try Conversations.object(call.store, call.parameter("conversation_id"), else: missing)
    let linked = conversation["linked_objects"]?["data"]?.arrayValue ?? []
    guard linked.contains(where: { $0["id"] == ticket["id"] }) else { throw missing }
    return try setLink(isOn: false, ticket, conversation, call)
  }

  private static func tracker(_ call: Call, refusal: String) throws(Failure) -> JSONObject {
    let ticket = try object(call, else: .ticketNotFound)
    guard ticket["category"] == "Tracker" else { throw Failure(400, "invalid_ticket_type", refusal) }
    return ticket
  }

  /// Both sides show the link.
  private static func setLink(
    isOn: Bool, _ ticket: JSONObject, _ conversation: JSONObject, _ call: Call
  ) throws(Failure) -> Answer {
    var (ticket, conversation) = (ticket, conversation)
    setLink(isOn, in: &ticket, to: ["type": "conversation", "id": conversation["id"] ?? nil, "category": nil])
    setLink(
      isOn, in: &conversation,
      to: ["type": "ticket", "id": ticket["id"] ?? nil, "category": ticket["category"] ?? nil])
    _ = try save(ticket, call)
    return .json(try Conversations.save(conversation, topic: nil, call))
  }

  private static func setLink(_ isOn: Bool, in object: inout JSONObject, to other: JSONValue) {
    var data = object["linked_objects"]?["data"]?.arrayValue ?? []
    data.removeAll { $0["id"] == other["id"] && $0["type"] == other["type"] }
    if isOn { data.append(other) }
    object["linked_objects"] = [
      "type": "list", "data": .array(data), "total_count": .int(data.count), "has_more": false,
    ]
  }
}
