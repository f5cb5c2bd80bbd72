// What the text of a string literal means: escapes, and the indentation that triple quotes take off.

import ICSDiagnostics

struct StringDecoder {
  let bytes: UnsafeBufferPointer<UInt8>
  let reports: Reports

  // MARK: One line

  /// Text in double quotes.
  func decode(_ range: Range<Int>, into text: inout [UInt8]) {
    var index = range.lowerBound
    while index < range.upperBound {
      if bytes[index] == UInt8(ascii: "\\") {
        index = decodeEscape(at: index, end: range.upperBound, into: &text)
      } else {
        text.append(bytes[index])
        index += 1
      }
    }
  }

  /// Text in single quotes, where a backslash means something only before `'` and `\`.
  func decodeRaw(_ range: Range<Int>, into text: inout [UInt8]) {
    var index = range.lowerBound
    while index < range.upperBound {
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound,
        bytes[index + 1] == UInt8(ascii: "'") || bytes[index + 1] == UInt8(ascii: "\\")
      {
        index += 1
      }
      text.append(bytes[index])
      index += 1
    }
  }

  // MARK: Several lines

  /// What the closing triple quotes say about the whole string.
  struct Layout {
    /// The white space before the closing quotes.
    var indentation: Range<Int>
    /// Where the text starts: after the line end that follows the opening quotes.
    var start: Int
    /// Where the text ends: before the line end that precedes the closing quotes.
    var end: Int
  }

  /// The layout of a string, from its text after the opening quotes and its text before the closing ones.
  ///
  /// - Returns: nil, after a report, when text stands beside the quotes.
  func layout(firstText: Range<Int>, lastText: Range<Int>) -> Layout? {
    var start = firstText.lowerBound
    while start < firstText.upperBound, isBlank(bytes[start]) { start += 1 }
    guard start < firstText.upperBound, isLineEnd(bytes[start]) else {
      reports.error(
        "text starts on the line after '\"\"\"'", at: Span(firstText.lowerBound - 3..<firstText.lowerBound),
        label: "a new line has to follow")
      return nil
    }
    var lineStart = lastText.upperBound
    while lineStart > lastText.lowerBound, isBlank(bytes[lineStart - 1]) { lineStart -= 1 }
    guard lineStart > lastText.lowerBound, isLineEnd(bytes[lineStart - 1]) else {
      reports.error(
        "the closing '\"\"\"' stands on a line of its own", at: Span(lastText.upperBound..<lastText.upperBound + 3),
        label: "text stands before it")
      return nil
    }
    start = afterLineEnd(start)
    var end = lineStart - 1
    if end > lastText.lowerBound, bytes[end] == UInt8(ascii: "\n"), bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return Layout(indentation: lineStart..<lastText.upperBound, start: start, end: end)
  }

  /// One piece of text of a string in triple quotes.
  func decodeLines(_ range: Range<Int>, _ layout: Layout, isFirst: Bool, isLast: Bool, into text: inout [UInt8]) {
    var index = isFirst ? layout.start : range.lowerBound
    let end = isLast ? layout.end : range.upperBound
    // An empty string has one line end, which is the first and the last.
    guard index <= end else { return }
    var isAtLineStart = isFirst
    while isAtLineStart || index < end {
      if isAtLineStart {
        index = skipIndentation(from: index, end: end, canEnd: isLast, layout)
        isAtLineStart = false
      } else if isLineEnd(bytes[index]) {
        text.append(UInt8(ascii: "\n"))
        index = afterLineEnd(index)
        isAtLineStart = true
      } else if bytes[index] == UInt8(ascii: "\\") {
        index = decodeEscape(at: index, end: end, into: &text)
      } else {
        text.append(bytes[index])
        index += 1
      }
    }
  }

  /// Skips the indentation of a line, or as much as a blank line has of it.
  private func skipIndentation(from start: Int, end: Int, canEnd: Bool, _ layout: Layout) -> Int {
    var index = start
    for expected in layout.indentation {
      if index < end, bytes[index] == bytes[expected] {
        index += 1
        continue
      }
      var next = index
      while next < end, isBlank(bytes[next]) { next += 1 }
      let isBlankLine = next < end ? isLineEnd(bytes[next]) : canEnd
      if !isBlankLine {
        reports.error(
          "this line is indented less than the closing '\"\"\"'", at: Span(start..<max(next, start)),
          label: "start it with the white space that stands before them")
      }
      return next
    }
    return index
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  private func afterLineEnd(_ index: Int) -> Int {
    let isPair =
      bytes[index] == UInt8(ascii: "\r") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")
    return index + (isPair ? 2 : 1)
  }

  // MARK: Escapes

  /// Decodes the escape at a backslash; gives the index after it.
  private func decodeEscape(at index: Int, end: Int, into text: inout [UInt8]) -> Int {
    guard index + 1 < end else {
      reportEscape(index..<index + 1)
      return index + 1
    }
    switch bytes[index + 1] {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "0"): text.append(0)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "/"): text.append(bytes[index + 1])
    case UInt8(ascii: "{"):
      text.append(UInt8(ascii: "{"))
      // `\{{` stands for both braces, as the lexer has read it.
      guard index + 2 < end, bytes[index + 2] == UInt8(ascii: "{") else { break }
      text.append(UInt8(ascii: "{"))
      return index + 3
    case UInt8(ascii: "u"):
      return decodeUnicodeEscape(at: index, end: end, into: &text)
    default:
      var after = index + 2
      while after < end, bytes[after] & 0xC0 == 0x80 { after += 1 }
      reportEscape(index..<after)
      return after
    }
    return index + 2
  }

  private func decodeUnicodeEscape(at index: Int, end: Int, into text: inout [UInt8]) -> Int {
    if index + 2 < end, bytes[index + 2] == UInt8(ascii: "{") {
      return decodeBracedEscape(at: index, end: end, into: &text)
    }
    guard let first = hexDigits(index + 2, end: end) else {
      reports.error(
        "'\\u' takes four hexadecimal digits, or any in braces", at: Span(index..<index + 2),
        label: "as in \\u00e9 or \\u{1F600}")
      return index + 2
    }
    var value = first
    var after = index + 6
    if first & 0xFC00 == 0xD800, after + 1 < end, bytes[after] == UInt8(ascii: "\\"),
      bytes[after + 1] == UInt8(ascii: "u"), let second = hexDigits(after + 2, end: end), second & 0xFC00 == 0xDC00
    {
      value = 0x10000 + (first & 0x3FF) << 10 + second & 0x3FF
      after += 6
    }
    append(value, at: index..<after, to: &text)
    return after
  }

  private func decodeBracedEscape(at index: Int, end: Int, into text: inout [UInt8]) -> Int {
    var after = index + 3
    var value: UInt32 = 0
    while after < end, let digit = hexValue(bytes[after]) {
      value = value > 0xFF_FFFF ? value : value << 4 | digit
      after += 1
    }
    guard after > index + 3, after < end, bytes[after] == UInt8(ascii: "}") else {
      reports.error(
        "'\\u{' takes hexadecimal digits and '}'", at: Span(index..<after), label: "as in \\u{1F600}")
      return after
    }
    append(value, at: index..<after + 1, to: &text)
    return after + 1
  }

  private func append(_ value: UInt32, at range: Range<Int>, to text: inout [UInt8]) {
    if let scalar = Unicode.Scalar(value) {
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    } else if value & 0xFFFF_F800 == 0xD800 {
      reports.error(
        "this escape is half of a surrogate pair and no character", at: Span(range),
        label: "write the character itself, or \\u{...}")
    } else {
      reports.error("no Unicode character has this number", at: Span(range), label: "the last is \\u{10FFFF}")
    }
  }

  private func hexDigits(_ start: Int, end: Int) -> UInt32? {
    guard start + 4 <= end else { return nil }
    var value: UInt32 = 0
    for index in start..<start + 4 {
      guard let digit = hexValue(bytes[index]) else { return nil }
      value = value << 4 | digit
    }
    return value
  }

  private func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 48
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte) - 87
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte) - 55
    default: nil
    }
  }

  private func reportEscape(_ range: Range<Int>) {
    let written = String(decoding: bytes[range], as: UTF8.self)
    reports.error(
      "'\(written)' is no escape", at: Span(range),
      label: "escapes are \\n \\t \\r \\b \\f \\0 \\\\ \\\" \\/ \\{ \\uXXXX \\u{...}",
      help: "in single quotes a backslash is a backslash: regex('\\d+')")
  }
}
