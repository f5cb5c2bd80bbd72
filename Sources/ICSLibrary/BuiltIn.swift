// One row for each built-in: what `:doc`, completion and the reference say about it, and how it works.

import ICSVM

/// A function, method or value that every script finds ready.
package struct BuiltIn: Sendable {
  /// `print`, `json.parse`, `list.map`: a method's first part is its type. A name that begins `__` is for compiled code.
  package let name: String
  /// How it is called, as the reference writes it: `list.chunk(n)`.
  package let signature: String
  /// One sentence or more in plain words.
  package let doc: String
  /// A program with `// expect:` comments; it runs as a test.
  package let example: String
  /// What the host has to allow for it.
  package let capability: Capability
  /// How it works.
  package let implementation: Implementation

  /// What the host has to allow for it.
  package enum Capability: String, Sendable {
    case none, files, environment, network, intercom
  }

  /// How a built-in works.
  package enum Implementation: Sendable {
    /// A Swift function that answers at once.
    case native(ClosedRange<Int>, @Sendable (Call) throws(Raised) -> Value)
    /// A Swift function that says what to wait for.
    case suspending(ClosedRange<Int>, @Sendable (Call) throws(Raised) -> Suspension)
    /// A function expression in the language, with the compiler's intrinsics; compiled when it is first used.
    case script(String)
    /// A value that is made when it is first used.
    case value(@Sendable (Machine) -> Value)
  }

  /// A row of the table.
  package init(
    _ name: String, _ signature: String, _ doc: String, example: String = "", capability: Capability = .none,
    _ implementation: Implementation
  ) {
    self.name = name
    self.signature = signature
    self.doc = doc
    self.example = example
    self.capability = capability
    self.implementation = implementation
  }

  /// The part of the name behind the dot: how a method or a module's member is written.
  package var member: String {
    guard let dot = name.firstIndex(of: ".") else { return name }
    return String(name[name.index(after: dot)...])
  }

  /// Every row, in the order of the reference. Making them all takes time: for the reference, completion and tests.
  package static var all: [BuiltIn] { Topic.allCases.flatMap(\.rows) }
}
