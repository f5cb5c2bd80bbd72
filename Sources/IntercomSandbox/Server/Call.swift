// One request, as a handler sees it, inside the transaction that carries it out.

import ICSJSON

/// A request with its parameters, its body and the store; and what it has to announce when it is done.
final class Call {
  let path: String
  /// Values of the path's placeholders, decoded.
  let parameters: [String: String]
  let query: Query
  /// The body; `null` when there was none.
  let body: JSONValue
  let store: Store
  let workspace: Workspace
  /// Where the client reached the sandbox, for absolute URLs in answers.
  let baseURL: String
  private(set) var notifications: [Notification] = []

  init(
    path: String, parameters: [String: String], query: Query, body: JSONValue, store: Store, workspace: Workspace,
    baseURL: String
  ) {
    self.path = path
    self.parameters = parameters
    self.query = query
    self.body = body
    self.store = store
    self.workspace = workspace
    self.baseURL = baseURL
  }

  var now: Int { store.now }

  /// A placeholder's value; the route table says which there are.
  func parameter(_ name: String) -> String { parameters[name] ?? "" }

  /// The body, which has to be an object.
  func object() throws(Failure) -> JSONObject {
    guard case .object(let object) = body else { throw .invalid("The request body must be a JSON object") }
    return object
  }

  /// Tells the webhook's receiver of a change, once the transaction is committed.
  func announce(_ topic: String, _ item: JSONValue) {
    notifications.append(Notification(topic: topic, item: item))
  }
}

/// A change to be announced: a webhook's topic and item.
struct Notification: Sendable {
  let topic: String
  let item: JSONValue
}

/// A decoded query string.
struct Query: Sendable {
  private let items: [(name: String, value: String)]

  init(_ text: some StringProtocol, plusIsSpace: Bool = true) {
    items = text.split(separator: "&").compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentCoding.decode(parts[0], plusIsSpace: plusIsSpace) else { return nil }
      let value = parts.count > 1 ? PercentCoding.decode(parts[1], plusIsSpace: plusIsSpace) : ""
      return value.map { (name, $0) }
    }
  }

  /// The first value of a name.
  subscript(name: String) -> String? { items.first { $0.name == name }?.value }
}
