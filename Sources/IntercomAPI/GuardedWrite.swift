// Requests that must not be carried out twice, and how to find out whether one was.

import ICSJSON
import IntercomCatalogue

/// Decides whether a write is sent: it may send it, or answer from what it knows.
///
/// A struct around the functions: a task's local value needs its type at run time, and the optimised binary on Linux
/// finds none for a function with typed errors (Swift 6.3), so that binding one crashes.
package struct WriteGuard: Sendable {
  /// What is asked for each write.
  package typealias Decision =
    @Sendable (
      _ write: GuardedWrite, _ send: @Sendable () async throws(APIError) -> APIResponse
    ) async throws(APIError) -> APIResponse

  package let perform: Decision
  /// Is asked right before anything that is no reading leaves, after all waiting: for callers whose right to act ends.
  package let permit: @Sendable () async throws(APIError) -> Void

  package init(
    perform: @escaping Decision, permit: @escaping @Sendable () async throws(APIError) -> Void
  ) {
    self.perform = perform
    self.permit = permit
  }
}

/// A request whose repetition would have a second effect.
package struct GuardedWrite: Sendable {
  /// Stands around each such request of the current task: for callers that keep a journal of what they have sent. Not
  /// asked about requests whose caller allows repeating them.
  @TaskLocal package static var guardian: WriteGuard?

  package let client: IntercomClient
  package let request: APIRequest
  package let method: String
  package let path: String
  /// The operation that it reaches, if the catalogue has it.
  package let operation: Operation?
  /// The bytes that are sent.
  package let body: [UInt8]?

  /// What a look-up has found out about a write whose answer never came.
  package enum Finding: Sendable {
    /// It was carried out: what it made.
    case found(JSONValue)
    /// It was not carried out, or whatever it did is not there any more.
    case notFound
    /// The API offers no way to tell.
    case unknown
  }

  /// Asks the API whether the write was carried out.
  ///
  /// - Parameter sentAt: When it was sent, as Unix seconds: what is older was made by somebody else.
  /// - Throws: When the look-up itself fails; nothing is known then.
  package func lookUp(sentAt: Double) async throws(APIError) -> Finding {
    let sent = request.body ?? .null
    // The API counts whole seconds, on a clock of its own.
    let earliest = Int(max(0, sentAt)) - Self.clockDifference
    switch operation?.name {
    case "contacts.create":
      return try await contact(sent)
    case "notes.create":
      guard let id = segment(after: "contacts") else { return .unknown }
      return try await item(
        of: "/contacts/\(id)/notes", like: sent, by: [("body", "body")], earliest: earliest)
    case "companies.create_note":
      guard let id = segment(after: "companies") else { return .unknown }
      return try await item(of: "/companies/\(id)/notes", like: sent, by: [("body", "body")], earliest: earliest)
    case "conversations.reply":
      guard let id = segment(after: "conversations") else { return .unknown }
      return try await conversationPart(of: id, like: sent, earliest: earliest)
    case "data_events.create":
      return try await event(sent)
    default: return .unknown
    }
  }

  /// Seconds that two clocks may differ by.
  private static let clockDifference = 60

  private func segment(after name: String) -> String? {
    let parts = path.split(separator: "/")
    guard let index = parts.firstIndex(where: { $0 == name }), index + 1 < parts.count else { return nil }
    return String(parts[index + 1])
  }

  private func contact(_ sent: JSONValue) async throws(APIError) -> Finding {
    if let id = sent["external_id"]?.stringValue {
      return try await client.contacts.find(.externalID, id).map(Finding.found) ?? .notFound
    }
    if let email = sent["email"]?.stringValue {
      return try await client.contacts.find(.email, email).map(Finding.found) ?? .notFound
    }
    return .unknown
  }

  /// An item of a listing that holds what was sent, and is not older than that.
  private func item(
    of listing: String, like sent: JSONValue, by fields: [(sent: String, found: String)], earliest: Int
  ) async throws(APIError) -> Finding {
    let reader = PageReader(client: client, request: APIRequest("GET", listing))
    while let page = try await reader.next() {
      for item in try page.items() where (item["created_at"]?.intValue ?? 0) >= earliest {
        if fields.allSatisfy({ Self.isSameText(sent[$0.sent], item[$0.found]) }) { return .found(item) }
      }
    }
    return .notFound
  }

  private func conversationPart(of id: String, like sent: JSONValue, earliest: Int) async throws(APIError) -> Finding {
    guard let text = sent["body"] else { return .unknown }
    let conversation = try await client.send(APIRequest("GET", "/conversations/\(id)")).json()
    let parts = conversation[path: "conversation_parts.conversation_parts"]?.arrayValue ?? []
    let isThere = parts.contains { part in
      (part["created_at"]?.intValue ?? 0) >= earliest && Self.isSameText(text, part["body"])
    }
    return isThere ? .found(conversation) : .notFound
  }

  private func event(_ sent: JSONValue) async throws(APIError) -> Finding {
    guard let name = sent["event_name"]?.stringValue, let at = sent["created_at"]?.intValue else { return .unknown }
    guard
      let (key, value) = ["user_id", "intercom_user_id", "email"].lazy.compactMap({ key in
        sent[key]?.stringValue.map { (key, $0) }
      }).first
    else { return .unknown }
    let answer = try await client.send(
      APIRequest("GET", "/events", query: [("type", "user"), (key, .string(value)), ("per_page", 50)])
    ).json()
    let isThere = (answer["events"]?.arrayValue ?? []).contains { event in
      event["event_name"]?.stringValue == name && event["created_at"]?.intValue == at
    }
    return isThere ? .found(.null) : .notFound
  }

  /// The API wraps texts in paragraphs.
  private static func isSameText(_ sent: JSONValue?, _ found: JSONValue?) -> Bool {
    guard let sent = sent?.stringValue, let found = found?.stringValue else { return false }
    return plain(sent) == plain(found)
  }

  private static func plain(_ text: String) -> String {
    var result = ""
    var isInTag = false
    for character in text {
      if character == "<" {
        isInTag = true
      } else if character == ">", isInTag {
        isInTag = false
      } else if !isInTag, !character.isWhitespace {
        result.append(character)
      }
    }
    return result
  }
}
