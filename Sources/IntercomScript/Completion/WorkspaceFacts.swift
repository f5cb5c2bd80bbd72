import ICSJSON
import Synchronization

/// Names of a workspace that answers have shown: custom attributes, tags, segments, teams, admins. Completion offers
/// them, and never asks for them itself.
package final class WorkspaceFacts: Sendable {
  /// Something of the workspace with a name of its own.
  package struct Name: Sendable, Hashable {
    /// What scripts write.
    package let text: String
    /// What it is called; for an attribute its type.
    package let detail: String
    /// The only values of an attribute, where there are such.
    package let values: [String]
  }

  private struct State {
    /// By model: `contact`, `company`, `conversation`.
    var attributes: [String: [Name]] = [:]
    /// By collection: `tags`.
    var objects: [String: [(id: String, name: String)]] = [:]
  }

  private let state = Mutex(State())

  /// How many names of a kind are kept.
  private static let maximumCount = 2000
  /// The listings with names in them, by path: the field of the items.
  private static let listings = [
    "/data_attributes": "data", "/tags": "data", "/segments": "segments", "/teams": "teams", "/admins": "admins",
  ]
  /// What fields and search fields with ids refer to.
  private static let references = [
    "tag_id": "tags", "tag_ids": "tags", "segment_id": "segments", "team_assignee_id": "teams", "team_id": "teams",
    "admin_assignee_id": "admins", "admin_id": "admins", "owner_id": "admins", "assignee_id": "admins",
  ]

  /// Nothing is known yet.
  package init() {}

  /// Forgets everything: another workspace has other names.
  package func forget() { state.withLock { $0 = State() } }

  /// Takes the names out of an answer, when it is a listing of some.
  package func learn(from body: [UInt8], path: String) {
    guard let field = Self.listings[path] else { return }
    // What is no JSON is the script's error to report; here there are no names in it.
    guard let items = (try? JSONValue(parsing: body))?[field]?.arrayValue?.prefix(Self.maximumCount) else { return }
    state.withLock { state in
      if path == "/data_attributes" {
        Self.learnAttributes(items, &state)
      } else {
        state.objects[String(path.dropFirst())] = items.compactMap { item in
          guard let id = item["id"]?.stringValue, let name = item["name"]?.stringValue else { return nil }
          return (id, name)
        }
      }
    }
  }

  private static func learnAttributes(_ items: ArraySlice<JSONValue>, _ state: inout State) {
    var found: [String: [Name]] = [:]
    for item in items where item["custom"] == true {
      guard let name = item["name"]?.stringValue else { continue }
      let values = (item["options"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue ?? $0.stringValue }
      let model = item["model"]?.stringValue ?? "contact"
      found[model, default: []].append(
        Name(text: name, detail: item["data_type"]?.stringValue ?? "any", values: values))
    }
    // A listing may be of one model alone: what is known of the others stays.
    for (model, names) in found { state.attributes[model] = names }
  }

  /// The custom attributes of what a collection holds; those of all models when it is not known or has none.
  package func attributes(of collection: String?) -> [Name] {
    let model = collection.map { $0 == "companies" ? "company" : String($0.dropLast($0.hasSuffix("s") ? 1 : 0)) }
    return state.withLock { state in
      if let model, let own = state.attributes[model] { return own }
      return state.attributes.sorted { $0.key < $1.key }.flatMap(\.value)
    }
  }

  /// What may stand under a field that takes an id: ids, each with the name of what it belongs to.
  func ids(for field: String) -> [Candidate] {
    guard let collection = Self.references[field.split(separator: ".").last.map(String.init) ?? field] else {
      return []
    }
    return state.withLock { $0.objects[collection] ?? [] }.map { Candidate($0.id, $0.name, doc: collection) }
  }

  /// The names of a collection's objects: those of the tags for `tags`.
  func names(of collection: String) -> [Candidate] {
    state.withLock { $0.objects[collection] ?? [] }.map { Candidate($0.name, $0.id, doc: collection) }
  }
}
