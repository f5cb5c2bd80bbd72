/// The names that every script knows without declaring them, by their numbers for `getPrelude`.
package struct PreludeNames: Sendable {
  /// All names, in the order of their numbers. Those that begin `__` are for compiled code only.
  package let names: [String]
  private let indexes: [String: Int]

  package init(_ names: [String]) {
    self.names = names
    var indexes: [String: Int] = [:]
    indexes.reserveCapacity(names.count)
    for (index, name) in names.enumerated() { indexes[name] = index }
    self.indexes = indexes
  }

  /// The number of a name; nil when the prelude has no such name.
  package func index(of name: String) -> Int? { indexes[name] }
}
