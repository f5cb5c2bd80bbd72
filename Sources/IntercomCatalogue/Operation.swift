// One operation of the API.

import ICSJSON

/// What the catalogue knows about one operation: where it is, what it takes, what it answers.
public struct Operation: Sendable {
  /// Whether a request may be sent again when nobody knows whether the first one was carried out.
  public enum Repeatability: String, Sendable {
    /// It changes nothing.
    case reading = "read"
    /// Twice leaves the same state as once.
    case repeatable = "repeat"
    /// Each request makes something new.
    case once
  }

  /// The name in scripts: `contacts.create`.
  public let name: String
  /// The API's own operation id.
  public let id: String
  /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
  public let method: String
  /// The path with its parameters in braces: `/contacts/{contact_id}`.
  public let path: String
  /// The chapter of the API's reference.
  public let tag: String
  /// Whether it may be sent twice.
  public let repeatability: Repeatability
  /// The parameters of path and query, in the API's order.
  public let parameters: [Parameter]
  /// What the body may be; `nil` when there is none.
  public let body: Schema?
  /// Whether a request without a body is refused.
  public let isBodyRequired: Bool
  /// What success looks like.
  public let answers: [Answer]
  /// The errors that the description shows, 401 left out because every operation has it.
  public let errors: [DocumentedError]
  /// How a listing goes on; `nil` when the answer is no listing.
  public let paging: Paging?
  /// The OAuth scopes that it needs, where the description states them.
  public let scopes: [String]
  /// Whether some plans do not include it.
  public let isPlanRestricted: Bool

  /// The collection that a script finds it in: `contacts`.
  public var collection: String { String(name.prefix { $0 != "." }) }
  /// The name within the collection: `create`.
  public var verb: String { String(name.drop { $0 != "." }.dropFirst()) }
  /// The names in the path's braces, in order.
  public var pathParameters: [Parameter] { parameters.filter { $0.location == .path } }
  /// The parameters that go into the query.
  public var queryParameters: [Parameter] { parameters.filter { $0.location == .query } }

  /// The operation's id as words: `Create contact`.
  public var summary: String {
    var words = ""
    var previousIsUpper = true
    for character in id {
      if character.isUppercase && !previousIsUpper { words.append(" ") }
      previousIsUpper = character.isUppercase
      words.append(words.isEmpty ? Character(character.uppercased()) : Character(character.lowercased()))
    }
    return words
  }

  /// A parameter of the path or the query.
  public struct Parameter: Sendable {
    /// Where a parameter stands.
    public enum Location: String, Sendable {
      /// In the place of its name in braces.
      case path
      /// After the `?`.
      case query
      /// A header.
      case header
    }

    /// The name in the path or the query.
    public let name: String
    /// Where it stands.
    public let location: Location
    /// Whether a request must have it.
    public let isRequired: Bool
    /// What it may be.
    public let schema: Schema
  }

  /// A success.
  public struct Answer: Sendable {
    /// The status, 200...599.
    public let status: Int
    /// The body; `nil` when there is none.
    public let schema: Schema?
  }

  /// An error that the description shows.
  public struct DocumentedError: Sendable {
    /// The status, 200...599.
    public let status: Int
    /// The API's name for the error.
    public let code: String
    /// A sentence as the description has it.
    public let message: String?
  }

  /// How a listing is read page by page.
  public struct Paging: Sendable {
    /// The ways in which the API hands out the next page.
    public enum Style: String, Sendable {
      /// A cursor in the query.
      case cursor
      /// A cursor in the body's `pagination`.
      case cursorInBody = "cursor_body"
      /// A page number in the query, and the next page's address in the answer.
      case page
      /// A parameter that keeps a scroll open.
      case scroll
      /// Everything at once.
      case none
    }

    /// How one page leads to the next.
    public let style: Style
    /// The parameter that carries the cursor, the page's number or the scroll.
    public let parameter: String?
    /// The parameter for the number of items, where there is one.
    public let sizeParameter: String?
    /// The field of the answer that holds the items; `nil` when the description does not say.
    public let itemsField: String?
    /// Items in a page when the request does not say.
    public let defaultSize: Int?
    /// The most items that the whole listing gives.
    public let maximumItems: Int?
  }
}

extension Operation {
  /// Reads a line of the table; `nil` when it has too few columns.
  init?(line: CatalogueLine) {
    let columns = line.columns
    guard columns.count == 7, let repeatability = Repeatability(rawValue: columns[5]) else { return nil }
    (name, id, method, path, tag) = (columns[0], columns[1], columns[2], columns[3], columns[4])
    self.repeatability = repeatability
    let facts = line.json(column: 6)
    parameters = (facts["params"]?.arrayValue ?? []).compactMap(Parameter.init(facts:))
    body = facts["body"].map(Schema.init(facts:))
    isBodyRequired = facts["body_required"]?.boolValue ?? false
    answers = (facts["answers"]?.objectValue ?? [:]).compactMap { status, schema in
      Int(status).map { Answer(status: $0, schema: schema.isNull ? nil : Schema(facts: schema)) }
    }
    errors = (facts["errors"]?.objectValue ?? [:]).flatMap { status, list in
      (list.arrayValue ?? []).compactMap { DocumentedError(status: status, facts: $0) }
    }
    paging = facts["paging"].flatMap(Paging.init(facts:))
    scopes = (facts["scopes"]?.arrayValue ?? []).compactMap(\.stringValue)
    isPlanRestricted = facts["plan"]?.boolValue ?? false
  }
}

extension Operation.Parameter {
  init?(facts: JSONValue) {
    guard let name = facts["name"]?.stringValue, let location = facts["in"]?.stringValue.flatMap(Location.init)
    else { return nil }
    self.name = name
    self.location = location
    isRequired = facts["required"]?.boolValue ?? false
    schema = Schema(facts: facts)
  }
}

extension Operation.DocumentedError {
  init?(status: String, facts: JSONValue) {
    guard let status = Int(status), let code = facts[0]?.stringValue else { return nil }
    self.status = status
    self.code = code
    message = facts[1]?.stringValue
  }
}

extension Operation.Paging {
  init?(facts: JSONValue) {
    guard let style = facts["style"]?.stringValue.flatMap(Style.init) else { return nil }
    self.style = style
    parameter = facts["param"]?.stringValue
    sizeParameter = facts["size"]?.stringValue
    itemsField = facts["items_field"]?.stringValue
    defaultSize = facts["default_size"]?.intValue
    maximumItems = facts["max_items"]?.intValue
  }
}
