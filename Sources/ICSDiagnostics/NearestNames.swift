// Which known name somebody may have meant. A suggestion that is far off is worse than none.

/// The names that somebody who wrote `name` may have meant, nearest first; empty when nothing is near.
///
/// Near are the same letters in another case, a name that differs by a few letters (one for short names, up to a third
/// of longer ones; two neighbours swapped count as one), and a name that continues what was written.
///
/// - Parameter limit: The most names to return.
package func nearestNames(to name: String, among candidates: some Sequence<String>, limit: Int = 3) -> [String] {
  let wanted = Array(name.lowercased().unicodeScalars.prefix(NameDistance.longest + 1))
  guard !wanted.isEmpty, wanted.count <= NameDistance.longest, limit > 0 else { return [] }
  var near: [(name: String, rank: Int)] = []
  var distance = NameDistance(to: wanted)
  for candidate in candidates where candidate != name {
    if let rank = distance.rank(of: candidate), !near.contains(where: { $0.name == candidate }) {
      near.append((candidate, rank))
    }
  }
  // Equally near names in alphabetical order, so that messages do not depend on the order of a dictionary.
  near.sort { ($0.rank, $0.name) < ($1.rank, $1.name) }
  return near.prefix(limit).map(\.name)
}

/// Measures names against one that was written.
private struct NameDistance {
  /// Longer names get no suggestions; the work is bounded by its square.
  static let longest = 64

  private let wanted: [Unicode.Scalar]
  /// The most edits that still count as near.
  private let bound: Int
  // The last three rows of the table of distances.
  private var rows: (before: [Int], above: [Int], current: [Int])

  init(to wanted: [Unicode.Scalar]) {
    self.wanted = wanted
    bound = wanted.count <= 2 ? 1 : max(1, (wanted.count + 1) / 3)
    let empty = [Int](repeating: 0, count: wanted.count + 1)
    rows = (empty, empty, empty)
  }

  /// How near a candidate is, smaller is nearer; `nil` when it is not.
  mutating func rank(of candidate: String) -> Int? {
    let length = candidate.unicodeScalars.count
    guard length > 0, length <= Self.longest else { return nil }
    let letters = Array(candidate.lowercased().unicodeScalars)
    if letters == wanted { return 0 }
    // A name of one letter is near to too many others.
    let edits = wanted.count == 1 || letters.count == 1 ? nil : self.edits(to: letters)
    if let edits { return edits * 2 }
    let continues = wanted.count >= 3 && letters.starts(with: wanted)
    return continues ? 2 * bound + 1 : nil
  }

  /// The number of insertions, removals, changes and swaps of neighbours that make one name the other (optimal string
  /// alignment), or `nil` above the bound.
  private mutating func edits(to letters: [Unicode.Scalar]) -> Int? {
    guard abs(letters.count - wanted.count) <= bound else { return nil }
    for column in 0...wanted.count { rows.above[column] = column }
    for row in 1...letters.count {
      rows.current[0] = row
      var smallest = row
      for column in 1...wanted.count {
        let same = letters[row - 1] == wanted[column - 1]
        var edits = min(
          rows.above[column] + 1, rows.current[column - 1] + 1, rows.above[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, letters[row - 1] == wanted[column - 2], letters[row - 2] == wanted[column - 1] {
          edits = min(edits, rows.before[column - 2] + 1)
        }
        rows.current[column] = edits
        smallest = min(smallest, edits)
      }
      if smallest > bound { return nil }
      rows = (rows.above, rows.current, rows.before)
    }
    return rows.above[wanted.count] <= bound ? rows.above[wanted.count] : nil
  }
}
