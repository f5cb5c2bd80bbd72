// What is asked of the API.

import ICSJSON

/// One request, as a caller writes it. Nothing here is trusted: `IntercomClient` checks all of it before sending.
public struct APIRequest: Sendable {
  /// Who waits for the answer. Bulk work leaves a fifth of the rate limit to the others.
  public enum Priority: Int, Sendable, Comparable {
    /// Many requests of one piece of work, such as the pages of an export.
    case bulk
    /// Work that nobody waits for.
    case background
    /// Somebody waits for the answer.
    case interactive

    /// More urgent is greater.
    public static func < (one: Priority, other: Priority) -> Bool { one.rawValue < other.rawValue }
  }

  /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`.
  public var method: String
  /// Begins with a slash; may end in a query.
  public var path: String
  /// More of the query. Scalars are written as text, an array with commas, an object as its entries; null is left out.
  public var query: [(name: String, value: JSONValue)]
  /// More headers. Those that carry the token and frame the message cannot be set.
  public var headers: [(name: String, value: String)]
  /// The body; `nil` sends none.
  public var body: JSONValue?
  /// How long the answer may take; `nil` takes the configuration's.
  public var timeout: Duration?
  /// How often it may be sent again: 0 means one try. A number also allows it for requests of which nobody knows
  /// whether they were carried out. `nil` leaves it to the policy.
  public var retries: Int?
  /// How urgent it is.
  public var priority: Priority
  /// Whether the body is checked against the catalogue before it is sent.
  public var checksBody: Bool
  /// Whether it goes out without the account's token: the exchange of a code for one.
  var isAnonymous = false

  /// A request; everything but the path may be left out.
  public init(
    _ method: String = "GET", _ path: String, query: [(name: String, value: JSONValue)] = [],
    headers: [(name: String, value: String)] = [], body: JSONValue? = nil, timeout: Duration? = nil,
    retries: Int? = nil, priority: Priority = .interactive, checksBody: Bool = true
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.retries = retries
    self.priority = priority
    self.checksBody = checksBody
  }
}
