// Every operation of the catalogue by its name.

import ICSJSON
import IntercomCatalogue

extension IntercomClient {
  /// The request for an operation.
  ///
  /// - Parameters:
  ///   - name: The script's name: `contacts.create`.
  ///   - parameters: Those of path and query, by name. A listing takes `per_page`, `page` and `starting_after` too.
  ///   - body: The body, where the operation has one.
  /// - Throws: `E_VALUE` for an operation or a parameter that does not exist, or a missing one.
  public static func request(
    for name: String, parameters: JSONObject = [:], body: JSONValue? = nil
  ) throws(APIError) -> APIRequest {
    guard let operation = Catalogue.shared.operation(named: name) else {
      let nearest = NearestNames.of(name, among: Catalogue.shared.operationNames).first
      throw APIError(.value, "there is no operation '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
    }
    return try request(for: operation, parameters: parameters, body: body)
  }

  /// The request for an operation.
  public static func request(
    for operation: Operation, parameters: JSONObject = [:], body: JSONValue? = nil
  ) throws(APIError) -> APIRequest {
    var inPath: [String: String] = [:]
    var query: [(name: String, value: JSONValue)] = []
    for (name, value) in parameters {
      let known = operation.parameters.filter { $0.name == name }
      if known.isEmpty, !(operation.paging != nil && pagingParameters.contains(name)) {
        throw unknownParameter(name, of: operation)
      }
      if known.contains(where: { $0.location == .path }) { inPath[name] = try segment(value, name: name) }
      if known.isEmpty || known.contains(where: { $0.location == .query }) { query.append((name, value)) }
    }
    for parameter in operation.queryParameters where parameter.isRequired && parameters[parameter.name] == nil {
      throw APIError(.value, "\(operation.name) needs '\(parameter.name)'")
    }
    let path: String
    do {
      path = try RequestURL.path(template: operation.path, parameters: inPath)
    } catch {
      throw APIError(.value, "\(operation.name): \(error.message)")
    }
    return APIRequest(operation.method, path, query: query, body: body)
  }

  /// Sends an operation by its name and gives the answer's JSON.
  ///
  ///     let contact = try await client.call("contacts.get", parameters: ["contact_id": "5f0c..."])
  public func call(
    _ name: String, parameters: JSONObject = [:], body: JSONValue? = nil
  ) async throws(APIError) -> JSONValue {
    try await send(Self.request(for: name, parameters: parameters, body: body)).json()
  }

  /// The pages of a listing or a search.
  public func pages(of request: APIRequest) -> Pages { Pages(client: self, request: request) }

  private static let pagingParameters: Set<String> = ["per_page", "page", "starting_after", "order"]

  private static func segment(_ value: JSONValue, name: String) throws(APIError) -> String {
    switch value {
    case .string(let text): return text
    case .int(let number): return String(number)
    default: throw APIError(.value, "'\(name)' is \(value.kindName), and an id is needed")
    }
  }

  private static func unknownParameter(_ name: String, of operation: Operation) -> APIError {
    let nearest = NearestNames.of(name, among: operation.parameters.map(\.name)).first
    return APIError(
      .value, "\(operation.name) takes no '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
  }
}
