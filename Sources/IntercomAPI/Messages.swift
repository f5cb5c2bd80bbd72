// Messages to people.

import ICSJSON

extension IntercomClient {
  /// Messages that the workspace sends.
  public var messages: Messages { Messages(client: self) }
}

/// Sending messages.
public struct Messages: Sendable {
  let client: IntercomClient

  /// What a message says, and to whom.
  public struct Draft: Sendable {
    /// An admin's id or a map with one; `nil` for the account's own admin.
    public var from: JSONValue?
    /// A contact's id, a map with one, or a list of these.
    public var to: JSONValue
    /// The text; HTML in an e-mail.
    public var body: String
    /// `in_app`, `inapp` (the API's description has the one, its examples the other), `email` or `whatsapp`.
    public var type: String
    /// Needed by an e-mail.
    public var subject: String?
    /// `plain` or `personal`; needed by an e-mail.
    public var template: String?
    /// Whether it shows as a conversation before the contact has replied.
    public var opensConversation = false

    /// A draft; without a sender the account's own admin sends it.
    public init(
      from: JSONValue? = nil, to: JSONValue, body: String, type: String = "in_app", subject: String? = nil,
      template: String? = nil
    ) {
      self.from = from
      self.to = to
      self.body = body
      self.type = type
      self.subject = subject
      self.template = template
    }
  }

  /// Sends a message and gives what the API made of it.
  ///
  /// - Throws: `E_INVALID_REQUEST` for an e-mail without subject or template, before anything is sent.
  public func send(_ draft: Draft) async throws(APIError) -> JSONValue {
    try await client.send(request(for: draft)).json()
  }

  /// The types that a draft may have.
  public static let types = ["in_app", "inapp", "email", "whatsapp"]

  /// The request for a message. Asks the API who the account's admin is when the draft does not say.
  public func request(for draft: Draft) async throws(APIError) -> APIRequest {
    var body: JSONObject = [
      "message_type": .string(draft.type == "in_app" ? "inapp" : draft.type), "body": .string(draft.body),
    ]
    if draft.type == "email" {
      guard let subject = draft.subject, let template = draft.template else {
        let missing = [draft.subject == nil ? "subject" : nil, draft.template == nil ? "template" : nil]
        throw .findings(
          missing.compactMap(\.self).map { Finding(.missingField, path: $0, "is needed by an e-mail") },
          code: .invalidRequest, subject: "the message")
      }
      body["subject"] = .string(subject)
      body["template"] = .string(template)
    } else {
      if let subject = draft.subject { body["subject"] = .string(subject) }
      if let template = draft.template { body["template"] = .string(template) }
    }
    if draft.opensConversation { body["create_conversation_without_contact_reply"] = true }
    body["to"] = try Self.recipients(draft.to)
    let from = draft.from ?? .null
    body["from"] = try await from.isNull ? ownAdmin() : Self.party(from, type: "admin", what: "from")
    return APIRequest("POST", "/messages", body: .object(body))
  }

  private func ownAdmin() async throws(APIError) -> JSONValue {
    let me = try await client.call("admins.me")
    guard let id = me["id"], id.stringValue != nil || id.intValue != nil else {
      throw APIError(.auth, "the account has no admin of its own to send a message from; give 'from'")
    }
    return ["type": "admin", "id": id]
  }

  private static func recipients(_ value: JSONValue) throws(APIError) -> JSONValue {
    guard let items = value.arrayValue else { return try party(value, type: "user", what: "to") }
    var parties: [JSONValue] = []
    for item in items { parties.append(try party(item, type: "user", what: "to")) }
    return .array(parties)
  }

  /// Who is meant: by an id, or by a map, which may be the whole contact or admin as the API gave it.
  private static func party(_ value: JSONValue, type: String, what: String) throws(APIError) -> JSONValue {
    switch value {
    case .string, .int: return ["type": .string(type), "id": value]
    case .object(let object):
      let key = ["id", "user_id", "email"].first { !(object[$0]?.isNull ?? true) }
      guard let key, let identity = object[key] else {
        throw APIError(.value, "'\(what)' has no id")
      }
      let given = object["type"]?.stringValue
      // A contact says by its role whether it is a user or a lead.
      let role = given == "contact" || given == nil ? object["role"]?.stringValue : nil
      let kind = type == "admin" ? given ?? type : role ?? given ?? type
      return ["type": .string(kind == "contact" && role == nil ? "user" : kind), key: identity]
    default: throw APIError(.value, "'\(what)' is \(value.kindName), and an id or a map with one is needed")
    }
  }
}
