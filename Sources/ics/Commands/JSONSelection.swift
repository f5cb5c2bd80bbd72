// A part of a JSON document, by a path: `data.0.id`.

import ICSDiagnostics
import ICSJSON

struct JSONSelection: Sendable {
  private let parts: [String]

  /// Reads a path: names and numbers with points between them. A number counts a list's items, from 0, or from the end
  /// when it is negative.
  init(_ text: String) throws(UsageError) {
    parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ !$0.isEmpty }) else {
      throw UsageError(message: "'--select' takes a path such as data.0.id, not '\(text)'")
    }
  }

  /// The part of a document.
  ///
  /// - Throws: `UsageError` when the document has nothing there, with the name that may be meant.
  func value(in document: JSONValue) throws(UsageError) -> JSONValue {
    var value = document
    for (index, part) in parts.enumerated() {
      guard let next = Self.member(part, of: value) else {
        let place = parts[...index].joined(separator: ".")
        let names = value.objectValue?.map(\.key) ?? []
        let near = nearestNames(to: part, among: names, limit: 1).first
        throw UsageError(
          message: "the answer has nothing at '\(place)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
      }
      value = next
    }
    return value
  }

  private static func member(_ name: String, of value: JSONValue) -> JSONValue? {
    guard let items = value.arrayValue else { return value.objectValue?[name] }
    guard let number = Int(name) else { return nil }
    let index = number < 0 ? items.count + number : number
    // Not `? :` with nil: that would be JSON's null.
    guard items.indices.contains(index) else { return nil }
    return items[index]
  }
}
