// The names of things in a store.

/// An event's number in its store: 1 for the first, then upwards in the order of arrival.
public struct EventID: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// The same, without the label.
  public init(_ rawValue: Int) { self.rawValue = rawValue }
  public static func < (left: EventID, right: EventID) -> Bool { left.rawValue < right.rawValue }
  public var description: String { String(rawValue) }
}

/// A run's number in its store: 1 for the first, then upwards in the order in which runs were made.
public struct RunID: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// The same, without the label.
  public init(_ rawValue: Int) { self.rawValue = rawValue }
  public static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
  public var description: String { String(rawValue) }
}

/// Where in a run a step stands: `3` is the third step of the hook, `3.1` the first entry inside it.
///
/// Ordinals are given out by ``StepScope``, so that they do not depend on which of several parallel branches was
/// faster, and a recorded step that is not run again shifts nothing after it.
public struct StepOrdinal: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The numbers from the outside in, each 1 or more. Never empty.
  public let path: [Int]

  /// - Parameter value: The number of a step that is inside no other.
  public init(integerLiteral value: Int) { path = [value] }

  /// - Parameter path: The numbers from the outside in; `nil` when it is empty or holds a number below 1.
  public init?(path: [Int]) {
    guard !path.isEmpty, path.allSatisfy({ $0 >= 1 }) else { return nil }
    self.path = path
  }

  /// Reads what ``description`` writes, as in `"3.1"`.
  public init?(_ text: String) {
    var path: [Int] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard let number = Int(part), String(number) == part else { return nil }
      path.append(number)
    }
    self.init(path: path)
  }

  fileprivate init(unchecked path: [Int]) { self.path = path }

  /// Whether the step stands inside no other.
  public var isOutermost: Bool { path.count == 1 }

  /// Whether this is `other` or stands inside it.
  public func isInside(_ other: StepOrdinal) -> Bool { path.starts(with: other.path) }

  /// The order of the source: a step comes before what is inside it, and that before the next step.
  public static func < (left: StepOrdinal, right: StepOrdinal) -> Bool {
    left.path.lexicographicallyPrecedes(right.path)
  }

  public var description: String { path.map(String.init).joined(separator: ".") }
}

/// Gives out the ordinals of one block: the run's own, a step's, or a parallel branch's.
///
/// ```swift
/// var steps = StepScope()          // the run's
/// let first = steps.next()         // 1
/// var inner = StepScope(in: first)
/// inner.next()                     // 1.1
/// steps.next()                     // 2
/// ```
/// A parallel branch takes one ordinal when it is started and numbers its own steps inside of it.
public struct StepScope: Sendable {
  private let prefix: [Int]
  private var last = 0

  /// The scope of a run, or of the step or branch with an ordinal.
  public init(in outer: StepOrdinal? = nil) { prefix = outer?.path ?? [] }

  /// The next ordinal.
  public mutating func next() -> StepOrdinal {
    last += 1
    return StepOrdinal(unchecked: prefix + [last])
  }
}
