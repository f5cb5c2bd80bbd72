// The text of one file, or of one line at the prompt, with the offsets at which its lines start.

/// A source text under the name that diagnostics show for it.
///
/// Lines end with LF, CRLF or a lone CR. U+2028, U+2029 and form feed are ordinary characters: editors count
/// lines by the first three only, and a diagnostic must name the line that the editor shows.
public final class SourceFile: Sendable {
  /// The name as given: a path, `std/text`, or `<prompt>`.
  public let name: String
  /// The text's UTF-8. Bytes that are not UTF-8 are kept: the lexer reports them with their offset.
  public let bytes: [UInt8]
  /// The offset of each line's first byte; the first is 0.
  let lineStarts: [UInt32]

  /// A source from text that is known to be Unicode.
  public convenience init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// A source from the bytes of a file, valid or not.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    self.lineStarts = Self.lineStarts(of: bytes)
  }

  /// How many lines the text has; a line break at the end starts one more, empty line.
  public var lineCount: Int { lineStarts.count }

  /// The place of a byte as people and editors count it.
  ///
  /// - Parameter offset: A byte offset; one outside the text counts as its nearest end.
  /// - Returns: Line and column, both from 1. The column counts Unicode scalars, and a tab is one of them.
  public func lineAndColumn(at offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, 0), bytes.count)
    let line = lineIndex(at: offset)
    var column = 1
    var index = Int(lineStarts[line])
    while index < offset {
      // Continuation bytes belong to the scalar before them.
      if bytes[index] & 0xC0 != 0x80 || index == Int(lineStarts[line]) { column += 1 }
      index += 1
    }
    // An offset inside a scalar has the scalar's column.
    if offset < bytes.count, bytes[offset] & 0xC0 == 0x80, column > 1 { column -= 1 }
    return (line + 1, column)
  }

  /// The text that a span covers; bytes that are not UTF-8 read as U+FFFD, offsets outside the text are left out.
  public func text(in span: Span) -> String {
    let lower = min(Int(span.start), bytes.count)
    let upper = min(Int(span.end), bytes.count)
    return String(decoding: bytes[lower..<max(lower, upper)], as: UTF8.self)
  }

  /// The index, from 0, of the line that holds the byte at `offset`.
  func lineIndex(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    // INVARIANT: lineStarts[low] <= offset, and lineStarts[high] > offset where it exists.
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(lineStarts[middle]) <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The bytes of a line, by its index from 0, without its line end.
  func lineRange(_ index: Int) -> Range<Int> {
    let start = Int(lineStarts[index])
    var end = index + 1 < lineStarts.count ? Int(lineStarts[index + 1]) : bytes.count
    if index + 1 < lineStarts.count {
      if end > start, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
      if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    }
    return start..<end
  }

  private static func lineStarts(of bytes: [UInt8]) -> [UInt32] {
    var starts: [UInt32] = [0]
    bytes.withUnsafeBufferPointer { buffer in
      var index = 0
      let count = buffer.count
      while index < count {
        let byte = buffer[index]
        index += 1
        guard byte <= 13, byte == 10 || byte == 13 else { continue }
        if byte == 13, index < count, buffer[index] == 10 { index += 1 }
        starts.append(UInt32(clamping: index))
      }
    }
    return starts
  }
}
