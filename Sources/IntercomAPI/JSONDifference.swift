// What differs between two JSON values, field by field.

import ICSJSON

/// One field that two values do not share.
public struct JSONDifference: Sendable, Hashable {
  /// Where it is: `custom_attributes.plan`, `tags[0].id`; empty for the whole value.
  public let path: String
  /// `nil` when only the second value has the field.
  public let old: JSONValue?
  /// `nil` when only the first value has the field.
  public let new: JSONValue?

  /// The differences in the second value's order, what is gone last. Lists of the same length are compared item by
  /// item, others as a whole.
  public static func between(_ old: JSONValue?, _ new: JSONValue?) -> [JSONDifference] {
    var found: [JSONDifference] = []
    collect(old, new, at: "", depth: 0, into: &found)
    return found
  }

  private static func collect(
    _ old: JSONValue?, _ new: JSONValue?, at path: String, depth: Int, into found: inout [JSONDifference]
  ) {
    if old == new { return }
    switch (old, new) {
    case (.object(let before)?, .object(let after)?) where depth < maximumDepth:
      for (key, value) in after { collect(before[key], value, at: join(path, key), depth: depth + 1, into: &found) }
      for (key, value) in before where after[key] == nil {
        found.append(JSONDifference(path: join(path, key), old: value, new: nil))
      }
    case (.array(let before)?, .array(let after)?) where before.count == after.count && depth < maximumDepth:
      for index in before.indices {
        collect(before[index], after[index], at: "\(path)[\(index)]", depth: depth + 1, into: &found)
      }
    default: found.append(JSONDifference(path: path, old: old, new: new))
    }
  }

  private static let maximumDepth = 64

  private static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

extension JSONDifference: CustomStringConvertible {
  /// `name: "Wash" -> "Hoban"`; one side alone when the other has nothing.
  public var description: String {
    let place = path.isEmpty ? "" : "\(path): "
    switch (old, new) {
    case (let old?, let new?): return place + "\(Self.shown(old)) -> \(Self.shown(new))"
    case (nil, let new?): return place + Self.shown(new)
    case (let old?, nil): return place + "\(Self.shown(old)) -> nothing"
    case (nil, nil): return place
    }
  }

  private static func shown(_ value: JSONValue) -> String {
    let text = value.serialized()
    return text.utf8.count <= 200 ? text : String(text.prefix(199)) + "\u{2026}"
  }
}
