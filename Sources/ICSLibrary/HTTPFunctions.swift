// `http`: requests to services other than Intercom, to the hosts that the host program allows.

import ICSJSON
import ICSVM

enum HTTPFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "http.request", "http.request(url, {method, headers, query, body, timeout})",
      """
      Sends a request and gives `{status, headers, body}`, whatever the status; only a request that got no answer is \
      an error. Names of headers are in lower case. The body is a value when the answer says that it is JSON, else \
      text. A body that is no string is sent as JSON. `timeout` is in seconds (30).
      """,
      example: #"""
        // let answer = http.request("https://api.example.com/items", method: "PUT", body: {name: "Ada"})
        """#,
      capability: .network,
      .suspending(1...2) { (call) throws(Raised) in
        try send(
          call, method: nil, body: nil,
          options: try call.options(at: 1, "method", "headers", "query", "body", "timeout"))
      }),
    BuiltIn(
      "http.get", "http.get(url, {headers, query, timeout})",
      "Sends a GET request; the answer is as that of `http.request`.",
      example: #"""
        // print(http.get("https://api.example.com/items", query: {page: 2}).body)
        """#,
      capability: .network,
      .suspending(1...2) { (call) throws(Raised) in
        try send(call, method: "GET", body: nil, options: try call.options(at: 1, "headers", "query", "timeout"))
      }),
    BuiltIn(
      "http.post", "http.post(url, body, {headers, query, timeout})",
      "Sends a POST request; the answer is as that of `http.request`.",
      example: #"""
        // print(http.post("https://api.example.com/items", {name: "Ada"}).status)
        """#,
      capability: .network,
      .suspending(2...3) { (call) throws(Raised) in
        try send(call, method: "POST", body: call[1], options: try call.options(at: 2, "headers", "query", "timeout"))
      }),
  ]

  private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
  /// What the transport sets itself.
  private static let reservedHeaders = ["host", "content-length", "transfer-encoding", "connection", "upgrade"]

  private static func send(_ call: Call, method given: String?, body: Value?, options: Value) throws(Raised)
    -> Suspension
  {
    let method = if let given { given } else { try self.method(options, call) }
    let url = try address(options, call)
    var headers = try self.headers(call.option("headers", of: options), call)
    let content = try self.body(body ?? call.option("body", of: options), &headers, call)
    if content != nil, method == "GET" || method == "HEAD" {
      throw call.fail("E_VALUE", "a \(method) request has no body")
    }
    let timeout = try self.timeout(call.option("timeout", of: options), call)
    guard let transport = call.host.http else {
      throw call.fail(
        "E_PERMISSION", "this script may not use the network", help: call.host.permissionHelp(.network))
    }
    try call.machine.countRequest()
    let request = HTTPCall(method: method, url: url, headers: headers, body: content, timeout: timeout)
    return .operation {
      let result = await transport(request)
      return { (vm: VM) throws(Raised) -> Value in
        switch result {
        case .success(let answer): return value(of: answer, vm)
        case .failure(let failure):
          if failure.endsScript {
            vm.raiseLimit(failure.code, failure.message)
            throw Raised()
          }
          vm.raise(failure.code, failure.message, data: failureData(request, vm))
          throw Raised()
        }
      }
    }
  }

  // MARK: The request

  private static func method(_ options: Value, _ call: Call) throws(Raised) -> String {
    let value = call.option("method", of: options)
    if value.isNull { return call.option("body", of: options).isNull ? "GET" : "POST" }
    guard value.isString else { throw call.fail("E_TYPE", "'method' takes a string") }
    let name = swiftString(value.address)
    guard methods.contains(name) else {
      throw call.fail("E_VALUE", "a method is one of \(methods.joined(separator: ", "))")
    }
    return name
  }

  /// The whole URL, of an allowed host.
  private static func address(_ options: Value, _ call: Call) throws(Raised) -> String {
    let text = try call.text(0)
    try call.charge(text.utf8.count)
    guard text.utf8.count <= 16_384, let url = URLText(text), url.scheme == "https" || url.scheme == "http",
      !url.host.isEmpty
    else { throw call.fail("E_VALUE", "this is no URL of http or https") }
    guard !url.hasUser else {
      throw call.fail("E_VALUE", "a URL with a user in it is not taken", help: "use the header Authorization")
    }
    let port = url.port ?? (url.scheme == "https" ? 443 : 80)
    guard call.host.allowsHost(url.host, port) else {
      throw call.fail(
        "E_PERMISSION", "this script may not send requests to '\(url.host)'",
        help: call.host.permissionHelp(.host(url.host, port)))
    }
    let query = call.option("query", of: options)
    if query.isNull { return text }
    let added = String(decoding: try URLFunctions.query(of: query, call), as: UTF8.self)
    let base = text.prefix { $0 != "#" }
    return added.isEmpty ? String(base) : base + (url.query == nil ? "?" : "&") + added
  }

  private static func headers(_ value: Value, _ call: Call) throws(Raised) -> [(name: String, value: String)] {
    if value.isNull { return [] }
    guard value.isMap else {
      throw call.fail("E_TYPE", "'headers' takes a map, and was given \(call.vm.describe(value))")
    }
    var result: [(name: String, value: String)] = []
    var position = 0
    while let entry = call.vm.mapEntry(value.address, at: position) {
      position = entry.next
      guard entry.key.isString, entry.value.isString else {
        throw call.fail("E_TYPE", "the names and values of headers are strings")
      }
      let name = swiftString(entry.key.address)
      let text = swiftString(entry.value.address)
      let isName = name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
      guard !name.isEmpty, name.utf8.count <= 256, isName else {
        throw call.fail("E_VALUE", "this is no name of a header")
      }
      guard text.utf8.count <= 16_384, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 9 }) else {
        throw call.fail("E_VALUE", "the header '\(name)' holds what a header cannot: line breaks, or more than ASCII")
      }
      guard !reservedHeaders.contains(name.lowercased()) else {
        throw call.fail("E_PERMISSION", "a script may not set the header '\(name)'")
      }
      result.append((name, text))
    }
    return result
  }

  /// The bytes to send, and the header that says what they are unless the script did.
  private static func body(
    _ value: Value, _ headers: inout [(name: String, value: String)], _ call: Call
  ) throws(Raised) -> [UInt8]? {
    if value.isNull { return nil }
    let bytes = value.isString ? Array(stringBuffer(value.address)) : try call.vm.jsonValue(of: value).serializedBytes()
    try call.charge(bytes.count / 2)
    if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      headers.append(("Content-Type", value.isString ? "text/plain; charset=utf-8" : "application/json"))
    }
    return bytes
  }

  private static func timeout(_ value: Value, _ call: Call) throws(Raised) -> Double {
    if value.isNull { return 30 }
    guard value.isNumber else { throw call.fail("E_TYPE", "'timeout' takes a number of seconds") }
    guard value.asDouble > 0, value.asDouble <= 3600 else {
      throw call.fail("E_VALUE", "'timeout' lies above 0 and at most at 3600 seconds")
    }
    return value.asDouble
  }

  // MARK: The answer

  private static func value(of answer: HTTPAnswer, _ vm: VM) -> Value {
    let headers = vm.newMap()
    for (name, text) in answer.headers {
      let key = Value.object(Tag.string, vm.newString(name.lowercased()))
      // A header that comes twice is one list in the order of the lines, as RFC 9110 says.
      let before = vm.mapGet(headers, key).map { swiftString($0.address) + ", " } ?? ""
      vm.mapSet(headers, key, .object(Tag.string, vm.newString(before + text)))
    }
    let map = vm.newMap(capacity: 3)
    vm.set(map, "status", .int(answer.status))
    vm.set(map, "headers", .object(Tag.map, headers))
    vm.set(map, "body", body(of: answer, vm))
    return .object(Tag.map, map)
  }

  private static func body(of answer: HTTPAnswer, _ vm: VM) -> Value {
    let type = answer.headers.first { $0.name.lowercased() == "content-type" }?.value.lowercased() ?? ""
    let isJSON = type.hasPrefix("application/json") || type.prefix { $0 != ";" }.hasSuffix("+json")
    // An answer that only says that it is JSON is text.
    if isJSON, let json = try? JSONValue(parsing: answer.body) { return vm.value(from: json) }
    let isText = firstInvalidByte(answer.body) == nil
    let text = isText ? answer.body : Array(String(decoding: answer.body, as: UTF8.self).utf8)
    return .object(Tag.string, text.withUnsafeBufferPointer { vm.newString($0) })
  }

  private static func failureData(_ request: HTTPCall, _ vm: VM) -> Value {
    let map = vm.newMap(capacity: 2)
    vm.set(map, "method", .object(Tag.string, vm.newString(request.method)))
    // Without the query, which may hold keys.
    vm.set(map, "url", .object(Tag.string, vm.newString(String(request.url.prefix { $0 != "?" && $0 != "#" }))))
    return .object(Tag.map, map)
  }
}
