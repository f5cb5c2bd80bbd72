// Creating a contact once, although an answer may be lost.

import ICSJSON

extension Contacts {
  /// Creates a contact by a request for `contacts.create`, and settles an unknown outcome.
  ///
  /// A contact of which the API allows one (by `external_id`, or a user's e-mail) is looked up; when it is not there, the
  /// request is sent again. That is safe also when the look-up was too early: the API refuses the second create, and
  /// names the first one's contact.
  ///
  /// - Throws: The error with `outcomeUnknown` when it could not be settled: for a contact that may be there twice, or
  ///   after as many tries as the policy allows.
  package func createOnce(_ request: APIRequest) async throws(APIError) -> JSONValue {
    let creates = client.unsettledCreates
    creates.begin()
    defer { creates.end(at: client.now()) }
    let unsettled: APIError
    do throws(APIError) {
      return try await client.send(request).json()
    } catch {
      unsettled = error
    }
    guard unsettled.outcomeUnknown, let identity = ContactIdentity(of: request.body ?? .null) else { throw unsettled }
    return try await settle(request, identity, unsettled)
  }

  private func settle(
    _ request: APIRequest, _ identity: ContactIdentity, _ first: APIError
  ) async throws(APIError) -> JSONValue {
    var unsettled = first
    var attempt = 1
    while true {
      if let found = try await lookUp(identity, for: unsettled) { return found }
      guard await client.waitToRepeat(request, attempts: attempt) else { throw unsettled }
      attempt += 1
      do throws(APIError) {
        return try await client.send(request).json()
      } catch {
        if let conflict = Self.conflict(in: error) { return try await get(conflict.id) }
        guard error.outcomeUnknown else { throw error }
        unsettled = error
      }
    }
  }

  /// The contact, as far as a look-up sees it.
  ///
  /// - Throws: The error that made it necessary, when the look-up fails too: the outcome stays unknown.
  private func lookUp(_ identity: ContactIdentity, for unsettled: APIError) async throws(APIError) -> JSONValue? {
    while true {
      switch await client.unsettledCreates.turn(of: identity, at: client.now()) {
      case .found(let contacts): return contacts.first(where: identity.isIdentity)
      case .failed(let error):
        // Whoever searched for all was cancelled; nobody else was.
        if error.code == .cancelled { continue }
        throw unsettled
      case .cancelled: throw unsettled
      case .search(let batch):
        do throws(APIError) {
          let found = try await search(for: batch.identities)
          client.unsettledCreates.answer(batch, .found(found))
          return found.first(where: identity.isIdentity)
        } catch {
          client.unsettledCreates.answer(batch, .failed(error))
          throw unsettled
        }
      }
    }
  }

  /// The contacts with these identities, by one request.
  private func search(for identities: [ContactIdentity]) async throws(APIError) -> [JSONValue] {
    // Unlike a search this sees what was made a moment ago.
    if identities.count == 1, identities[0].key == .externalID {
      return try await user(externalID: identities[0].value).map { [$0] } ?? []
    }
    var groups: [JSONValue] = []
    let (ids, emails) = (values(.externalID, in: identities), values(.email, in: identities))
    if !ids.isEmpty { groups.append(["field": "external_id", "operator": "IN", "value": .array(ids)]) }
    if !emails.isEmpty {
      groups.append([
        "operator": "AND",
        "value": [
          ["field": "email", "operator": "IN", "value": .array(emails)],
          ["field": "role", "operator": "=", "value": "user"],
        ],
      ])
    }
    let query: JSONValue = groups.count == 1 ? groups[0] : ["operator": "OR", "value": .array(groups)]
    let body: JSONValue = ["query": query, "pagination": ["per_page": 150]]
    return try await client.call("contacts.search", body: body)["data"]?.arrayValue ?? []
  }

  private func values(_ key: Key, in identities: [ContactIdentity]) -> [JSONValue] {
    Set(identities.filter { $0.key == key }.map(\.value)).sorted().map(JSONValue.string)
  }
}
