// Comparing a body with what the catalogue says about it.

import ICSJSON
import IntercomCatalogue

/// Finds what the API would refuse in a body, before it is sent.
///
/// It is lenient where the API is: ids may be numbers or strings, whole numbers may be written as floats.
public struct BodyCheck: Sendable {
  /// The check against the catalogue.
  public static let shared = BodyCheck()

  /// The parts of a body that are not known when it is checked: a script's literal has variables in it.
  package struct Unknown: Sendable {
    /// The paths of values that may be anything.
    package var values: Set<String> = []
    /// The paths of maps that may have more fields than are seen; empty for the whole body.
    package var maps: Set<String> = []

    /// Everything is known.
    package init() {}
  }

  private let catalogue = Catalogue.shared
  private var unknown = Unknown()
  /// Schemas refer to themselves (a search's filters): deeper than this nothing is checked.
  private static let maximumDepth = 24

  /// Everything that is wrong with a body; empty when it may be sent.
  public func findings(in body: JSONValue, for operation: Operation) -> [Finding] {
    guard let schema = operation.body else {
      return body.isNull || body == [:] ? [] : [Finding(.unknownField, path: "", "\(operation.name) takes no body")]
    }
    if body.isNull && !operation.isBodyRequired { return [] }
    guard operation.verb == "search", catalogue.searchableCollections.contains(operation.collection),
      let query = body["query"]
    else { return check(body, against: schema, at: "", depth: 0) }
    // The schema of filters does not mix groups and single filters, which the API does; the search table knows more.
    var rest = body
    rest["query"] = ["field": "id", "operator": "=", "value": "1"]
    return SearchTranslator(collection: operation.collection).findings(inFilter: query, at: "query", level: 0)
      + check(rest, against: schema, at: "", depth: 0)
  }

  /// What is certainly wrong with a body of which parts are not known.
  package func findings(in body: JSONValue, unknown: Unknown, for operation: Operation) -> [Finding] {
    var check = self
    check.unknown = unknown
    return check.findings(in: body, for: operation)
  }

  /// The known names that a misspelt one may stand for, the nearest first.
  package static func nearest(_ name: String, among known: [String]) -> [String] {
    NearestNames.of(name, among: known)
  }

  /// - Throws: `E_INVALID_REQUEST` with the findings.
  func require(_ body: JSONValue, for operation: Operation) throws(APIError) {
    let findings = findings(in: body, for: operation)
    if !findings.isEmpty { throw .findings(findings, code: .invalidRequest, subject: "the body of \(operation.name)") }
  }

  private func check(_ value: JSONValue, against given: Schema, at path: String, depth: Int) -> [Finding] {
    guard depth < Self.maximumDepth, !unknown.values.contains(path) else { return [] }
    let schema = catalogue.resolve(given)
    // In a request null empties a field; the description is not consistent about saying so.
    if value.isNull { return [] }
    switch schema.shape {
    case .any, .reference: return []
    case .oneOf(let choices, let discriminator):
      return check(value, againstOneOf: choices, discriminator, at: path, depth: depth + 1)
    case .array(let items):
      guard let elements = value.arrayValue else { return [wrongType(value, wanted: "a list", at: path)] }
      if let most = schema.maximumItems, elements.count > most {
        return [Finding(.wrongValue, path: path, "has \(elements.count) items, and \(most) are allowed")]
      }
      return elements.enumerated().flatMap { index, element in
        check(element, against: items, at: "\(path)[\(index)]", depth: depth + 1)
      }
    case .object(let shape):
      guard let object = value.objectValue else { return [wrongType(value, wanted: "a map", at: path)] }
      return check(object, against: shape, at: path, depth: depth + 1)
    case .string, .integer, .number, .boolean:
      return checkScalar(value, against: schema, at: path)
    }
  }

  private func check(_ object: JSONObject, against shape: ObjectShape, at path: String, depth: Int) -> [Finding] {
    let variants = applicableVariants(of: shape, for: object)
    let variantFields = variants.flatMap { fields(of: $0) }
    var findings: [Finding] = []
    for (name, value) in object {
      let place = Self.place(name, in: path)
      // Two variants may describe one field differently: one that fits is enough.
      var best: [Finding]?
      for fields in [shape.fields, variantFields] {
        for index in fields.indices where fields[index].name == name && best?.isEmpty != true {
          let found = check(value, against: fields[index].schema, at: place, depth: depth)
          if found.count < best?.count ?? Int.max { best = found }
        }
      }
      findings += best ?? checkUnknown(name, in: shape, known: shape.fields + variantFields, at: place)
    }
    for field in shape.fields where field.isRequired && !field.isReadOnly && isMissing(field.name, in: object, at: path)
    {
      let place = Self.place(field.name, in: path)
      findings.append(Finding(.missingField, path: place, "is missing"))
    }
    findings += missingFromVariants(variants, in: object, at: path)
    if findings.isEmpty { return [] }
    // A field that is misspelt is not missing too.
    let meant = Set(findings.filter { $0.kind == .unknownField }.compactMap(\.candidates.first))
    return findings.filter { $0.kind != .missingField || !meant.contains(Self.lastName(of: $0.path)) }
  }

  /// The field's own name, at the end of a path.
  private static func lastName(of path: String) -> String { String(path.split(separator: ".").last ?? "") }

  private func checkUnknown(
    _ name: String, in shape: ObjectShape, known: [ObjectShape.Field], at place: String
  ) -> [Finding] {
    // The description calls the values of such maps strings; custom attributes and metadata take numbers, bools and
    // lists as well, and only the workspace knows which.
    if shape.isOpen || shape.values != nil || shape.variants.contains(where: { $0.required.contains(name) }) {
      return []
    }
    let names = known.filter { !$0.isReadOnly }.map(\.name)
    return [Finding(.unknownField, path: place, "is no field here", candidates: NearestNames.of(name, among: names))]
  }

  /// The variants that an object may be: those whose condition it meets; without one, those whose condition it leaves
  /// open.
  private func applicableVariants(of shape: ObjectShape, for object: JSONObject) -> [ObjectShape.Variant] {
    var met: [ObjectShape.Variant] = []
    var open: [ObjectShape.Variant] = []
    for variant in shape.variants {
      let value = variant.condition.flatMap { condition -> JSONValue? in
        let parts = condition.field.split(separator: ".").map(String.init)
        return parts.dropFirst().reduce(object[parts[0]]) { $0?[$1] }
      }
      guard let condition = variant.condition, let text = value?.stringValue else {
        open.append(variant)
        continue
      }
      if condition.values.contains(text) { met.append(variant) }
    }
    return met.isEmpty ? (open.isEmpty ? shape.variants : open) : met
  }

  private func missingFromVariants(
    _ variants: [ObjectShape.Variant], in object: JSONObject, at path: String
  ) -> [Finding] {
    let missing = variants.map { variant in
      (variant.required + fields(of: variant).filter(\.isRequired).map(\.name)).filter {
        isMissing($0, in: object, at: path)
      }
    }
    guard let least = missing.min(by: { $0.count < $1.count }), !least.isEmpty else { return [] }
    let prefix = path.isEmpty ? "" : path + "."
    if least.count == 1, missing.count > 1, missing.allSatisfy({ $0.count == 1 }) {
      let names = Set(missing.flatMap(\.self)).sorted()
      if names.count > 1 {
        return [Finding(.missingField, path: path, "needs one of \(names.joined(separator: ", "))", candidates: [])]
      }
    }
    return least.map { Finding(.missingField, path: prefix + $0, "is missing") }
  }

  private func fields(of variant: ObjectShape.Variant) -> [ObjectShape.Field] {
    guard let name = variant.reference else { return variant.fields }
    return alternatives(of: name, depth: 0)
  }

  /// The fields of every object that a named schema may be.
  private func alternatives(of name: String, depth: Int) -> [ObjectShape.Field] {
    guard depth < 8, let schema = catalogue.schema(named: name) else { return [] }
    switch schema.shape {
    case .object(let shape): return shape.fields
    case .oneOf(let choices, _):
      return choices.flatMap { choice -> [ObjectShape.Field] in
        if case .reference(let name) = choice.shape { return alternatives(of: name, depth: depth + 1) }
        if case .object(let shape) = choice.shape { return shape.fields }
        return []
      }
      .map { $0.optional }
    default: return []
    }
  }

  private func isMissing(_ name: String, in object: JSONObject, at path: String) -> Bool {
    guard object[name]?.isNull ?? true else { return false }
    return !unknown.maps.contains(path) && !unknown.values.contains(Self.place(name, in: path))
  }

  private static func place(_ name: String, in path: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  private func check(
    _ value: JSONValue, againstOneOf choices: [Schema], _ discriminator: Schema.Discriminator?, at path: String,
    depth: Int
  ) -> [Finding] {
    if let discriminator {
      let chooser = Self.place(discriminator.field, in: path)
      // Nothing is certain about a value of which nobody knows what it is.
      if unknown.values.contains(chooser) || value[discriminator.field] == nil && unknown.maps.contains(path) {
        return []
      }
      if let text = value[discriminator.field]?.stringValue, let name = discriminator.schemas[text],
        let schema = catalogue.schema(named: name)
      {
        return check(value, against: schema, at: path, depth: depth)
      }
      let known = discriminator.schemas.keys.sorted()
      if let text = value[discriminator.field]?.stringValue {
        return [wrongValue(text, known: known, at: chooser)]
      }
    }
    // The choice that fits best is the one that was meant; its findings are the useful ones.
    return choices.map { check(value, against: $0, at: path, depth: depth) }
      .min { Self.weight($0) < Self.weight($1) } ?? []
  }

  /// A wrong type at the top says that another choice was meant; a wrong value may be the choice that was meant.
  private static func weight(_ findings: [Finding]) -> Int {
    findings.reduce(0) { sum, finding in
      switch finding.kind {
      case .wrongType: sum + 3
      case .wrongValue: sum + 4
      // A name that is only misspelt speaks for a choice.
      case .unknownField: sum + (finding.candidates.isEmpty ? 2 : 1)
      default: sum + 2
      }
    }
  }

  private func checkScalar(_ value: JSONValue, against schema: Schema, at path: String) -> [Finding] {
    if let finding = typeFinding(value, schema: schema, at: path) { return [finding] }
    if !schema.allowedValues.isEmpty, !schema.allowedValues.contains(value) {
      let known = schema.allowedValues.map { $0.stringValue ?? $0.serialized() }
      return [wrongValue(value.stringValue ?? value.serialized(), known: known, at: path)]
    }
    if let length = schema.maximumLength, let text = value.stringValue, text.unicodeScalars.count > length {
      return [Finding(.wrongValue, path: path, "is longer than \(length) characters")]
    }
    if let number = value.doubleValue {
      if let least = schema.minimum, number < Double(least) {
        return [Finding(.wrongValue, path: path, "is less than \(least)")]
      }
      if let most = schema.maximum, number > Double(most) {
        return [Finding(.wrongValue, path: path, "is more than \(most)")]
      }
    }
    return []
  }

  private func typeFinding(_ value: JSONValue, schema: Schema, at path: String) -> Finding? {
    // Only a misfit asks whether it is an id: nearly every value fits, and every request is checked.
    var isIdentifier: Bool {
      path == "id" || path.hasSuffix("_id") || path.hasSuffix(".id") || path.contains("_ids[")
    }
    switch schema.shape {
    case .string:
      if value.stringValue != nil || (value.intValue != nil && isIdentifier) { return nil }
      return wrongType(value, wanted: "a string", at: path)
    case .integer:
      if value.intValue != nil { return nil }
      if let number = value.doubleValue, number == number.rounded(), abs(number) < 1e15 { return nil }
      if value.stringValue != nil, isIdentifier { return nil }
      return wrongType(value, wanted: schema.format == "date-time" ? "Unix seconds" : "an int", at: path)
    case .number: return value.doubleValue == nil ? wrongType(value, wanted: "a number", at: path) : nil
    case .boolean: return value.boolValue == nil ? wrongType(value, wanted: "true or false", at: path) : nil
    default: return nil
    }
  }

  private func wrongType(_ value: JSONValue, wanted: String, at path: String) -> Finding {
    Finding(.wrongType, path: path, "is \(value.kindName), and \(wanted) is needed")
  }

  private func wrongValue(_ text: String, known: [String], at path: String) -> Finding {
    let nearest = NearestNames.of(text, among: known)
    return Finding(
      .wrongValue, path: path, "is '\(text.prefix(60))', and may be \(known.joined(separator: ", "))",
      candidates: nearest)
  }
}

extension ObjectShape.Field {
  /// The same field where it stands in one of several objects.
  fileprivate var optional: ObjectShape.Field {
    ObjectShape.Field(name: name, schema: schema, isRequired: false, isReadOnly: isReadOnly)
  }
}

extension JSONValue {
  /// What kind of value it is, as scripts call it, with its article.
  var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a bool"
    case .int: "an int"
    case .double: "a float"
    case .string: "a string"
    case .array: "a list"
    case .object: "a map"
    }
  }
}
