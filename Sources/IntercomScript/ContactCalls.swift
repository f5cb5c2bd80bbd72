// What contacts have beside the catalogue's operations.

import ICSJSON
import ICSVM
import IntercomAPI

/// Contacts by hand: look-ups, upserts and creations that are safe to repeat.
enum ContactCalls {
  static func add(to made: inout [String: () -> NativeFunction], connection: Connection) {
    made["find"] = { find(connection) }
    made["upsert"] = { upsert(connection) }
    made["create"] = { create(connection) }
    made["merge"] = { merge(connection) }
  }

  /// `contacts.find(email: "x")`: one contact or null.
  private static func find(_ connection: Connection) -> NativeFunction {
    NativeFunction(
      "contacts.find", arity: 1...1,
      suspending: { call throws(Raised) in
        let map = try call.map(0)
        guard call.vm.mapCount(map) == 1, let entry = call.vm.mapEntry(map, at: 0), entry.key.isString,
          let key = Contacts.Key(rawValue: swiftString(entry.key.address)),
          let value = ConnectorCall.id(entry.value, call.vm)
        else {
          throw call.fail(
            "E_ARGUMENTS", "'contacts.find' takes one of email, external_id and id",
            help: "contacts.find(email: \"ada@example.com\")")
        }
        try call.machine.countRequest()
        return .operation(
          ConnectorCall.asking(connection) { client throws(APIError) in try await client.contacts.find(key, value) })
      })
  }

  /// `contacts.upsert({...}, by: "email")`.
  private static func upsert(_ connection: Connection) -> NativeFunction {
    NativeFunction(
      "contacts.upsert", arity: 1...2,
      suspending: { call throws(Raised) in
        let contact = try call.vm.jsonValue(of: call[0])
        var key = Contacts.Key.email
        let by = call.count > 1 ? call.named("by") : .null
        if !by.isNull {
          guard by.isString, let named = Contacts.Key(rawValue: swiftString(by.address)) else {
            throw call.fail("E_VALUE", "'by' is one of \"email\", \"external_id\" and \"id\"")
          }
          key = named
        } else if contact["email"] == nil && contact["external_id"] != nil {
          key = .externalID
        }
        let chosen = key
        try call.machine.countRequest()
        return .operation(
          ConnectorCall.asking(connection) { client throws(APIError) in
            try await client.contacts.upsert(contact, by: chosen)
          })
      })
  }

  /// `contacts.create({...}, retry_safe: true)`, or the fields as named arguments.
  private static func create(_ connection: Connection) -> NativeFunction {
    NativeFunction(
      "contacts.create", arity: 1...2,
      suspending: { call throws(Raised) in
        var body = try fields(0, call)
        var options = call.count > 1 ? try fields(1, call) : [:]
        for name in RequestOptions.names.union([retrySafe]) where call.count == 1 {
          if let value = body[name] { options[name] = value }
          body[name] = nil
        }
        let isRetrySafe = options[retrySafe] == .bool(true)
        if let unknown = options.map(\.key).first(where: { $0 != retrySafe && !RequestOptions.names.contains($0) }) {
          throw call.fail("E_ARGUMENTS", "'contacts.create' has no option '\(unknown)'")
        }
        var request = APIRequest("POST", "/contacts", body: .object(body))
        try RequestOptions.apply(options, to: &request, call)
        let chosen = request
        try call.machine.countRequest()
        guard isRetrySafe else { return .operation(ConnectorCall.sending(chosen, over: connection)) }
        return .operation(
          ConnectorCall.asking(connection) { client throws(APIError) in
            try await client.contacts.createOnce(chosen)
          })
      })
  }

  /// The option of `create`.
  static let retrySafe = "retry_safe"

  private static func fields(_ index: Int, _ call: Call) throws(Raised) -> JSONObject {
    try call.vm.jsonValue(of: .object(Tag.map, try call.map(index))).objectValue ?? [:]
  }

  /// `contacts.merge(lead, into: user)`; the API's own `from` and `into` as names do too.
  private static func merge(_ connection: Connection) -> NativeFunction {
    NativeFunction(
      "contacts.merge", arity: 1...2,
      suspending: { call throws(Raised) in
        let into = call.named("into").isNull ? call[1] : call.named("into")
        let from = call.count == 1 ? call.named("from") : call[0]
        guard let lead = ConnectorCall.id(from, call.vm), let user = ConnectorCall.id(into, call.vm) else {
          throw call.fail(
            "E_ARGUMENTS", "'contacts.merge' takes a lead and the user that it becomes part of",
            help: "contacts.merge(lead, into: user)")
        }
        try call.machine.countRequest()
        return .operation(
          ConnectorCall.asking(connection) { client throws(APIError) in
            try await client.contacts.merge(lead, into: user)
          })
      })
  }
}
