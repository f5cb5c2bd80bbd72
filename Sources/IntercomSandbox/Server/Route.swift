// Methods and paths, and which handler answers them.

/// What a handler is: a request in, an answer or a refusal out. It runs inside one transaction.
typealias Handler = @Sendable (Call) throws(Failure) -> Answer

/// One row of the route table.
struct Route: Sendable {
  /// Whether a handler changes the state.
  enum Access: Sendable { case reads, writes }

  let method: String
  /// The path's segments; a placeholder is `{name}`.
  let segments: [Substring]
  let access: Access
  let isOpen: Bool
  let handler: Handler

  /// A route; what only reads is `GET`.
  init(_ method: String, _ path: String, _ handler: @escaping Handler) {
    self.init(method, path, method == "GET" ? .reads : .writes, handler)
  }

  /// A route that says itself whether it changes something, and whether it is open to callers without a token.
  init(_ method: String, _ path: String, _ access: Access, isOpen: Bool = false, _ handler: @escaping Handler) {
    self.method = method
    segments = path.split(separator: "/")
    self.access = access
    self.isOpen = isOpen
    self.handler = handler
  }

  /// The placeholders' values when the path fits, else `nil`.
  func match(_ path: [String]) -> [String: String]? {
    guard path.count == segments.count else { return nil }
    var values: [String: String] = [:]
    for (segment, value) in zip(segments, path) {
      if segment.first == "{" {
        values[String(segment.dropFirst().dropLast())] = value
      } else if segment != value {
        return nil
      }
    }
    return values
  }

  private var placeholders: Int { segments.count { $0.first == "{" } }

  /// Literal segments win over placeholders: `/contacts/search` before `/contacts/{id}`.
  static func isMoreSpecific(_ a: Route, _ b: Route) -> Bool { a.placeholders < b.placeholders }
}

/// All routes, by method and number of segments.
struct RouteTable: Sendable {
  private var routes: [Key: [Route]] = [:]

  private struct Key: Hashable {
    let method: String
    let count: Int
  }

  init(_ all: [Route]) {
    routes = Dictionary(grouping: all) { Key(method: $0.method, count: $0.segments.count) }
      .mapValues { $0.sorted(by: Route.isMoreSpecific) }
  }

  /// The route for a request and its placeholders' values.
  func find(_ method: String, _ path: [String]) -> (route: Route, parameters: [String: String])? {
    for route in routes[Key(method: method, count: path.count)] ?? [] {
      if let parameters = route.match(path) { return (route, parameters) }
    }
    return nil
  }
}
