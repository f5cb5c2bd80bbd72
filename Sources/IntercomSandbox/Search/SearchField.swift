// What can be searched for, and where it stands in the database.

/// A field of the search language.
struct SearchField {
  /// Decides which operators and values are allowed.
  enum Kind { case string, integer, boolean, date }

  /// Where the field's values stand.
  enum Place {
    /// An SQL expression over the row.
    case expression(String)
    /// The `id` of each object in an array of the document.
    case ids(path: String)
    /// A contact's custom attribute.
    case attribute(String)
    /// The targets of a link.
    case links(LinkKind)
    /// The words of a text.
    case words(String)
    /// A segment: its members follow from its own condition.
    case segment
  }

  let kind: Kind
  let place: Place

  /// A value of the document.
  static func json(_ kind: Kind, _ path: String) -> SearchField {
    SearchField(kind: kind, place: .expression("json_extract(document, '$.\(path)')"))
  }

  /// A column of the table.
  static func column(_ kind: Kind, _ name: String) -> SearchField {
    SearchField(kind: kind, place: .expression(name))
  }
}

/// A collection that can be searched.
struct SearchTarget {
  /// How an answer is named: its type, its array, and the cursors' kind.
  let collection: Collection
  let type: String
  let items: String
  /// Dates of contacts match by day, those of conversations and tickets by second, where `>` and `<` include the
  /// value.
  let matchesDatesByDay: Bool
  let standardPageSize: Int
  let badFieldCode: String
  let fields: [String: SearchField]

  /// The path of a field that the table does not name, such as `custom_attributes.plan`.
  let prefix: String
}

extension SearchTarget {
  static let contacts = SearchTarget(
    collection: .contacts, type: "list", items: "data", matchesDatesByDay: true, standardPageSize: 50,
    badFieldCode: "parameter_invalid", fields: contactFields, prefix: "custom_attributes.")

  static let conversations = SearchTarget(
    collection: .conversations, type: "conversation.list", items: "conversations", matchesDatesByDay: false,
    standardPageSize: 20, badFieldCode: "parameter_invalid", fields: conversationFields, prefix: "custom_attributes.")

  static let tickets = SearchTarget(
    collection: .tickets, type: "ticket.list", items: "tickets", matchesDatesByDay: false, standardPageSize: 20,
    badFieldCode: "invalid_field", fields: ticketFields, prefix: "ticket_attribute.")

  private static let contactFields: [String: SearchField] = {
    var fields: [String: SearchField] = [
      "id": .column(.string, "id"), "unsubscribed_from_emails": .column(.boolean, "unsubscribed_from_emails"),
      "tag_id": SearchField(kind: .string, place: .links(.contactTag)),
      "segment_id": SearchField(kind: .string, place: .segment),
      "avatar": SearchField(
        kind: .string,
        place: .expression("ifnull(json_extract(document, '$.avatar.image_url'), json_extract(document, '$.avatar'))")),
      // Intercom's misspelling.
      "andoid_sdk_version": .json(.string, "android_sdk_version"), "formatted_phone": .column(.string, "phone"),
    ]
    for name in ["role", "name", "owner_id", "email", "email_domain", "phone", "external_id"] {
      fields[name] = .column(.string, name)
    }
    for name in ["created_at", "signed_up_at", "updated_at", "last_seen_at"] { fields[name] = .column(.date, name) }
    for name in [
      "last_contacted_at", "last_replied_at", "last_email_opened_at", "last_email_clicked_at", "ios_last_seen_at",
      "android_last_seen_at",
    ] { fields[name] = .json(.date, name) }
    for name in [
      "language_override", "browser", "browser_language", "os", "location.country", "location.region",
      "location.city", "ios_app_version", "ios_device", "ios_app_device", "ios_os_version", "ios_app_name",
      "ios_sdk_version", "android_app_version", "android_device", "android_app_name",
    ] { fields[name] = .json(.string, name) }
    for name in ["marked_email_as_spam", "has_hard_bounced"] { fields[name] = .json(.boolean, name) }
    return fields
  }()

  private static let conversationFields: [String: SearchField] = {
    var fields: [String: SearchField] = [
      "id": .column(.string, "id"), "created_at": .column(.date, "created_at"),
      "updated_at": .column(.date, "updated_at"), "open": .column(.boolean, "open"), "read": .column(.boolean, "read"),
      "state": .column(.string, "status"), "priority": .column(.string, "priority"),
      "admin_assignee_id": .column(.integer, "admin_assignee_id"),
      "team_assignee_id": .column(.integer, "team_assignee_id"), "waiting_since": .column(.date, "waiting_since"),
      "contact_ids": SearchField(kind: .string, place: .ids(path: "contacts.contacts")),
      "teammate_ids": SearchField(kind: .string, place: .ids(path: "teammates.teammates")),
      "tag_ids": SearchField(kind: .string, place: .ids(path: "tags.tags")),
      "source.body": SearchField(kind: .string, place: .words("json_extract(document, '$.source.body')")),
      "channel_initiated": .json(.string, "source.type"),
    ]
    for name in [
      "source.type", "source.id", "source.delivered_as", "source.subject", "source.author.id", "source.author.type",
      "source.author.name", "source.author.email", "source.url", "statistics.last_closed_by_id",
      "conversation_rating.remark", "conversation_rating.contact_id", "conversation_rating.admin_d",
      "ai_agent.resolution_state", "ai_agent.last_answer_type", "ai_agent.rating_remark", "ai_agent.source_type",
      "ai_agent.source_title", "title",
    ] { fields[name] = .json(.string, name) }
    for name in [
      "snoozed_until", "statistics.first_contact_reply_at", "statistics.first_assignment_at",
      "statistics.first_admin_reply_at", "statistics.first_close_at", "statistics.last_assignment_at",
      "statistics.last_assignment_admin_reply_at", "statistics.last_contact_reply_at",
      "statistics.last_admin_reply_at", "statistics.last_close_at", "conversation_rating.requested_at",
      "conversation_rating.replied_at",
    ] { fields[name] = .json(.date, name) }
    for name in [
      "statistics.time_to_assignment", "statistics.time_to_admin_reply", "statistics.time_to_first_close",
      "statistics.time_to_last_close", "statistics.median_time_to_reply", "statistics.count_reopens",
      "statistics.count_assignments", "statistics.count_conversation_parts", "conversation_rating.score",
      "ai_agent.rating",
    ] { fields[name] = .json(.integer, name) }
    fields["ai_agent_participated"] = .json(.boolean, "ai_agent_participated")
    return fields
  }()

  private static let ticketFields: [String: SearchField] = [
    "id": .column(.string, "id"), "created_at": .column(.date, "created_at"),
    "updated_at": .column(.date, "updated_at"), "open": .column(.boolean, "open"),
    "title": .json(.string, "ticket_attributes._default_title_"),
    "description": .json(.string, "ticket_attributes._default_description_"),
    // Searches say request, task and tracker for what tickets call Customer, Back-office and Tracker.
    "category": SearchField(
      kind: .string,
      place: .expression(
        "CASE category WHEN 'Customer' THEN 'request' WHEN 'Back-office' THEN 'task' ELSE 'tracker' END")),
    "ticket_type_id": .column(.string, "ticket_type_id"),
    "contact_ids": SearchField(kind: .string, place: .ids(path: "contacts.contacts")),
    "teammate_ids": SearchField(
      kind: .string, place: .expression("CAST(json_extract(document, '$.admin_assignee_id') AS TEXT)")),
    "admin_assignee_id": SearchField(
      kind: .string, place: .expression("CAST(json_extract(document, '$.admin_assignee_id') AS TEXT)")),
    "team_assignee_id": SearchField(
      kind: .string, place: .expression("CAST(json_extract(document, '$.team_assignee_id') AS TEXT)")),
    "state": .json(.string, "ticket_state.category"), "snoozed_until": .json(.date, "snoozed_until"),
  ]
}
