// `intercom.request`.

import ICSJSON
import ICSVM
import IntercomAPI

/// `intercom.request(path, {method, query, headers, body, raw, timeout, retries, check})`.
enum RequestCall {
  private static let known: Set<String> = [
    "method", "query", "headers", "body", "raw", "timeout", "retries", "check",
  ]

  static func suspend(_ call: Call, connection: Connection) throws(Raised) -> Suspension {
    let path = try call.text(0)
    var options = JSONObject()
    if call.count > 1, !call[1].isNull {
      guard case .object(let object) = try call.vm.jsonValue(of: try requireMap(call)) else {
        throw call.wrongType(1, "a map of options")
      }
      options = object
    }
    if let unknown = options.map(\.key).first(where: { !known.contains($0) }) {
      throw call.fail(
        "E_ARGUMENTS", "'request' has no option '\(unknown)'",
        help: "the options are \(known.sorted().joined(separator: ", "))")
    }
    let request = try makeRequest(path, options, call)
    let isRaw = options["raw"] == .bool(true)
    try call.machine.countRequest()
    return .operation(
      ConnectorCall.operation(over: connection) { client throws(APIError) in
        let response = try await client.send(request)
        let isEmpty = isRaw ? response.body.isEmpty : try response.isEmpty()
        return { vm throws(Raised) in
          let body = isEmpty ? Value.null : try ConnectorCall.value(ofBody: response, vm)
          return isRaw ? rawAnswer(response, body, vm) : body
        }
      })
  }

  private static func requireMap(_ call: Call) throws(Raised) -> Value {
    guard call[1].isMap else { throw call.wrongType(1, "a map of options after the path") }
    return call[1]
  }

  private static func makeRequest(_ path: String, _ options: JSONObject, _ call: Call) throws(Raised) -> APIRequest {
    var method = "GET"
    if let given = options["method"], given != .null {
      guard case .string(let text) = given else { throw call.fail("E_TYPE", "'method' is a string such as \"POST\"") }
      method = text
    }
    var request = APIRequest(method, path)
    if case .object(let query)? = options["query"] {
      request.query = query.map { ($0.key, $0.value) }
    } else if let query = options["query"], query != .null {
      throw call.fail("E_TYPE", "'query' is a map")
    }
    if case .object(let headers)? = options["headers"] {
      for (name, value) in headers {
        guard case .string(let text) = value else { throw call.fail("E_TYPE", "the header '\(name)' is not a string") }
        request.headers.append((name, text))
      }
    } else if let headers = options["headers"], headers != .null {
      throw call.fail("E_TYPE", "'headers' is a map of strings")
    }
    if let body = options["body"], body != .null { request.body = body }
    try RequestOptions.apply(options, to: &request, call)
    return request
  }

  /// `{status, headers, body}`; header names in lower case.
  private static func rawAnswer(_ response: APIResponse, _ body: Value, _ vm: VM) -> Value {
    let answer = vm.newMap(capacity: 3)
    vm.set(answer, "status", .int(response.status))
    let headers = vm.newMap(capacity: response.headers.count)
    for (name, value) in response.headers {
      vm.set(headers, name.lowercased(), .object(Tag.string, vm.newString(value)))
    }
    vm.set(answer, "headers", .object(Tag.map, headers))
    vm.set(answer, "body", body)
    return .object(Tag.map, answer)
  }
}
