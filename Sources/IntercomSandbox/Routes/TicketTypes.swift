// Ticket types, their attributes, and the states of tickets.

import ICSJSON

enum TicketTypes {
  static let routes: [Route] = [
    Route("GET", "/ticket_types", list),
    Route("POST", "/ticket_types", create),
    Route("GET", "/ticket_types/{ticket_type_id}") { call throws(Failure) in
      .json(try shown(try object(call), in: call.store))
    },
    Route("PUT", "/ticket_types/{ticket_type_id}", update),
    Route("POST", "/ticket_types/{ticket_type_id}/attributes", createAttribute),
    Route("PUT", "/ticket_types/{ticket_type_id}/attributes/{attribute_id}", updateAttribute),
    Route("GET", "/ticket_states", states),
  ]

  /// The states that every ticket type has.
  static let allStates: [(id: String, category: String, label: String, external: String)] = [
    ("8537", "submitted", "Submitted", "Submitted"), ("8538", "in_progress", "In progress", "In progress"),
    ("8539", "waiting_on_customer", "Waiting on customer", "Waiting on you"),
    ("8540", "resolved", "Resolved", "Resolved"),
  ]

  static let categories = ["Customer", "Back-office", "Tracker"]

  /// A state's document by its id.
  static func state(_ id: String) -> JSONValue? {
    allStates.first { $0.id == id }.map { state in
      [
        "type": "ticket_state", "id": .string(state.id), "category": .string(state.category),
        "internal_label": .string(state.label), "external_label": .string(state.external),
      ]
    }
  }

  /// Stores a new type with its two standard attributes; returns its document.
  @discardableResult
  static func make(
    name: String, description: String, icon: String, category: String, in store: Store
  ) throws(Failure) -> JSONObject {
    let id = String(try store.next("ticket_type", from: 67))
    let type: JSONObject = [
      "type": "ticket_type", "id": .string(id), "name": .string(name), "description": .string(description),
      "icon": .string(icon), "workspace_id": .string(Workspace.id), "archived": false, "created_at": .int(store.now),
      "updated_at": .int(store.now), "is_internal": .bool(category != "Customer"), "category": .string(category),
    ]
    try store.insert(.ticketTypes, id: id, .object(type))
    for (order, name) in ["_default_title_", "_default_description_"].enumerated() {
      try makeAttribute(
        [
          "name": .string(name), "data_type": "string", "input_options": ["multiline": .bool(order == 1)],
          "order": .int(order), "visible_on_create": true, "visible_to_contacts": true, "default": true,
        ], type: id, in: store)
    }
    return type
  }

  @discardableResult
  private static func makeAttribute(
    _ given: JSONObject, type: String, in store: Store
  ) throws(Failure) -> JSONObject {
    let id = String(try store.next("ticket_type_attribute", from: 165))
    let attribute: JSONObject = [
      "type": "ticket_type_attribute", "id": .string(id), "workspace_id": .string(Workspace.id),
      "name": given["name"] ?? "", "description": given["description"] ?? "",
      "data_type": given["data_type"] ?? "string",
      "input_options": given["input_options"] ?? nil, "order": given["order"] ?? 2,
      "required_to_create": given["required_to_create"] ?? false,
      "required_to_create_for_contacts": given["required_to_create_for_contacts"] ?? false,
      "visible_on_create": given["visible_on_create"] ?? true,
      "visible_to_contacts": given["visible_to_contacts"] ?? true, "default": given["default"] ?? false,
      "ticket_type_id": .int(Int(type) ?? 0), "archived": false, "created_at": .int(store.now),
      "updated_at": .int(store.now),
    ]
    try store.insert(.ticketTypeAttributes, id: id, parent: type, .object(attribute))
    return attribute
  }

  /// A type's attributes.
  static func attributes(of type: String, in store: Store) throws(Failure) -> [JSONValue] {
    var all: [JSONValue] = []
    for text in try store.texts(.ticketTypeAttributes, parent: type) { all.append(try Store.parse(text)) }
    return all
  }

  /// A type as answers show it.
  static func shown(_ type: JSONObject, in store: Store) throws(Failure) -> JSONObject {
    var type = type
    let id = type["id"]?.stringValue ?? ""
    type["ticket_type_attributes"] = ["type": "list", "data": .array(try attributes(of: id, in: store))]
    type["ticket_states"] = ["type": "list", "data": .array(allStates.compactMap { state($0.id) })]
    return type
  }

  private static func object(_ call: Call) throws(Failure) -> JSONObject {
    guard case .object(let type)? = try call.store.value(.ticketTypes, call.parameter("ticket_type_id")) else {
      throw .notFound
    }
    return type
  }

  // MARK: Routes

  private static func list(_ call: Call) throws(Failure) -> Answer {
    var types: [JSONValue] = []
    for text in try call.store.texts(.ticketTypes) {
      guard case .object(let type) = try Store.parse(text) else { continue }
      types.append(.object(try shown(type, in: call.store)))
    }
    return .json(["type": "list", "data": .array(types)])
  }

  private static let fields = [
    BodyField("name", .string), BodyField("description", .string), BodyField("category", .oneOf(categories)),
    BodyField("icon", .string), BodyField("is_internal", .boolean), BodyField("archived", .boolean),
  ]

  private static func create(_ call: Call) throws(Failure) -> Answer {
    let body = try call.object()
    try body.check(fields)
    guard let name = body.given("name")?.stringValue, !name.isEmpty else {
      throw .missing("name is required", field: "name")
    }
    let type = try make(
      name: name, description: body.given("description")?.stringValue ?? "",
      icon: body.given("icon")?.stringValue ?? "🎟️", category: body.given("category")?.stringValue ?? "Customer",
      in: call.store)
    return .json(try shown(type, in: call.store))
  }

  private static func update(_ call: Call) throws(Failure) -> Answer {
    var type = try object(call)
    let body = try call.object()
    try body.check(fields)
    for (name, value) in body where !value.isNull { type[name] = value }
    type["updated_at"] = .int(call.now)
    try call.store.update(.ticketTypes, id: call.parameter("ticket_type_id"), .object(type))
    return .json(try shown(type, in: call.store))
  }

  private static let attributeTypes = ["string", "list", "integer", "decimal", "boolean", "datetime", "files"]

  private static func createAttribute(_ call: Call) throws(Failure) -> Answer {
    _ = try object(call)
    let body = try call.object()
    try body.check(
      [BodyField("name", .string, required: true), BodyField("data_type", .oneOf(attributeTypes), required: true)],
      allowsMore: true)
    return .json(try makeAttribute(body, type: call.parameter("ticket_type_id"), in: call.store))
  }

  private static func updateAttribute(_ call: Call) throws(Failure) -> Answer {
    let id = call.parameter("attribute_id")
    guard case .object(var attribute)? = try call.store.value(.ticketTypeAttributes, id) else { throw .notFound }
    for (name, value) in try call.object() where attribute[name] != nil && name != "id" { attribute[name] = value }
    attribute["updated_at"] = .int(call.now)
    try call.store.update(.ticketTypeAttributes, id: id, .object(attribute))
    return .json(attribute)
  }

  private static func states(_ call: Call) throws(Failure) -> Answer {
    var types: [JSONValue] = []
    for text in try call.store.texts(.ticketTypes) { types.append(try Store.parse(text)) }
    let states = allStates.compactMap { row -> JSONValue? in
      guard var state = state(row.id) else { return nil }
      state["archived"] = false
      state["ticket_types"] = ["type": "list", "data": .array(types)]
      return state
    }
    return .json(["type": "list", "data": .array(states)])
  }
}
