// Data events: what contacts did.

import ICSJSON

enum DataEvents {
  static let routes: [Route] = [
    Route("GET", "/events", list),
    Route("POST", "/events", create),
    Route("POST", "/events/summaries", summarize),
  ]

  private static let fields = [
    BodyField("event_name", .string, required: true), BodyField("created_at", .integer), BodyField("user_id", .id),
    BodyField("id", .id), BodyField("email", .string), BodyField("metadata", .object), BodyField("type", .string),
  ]
  /// Keys that one event's metadata may have.
  private static let maximumMetadata = 10
  /// Events are listed for 90 days.
  private static let listedSeconds = 90 * 86_400

  private static func create(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    try body.check(fields, allowsMore: true)
    guard let contact = try contact(id: body["id"], user: body["user_id"], email: body["email"], call.store) else {
      throw .contactNotFound
    }
    let metadata = body["metadata"]?.objectValue ?? JSONObject()
    guard metadata.count <= maximumMetadata else {
      throw .invalid("An event can have at most \(maximumMetadata) metadata values", field: "metadata")
    }
    let id = "evt-" + Hex.text(UInt64(try call.store.next("event")), digits: 24)
    let event: JSONValue = [
      "type": "event", "id": .string(id), "created_at": .int(body.integer("created_at") ?? call.now),
      "event_name": body["event_name"] ?? "", "user_id": contact["external_id"] ?? nil,
      "email": contact["email"] ?? nil, "intercom_user_id": contact["id"] ?? nil, "metadata": .object(metadata),
    ]
    try call.store.insert(.dataEvents, id: id, parent: contact["id"]?.stringValue, event)
    call.announce("event.created", event)
    return Answer(status: 202)
  }

  /// The events of a contact, newest first, or how often each came (`summary=true`).
  private static func list(_ call: Call) throws(Failure) -> Answer {
    let query = call.query
    func value(_ name: String) -> JSONValue? { (query[name] ?? query["filter[\(name)]"]).map { .string($0) } }
    guard
      let contact = try contact(
        id: value("intercom_user_id"), user: value("user_id"), email: value("email"), call.store)
    else { throw .contactNotFound }
    let id = contact["id"]?.stringValue ?? ""
    var answer: JSONObject = [
      "email": contact["email"] ?? nil, "intercom_user_id": .string(id), "user_id": contact["external_id"] ?? nil,
    ]
    if answer["user_id"]?.isNull ?? true { answer["user_id"] = "" }
    if answer["email"]?.isNull ?? true { answer["email"] = "" }
    answer["type"] = "event.summary"
    answer["pages"] = [:]
    if query["summary"] == "true" {
      answer["events"] = .array(try summaries(of: id, in: call.store))
      return .json(answer)
    }
    let size = try PageRequest.size(call.query["per_page"].map { .string($0) }, standard: 50, maximum: 150)
    let rows = try call.store.rows(
      """
      SELECT seq, id, state, document FROM data_events WHERE parent = ? AND created_at > ?
      ORDER BY created_at DESC, seq DESC LIMIT ?
      """, [id, call.now - listedSeconds, size])
    var events: [JSONValue] = []
    for row in rows { events.append(try row.value()) }
    answer["type"] = "event.list"
    answer["events"] = .array(events)
    // The description gives one schema for both forms.
    answer["type"] = "event.summary"
    return .json(answer)
  }

  private static func summaries(of contact: String, in store: Store) throws(Failure) -> [JSONValue] {
    var order: [String] = []
    var found: [String: (first: Int, last: Int, count: Int)] = [:]
    for text in try store.texts(.dataEvents, parent: contact) {
      let event = try Store.parse(text)
      add(
        event["event_name"]?.stringValue ?? "", event["created_at"]?.intValue ?? 0, event["created_at"]?.intValue ?? 0,
        1)
    }
    for text in try store.texts(.eventSummaries, parent: contact) {
      let event = try Store.parse(text)
      add(
        event["event_name"]?.stringValue ?? "", event["first"]?.intValue ?? 0, event["last"]?.intValue ?? 0,
        event["count"]?.intValue ?? 0)
    }
    func add(_ name: String, _ first: Int, _ last: Int, _ count: Int) {
      if let old = found[name] {
        found[name] = (min(old.first, first), max(old.last, last), old.count + count)
      } else {
        order.append(name)
        found[name] = (first, last, count)
      }
    }
    return order.compactMap { name in
      found[name].map { event in
        [
          "name": .string(name), "first": .string(ISODate.text(event.first)), "last": .string(ISODate.text(event.last)),
          "count": .int(event.count), "description": "",
        ]
      }
    }
  }

  private static func summarize(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    guard let contact = try contact(id: nil, user: body["user_id"], email: body["email"], call.store),
      let id = contact["id"]?.stringValue
    else { throw .contactNotFound }
    guard case .object(let summary)? = body["event_summaries"] else {
      throw .missing("event_summaries is required", field: "event_summaries")
    }
    let number = try call.store.next("event_summary")
    try call.store.insert(.eventSummaries, id: String(number), parent: id, .object(summary))
    return Answer(status: 200)
  }

  /// The contact that an event names by id, by its own id for a user, or by e-mail.
  private static func contact(
    id: JSONValue?, user: JSONValue?, email: JSONValue?, _ store: Store
  ) throws(Failure) -> JSONValue? {
    if let id = id?.idText { return try store.value(.contacts, id) }
    let (column, value) =
      user?.idText.map { ("external_id", $0) } ?? ("email_key", email?.stringValue?.lowercased() ?? "")
    return try store.rows(
      "SELECT seq, id, state, document FROM contacts WHERE \(column) = ? AND state = 'live' ORDER BY role DESC LIMIT 1",
      [value]
    ).first?.value()
  }
}

/// Times as text.
enum ISODate {
  /// `2026-01-31T12:00:00.000Z`, from Unix seconds; the civil calendar by days since 1970.
  static func text(_ seconds: Int) -> String {
    let day = Int((Double(seconds) / 86_400).rounded(.down))
    let rest = seconds - day * 86_400
    // Days in eras of 400 years that begin in March, so that the leap day is the last of its year.
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let date = dayOfYear - (153 * month + 2) / 5 + 1
    let civilMonth = month < 10 ? month + 3 : month - 9
    let civilYear = year + era * 400 + (civilMonth <= 2 ? 1 : 0)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return
      "\(civilYear)-\(two(civilMonth))-\(two(date))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)).000Z"
  }
}
