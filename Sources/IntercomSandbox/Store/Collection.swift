// The tables of the store: one row here for each kind of object.

/// A table of JSON documents. Each row has an id, perhaps a parent and a key to find it by, a state, and the document
/// as the API answers it. The document is the only truth: what searches need stands in columns that SQLite computes
/// from it, so that the two cannot disagree.
struct Collection: Sendable {
  let name: String
  var columns: [Column] = []
  /// The columns of each index.
  var indexes: [[String]] = []

  /// A computed column: a value of the document under its own name, with a type so that SQLite compares it right.
  struct Column: Sendable {
    let name: String
    /// `TEXT`, `INTEGER` or `NUMERIC`.
    let type: String
    /// An SQL expression over `document`.
    let expression: String

    init(_ name: String, _ type: String, _ path: String? = nil) {
      self.name = name
      self.type = type
      expression = "json_extract(document, '$.\(path ?? name)')"
    }

    init(_ name: String, _ type: String, expression: String) {
      self.name = name
      self.type = type
      self.expression = expression
    }
  }

  static let contacts = Collection(
    name: "contacts",
    columns: [
      Column("role", "TEXT"), Column("email", "TEXT"), Column("external_id", "TEXT"), Column("name", "TEXT"),
      Column("phone", "TEXT"), Column("owner_id", "TEXT"), Column("created_at", "INTEGER"),
      Column("updated_at", "INTEGER"), Column("signed_up_at", "INTEGER"), Column("last_seen_at", "INTEGER"),
      Column("unsubscribed_from_emails", "INTEGER"),
      // Addresses are unique without regard to case, and found by it.
      Column("email_key", "TEXT", expression: "lower(json_extract(document, '$.email'))"),
      Column("email_domain", "TEXT"),
    ],
    // `seq` makes an index give the order of a listing, `state` makes it answer a count alone.
    indexes: [
      ["created_at", "seq", "state"], ["role", "created_at", "seq", "state"], ["email_key", "state"],
      ["email", "state"], ["external_id", "state"], ["name", "state"], ["email_domain", "state"],
      ["owner_id", "state"], ["phone", "state"], ["updated_at", "seq", "state"], ["last_seen_at", "state"],
      ["signed_up_at", "state"], ["unsubscribed_from_emails", "created_at", "seq", "state"],
    ])

  static let conversations = Collection(
    name: "conversations",
    columns: [
      Column("created_at", "INTEGER"), Column("updated_at", "INTEGER"), Column("open", "INTEGER"),
      Column("read", "INTEGER"), Column("status", "TEXT", "state"), Column("priority", "TEXT"),
      Column("admin_assignee_id", "INTEGER"), Column("team_assignee_id", "INTEGER"),
      Column("waiting_since", "INTEGER"),
    ],
    indexes: [
      ["created_at", "seq", "state"], ["updated_at", "seq", "state"], ["status", "state"],
      ["admin_assignee_id", "state"],
      ["key"],
    ])

  static let tickets = Collection(
    name: "tickets",
    columns: [
      Column("created_at", "INTEGER"), Column("updated_at", "INTEGER"), Column("open", "INTEGER"),
      Column("category", "TEXT"), Column("ticket_type_id", "TEXT", "ticket_type.id"),
    ],
    indexes: [["created_at", "seq", "state"], ["ticket_type_id", "state"]])

  static let companies = Collection(
    name: "companies", columns: [Column("name", "TEXT"), Column("last_request_at", "INTEGER")],
    indexes: [["key"], ["name", "state"]])

  static let articles = Collection(name: "articles", columns: [Column("title", "TEXT")])
  static let articleDrafts = Collection(name: "article_drafts")
  static let articleVersions = Collection(name: "article_versions", indexes: [["parent"]])
  static let admins = Collection(name: "admins")
  static let teams = Collection(name: "teams")
  static let tags = Collection(name: "tags", indexes: [["key"]])
  static let notes = Collection(name: "notes", indexes: [["parent"]])
  static let segments = Collection(name: "segments")
  static let subscriptionTypes = Collection(name: "subscription_types")
  static let dataAttributes = Collection(name: "data_attributes", indexes: [["key"]])
  static let dataEvents = Collection(
    name: "data_events", columns: [Column("created_at", "INTEGER")], indexes: [["parent"]])
  static let eventSummaries = Collection(name: "event_summaries", indexes: [["parent"]])
  static let messages = Collection(name: "messages")
  static let conversationParts = Collection(name: "conversation_parts", indexes: [["parent"]])
  static let ticketParts = Collection(name: "ticket_parts", indexes: [["parent"]])
  static let ticketTypes = Collection(name: "ticket_types")
  static let ticketTypeAttributes = Collection(name: "ticket_type_attributes", indexes: [["parent"]])
  static let jobs = Collection(name: "jobs")
  static let oauthCodes = Collection(name: "oauth_codes")
  static let scrolls = Collection(name: "scrolls")

  static let all = [
    contacts, conversations, tickets, companies, articles, articleDrafts, articleVersions, admins, teams, tags, notes,
    segments, subscriptionTypes, dataAttributes, dataEvents, eventSummaries, messages, conversationParts, ticketParts,
    ticketTypes, ticketTypeAttributes, jobs, oauthCodes, scrolls,
  ]
}

extension Collection {
  /// The statements that make the table and its indexes.
  var definition: String {
    // The document comes last: SQLite reads what stands before it without passing through it.
    let computed = columns.map { "\($0.name) \($0.type) GENERATED ALWAYS AS (\($0.expression)) STORED, " }.joined()
    let table = """
      CREATE TABLE \(name) (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, parent TEXT, key TEXT, state TEXT NOT NULL,
        changed_at INTEGER NOT NULL, \(computed)document TEXT NOT NULL);

      """
    return table
      + indexes.map {
        "CREATE INDEX \(name)_\($0.joined(separator: "_")) ON \(name) (\($0.joined(separator: ", ")));\n"
      }
      .joined()
  }
}
