import ICSJSON
import ICSVM
import IntercomAPI
import IntercomCatalogue

/// The names under which scripts find Intercom: `intercom` and its collections.
enum IntercomObjects {
  /// The collections that the prelude has under their own names; the others are members of `intercom`.
  static let collections = [
    "contacts", "companies", "messages", "conversations", "tickets", "admins", "tags", "notes", "segments",
    "data_attributes", "data_events", "articles",
  ]

  /// The values for the library's host, made when a script first reads them.
  static func values(connection: Connection) -> [(name: String, make: (Machine) -> Value)] {
    var values: [(name: String, make: (Machine) -> Value)] = [
      ("intercom", { $0.value(of: IntercomRoot(connection: connection)) })
    ]
    for name in collections {
      values.append((name, { $0.value(of: IntercomCollection(name: name, connection: connection)) }))
    }
    return values
  }
}

/// `intercom`: requests, and every collection of the catalogue.
final class IntercomRoot: HostObject {
  let typeName = "intercom"
  private let connection: Connection
  private var functions: [String: Value] = [:]
  private var collections: [String: Handle] = [:]

  init(connection: Connection) { self.connection = connection }

  var memberNames: [String] { ["request"] + Catalogue.shared.collections }

  func member(_ name: String, machine: Machine) throws(Raised) -> Value? {
    if name == "request" {
      if let known = functions[name] { return known }
      let connection = connection
      let function = machine.value(
        of: NativeFunction("request", arity: 1...2, suspending: { call throws(Raised) in
          try RequestCall.suspend(call, connection: connection)
        }))
      functions[name] = function
      return function
    }
    if let known = collections[name] { return machine.value(known) }
    guard Catalogue.shared.collections.contains(name) else { return nil }
    let value = machine.value(of: IntercomCollection(name: name, connection: connection))
    collections[name] = machine.retain(value)
    return value
  }
}

/// A collection of the API: `contacts`, `companies`. Its members are the catalogue's operations and a few by hand.
final class IntercomCollection: HostObject {
  let name: String
  let connection: Connection
  private var functions: [String: Value] = [:]

  init(name: String, connection: Connection) {
    self.name = name
    self.connection = connection
  }

  var typeName: String { "collection" }

  var memberNames: [String] {
    let operations = Catalogue.shared.operationNames.filter { $0.hasPrefix(name + ".") }
    return operations.map { String($0.dropFirst(name.count + 1)) } + handMade.keys
  }

  func member(_ verb: String, machine: Machine) throws(Raised) -> Value? {
    if let known = functions[verb] { return known }
    guard let function = makeFunction(verb) else { return nil }
    let value = machine.value(of: function)
    functions[verb] = value
    return value
  }

  private func makeFunction(_ verb: String) -> NativeFunction? {
    if let made = handMade[verb] { return made() }
    guard let operation = Catalogue.shared.operation(named: "\(name).\(verb)") else { return nil }
    let connection = connection
    // Path parameters, then a body, then options: what is missing is said by the operation's own check.
    let most = operation.pathParameters.count + 2
    let function = "\(name).\(verb)"
    if operation.paging != nil && operation.paging?.style != Operation.Paging.Style.none {
      return NativeFunction(function, arity: 0...most) { call throws(Raised) in
        let request = try OperationCall.request(operation, call)
        return PageStream.make(request, connection: connection, vm: call.vm)
      }
    }
    return NativeFunction(
      function, arity: 0...most,
      suspending: { call throws(Raised) in
        let request = try OperationCall.request(operation, call)
        return .operation(ConnectorCall.sending(request, over: connection))
      })
  }

  /// What a hand makes better than the catalogue alone.
  private var handMade: [String: () -> NativeFunction] {
    let connection = connection
    let name = name
    var made: [String: () -> NativeFunction] = [
      "__where": {
        NativeFunction("where", arity: 2...2) { call throws(Raised) in
          try CollectionQuery.stream(collection: name, condition: call[1], connection: connection, call: call)
        }
      }
    ]
    switch name {
    case "contacts": ContactCalls.add(to: &made, connection: connection)
    case "messages": MessageCalls.add(to: &made, connection: connection)
    default: break
    }
    if !Catalogue.shared.searchFields(of: name).isEmpty {
      made["search"] = {
        NativeFunction("\(name).search", arity: 1...2) { call throws(Raised) in
          let body = try call.vm.jsonValue(of: call[0])
          let request = try ConnectorCall.attempt(call) { () throws(APIError) in
            try SearchQuery.request(collection: name, body: body)
          }
          return PageStream.make(request, connection: connection, vm: call.vm)
        }
      }
    }
    return made
  }
}
