// `intercom` and its collections, as scripts see them.

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
  static func values(connection: Connection, accounts: Accounts) -> [(name: String, make: (Machine) -> Value)] {
    var values: [(name: String, make: (Machine) -> Value)] = [
      ("intercom", { $0.value(of: IntercomRoot(connection: connection, accounts: accounts)) })
    ]
    for name in collections {
      values.append((name, { $0.value(of: IntercomCollection(name: name, connection: connection)) }))
    }
    return values
  }
}

/// `intercom`: requests, other accounts, and every collection of the catalogue.
final class IntercomRoot: HostObject {
  let typeName = "intercom"
  private let connection: Connection
  private let accounts: Accounts
  private var functions: [String: Value] = [:]
  private var collections: [String: Handle] = [:]

  init(connection: Connection, accounts: Accounts) {
    self.connection = connection
    self.accounts = accounts
  }

  var memberNames: [String] { (["as", "authenticate", "request"] + Catalogue.shared.collections).sorted() }

  func member(_ name: String, machine: Machine) throws(Raised) -> Value? {
    if let known = functions[name] { return known }
    if let function = makeFunction(name) {
      let value = machine.value(of: function)
      functions[name] = value
      return value
    }
    if let known = collections[name] { return machine.value(known) }
    guard Catalogue.shared.collections.contains(name) else { return nil }
    let value = machine.value(of: IntercomCollection(name: name, connection: connection))
    collections[name] = machine.retain(value)
    return value
  }

  private func makeFunction(_ name: String) -> NativeFunction? {
    let (connection, accounts) = (connection, accounts)
    switch name {
    case "request":
      return NativeFunction(
        "intercom.request", arity: 1...2,
        suspending: { call throws(Raised) in try RequestCall.suspend(call, connection: connection) })
    case "as":
      return NativeFunction(
        "intercom.as", arity: 1...1,
        suspending: { call throws(Raised) in
          let name = try call.text(0)
          return Self.choosing(accounts) { () async throws(APIError) in try await accounts.connection(named: name) }
        })
    case "authenticate":
      return NativeFunction(
        "intercom.authenticate", arity: 2...2,
        suspending: { call throws(Raised) in
          let (project, token) = (try call.text(0), try call.text(1))
          return Self.choosing(accounts) { () async throws(APIError) in
            try await accounts.connection(project: project, userToken: token)
          }
        })
    default: return nil
    }
  }

  /// Gives an `intercom` of another account.
  private static func choosing(
    _ accounts: Accounts, _ connect: @escaping @Sendable () async throws(APIError) -> Connection
  ) -> Suspension {
    .operation {
      do throws(APIError) {
        let connection = try await connect()
        return { vm throws(Raised) in vm.machine.value(of: IntercomRoot(connection: connection, accounts: accounts)) }
      } catch {
        let failure = error
        return { vm throws(Raised) in throw ConnectorCall.raise(failure, vm) }
      }
    }
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
    let verbs = Set(operations.map { String($0.dropFirst(name.count + 1)) } + handMade.keys)
    return verbs.filter { !$0.hasPrefix("__") }.sorted()
  }

  func member(_ verb: String, machine: Machine) throws(Raised) -> Value? {
    if let known = functions[verb] { return known }
    if verb == "__is_searched" { return .bool(!Catalogue.shared.searchFields(of: name).isEmpty) }
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
        try call.machine.countRequest()
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
    case "companies": made["find"] = { CompanyCalls.find(connection) }
    case "messages": MessageCalls.add(to: &made, connection: connection)
    default: break
    }
    if !Catalogue.shared.searchFields(of: name).isEmpty {
      made["search"] = {
        NativeFunction("\(name).search", arity: 1...1) { call throws(Raised) in
          let body = try call.vm.jsonValue(of: .object(Tag.map, try call.map(0)))
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
