// Operations that the sandbox keeps no state for answer an example of their schema, and say so.

import ICSJSON
import IntercomCatalogue

enum Examples {
  /// The header that marks an answer as an example.
  static let header = "X-Sandbox-Example"
  /// Objects within objects, after which an example stays empty: schemas can contain themselves.
  private static let maximumDepth = 8

  /// The example of the operation at a path, or 404 when the API has none there.
  static func answer(method: String, path: String, body: JSONValue) throws(Failure) -> Answer {
    guard let operation = Catalogue.shared.operation(method: method, path: path),
      let success = operation.answers.first(where: { (200...299).contains($0.status) })
    else { throw .notFound }
    try SchemaCheck.check(body, for: operation)
    var answer = Answer(status: success.status)
    if let schema = success.schema { answer.body = .json(lastPage(value(of: schema, depth: 0)).serialized()) }
    answer.headers.append((header, "true"))
    return answer
  }

  /// An example of a listing is its only page: a client that follows it must come to an end.
  private static func lastPage(_ value: JSONValue) -> JSONValue {
    var value = value
    if value["pages"]?["next"] != nil { value["pages"]?["next"] = .null }
    if value["next_cursor"] != nil { value["next_cursor"] = .null }
    if value["has_more"]?.boolValue != nil { value["has_more"] = false }
    return value
  }

  /// A value that satisfies a schema.
  static func value(of schema: Schema, depth: Int) -> JSONValue {
    let resolved = Catalogue.shared.resolve(schema)
    if depth >= maximumDepth, resolved.isNullable || schema.isNullable { return .null }
    if let example = resolved.example, fits(example, resolved) { return example }
    if let allowed = resolved.allowedValues.first(where: { !$0.isNull }) { return allowed }
    switch resolved.shape {
    case .any, .reference: return .null
    case .string: return .string(text(resolved.format))
    case .integer: return .int(max(1, resolved.minimum ?? 1))
    case .number: return .double(Double(resolved.minimum ?? 1))
    case .boolean: return true
    case .array(let items): return depth >= maximumDepth ? [] : .array([value(of: items, depth: depth + 1)])
    case .oneOf(let choices, _): return choices.first.map { value(of: $0, depth: depth + 1) } ?? .null
    case .object(let shape): return object(shape, depth: depth)
    }
  }

  private static func object(_ shape: ObjectShape, depth: Int) -> JSONValue {
    var object = JSONObject()
    for field in shape.fields where depth < maximumDepth || field.isRequired {
      // Required fields that contain themselves end here: such an object has no finite value.
      guard depth < 2 * maximumDepth else { continue }
      object[field.name] = value(of: field.schema, depth: depth + 1)
    }
    if let values = shape.values, depth < maximumDepth { object["example"] = value(of: values, depth: depth + 1) }
    if let variant = shape.variants.first {
      for field in variant.fields { object[field.name] = value(of: field.schema, depth: depth + 1) }
      if let condition = variant.condition, let word = condition.values.first {
        object[condition.field] = .string(word)
      }
    }
    return .object(object)
  }

  private static func text(_ format: String?) -> String {
    switch format {
    case "date-time": "2026-01-01T00:00:00Z"
    case "date": "2026-01-01"
    case "uri": "https://example.com/"
    case "email": "person@example.com"
    default: "example"
    }
  }

  /// Some of the description's own examples have another type than their schema.
  private static func fits(_ example: JSONValue, _ schema: Schema) -> Bool {
    switch (schema.shape, example) {
    case (_, .null): schema.isNullable
    case (.any, _), (.string, .string), (.integer, .int), (.number, .int), (.number, .double), (.boolean, .bool):
      schema.allowedValues.isEmpty || schema.allowedValues.contains(example)
    default: false
    }
  }
}
