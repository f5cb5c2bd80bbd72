// Reading the generated text line by line, without copying it.

import ICSJSON

/// One line of a table. The bytes are the program's own constants, so a line may be kept for ever.
struct CatalogueLine: @unchecked Sendable {
  // SAFETY: points into a StaticString, which is immutable and never freed.
  let bytes: UnsafeBufferPointer<UInt8>

  /// All columns as strings.
  var columns: [String] { split().map { String(decoding: $0, as: UTF8.self) } }

  /// The first columns only; the facts behind them are not looked at.
  func columns(first count: Int) -> [String] {
    bytes.split(separator: UInt8(ascii: "\t"), maxSplits: count, omittingEmptySubsequences: false)
      .prefix(count).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The JSON in a column. The text is generated, and a test parses all of it; a broken line reads as an empty
  /// object.
  func json(column: Int) -> JSONValue {
    let columns = split()
    guard columns.indices.contains(column) else { return [:] }
    // The description of a broken line would be of no use to a caller.
    return (try? JSONValue(parsing: UnsafeBufferPointer(rebasing: columns[column]))) ?? [:]
  }

  private func split() -> [Slice<UnsafeBufferPointer<UInt8>>] {
    bytes.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
  }

  /// The lines of a table.
  static func lines(of text: StaticString) -> [CatalogueLine] {
    let whole = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    return whole.split(separator: UInt8(ascii: "\n")).map { CatalogueLine(bytes: UnsafeBufferPointer(rebasing: $0)) }
  }
}
