// From a script's arguments to a request of the catalogue's operation.

import ICSJSON
import ICSVM
import IntercomAPI
import IntercomCatalogue

/// The arguments of a catalogue operation: ids for the path, a body, options.
///
/// An id is text, an int or a map with an `id`; it may also be named, by the path's own name for it or as `id`:
///
///     contacts.update(contact, {name: "Ada"})
///     contacts.update("5f...", name: "Ada")
///     contacts.update(contact_id: "5f...", name: "Ada", retries: 0)
enum OperationCall {
  static func request(_ operation: Operation, _ call: Call) throws(Raised) -> APIRequest {
    var arguments = try Arguments(operation, call)
    try arguments.takePath()
    let body = try arguments.takeBody()
    let (parameters, options) = try arguments.takeSettings()
    // The description calls many bodies optional; an update without one changes nothing and is a mistake.
    if body == nil, operation.isBodyRequired || operation.body != nil && operation.method == "PUT" {
      throw call.fail("E_ARGUMENTS", "'\(operation.name)' takes a body: a map of fields")
    }
    var request = try ConnectorCall.attempt(call) { () throws(APIError) in
      try IntercomClient.request(for: operation, parameters: parameters, body: body)
    }
    try RequestOptions.apply(options, to: &request, call)
    return request
  }

  /// The arguments that are left, taken from the front.
  private struct Arguments {
    let operation: Operation
    let call: Call
    private var index = 0
    /// The last argument when it is a map: named arguments are one.
    private var last: JSONObject?
    private var parameters = JSONObject()
    private var options = JSONObject()

    init(_ operation: Operation, _ call: Call) throws(Raised) {
      self.operation = operation
      self.call = call
      guard call.count > 0, call[call.count - 1].isMap else { return }
      // A map that is an id is not converted: it may be a whole contact, and only its id is wanted.
      if call.count <= operation.pathParameters.count, operation.body == nil,
        ConnectorCall.id(call[call.count - 1], call.vm) != nil, !namesParameter(call[call.count - 1])
      {
        return
      }
      last = try call.vm.jsonValue(of: call[call.count - 1]).objectValue
    }

    private var isAtLast: Bool { index == call.count - 1 }

    /// Whether a map holds a path's parameter by its own name. A company has a `company_id` beside its `id`, and the
    /// path wants the `id`: an object of the API stands for itself.
    private func namesParameter(_ value: Value) -> Bool {
      call.count < operation.pathParameters.count
        && operation.pathParameters.contains { parameter in
          call.vm.mapGet(value.address, .object(Tag.string, call.vm.name(parameter.name))) != nil
        }
    }

    mutating func takePath() throws(Raised) {
      for parameter in operation.pathParameters {
        if let id = try id(for: parameter.name) {
          parameters[parameter.name] = .string(id)
        } else {
          throw call.fail(
            "E_ARGUMENTS",
            "'\(operation.name)' takes \(parameter.name) as argument \(index + 1): an id, or a map with one",
            help: "\(operation.name)(\(operation.pathParameters.map(\.name).joined(separator: ", ")))")
        }
      }
    }

    private mutating func id(for name: String) throws(Raised) -> String? {
      guard index < call.count else { return nil }
      if isAtLast, let last {
        // Named arguments: the rest of the map is the body or the options.
        // A body may have an `id` of its own: the tag that a contact gets.
        let isWhole = call.count >= operation.pathParameters.count && operation.body == nil
        for key in isWhole ? ["id", name] : [name, "id"] {
          if let id = Self.id(last[key]) {
            self.last?[key] = nil
            return id
          }
        }
        return nil
      }
      defer { index += 1 }
      return ConnectorCall.id(call[index], call.vm)
    }

    private static func id(_ value: JSONValue?) -> String? {
      switch value {
      case .string(let text)?: text
      case .int(let number)?: String(number)
      case .object(let object)?: object["id"]?.stringValue ?? object["id"]?.intValue.map(String.init)
      default: nil
      }
    }

    mutating func takeBody() throws(Raised) -> JSONValue? {
      guard operation.body != nil, index < call.count else { return nil }
      if isAtLast, var fields = last {
        index += 1
        // Options may stand beside the fields; no operation has a field of these names.
        for key in RequestOptions.names {
          if let value = fields[key] {
            options[key] = value
            fields[key] = nil
          }
        }
        let wasConsumed = fields.isEmpty && !operation.pathParameters.isEmpty && !operation.isBodyRequired
        return wasConsumed ? nil : .object(fields)
      }
      defer { index += 1 }
      return call[index].isNull ? nil : try call.vm.jsonValue(of: call[index])
    }

    /// The parameters for path and query, and the options of the call.
    mutating func takeSettings() throws(Raised) -> (parameters: JSONObject, options: JSONObject) {
      if index < call.count {
        guard isAtLast, let settings = last else {
          if isAtLast { throw call.wrongType(index, "a map of options") }
          throw call.fail("E_ARGUMENTS", "'\(operation.name)' was called with too many arguments")
        }
        for (key, value) in settings {
          if RequestOptions.names.contains(key) { options[key] = value } else { parameters[key] = value }
        }
      }
      return (parameters, options)
    }
  }
}

/// The options that requests take beside what the API sees.
enum RequestOptions {
  static let names: Set<String> = ["check", "retries", "timeout"]

  /// - Throws: E_TYPE and E_VALUE for options that mean nothing: one that is ignored would be worse.
  static func apply(_ options: JSONObject, to request: inout APIRequest, _ call: Call) throws(Raised) {
    if let checks = options["check"], checks != .null {
      guard case .bool(let checks) = checks else { throw call.fail("E_TYPE", "'check' is true or false") }
      request.checksBody = checks
    }
    if let retries = options["retries"], retries != .null {
      guard case .int(let retries) = retries, (0...100).contains(retries) else {
        throw call.fail("E_VALUE", "'retries' is an int from 0 to 100")
      }
      request.retries = retries
    }
    if let timeout = options["timeout"], timeout != .null {
      // A day is long enough, and keeps the conversion to milliseconds from overflowing.
      guard let seconds = timeout.doubleValue ?? timeout.intValue.map(Double.init), seconds > 0, seconds <= 86_400
      else {
        throw call.fail("E_VALUE", "'timeout' is a time above 0 and up to a day", help: "timeout: 30s")
      }
      request.timeout = .milliseconds(max(1, Int(seconds * 1000)))
    }
  }
}
