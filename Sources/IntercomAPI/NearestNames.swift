// Which known name was meant. The language's own is in a module that this one does not depend on.

/// Names at a small distance.
enum NearestNames {
  /// The known names that a misspelt one may stand for, the nearest first.
  static func of(_ name: String, among known: [String], limit: Int = 3) -> [String] {
    let wanted = Array(name.lowercased().utf8.prefix(64))
    let allowed = max(1, wanted.count / 3)
    return known.compactMap { candidate -> (String, Int)? in
      let distance = distance(wanted, Array(candidate.lowercased().utf8.prefix(64)))
      return distance <= allowed ? (candidate, distance) : nil
    }
    .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    .prefix(limit).map(\.0)
  }

  /// The number of insertions, deletions, changes and swaps of neighbours between two names.
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for i in 0..<one.count {
      var row = [i + 1]
      for j in 0..<other.count {
        var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (one[i] == other[j] ? 0 : 1))
        if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[other.count]
  }
}
