// An answer of the API's shape around what is known of it.

import ICSJSON
import IntercomCatalogue

/// Fills an object with the other fields that the API's answer has, so that a script finds them in a dry run too.
enum DryRunBlank {
  /// What a schema's objects call themselves: `contact`.
  static func type(of schema: Schema?) -> String? {
    guard let schema, case .object(let shape) = Catalogue.shared.resolve(schema).shape,
      let field = shape.field(named: "type")
    else { return nil }
    let type = Catalogue.shared.resolve(field.schema)
    return type.allowedValues.first?.stringValue ?? type.example?.stringValue
  }

  /// The value with the fields of its schema: those that are not known are empty, `null` or the time.
  static func filled(_ value: JSONValue, from schema: Schema?, unixTime: Int) -> JSONValue {
    guard case .object(let known) = value, let schema,
      case .object(let shape) = Catalogue.shared.resolve(schema).shape
    else { return value }
    var object = known
    for field in shape.fields where object[field.name] == nil {
      object[field.name] = blank(field, unixTime: unixTime, depth: 0)
    }
    return .object(object)
  }

  private static func blank(_ field: ObjectShape.Field, unixTime: Int, depth: Int) -> JSONValue {
    let schema = Catalogue.shared.resolve(field.schema)
    if field.name == "type", let type = schema.allowedValues.first ?? schema.example { return type }
    if ["created_at", "updated_at"].contains(field.name), case .integer = schema.shape { return .int(unixTime) }
    switch schema.shape {
    case .array: return []
    case .object(let shape) where depth < 3 && !schema.isNullable:
      var object = JSONObject()
      for field in shape.fields { object[field.name] = blank(field, unixTime: unixTime, depth: depth + 1) }
      return .object(object)
    // The counts and flags of an empty list.
    case .integer where field.name == "total_count": return 0
    case .boolean where !schema.isNullable: return false
    default: return .null
    }
  }
}
