// Data attributes: the custom fields of contacts and companies.

import ICSJSON

enum DataAttributes {
  static let routes: [Route] = [
    Route("GET", "/data_attributes", list),
    Route("POST", "/data_attributes", create),
    Route("PUT", "/data_attributes/{data_attribute_id}", update),
  ]

  private static let types = ["string", "integer", "float", "boolean", "date", "datetime", "options"]

  // MARK: Use by other rooms

  /// The definition of a living custom attribute.
  static func definition(of name: String, model: String, in store: Store) throws(Failure) -> JSONValue? {
    try store.value(.dataAttributes, key: "\(model):\(name)")
  }

  /// How values of an attribute are searched for.
  static func searchKind(_ attribute: JSONValue) -> SearchField.Kind {
    switch attribute["data_type"]?.stringValue {
    case "integer", "float", "decimal": .integer
    case "boolean": .boolean
    case "date", "datetime": .date
    default: .string
    }
  }

  /// An object's custom attributes with new values; refuses names that do not exist and values of the wrong type.
  static func merged(
    _ old: JSONObject, with new: JSONObject, model: String, in store: Store
  ) throws(Failure) -> JSONObject {
    var result = old
    for (name, value) in new {
      guard let attribute = try definition(of: name, model: model, in: store), attribute["archived"] != true else {
        throw .invalid("Custom attribute '\(name)' does not exist", field: "custom_attributes.\(name)")
      }
      guard value.isNull || isValid(value, for: attribute) else {
        let type = attribute["data_type"]?.stringValue ?? "string"
        throw .invalid(
          "Custom attribute '\(name)' does not take \(value.serialized()), its type is \(type)",
          field: "custom_attributes.\(name)")
      }
      result[name] = value
    }
    return result
  }

  private static func isValid(_ value: JSONValue, for attribute: JSONValue) -> Bool {
    if let options = attribute["options"]?.arrayValue, !options.isEmpty { return options.contains(value) }
    return switch attribute["data_type"]?.stringValue {
    case "integer", "date", "datetime": value.intValue != nil
    case "float": value.doubleValue != nil
    case "boolean": value.boolValue != nil
    default: value.stringValue != nil
    }
  }

  // MARK: Routes

  private static func list(_ call: Call) throws(Failure) -> Answer {
    let model = call.query["model"]
    if model == "conversation" {
      throw Failure(
        422, "parameter_invalid", "model=conversation is no longer supported. Use GET /conversations/attributes instead"
      )
    }
    let withArchived = call.query["include_archived"] == "true"
    var found = StandardAttributes.all.filter { model == nil || $0["model"]?.stringValue == model }
    for text in try call.store.texts(.dataAttributes) {
      let attribute = try Store.parse(text)
      guard model == nil || attribute["model"]?.stringValue == model else { continue }
      guard withArchived || attribute["archived"] != true else { continue }
      found.append(attribute)
    }
    return .json(["type": "list", "data": .array(found)])
  }

  private static func create(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    guard let model = body["model"]?.stringValue, ["contact", "company"].contains(model) else {
      throw .invalid("The Data Attribute model field must be either contact or company")
    }
    let name = body["name"]?.stringValue ?? ""
    guard isName(name) else {
      throw .invalid(
        "Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens")
    }
    guard let type = body["data_type"]?.stringValue, types.contains(type) else {
      throw .invalid("Data Type isn't an option")
    }
    for other in ["company", "contact"] where try definition(of: name, model: other, in: call.store) != nil {
      let (here, wanted) = (other == "contact" ? "people" : other, model == "contact" ? "people" : model)
      throw .invalid(
        "You already have '\(name)' in your \(here) data. To save this as new \(wanted) data, use a different name.")
    }
    let options = try options(body["options"], isNeeded: type == "options")
    let attribute = try make(
      name: name, model: model, type: type, description: body["description"]?.stringValue ?? "", options: options,
      isMessengerWritable: body["messenger_writable"]?.boolValue ?? true, in: call.store)
    return .json(attribute)
  }

  /// Stores a new attribute.
  @discardableResult
  static func make(
    name: String, model: String, type: String, description: String = "", options: [JSONValue]? = nil,
    isMessengerWritable: Bool = true, in store: Store
  ) throws(Failure) -> JSONValue {
    let id = try store.next("data_attribute", from: 34)
    let shown = type == "options" ? "string" : type == "datetime" ? "date" : type
    var attribute: JSONObject = [
      "id": .int(id), "type": "data_attribute", "name": .string(name),
      "full_name": .string("custom_attributes." + name), "label": .string(name), "description": .string(description),
      "data_type": .string(shown),
    ]
    if let options { attribute["options"] = .array(options) }
    attribute["api_writable"] = true
    attribute["ui_writable"] = false
    attribute["messenger_writable"] = .bool(isMessengerWritable)
    attribute["custom"] = true
    attribute["archived"] = false
    attribute["admin_id"] = .string(String(Workspace.ownerID))
    attribute["created_at"] = .int(store.now)
    attribute["updated_at"] = .int(store.now)
    attribute["model"] = .string(model)
    try store.insert(.dataAttributes, id: String(id), key: "\(model):\(name)", .object(attribute))
    return .object(attribute)
  }

  private static func update(_ call: Call) throws(Failure) -> Answer {
    let id = call.parameter("data_attribute_id")
    guard case .object(var attribute)? = try call.store.value(.dataAttributes, id) else {
      throw Failure(404, "field_not_found", "We couldn't find that data attribute to update")
    }
    let body = try call.object()
    if body.given("options") != nil {
      attribute["options"] = .array(try options(body["options"], isNeeded: true) ?? [])
    }
    for name in ["description", "archived", "messenger_writable"] {
      if let value = body.given(name) { attribute[name] = value }
    }
    attribute["updated_at"] = .int(call.now)
    try call.store.update(.dataAttributes, id: id, .object(attribute))
    return .json(attribute)
  }

  private static func options(_ value: JSONValue?, isNeeded: Bool) throws(Failure) -> [JSONValue]? {
    guard let value, !value.isNull else {
      if isNeeded { throw .invalid("Options isn't an array") }
      return nil
    }
    guard let items = value.arrayValue else { throw .invalid("Options isn't an array") }
    guard items.count > 1 else { throw .invalid("The Data Attribute needs at least two options") }
    return items.map { $0["value"] ?? $0 }
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.unicodeScalars.allSatisfy { scalar in
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || " -_".unicodeScalars.contains(scalar)
          || scalar.properties.generalCategory == .currencySymbol
      }
  }
}

/// The attributes that every workspace has.
enum StandardAttributes {
  private static let rows: [(model: String, name: String, label: String, type: String, isWritable: Bool)] = [
    ("company", "name", "Company name", "string", true), ("company", "company_id", "Company ID", "string", false),
    ("company", "last_request_at", "Company last seen", "date", false),
    ("company", "remote_created_at", "Company created at", "date", true),
    ("company", "user_count", "People", "integer", false),
    ("company", "session_count", "Company web sessions", "integer", false),
    ("company", "monthly_spend", "Monthly Spend", "float", true), ("company", "size", "Company size", "integer", true),
    ("company", "industry", "Company industry", "string", true),
    ("company", "website", "Company website", "string", true), ("contact", "id", "ID", "string", false),
    ("contact", "name", "Name", "string", true), ("contact", "owner_id", "Owner", "integer", true),
    ("contact", "external_id", "User ID", "string", true), ("contact", "email", "Email", "string", true),
    ("contact", "phone", "Phone", "string", true), ("contact", "role", "Role", "string", true),
    ("contact", "created_at", "First seen", "date", false), ("contact", "signed_up_at", "Signed up", "date", true),
    ("contact", "last_seen_at", "Last seen", "date", true),
    ("contact", "unsubscribed_from_emails", "Unsubscribed from Emails", "boolean", true),
  ]

  static let all: [JSONValue] = rows.map { row in
    [
      "type": "data_attribute", "name": .string(row.name), "full_name": .string(row.name),
      "label": .string(row.label), "description": "", "data_type": .string(row.type),
      "api_writable": .bool(row.isWritable), "ui_writable": false, "messenger_writable": true, "custom": false,
      "archived": false, "model": .string(row.model),
    ]
  }
}
