// A line of the source as a diagnostic shows it: what cannot be shown is escaped, tabs are spaces, and a line that is
// too long is cut to a window around what the diagnostic is about.

/// A line of a source with the column of every byte.
struct Excerpt {
  /// A character as it is shown.
  private struct Cell {
    var text: String
    /// The offset of its first byte in the source.
    var offset: Int
    /// The column of its left edge, from 0, before the line is cut.
    var column: Int
    var width: Int
  }

  /// Bytes shown to either side of the focus when a line is very long; more would not fit anyway.
  private static let reach = 1024
  private static let tab = "    "
  /// The most scalars of one character that are shown. Families have eleven; towers of accents have no end.
  private static let longestCharacter = 16

  /// The text to show, without a line break.
  private(set) var text = ""
  private var cells: [Cell] = []
  /// The columns shown, of those of the whole line, and how far the cut moves them.
  private var window = 0..<0
  private var shift = 0
  /// The end of the line in bytes.
  private let end: Int

  /// - Parameters:
  ///   - line: The index of the line, from 0.
  ///   - focus: The bytes that should be visible when the line is cut.
  ///   - width: The columns there are.
  init(_ source: SourceFile, line: Int, focus: Range<Int>, width: Int) {
    let range = source.lineRange(line)
    let shown = Self.reachable(range, focus: focus, in: source)
    end = shown.upperBound
    cells = Self.cells(source.bytes, shown)
    let total = cells.last.map { $0.column + $0.width } ?? 0
    let cutsBefore = shown.lowerBound > range.lowerBound
    let cutsAfter = shown.upperBound < range.upperBound
    window = Self.window(total, focus: column(of: focus.lowerBound)..<column(of: focus.upperBound), width: width)
    let startsCut = cutsBefore || window.lowerBound > 0
    shift = window.lowerBound - (startsCut ? 1 : 0)
    for cell in cells where cell.column >= window.lowerBound && cell.column + cell.width <= window.upperBound {
      // A wide character that the left edge cuts leaves a blank, so that what follows keeps its column.
      if text.isEmpty, cell.column > window.lowerBound {
        text += String(repeating: " ", count: cell.column - window.lowerBound)
      }
      text += cell.text
    }
    if startsCut { text = "…" + text }
    if cutsAfter || window.upperBound < total { text += "…" }
    while text.last == " " { text.removeLast() }
  }

  /// The shown columns of a range of bytes, at least one wide; `nil` when it lies outside the window.
  func columns(of range: Range<Int>) -> Range<Int>? {
    let lower = column(of: range.lowerBound)
    let upper = max(column(of: range.upperBound), lower + 1)
    guard lower < window.upperBound || lower == window.upperBound && range.lowerBound >= end,
      upper > window.lowerBound
    else { return nil }
    let first = max(lower, window.lowerBound) - shift
    let last = min(upper, max(window.upperBound, lower + 1)) - shift
    return first..<max(last, first + 1)
  }

  /// The column, in the whole line, of the character that a byte belongs to; the line's end for a byte after it.
  private func column(of offset: Int) -> Int {
    if offset >= end { return cells.last.map { $0.column + $0.width } ?? 0 }
    var low = 0
    var high = cells.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if cells[middle].offset <= offset { low = middle } else { high = middle }
    }
    return cells.isEmpty ? 0 : cells[low].column
  }

  /// The part of a line around the focus, whole scalars only.
  private static func reachable(_ line: Range<Int>, focus: Range<Int>, in source: SourceFile) -> Range<Int> {
    guard line.count > 4 * reach else { return line }
    let middle = min(max(focus.lowerBound, line.lowerBound), line.upperBound)
    var lower = max(line.lowerBound, middle - reach)
    var upper = min(line.upperBound, middle + 2 * reach)
    while lower < middle, source.bytes[lower] & 0xC0 == 0x80 { lower += 1 }
    while upper < line.upperBound, upper > middle, source.bytes[upper] & 0xC0 == 0x80 { upper -= 1 }
    return lower..<upper
  }

  /// The columns to show: all when they fit, else those around the focus, and from the line's start when that shows it.
  private static func window(_ total: Int, focus: Range<Int>, width: Int) -> Range<Int> {
    guard total > width else { return 0..<total }
    let room = max(width - 2, 1)  // A sign of omission on both sides.
    if focus.upperBound <= room { return 0..<room }
    let before = focus.count >= room * 3 / 4 ? min(8, room / 4) : (room - focus.count) / 2
    let lower = min(max(focus.lowerBound - before, 0), max(total - room, 0))
    return lower..<min(lower + room, total)
  }

  private static func cells(_ bytes: [UInt8], _ range: Range<Int>) -> [Cell] {
    let (scalars, offsets) = decode(bytes, range)
    var cells: [Cell] = []
    var column = 0
    var index = 0
    var line = String.UnicodeScalarView()
    line.append(contentsOf: scalars)
    for character in String(line) {
      let text: String
      if character == "\t" {
        text = tab
      } else {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: character.unicodeScalars.prefix(longestCharacter))
        text = terminalSafe(String(scalars))
      }
      let width = displayWidth(text)
      cells.append(Cell(text: text, offset: offsets[index], column: column, width: width))
      column += width
      index += character.unicodeScalars.count
    }
    return cells
  }

  /// The scalars of some bytes with the offset of each; a byte that is not UTF-8 is U+FFFD.
  private static func decode(_ bytes: [UInt8], _ range: Range<Int>) -> ([Unicode.Scalar], [Int]) {
    var scalars: [Unicode.Scalar] = []
    var offsets: [Int] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let length = max(1, sequenceLength(bytes[index]))
      let sequence = bytes[index..<min(index + length, range.upperBound)]
      let decoded = String(validating: sequence, as: UTF8.self)?.unicodeScalars.first
      scalars.append(decoded ?? "\u{FFFD}")
      offsets.append(index)
      index += decoded == nil ? 1 : length
    }
    return (scalars, offsets)
  }

  private static func sequenceLength(_ lead: UInt8) -> Int {
    switch lead {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }
}
