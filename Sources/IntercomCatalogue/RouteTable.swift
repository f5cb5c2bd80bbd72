// From a method and a path to an operation.

/// Path templates, found by the path of a request.
struct RouteTable: Sendable {
  private struct Route: Sendable {
    let method: String
    /// The segments; `nil` stands for a parameter.
    let segments: [String?]
    let value: Int
  }

  /// The routes by the number of their segments.
  private var routes: [Int: [Route]] = [:]

  mutating func add(method: String, path: String, value: Int) {
    let segments = Self.segments(of: path).map { $0.hasPrefix("{") ? nil : String($0) }
    routes[segments.count, default: []].append(Route(method: method, segments: segments, value: value))
  }

  /// The route with the most literal segments of those that match.
  func value(method: String, path: String) -> Int? {
    let segments = Self.segments(of: path)
    guard let candidates = routes[segments.count] else { return nil }
    var best: (value: Int, literals: Int)?
    for index in candidates.indices
    where candidates[index].method == method && Self.matches(candidates[index].segments, segments) {
      let literals = Self.literals(candidates[index])
      if literals > best?.literals ?? -1 { best = (candidates[index].value, literals) }
    }
    return best?.value
  }

  func methods(path: String) -> [String] {
    let segments = Self.segments(of: path)
    return (routes[segments.count] ?? []).filter { Self.matches($0.segments, segments) }.map(\.method).sorted()
  }

  private static func segments(of path: String) -> [Substring] { path.split(separator: "/") }

  private static func matches(_ template: [String?], _ path: [Substring]) -> Bool {
    zip(template, path).allSatisfy { literal, segment in literal.map { $0 == segment } ?? true }
  }

  private static func literals(_ route: Route) -> Int { route.segments.count { $0 != nil } }
}
