// What is wrong with one place of a body or a search.

import ICSJSON

/// Something that the API would refuse, found before sending.
public struct Finding: Sendable, Hashable {
  /// The kinds of findings.
  public enum Kind: String, Sendable {
    /// A field that the API does not know here; `candidates` are near names.
    case unknownField = "unknown_field"
    /// A value of a type that the field does not have.
    case wrongType = "wrong_type"
    /// A field that has to be there.
    case missingField = "missing_field"
    /// A value of the right type that the field does not take.
    case wrongValue = "wrong_value"
    /// A comparison that the field cannot be searched by.
    case wrongOperator = "wrong_operator"
    /// A search with more conditions, or nested deeper, than the API takes.
    case tooComplex = "too_complex"
  }

  /// What is wrong.
  public let kind: Kind
  /// The place, as a script would write it: `custom_attributes.plan`, `to[0].id`; empty for the whole body.
  public let path: String
  /// What is wrong, as a sentence without the place.
  public let message: String
  /// Known names that are near, the nearest first.
  public let candidates: [String]

  /// A finding.
  public init(_ kind: Kind, path: String, _ message: String, candidates: [String] = []) {
    self.kind = kind
    self.path = path
    self.message = message
    self.candidates = candidates
  }

  /// The finding as one sentence with its place.
  public var sentence: String {
    let place = path.isEmpty ? "" : "\(path): "
    return place + message + (candidates.first.map { "; did you mean '\($0)'?" } ?? "")
  }

  var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "path": .string(path), "message": .string(message),
      "candidates": .array(candidates.map(JSONValue.string)),
    ]
  }
}
