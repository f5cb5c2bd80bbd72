// A write of a dry run, and which objects it is about.

import ICSJSON
import IntercomCatalogue

/// A request that changes something.
struct DryRunWrite: Sendable {
  let method: String
  let path: String
  let body: JSONValue
  /// What it is in the catalogue.
  let operation: Operation?
  /// The object that the path names: `/contacts/5f` for `/contacts/5f` and for `/contacts/5f/tags`.
  let object: String?
  /// What of the path is behind the object: `tags`, `t1` for `/contacts/5f/tags/t1`.
  let rest: [String]

  init(_ method: String, path: String, body: JSONValue, operation: Operation?) {
    self.method = method
    self.path = path
    self.body = body
    self.operation = operation
    let parts = path.split(separator: "/").map(String.init)
    let template = (operation?.path ?? "").split(separator: "/")
    let place = operation == nil ? (parts.count >= 2 ? 1 : nil) : template.firstIndex { $0.hasPrefix("{") }
    if let place, place < parts.count {
      object = "/" + parts[...place].joined(separator: "/")
      rest = Array(parts[(place + 1)...])
    } else {
      object = nil
      rest = []
    }
  }

  /// The objects that it changes or answers with, as paths that can be read.
  var objects: [String] {
    var paths = [object].compactMap(\.self)
    switch operation?.name {
    case "contacts.merge"?:
      paths += ["into", "from"].compactMap { body[$0]?.stringValue }.map {
        "/contacts/\(PercentEncoding.component($0))"
      }
    default: break
    }
    return paths.filter { path in
      // Only what the catalogue knows how to read.
      guard let get = Catalogue.shared.operation(method: "GET", path: path) else { return false }
      return get.path.hasSuffix("}") && get.paging == nil
    }
  }

  /// The schema of its answer.
  var answerSchema: Schema? { operation?.answers.first { (200..<300).contains($0.status) }?.schema }
}
