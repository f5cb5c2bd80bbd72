// The rows below a line of the source: carets and dashes under what a diagnostic is about, and what it says there.

/// A stretch of columns to underline, with a text.
struct Underline {
  var columns: Range<Int>
  var isPrimary: Bool
  var label: String
}

extension Underline {
  /// The rows for the underlines of one line.
  ///
  /// The label of the last one stands beside it. Others hang below their start, each on a row of its own, the
  /// rightmost first, with bars for those still to come:
  ///
  ///     ---   ----- ^^^ this is null
  ///     │     a text
  ///     another text
  static func rows(_ underlines: [Underline], primary: TextStyle) -> [StyledText] {
    let sorted = underlines.sorted {
      ($0.columns.lowerBound, $0.isPrimary ? 1 : 0) < ($1.columns.lowerBound, $1.isPrimary ? 1 : 0)
    }
    guard let end = sorted.map(\.columns.upperBound).max() else { return [] }
    // The label beside the marks belongs to the one that ends last; of two that do, to the primary one.
    let beside =
      sorted.lastIndex { $0.columns.upperBound == end && $0.isPrimary && !$0.label.isEmpty }
      ?? sorted.lastIndex { $0.columns.upperBound == end }
    var rows = [markRow(sorted, end: end, primary: primary)]
    if let beside, !sorted[beside].label.isEmpty {
      rows[0].append(" " + sorted[beside].label, sorted[beside].isPrimary ? primary : .secondary)
    }
    var hanging = sorted.indices.filter { $0 != beside && !sorted[$0].label.isEmpty }.map { sorted[$0] }
    while let last = hanging.popLast() {
      rows.append(hangingRow(last, waiting: hanging, primary: primary))
    }
    return rows
  }

  private static func markRow(_ underlines: [Underline], end: Int, primary: TextStyle) -> StyledText {
    var marks = [Character](repeating: " ", count: end)
    for underline in underlines where !underline.isPrimary {
      for column in underline.columns { marks[column] = "-" }
    }
    for underline in underlines where underline.isPrimary {
      for column in underline.columns { marks[column] = "^" }
    }
    var row = StyledText()
    for mark in marks {
      row.append(String(mark), mark == "^" ? primary : mark == "-" ? .secondary : .plain)
    }
    return row
  }

  private static func hangingRow(_ underline: Underline, waiting: [Underline], primary: TextStyle) -> StyledText {
    var row = StyledText()
    var column = 0
    for other in waiting where other.columns.lowerBound >= column {
      guard other.columns.lowerBound < underline.columns.lowerBound else { continue }
      row.append(String(repeating: " ", count: other.columns.lowerBound - column))
      row.append("│", other.isPrimary ? primary : .secondary)
      column = other.columns.lowerBound + 1
    }
    row.append(String(repeating: " ", count: underline.columns.lowerBound - column))
    row.append(underline.label, underline.isPrimary ? primary : .secondary)
    return row
  }
}
