// What a handler answers.

import ICSJSON

/// A status, headers and a body.
struct Answer: Sendable {
  var status = 200
  var headers: [(name: String, value: String)] = []
  var body: Body = .empty

  enum Body: Sendable {
    case empty
    /// JSON text. Stored documents are sent as they are: reading them would cost more than all the rest.
    case json(String)
    case html(String)
  }

  /// An answer with a JSON body.
  static func json(_ value: JSONValue, status: Int = 200) -> Answer {
    Answer(status: status, body: .json(value.serialized()))
  }

  /// An answer with a JSON object as body.
  static func json(_ object: JSONObject) -> Answer { .json(.object(object)) }

  /// An answer whose body is a stored document.
  static func document(_ text: String) -> Answer { Answer(body: .json(text)) }
}

extension JSONValue {
  /// The string, or `null` for `nil`.
  init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
  /// The int, or `null` for `nil`.
  init(_ number: Int?) { self = number.map(JSONValue.int) ?? .null }

  /// An id as text, written as a string or as an integer: requests take both.
  var idText: String? {
    switch self {
    case .string(let text): text
    case .int(let number): String(number)
    default: nil
    }
  }
}
