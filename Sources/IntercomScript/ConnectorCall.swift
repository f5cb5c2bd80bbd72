import ICSJSON
import ICSLibrary
import ICSVM
import IntercomAPI
import IntercomCatalogue

/// The ways from a script's call to the connector and back.
enum ConnectorCall {
  /// An operation that sends a request and gives the answer's JSON.
  static func sending(_ request: APIRequest, over connection: Connection) -> HostOperation {
    operation(over: connection) { client throws(APIError) in
      let response = try await client.send(request)
      let isEmpty = try response.isEmpty()
      return { vm throws(Raised) in isEmpty ? .null : try value(ofBody: response, vm) }
    }
  }

  /// An operation that asks the connector for a JSON value; nil becomes null.
  static func asking(
    _ connection: Connection,
    _ body: @escaping @Sendable (IntercomClient) async throws(APIError) -> JSONValue?
  ) -> HostOperation {
    operation(over: connection) { client throws(APIError) in
      let json = try await body(client) ?? .null
      return { vm throws(Raised) in vm.value(from: json) }
    }
  }

  /// An operation of the connector's, its errors made into a script's.
  static func operation(
    over connection: Connection,
    _ body: @escaping @Sendable (IntercomClient) async throws(APIError) -> HostResult
  ) -> HostOperation {
    {
      do throws(APIError) {
        let client = try await connection.open()
        return try await body(client)
      } catch {
        let failure = error
        return { vm throws(Raised) in throw raise(failure, vm) }
      }
    }
  }

  /// Makes an error of the connector's a script's error. The only place where that happens.
  static func raise(_ error: APIError, _ vm: VM) -> Raised {
    let data = vm.value(from: error.data)
    vm.raise(error.code.rawValue, error.message, data: data)
    return Raised()
  }

  /// Runs a part of the connector's that answers at once.
  static func attempt<R>(_ call: Call, _ body: () throws(APIError) -> R) throws(Raised) -> R {
    do throws(APIError) {
      return try body()
    } catch {
      throw raise(error, call.vm)
    }
  }

  /// The body of an answer, parsed straight into the machine's values.
  static func value(ofBody response: APIResponse, _ vm: VM) throws(Raised) -> Value {
    do throws(JSONError) {
      return try vm.parseJSON(response.body)
    } catch {
      throw raise(response.notJSON(error), vm)
    }
  }

  /// An id as scripts pass it: text, an int, or a map with an `id`.
  static func id(_ value: Value, _ vm: VM) -> String? {
    if value.isString { return swiftString(value.address) }
    if value.isInt { return String(value.asInt) }
    if value.isMap, let id = vm.mapGet(value.address, .object(Tag.string, vm.name("id"))) {
      return id.isMap ? nil : self.id(id, vm)
    }
    return nil
  }
}

/// Arguments of a catalogue operation: path parameters in order, a body, options.
enum OperationCall {
  /// Named arguments that belong to the call, not to the API.
  private static let options: Set<String> = ["check", "retries", "timeout"]

  static func request(_ operation: Operation, _ call: Call) throws(Raised) -> APIRequest {
    let vm = call.vm
    var parameters = JSONObject()
    var index = 0
    for parameter in operation.pathParameters {
      guard index < call.count, let id = ConnectorCall.id(call[index], vm) else {
        throw call.fail(
          "E_ARGUMENTS", "'\(operation.name)' takes \(parameter.name) as argument \(index + 1): an id, or a map with one")
      }
      parameters[parameter.name] = .string(id)
      index += 1
    }
    var body: JSONValue?
    if operation.body != nil, index < call.count, !call[index].isNull {
      body = try vm.jsonValue(of: call[index])
      index += 1
    }
    var settings = JSONObject()
    if index < call.count {
      guard case .object(let object) = try vm.jsonValue(of: call[index]) else {
        throw call.wrongType(index, "a map of options")
      }
      settings = object
      index += 1
    }
    guard index >= call.count else {
      throw call.fail("E_ARGUMENTS", "'\(operation.name)' was called with too many arguments")
    }
    var option = JSONObject()
    for (key, value) in settings {
      if options.contains(key) { option[key] = value } else { parameters[key] = value }
    }
    if body == nil, operation.isBodyRequired {
      throw call.fail("E_ARGUMENTS", "'\(operation.name)' takes a body: a map of fields")
    }
    var request = try ConnectorCall.attempt(call) { () throws(APIError) in
      try IntercomClient.request(for: operation, parameters: parameters, body: body)
    }
    RequestOptions.apply(option, to: &request)
    return request
  }
}

/// The options that requests take beside what the API sees.
enum RequestOptions {
  static func apply(_ options: JSONObject, to request: inout APIRequest) {
    if case .bool(let checks)? = options["check"] { request.checksBody = checks }
    if case .int(let retries)? = options["retries"] { request.retries = max(0, retries) }
    if let seconds = options["timeout"].flatMap(number) { request.timeout = .milliseconds(Int(seconds * 1000)) }
  }

  /// Seconds within a day, so that the conversion to milliseconds cannot overflow.
  static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .int(let i): Double(min(max(i, 0), 86_400))
    case .double(let d) where d.isFinite: min(max(d, 0), 86_400)
    default: nil
    }
  }
}
