// The sandbox's own check of request bodies.

import ICSJSON

/// A field that a body may have.
struct BodyField: Sendable {
  enum Kind: Sendable {
    case string, integer, number, boolean, object, array, any
    /// Text or a number that names something.
    case id
    case oneOf([String])
  }

  let name: String
  let kind: Kind
  let isRequired: Bool

  init(_ name: String, _ kind: Kind, required: Bool = false) {
    self.name = name
    self.kind = kind
    isRequired = required
  }
}

extension JSONObject {
  /// Refuses wrong types, missing fields and, unless `allowsMore`, unknown fields. `null` passes for any field that
  /// is not required: it clears.
  func check(_ fields: [BodyField], allowsMore: Bool = false) throws(Failure) {
    for field in fields {
      let value = self[field.name] ?? .null
      if value.isNull {
        if field.isRequired { throw .missing("\(field.name) is required", field: field.name) }
        continue
      }
      guard Self.fits(value, field.kind) else {
        throw .invalid("\(field.name) must be \(Self.wanted(field.kind))", field: field.name)
      }
    }
    if allowsMore { return }
    for key in keys where !fields.contains(where: { $0.name == key }) { throw .unknownField(key) }
  }

  private static func fits(_ value: JSONValue, _ kind: BodyField.Kind) -> Bool {
    switch kind {
    case .any: true
    case .string: value.stringValue != nil
    case .integer: value.intValue != nil || (value.stringValue.flatMap { Int($0) }) != nil
    case .number: value.doubleValue != nil
    case .boolean: value.boolValue != nil
    case .object: value.objectValue != nil
    case .array: value.arrayValue != nil
    case .id: value.idText != nil
    case .oneOf(let words): value.stringValue.map(words.contains) ?? false
    }
  }

  private static func wanted(_ kind: BodyField.Kind) -> String {
    switch kind {
    case .any: "a value"
    case .string: "a string"
    case .integer: "an integer"
    case .number: "a number"
    case .boolean: "true or false"
    case .object: "an object"
    case .array: "an array"
    case .id: "an id"
    case .oneOf(let words): "one of: \(words.joined(separator: ", "))"
    }
  }

  /// A field that is there and not null.
  func given(_ name: String) -> JSONValue? {
    guard let value = self[name], !value.isNull else { return nil }
    return value
  }

  /// An integer, also when it was written as text.
  func integer(_ name: String) -> Int? {
    guard let value = given(name) else { return nil }
    return value.intValue ?? value.stringValue.flatMap { Int($0) }
  }
}
