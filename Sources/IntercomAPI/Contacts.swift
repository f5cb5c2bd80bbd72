// Contacts, by hand where a hand helps.

import ICSJSON
import IntercomCatalogue

extension IntercomClient {
  /// The people of the workspace.
  public var contacts: Contacts { Contacts(client: self) }
}

/// The operations on contacts. What is not here is reached by `IntercomClient.call(_:parameters:body:)`.
public struct Contacts: Sendable {
  let client: IntercomClient

  /// The fields that name one contact.
  public enum Key: String, Sendable, CaseIterable {
    /// The e-mail address. Several leads may share one; a user has it alone.
    case email
    /// The id that a user has in your own product.
    case externalID = "external_id"
    /// The API's own id.
    case id
  }

  /// Creates a contact; one of `email`, `external_id` and `role` is needed.
  ///
  /// - Parameters:
  ///   - contact: The contact's fields, as the API names them.
  ///   - isRetrySafe: Looks the contact up when nobody knows whether it was created, by `external_id` or a user's
  ///     e-mail, and creates it again when it is not there.
  /// - Throws: `E_CONFLICT` when there is such a contact.
  public func create(_ contact: JSONValue, isRetrySafe: Bool = false) async throws(APIError) -> JSONValue {
    guard isRetrySafe else { return try await client.call("contacts.create", body: contact) }
    return try await createOnce(IntercomClient.request(for: "contacts.create", body: contact))
  }

  /// One contact by Intercom's id.
  public func get(_ id: String) async throws(APIError) -> JSONValue {
    try await client.call("contacts.get", parameters: ["contact_id": .string(id)])
  }

  /// Changes the given fields.
  public func update(_ id: String, _ changes: JSONValue) async throws(APIError) -> JSONValue {
    try await client.call("contacts.update", parameters: ["contact_id": .string(id)], body: changes)
  }

  /// All contacts, page by page.
  ///
  /// - Parameter perPage: 1...150 items in a page; `nil` for the API's default.
  public func list(perPage: Int? = nil) -> Pages {
    client.pages(
      of: APIRequest("GET", "/contacts", query: perPage.map { [("per_page", .int($0))] } ?? []))
  }

  /// The contacts that fulfil a query in the API's own form: `{query, sort, pagination}`, or the query alone.
  ///
  /// - Throws: `E_QUERY` for a search that the API cannot do.
  public func search(_ query: JSONValue) throws(APIError) -> Pages {
    client.pages(of: try SearchQuery.request(collection: "contacts", body: query))
  }

  /// The contacts that fulfil a condition.
  public func search(where condition: SearchCondition) throws(APIError) -> Pages {
    client.pages(of: try SearchQuery(collection: "contacts", condition).request())
  }

  /// The one contact that has this value, or `nil`. A user wins over leads with the same e-mail.
  public func find(_ key: Key, _ value: String) async throws(APIError) -> JSONValue? {
    switch key {
    case .id: return try await ifThere { () async throws(APIError) in try await get(value) }
    case .externalID:
      if let user = try await user(externalID: value) { return user }
    case .email: break
    }
    let body: JSONValue = [
      "query": ["field": .string(key.rawValue), "operator": "=", "value": .string(value)],
      "pagination": ["per_page": 50],
    ]
    let found = try await client.call("contacts.search", body: body)["data"]?.arrayValue ?? []
    return found.first { $0["role"] == "user" } ?? found.first
  }

  /// Updates the contact that has the same value under a key, or creates it.
  ///
  /// Two that run at once end with one contact: the one that comes late gets a conflict, which names the other's
  /// contact, and updates that.
  public func upsert(_ contact: JSONValue, by key: Key = .email) async throws(APIError) -> JSONValue {
    guard let value = contact[key.rawValue]?.stringValue ?? contact[key.rawValue]?.intValue.map(String.init) else {
      throw APIError(.value, "the contact has no '\(key.rawValue)' to find it by")
    }
    var changes = contact
    changes["id"] = nil
    if let found = try await find(key, value), let id = found["id"]?.stringValue {
      return try await update(id, changes)
    }
    if key == .id { throw APIError(.notFound, "there is no contact with the id '\(value)'") }
    do throws(APIError) {
      return try await create(changes, isRetrySafe: true)
    } catch {
      guard let conflict = Self.conflict(in: error) else { throw error }
      if conflict.isArchived { _ = try await unarchive(conflict.id) }
      return try await update(conflict.id, changes)
    }
  }

  /// Archives a contact: it is not listed any more, and can be brought back.
  public func archive(_ id: String) async throws(APIError) -> JSONValue {
    try await client.call("contacts.archive", parameters: ["contact_id": .string(id)])
  }

  /// Brings an archived contact back.
  public func unarchive(_ id: String) async throws(APIError) -> JSONValue {
    try await client.call("contacts.unarchive", parameters: ["contact_id": .string(id)])
  }

  /// Deletes a contact for ever.
  public func delete(_ id: String) async throws(APIError) -> JSONValue {
    try await client.call("contacts.delete", parameters: ["contact_id": .string(id)])
  }

  /// Merges a lead into a user; the lead is gone afterwards.
  public func merge(_ lead: String, into user: String) async throws(APIError) -> JSONValue {
    try await client.call("contacts.merge", body: ["from": .string(lead), "into": .string(user)])
  }

  /// The contact that a conflict names.
  ///
  /// The API says it in a sentence: `A contact matching those details already exists with id=5f...`.
  public static func conflict(in error: APIError) -> (id: String, isArchived: Bool)? {
    guard error.status == 409 else { return nil }
    for message in error.errors.compactMap(\.message) {
      guard let start = message.firstRange(of: "id=")?.upperBound else { continue }
      let id = message[start...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
      if !id.isEmpty { return (String(id), message.lowercased().contains("archived")) }
    }
    return nil
  }

  /// The user with an external id. Unlike a search this sees one that was made a moment ago; it does not see leads.
  func user(externalID: String) async throws(APIError) -> JSONValue? {
    try await ifThere { () async throws(APIError) in
      try await client.call("contacts.get_by_external_id", parameters: ["external_id": .string(externalID)])
    }
  }

  private func ifThere(_ request: () async throws(APIError) -> JSONValue) async throws(APIError) -> JSONValue? {
    do throws(APIError) {
      return try await request()
    } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
  }
}
