// The shape of a JSON value as the API describes it.

import ICSJSON

/// What a value in a request or an answer may be.
public struct Schema: Sendable {
  /// The kinds of value that a schema describes.
  public indirect enum Shape: Sendable {
    /// Any JSON value.
    case any
    /// A string; `Schema.format` and `Schema.allowedValues` say more.
    case string
    /// A whole number.
    case integer
    /// Any number.
    case number
    /// True or false.
    case boolean
    /// A list.
    case array(of: Schema)
    /// An object with known fields, or a map.
    case object(ObjectShape)
    /// One of several; the discriminator names the field that tells which, where the API has one.
    case oneOf([Schema], discriminator: Discriminator?)
    /// A named schema: `Catalogue.schema(named:)`.
    case reference(String)
  }

  /// A field whose value chooses between schemas.
  public struct Discriminator: Sendable {
    /// The field's name.
    public let field: String
    /// The named schema for each value of the field.
    public let schemas: [String: String]
  }

  /// The kind of value.
  public let shape: Shape
  /// Whether `null` is also a value.
  public let isNullable: Bool
  /// A finer type: `date-time` (Unix seconds when the shape is an integer), `uri`, `email`, ...
  public let format: String?
  /// The only values that are allowed; empty when there is no such list.
  public let allowedValues: [JSONValue]
  /// The value that the API takes for a missing one.
  public let defaultValue: JSONValue?
  /// A value as it may look.
  public let example: JSONValue?
  /// The least and the greatest number.
  public let minimum: Int?
  /// The greatest number.
  public let maximum: Int?
  /// The most items of an array.
  public let maximumItems: Int?
  /// The most characters of a string.
  public let maximumLength: Int?
}

/// The fields of an object.
public struct ObjectShape: Sendable {
  /// The fields that are known, in the API's order.
  public let fields: [Field]
  /// Whether other fields are allowed too: custom attributes, for example.
  public let isOpen: Bool
  /// What every value is when the keys are the caller's own.
  public let values: Schema?
  /// Alternatives of which a value fulfils at least one; empty when there are none.
  public let variants: [Variant]

  /// The field of this name.
  public func field(named name: String) -> Field? { fields.first { $0.name == name } }

  /// A field of an object.
  public struct Field: Sendable {
    /// The field's name.
    public let name: String
    /// What its value may be.
    public let schema: Schema
    /// Whether a request must have it.
    public let isRequired: Bool
    /// Whether only answers have it.
    public let isReadOnly: Bool

    /// A field with its facts.
    public init(name: String, schema: Schema, isRequired: Bool, isReadOnly: Bool) {
      self.name = name
      self.schema = schema
      self.isRequired = isRequired
      self.isReadOnly = isReadOnly
    }
  }

  /// One way to fill an object.
  public struct Variant: Sendable {
    /// The fields that this way needs.
    public let required: [String]
    /// The fields that it adds.
    public let fields: [Field]
    /// A named schema that it is, in place of fields.
    public let reference: String?
    /// The value of a field that chooses this way; `nil` when the required fields do.
    public let condition: Condition?
  }

  /// What chooses a variant.
  public struct Condition: Sendable {
    /// The field, as a path with dots.
    public let field: String
    /// The values, in every spelling that the API takes.
    public let values: [String]
  }
}

extension Schema {
  /// Reads a schema as `scripts/generate-catalogue` writes it. Every field of the facts is optional, so nothing can
  /// fail: what is missing describes any value.
  init(facts: JSONValue) {
    shape = Self.shape(facts)
    isNullable = facts["nullable"]?.boolValue ?? false
    format = facts["format"]?.stringValue
    allowedValues = facts["enum"]?.arrayValue ?? []
    defaultValue = facts["default"]
    example = facts["eg"]
    minimum = facts["minimum"]?.intValue
    maximum = facts["maximum"]?.intValue
    maximumItems = facts["max_items"]?.intValue
    maximumLength = facts["max_length"]?.intValue
  }

  private static func shape(_ facts: JSONValue) -> Shape {
    if let name = facts["ref"]?.stringValue { return .reference(name) }
    if let choices = facts["oneOf"]?.arrayValue {
      return .oneOf(choices.map(Schema.init(facts:)), discriminator: discriminator(facts["discriminator"]))
    }
    switch facts["type"]?.stringValue {
    case "string": return .string
    case "integer": return .integer
    case "number": return .number
    case "boolean": return .boolean
    case "array": return .array(of: Schema(facts: facts["items"] ?? [:]))
    case "object": return .object(ObjectShape(facts: facts))
    default: return .any
    }
  }

  private static func discriminator(_ facts: JSONValue?) -> Discriminator? {
    guard let field = facts?["field"]?.stringValue else { return nil }
    let pairs = (facts?["map"]?.objectValue ?? [:]).compactMap { key, value in value.stringValue.map { (key, $0) } }
    return Discriminator(field: field, schemas: Dictionary(pairs) { first, _ in first })
  }
}

extension ObjectShape {
  init(facts: JSONValue) {
    fields = Self.fields(facts["fields"])
    values = facts["map"].map(Schema.init(facts:))
    variants = (facts["variants"]?.arrayValue ?? []).map { variant in
      Variant(
        required: (variant["require"]?.arrayValue ?? []).compactMap(\.stringValue),
        fields: Self.fields(variant["fields"]), reference: variant["ref"]?.stringValue,
        condition: Self.condition(variant["when"]))
    }
    // An object about which nothing is said takes anything.
    isOpen = facts["open"]?.boolValue ?? (fields.isEmpty && values == nil && variants.isEmpty)
  }

  private static func condition(_ facts: JSONValue?) -> Condition? {
    guard let field = facts?["field"]?.stringValue else { return nil }
    return Condition(field: field, values: (facts?["values"]?.arrayValue ?? []).compactMap(\.stringValue))
  }

  private static func fields(_ facts: JSONValue?) -> [Field] {
    (facts?.objectValue ?? [:]).map { name, value in
      Field(
        name: name, schema: Schema(facts: value), isRequired: value["required"]?.boolValue ?? false,
        isReadOnly: value["read_only"]?.boolValue ?? false)
    }
  }
}
