import ICSJSON
import IntercomCatalogue

/// Descriptions of the API in a word or two, for people.
package enum SchemaText {
  /// The type: `string`, `"user" | "lead"`, `list of tag`.
  package static func type(_ schema: Schema, _ catalogue: Catalogue = .shared, depth: Int = 0) -> String {
    if !schema.allowedValues.isEmpty {
      let values = schema.allowedValues.prefix(4).map { $0.serialized() }.joined(separator: " | ")
      return schema.allowedValues.count > 4 ? values + " | …" : values
    }
    if case .reference(let name) = schema.shape {
      if case .object = catalogue.resolve(schema).shape { return name }
      return depth < 4 ? type(catalogue.resolve(schema), catalogue, depth: depth + 1) : name
    }
    switch schema.shape {
    case .any: return "any"
    case .string: return schema.format.map { "string (\($0))" } ?? "string"
    case .integer: return schema.format == "date-time" ? "int (Unix seconds)" : "int"
    case .number: return "number"
    case .boolean: return "bool"
    case .array(let item): return depth < 4 ? "list of " + type(item, catalogue, depth: depth + 1) : "list"
    case .object: return "map"
    case .oneOf(let choices, _):
      guard depth < 2 else { return "any" }
      var names: [String] = []
      for name in choices.map({ type($0, catalogue, depth: depth + 1) }) where !names.contains(name) {
        names.append(name)
      }
      return names.count > 3 ? "any" : names.joined(separator: " | ")
    case .reference(let name): return name
    }
  }

  /// How an operation is called: `contacts.update(contact_id, {name, email, ...})`.
  package static func signature(_ operation: Operation, _ catalogue: Catalogue = .shared) -> String {
    var parts = operation.pathParameters.map(\.name)
    if let body = operation.body {
      let names = fieldRows(body, catalogue)
      let shown = (names.filter(\.isRequired) + names.filter { !$0.isRequired }).map(\.name).prefix(4)
      parts.append("{" + shown.joined(separator: ", ") + (names.count > 4 ? ", …}" : "}"))
    }
    parts += operation.queryParameters.map { $0.name + ":" }.prefix(3)
    return "\(operation.name)(\(parts.joined(separator: ", ")))"
  }

  /// The fields of a body that can be written, each once: of a body of several kinds, one is needed that all of them need.
  package static func fieldRows(
    _ body: Schema, _ catalogue: Catalogue = .shared
  ) -> [(name: String, type: String, isRequired: Bool)] {
    var names: [String] = []
    var types: [String: [String]] = [:]
    var counts: [String: (all: Int, needed: Int)] = [:]
    for field in bodyFields(body, catalogue) where !field.isReadOnly {
      if counts[field.name] == nil { names.append(field.name) }
      let type = type(field.schema, catalogue)
      if types[field.name]?.contains(type) != true { types[field.name, default: []].append(type) }
      counts[field.name, default: (0, 0)].all += 1
      if field.isRequired { counts[field.name, default: (0, 0)].needed += 1 }
    }
    let kinds = counts.values.map(\.all).max() ?? 0
    return names.map { name in
      (name, (types[name] ?? []).joined(separator: " | "), counts[name]?.needed == kinds)
    }
  }

  /// The fields of an object, those of its variants too.
  package static func bodyFields(_ schema: Schema, _ catalogue: Catalogue) -> [ObjectShape.Field] {
    switch catalogue.resolve(schema).shape {
    case .object(let object):
      return object.fields
        + object.variants.flatMap { variant in
          variant.fields
            + (variant.reference.flatMap(catalogue.schema(named:)).map { bodyFields($0, catalogue) } ?? [])
        }
    case .oneOf(let choices, _): return choices.flatMap { bodyFields($0, catalogue) }
    default: return []
    }
  }
}
