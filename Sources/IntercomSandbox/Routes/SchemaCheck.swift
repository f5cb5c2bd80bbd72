// Checks the bodies of operations that the sandbox keeps no state for against their schema.

import ICSJSON
import IntercomCatalogue

enum SchemaCheck {
  /// Schemas can contain themselves; bodies are not that deep.
  private static let maximumDepth = 32

  /// Refuses a body that an operation cannot take: missing where there must be one, of a wrong type, without a
  /// required field, or with a value that is none of those allowed.
  static func check(_ body: JSONValue, for operation: IntercomCatalogue.Operation) throws(Failure) {
    guard let schema = operation.body else { return }
    if body.isNull {
      guard !operation.isBodyRequired else { throw .missing("a request body is required") }
      return
    }
    try check(body, schema, path: "", depth: 0)
  }

  private static func check(
    _ value: JSONValue, _ schema: Schema, path: String, depth: Int
  ) throws(Failure) {
    let resolved = Catalogue.shared.resolve(schema)
    guard depth < maximumDepth, !value.isNull else { return }
    func wrong(_ wanted: String) -> Failure {
      .invalid("\(path.isEmpty ? "body" : path) must be \(wanted)", field: path)
    }
    if !resolved.allowedValues.isEmpty, !resolved.allowedValues.contains(value) {
      throw wrong(
        "one of: " + resolved.allowedValues.filter { !$0.isNull }.map { $0.serialized() }.joined(separator: ", "))
    }
    switch resolved.shape {
    case .any, .reference, .oneOf: return
    case .string:
      // Ids are taken as numbers too.
      guard value.idText != nil else { throw wrong("a string") }
    case .integer:
      guard value.intValue != nil || value.stringValue.flatMap({ Int($0) }) != nil else { throw wrong("an integer") }
    case .number:
      guard value.doubleValue != nil else { throw wrong("a number") }
    case .boolean:
      guard value.boolValue != nil else { throw wrong("true or false") }
    case .array(let items):
      guard let array = value.arrayValue else { throw wrong("an array") }
      for (index, item) in array.enumerated() {
        try check(item, items, path: "\(path)[\(index)]", depth: depth + 1)
      }
    case .object(let shape):
      guard let object = value.objectValue else { throw wrong("an object") }
      for field in shape.fields {
        let inner = path.isEmpty ? field.name : "\(path).\(field.name)"
        guard let value = object.given(field.name) else {
          if field.isRequired { throw .missing("\(inner) is required", field: inner) }
          continue
        }
        try check(value, field.schema, path: inner, depth: depth + 1)
      }
    }
  }
}
