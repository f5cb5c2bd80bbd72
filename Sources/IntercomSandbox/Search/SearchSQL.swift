// From filters to SQL.

import GRDB
import ICSJSON

/// A piece of SQL with its arguments.
struct SQLPart {
  var text: String
  var arguments: [(any DatabaseValueConvertible)?] = []

  init(_ text: String, _ arguments: [(any DatabaseValueConvertible)?] = []) {
    self.text = text
    self.arguments = arguments
  }
}

/// Translates the filters of one search. Everything is decided by SQLite, with its indexes where there are any.
struct SearchTranslator {
  let target: SearchTarget
  let store: Store

  func translate(_ filter: Filter) throws(Failure) -> SQLPart {
    switch filter {
    case .group(let isAll, let filters):
      var whole = SQLPart("")
      for part in filters {
        let translated = try translate(part)
        whole.text += (whole.text.isEmpty ? "" : isAll ? " AND " : " OR ") + translated.text
        whole.arguments += translated.arguments
      }
      return SQLPart("(\(whole.text))", whole.arguments)
    case .leaf(let name, let `operator`, let value):
      return try leaf(name, `operator`, value)
    }
  }

  /// A field's description by its name.
  func field(_ name: String) throws(Failure) -> SearchField {
    if let field = target.fields[name] { return field }
    if name.hasPrefix(target.prefix) {
      let key = String(name.dropFirst(target.prefix.count))
      if let field = try extended(key) { return field }
    }
    throw Failure(400, target.badFieldCode, "\(name) is not a searchable field", field: name)
  }

  /// A custom attribute, a conversation's or a ticket's.
  private func extended(_ key: String) throws(Failure) -> SearchField? {
    switch target.collection.name {
    case Collection.contacts.name:
      guard let attribute = try DataAttributes.definition(of: key, model: "contact", in: store) else { return nil }
      return SearchField(kind: DataAttributes.searchKind(attribute), place: .attribute(key))
    case Collection.tickets.name:
      guard let attribute = try store.value(.ticketTypeAttributes, key), let name = attribute["name"]?.stringValue
      else {
        return nil
      }
      let kind = DataAttributes.searchKind(attribute)
      return SearchField(kind: kind, place: .expression(Self.member("ticket_attributes", name)))
    default:
      return SearchField(kind: .string, place: .expression(Self.member("custom_attributes", key)))
    }
  }

  /// An object's member by a name that the client chose.
  private static func member(_ object: String, _ name: String) -> String {
    let escaped = name.filter { $0 != "\"" && $0 != "\\" }.split(separator: "'", omittingEmptySubsequences: false)
    return "json_extract(document, '$.\(object).\"\(escaped.joined(separator: "''"))\"')"
  }

  private func leaf(_ name: String, _ operation: Filter.Operator, _ value: JSONValue) throws(Failure) -> SQLPart {
    let field = try field(name)
    if case .links = field.place, operation != .equal, operation != .notEqual { throw refused(operation, name) }
    // An inequality is true where the field is missing: what is unknown is not equal to anything.
    if let positive = operation.negated {
      if value.isNull, operation == .notEqual { return try present(field) }
      if field.kind == .date, target.matchesDatesByDay { throw refused(operation, name) }
      let part = try condition(field, positive, value, name)
      let negated = SQLPart("NOT ifnull(\(part.text), 0)", part.arguments)
      // There is no text that could lack the words.
      guard operation == .containsNot else { return negated }
      let there = try present(field)
      return SQLPart("(\(there.text) AND \(negated.text))", there.arguments + negated.arguments)
    }
    if value.isNull {
      guard operation == .equal else { throw wrong(value, name) }
      let part = try present(field)
      return SQLPart("NOT \(part.text)", part.arguments)
    }
    return try condition(field, operation, value, name)
  }

  /// Whether the field has a value.
  private func present(_ field: SearchField) throws(Failure) -> SQLPart {
    switch field.place {
    case .expression(let expression), .words(let expression): SQLPart("(\(expression) IS NOT NULL)")
    case .ids(let path): SQLPart("(ifnull(json_array_length(document, '$.\(path)'), 0) > 0)")
    case .attribute(let name): SQLPart("+seq IN (SELECT seq FROM contact_attributes WHERE name = ?)", [name])
    case .links(let kind): SQLPart("id IN (SELECT owner FROM links WHERE kind = ?)", [kind.rawValue])
    case .segment: SQLPart("1")
    }
  }

  private func condition(
    _ field: SearchField, _ operation: Filter.Operator, _ value: JSONValue, _ name: String
  ) throws(Failure) -> SQLPart {
    switch field.place {
    case .expression(let expression):
      return try comparison(expression, field.kind, operation, value, name)
    case .words(let expression):
      guard operation == .equal, let word = value.stringValue else {
        return try comparison(expression, field.kind, operation, value, name)
      }
      return SQLPart("sandbox_has_word(\(expression), ?)", [word])
    case .ids(let path):
      let inner = try comparison("json_extract(value, '$.id')", .string, operation, value, name)
      return SQLPart("EXISTS (SELECT 1 FROM json_each(document, '$.\(path)') WHERE \(inner.text))", inner.arguments)
    case .attribute(let attribute):
      let inner = try comparison("value", field.kind, operation, value, name)
      // `+seq`: a common value has very many contacts, and passing through an index is faster than visiting each.
      return SQLPart(
        "+seq IN (SELECT seq FROM contact_attributes WHERE name = ? AND \(inner.text))", [attribute] + inner.arguments)
    case .links(let kind):
      guard let id = value.idText else { throw wrong(value, name) }
      return SQLPart("id IN (SELECT owner FROM links WHERE kind = ? AND target = ?)", [kind.rawValue, id])
    case .segment:
      var parts: [String] = []
      for item in try list(operation, value, name) {
        guard let id = item.idText else { throw wrong(value, name) }
        parts.append(try Segments.condition(of: id, in: store))
      }
      return SQLPart("(\(parts.joined(separator: " OR ")))")
    }
  }

  /// The value as a list: of one, except for `IN`.
  private func list(_ operation: Filter.Operator, _ value: JSONValue, _ name: String) throws(Failure) -> [JSONValue] {
    switch operation {
    case .equal: return [value]
    case .isIn:
      guard let items = value.arrayValue else { throw wrong(value, name) }
      return items
    default: throw refused(operation, name)
    }
  }

  private func comparison(
    _ expression: String, _ kind: SearchField.Kind, _ operation: Filter.Operator, _ value: JSONValue, _ name: String
  ) throws(Failure) -> SQLPart {
    if kind == .date { return try date(expression, operation, value, name) }
    switch operation {
    case .equal: return SQLPart("\(expression) = ?", [try argument(kind, value, name)])
    case .isIn:
      var arguments: [(any DatabaseValueConvertible)?] = []
      for item in try list(operation, value, name) { arguments.append(try argument(kind, item, name)) }
      let places = [String](repeating: "?", count: arguments.count).joined(separator: ", ")
      return SQLPart("\(expression) IN (\(places))", arguments)
    case .greater, .less, .greaterOrEqual, .lessOrEqual:
      guard kind == .integer else { throw refused(operation, name) }
      guard target.matchesDatesByDay || operation == .greater || operation == .less else {
        throw refused(operation, name)
      }
      // Conversations and tickets: "or equal".
      let inclusive = !target.matchesDatesByDay && !operation.rawValue.hasSuffix("=")
      return SQLPart("\(expression) \(operation.rawValue)\(inclusive ? "=" : "") ?", [try argument(kind, value, name)])
    case .contains, .starts, .ends:
      guard kind == .string else { throw refused(operation, name) }
      guard let text = value.idText else { throw wrong(value, name) }
      return Self.matching(expression, operation, text)
    case .notEqual, .notIn, .containsNot: throw refused(operation, name)
    }
  }

  /// Case does not count. SQLite's `LIKE` folds only ASCII, which is all that an ASCII text asks for.
  private static func matching(_ expression: String, _ operation: Filter.Operator, _ text: String) -> SQLPart {
    let isASCII = text.utf8.allSatisfy { $0 < 128 }
    var pattern = ""
    for character in isASCII ? text : text.lowercased() {
      if character == "%" || character == "_" || character == "\\" { pattern.append("\\") }
      pattern.append(character)
    }
    if operation != .starts { pattern = "%" + pattern }
    if operation != .ends { pattern += "%" }
    let folded = isASCII ? expression : "\(DatabaseFunction.lowercase.name)(\(expression))"
    return SQLPart("\(folded) LIKE ? ESCAPE '\\'", [pattern])
  }

  private func date(
    _ expression: String, _ operation: Filter.Operator, _ value: JSONValue, _ name: String
  ) throws(Failure) -> SQLPart {
    if operation == .isIn {
      guard !target.matchesDatesByDay, let items = value.arrayValue else { throw refused(operation, name) }
      var arguments: [(any DatabaseValueConvertible)?] = []
      for item in items { arguments.append(try seconds(item, name)) }
      let places = [String](repeating: "?", count: arguments.count).joined(separator: ", ")
      return SQLPart("\(expression) IN (\(places))", arguments)
    }
    let moment = try seconds(value, name)
    guard target.matchesDatesByDay else {
      switch operation {
      case .equal: return SQLPart("\(expression) = ?", [moment])
      case .greater, .greaterOrEqual: return SQLPart("\(expression) >= ?", [moment])
      case .less, .lessOrEqual: return SQLPart("\(expression) <= ?", [moment])
      default: throw refused(operation, name)
      }
    }
    // The workspace's time zone is UTC.
    let remainder = moment % 86_400
    let day = moment - (remainder < 0 ? remainder + 86_400 : remainder)
    switch operation {
    case .equal: return SQLPart("(\(expression) >= ? AND \(expression) < ?)", [day, day + 86_400])
    case .greater: return SQLPart("\(expression) >= ?", [day + 86_400])
    case .less: return SQLPart("\(expression) < ?", [day])
    default: throw refused(operation, name)
    }
  }

  private func seconds(_ value: JSONValue, _ name: String) throws(Failure) -> Int {
    guard let seconds = value.intValue ?? value.stringValue.flatMap({ Int($0) }), abs(seconds) < 1 << 48 else {
      throw wrong(value, name)
    }
    return seconds
  }

  private func argument(
    _ kind: SearchField.Kind, _ value: JSONValue, _ name: String
  ) throws(Failure) -> any DatabaseValueConvertible {
    switch (kind, value) {
    case (.string, .string(let text)): return text
    case (.string, .int(let number)): return String(number)
    case (.integer, .int(let number)): return number
    case (.integer, .double(let number)): return number
    case (.integer, .string(let text)):
      if let number = Int(text) { return number }
      if let number = Double(text) { return number }
    case (.boolean, .bool(let flag)): return flag
    case (.boolean, .int(let flag)) where flag == 0 || flag == 1: return flag == 1
    case (.boolean, .string("true")): return true
    case (.boolean, .string("false")): return false
    default: break
    }
    throw wrong(value, name)
  }

  private func refused(_ operation: Filter.Operator, _ name: String) -> Failure {
    .invalid("\(operation.rawValue) is not supported for \(name)", field: name)
  }

  private func wrong(_ value: JSONValue, _ name: String) -> Failure {
    .invalid("\(value.serialized()) is not a valid value for \(name)", field: name)
  }
}
