// Segments: groups of contacts that follow from a condition.

import ICSJSON

enum Segments {
  static let routes: [Route] = [
    Route("GET", "/segments", list),
    Route("GET", "/segments/{segment_id}", show),
  ]

  /// A segment of the fresh workspace. The API can make none.
  struct Definition: Sendable {
    let key: String
    let name: String
    let personType: String
    /// SQL over a row of contacts.
    let condition: String
  }

  static let definitions = [
    Definition(key: "users", name: "All users", personType: "user", condition: "role = 'user'"),
    Definition(key: "leads", name: "All leads", personType: "contact", condition: "role = 'lead'"),
    Definition(
      key: "unsubscribed", name: "Unsubscribed", personType: "user", condition: "unsubscribed_from_emails = 1"),
    Definition(key: "unnamed", name: "Without a name", personType: "user", condition: "name IS NULL"),
  ]

  /// The condition of a segment's members; no contact's for an id that is none.
  static func condition(of id: String, in store: Store) throws(Failure) -> String {
    guard let key = try store.value(.segments, id)?["key"]?.stringValue else { return "0" }
    return definitions.first { $0.key == key }?.condition ?? "0"
  }

  /// The segments that a contact is in.
  static func texts(ofContact seq: Int, in store: Store) throws(Failure) -> [String] {
    var texts: [String] = []
    for text in try store.texts(.segments) {
      let segment = try Store.parse(text)
      let condition = try condition(of: segment["id"]?.stringValue ?? "", in: store)
      guard try store.number("SELECT COUNT(*) FROM contacts WHERE seq = ? AND \(condition)", [seq]) > 0 else {
        continue
      }
      texts.append(visible(segment).serialized())
    }
    return texts
  }

  private static func list(_ call: Call) throws(Failure) -> Answer {
    var segments: [JSONValue] = []
    for text in try call.store.texts(.segments) {
      segments.append(try counted(visible(try Store.parse(text)), call))
    }
    return .json(["type": "segment.list", "segments": .array(segments)])
  }

  private static func show(_ call: Call) throws(Failure) -> Answer {
    guard let segment = try call.store.value(.segments, call.parameter("segment_id")) else { throw .notFound }
    return .json(try counted(visible(segment), call))
  }

  private static func visible(_ segment: JSONValue) -> JSONValue {
    var segment = segment
    segment["key"] = nil
    return segment
  }

  private static func counted(_ segment: JSONValue, _ call: Call) throws(Failure) -> JSONValue {
    guard call.query["include_count"] == "true", let id = segment["id"]?.stringValue else { return segment }
    var segment = segment
    let condition = try condition(of: id, in: call.store)
    segment["count"] = .int(
      try call.store.number("SELECT COUNT(*) FROM contacts WHERE state = 'live' AND \(condition)", []))
    return segment
  }
}
