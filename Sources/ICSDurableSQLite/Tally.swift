// The counters of a store, as of the transaction that is under way.

import ICSDurable

/// Something that is counted.
struct Tally: Sendable, Hashable {
  /// What it is called in the file.
  let name: String
  fileprivate let index: Int

  static let accepted = Tally(name: "accepted", index: 0)
  static let duplicates = Tally(name: "duplicates", index: 1)
  static let conflicts = Tally(name: "conflicts", index: 2)
  static let attempts = Tally(name: "attempts", index: 3)
  static let failures = Tally(name: "failures", index: 4)
  static let leaseLosses = Tally(name: "lease_losses", index: 5)
  /// Runs in a state.
  static func runs(_ state: RunState) -> Tally { states[state.rawValue] }

  private static let named = [accepted, duplicates, conflicts, attempts, failures, leaseLosses]
  /// The raw values of the states count from 0.
  private static let states = RunState.allCases.sorted { $0.rawValue < $1.rawValue }.map {
    Tally(name: "run.\($0.rawValue)", index: named.count + $0.rawValue)
  }
  fileprivate static let all = named + states
}

/// Changes of counters that are not written yet.
struct TallyChanges {
  private var changes = [Int](repeating: 0, count: Tally.all.count)

  mutating func add(_ number: Int, to tally: Tally) { changes[tally.index] += number }

  /// Gives what has changed, and forgets it.
  mutating func take() -> [(name: String, change: Int)] {
    var taken: [(name: String, change: Int)] = []
    for tally in Tally.all where changes[tally.index] != 0 {
      taken.append((tally.name, changes[tally.index]))
      changes[tally.index] = 0
    }
    return taken
  }

  mutating func clear() { for index in changes.indices { changes[index] = 0 } }
}
