// What can be searched for, and the topics and error codes: the small tables.

/// A field that a collection can be searched by.
public struct SearchField: Sendable {
  /// The types of fields, as far as the search tells them apart.
  public enum FieldType: String, Sendable {
    /// Text.
    case string = "String"
    /// A whole number.
    case integer = "Integer"
    /// Any number.
    case float = "Float"
    /// True or false.
    case boolean = "Boolean"
    /// Unix seconds; the API compares whole days.
    case date = "Date"
  }

  /// The path, with dots. A placeholder in braces stands for a name of the workspace:
  /// `custom_attributes.{attribute_name}`.
  public let name: String
  /// The types that its values may have; a custom attribute's is known to the workspace only.
  public let types: [FieldType]
  /// The only values, where they are known.
  public let values: [String]
  /// The operators that it takes: `=`, `!=`, `IN`, `NIN`, `>`, `<`, `>=`, `<=`, `~`, `!~`, `^`, `$`.
  public let operators: [String]

  /// Whether the name ends in a placeholder.
  public var isPattern: Bool { name.hasSuffix("}") }
  /// The part before the placeholder: `custom_attributes.`.
  public var patternPrefix: String { String(name.prefix { $0 != "{" }) }

  /// Whether this is the entry for a field path.
  public func matches(_ path: String) -> Bool {
    isPattern ? path.hasPrefix(patternPrefix) && path.utf8.count > patternPrefix.utf8.count : path == name
  }
}

/// A kind of webhook.
public struct WebhookTopic: Sendable {
  /// The name: `contact.user.created`.
  public let name: String
  /// What `data.item` holds, in the API's words.
  public let item: String
  /// The permissions of which the app needs one.
  public let permissions: [String]
  /// Whether only the preview version has it.
  public let isPreview: Bool
}

/// An error code of the API.
public struct KnownError: Sendable {
  /// The API's name for it.
  public let code: String
  /// The statuses that it was seen with.
  public let statuses: [Int]
}

extension SearchField {
  init?(line: CatalogueLine, operators: [(name: String, types: String)]) {
    let columns = line.columns
    guard columns.count == 4 else { return nil }
    name = columns[1]
    types = columns[2].split(separator: ",").compactMap { FieldType(rawValue: String($0)) }
    values = columns[3].split(separator: ",").map(String.init)
    let (name, types) = (self.name, self.types)
    self.operators = operators.filter { Self.takes($0.types, name: name, types: types) }.map(\.name)
  }

  /// The table's own words for who takes an operator: `All`, `All except Date and tag_id`, `Integer, Date`.
  ///
  /// A custom attribute is listed as a string, and is what the workspace made it: it takes every operator.
  private static func takes(_ rule: String, name: String, types: [FieldType]) -> Bool {
    if rule.hasPrefix("All") {
      return !(rule.contains("Date") && types == [.date]) && !(rule.contains("tag_id") && name == "tag_id")
    }
    return name.hasSuffix("}") || types.contains { rule.contains($0.rawValue) }
  }
}

extension WebhookTopic {
  init?(line: CatalogueLine) {
    let columns = line.columns
    guard columns.count == 4 else { return nil }
    name = columns[0]
    item = columns[1]
    permissions = columns[2].split(separator: ",").map(String.init)
    isPreview = columns[3] == "preview"
  }
}

extension KnownError {
  init?(line: CatalogueLine) {
    let columns = line.columns
    guard columns.count == 2 else { return nil }
    code = columns[0]
    statuses = columns[1].split(separator: ",").compactMap { Int($0) }
  }
}
