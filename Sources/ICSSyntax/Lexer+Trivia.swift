// What stands between tokens: white space, line ends, comments; and the start of the file.

import ICSDiagnostics

extension Lexer {
  /// Skips a byte order mark and a line that begins `#!`.
  mutating func skipFileStart() {
    if byte(0) == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF { position = 3 }
    if byte(position) == UInt8(ascii: "#"), byte(position + 1) == UInt8(ascii: "!") { skipLine() }
    // The first token starts a line, whatever stands before it.
    pending.insert(.newlineBefore)
  }

  mutating func skipTrivia() {
    while position < count {
      switch base[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0B, 0x0C:
        position += 1
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        pending.insert(.newlineBefore)
        position += 1
      case UInt8(ascii: "/"):
        if byte(position + 1) == UInt8(ascii: "/") {
          skipLineComment()
        } else if byte(position + 1) == UInt8(ascii: "*") {
          skipBlockComment()
        } else {
          return
        }
      case 0x80...:
        guard skipUnicodeSpace() else { return }
      default:
        return
      }
    }
  }

  /// U+2028 and U+2029 end a statement like a line end; the other white space of Unicode separates like a space.
  private mutating func skipUnicodeSpace() -> Bool {
    let scalar = scalar(at: position)
    guard scalar.properties.isWhitespace else { return false }
    if scalar == "\u{2028}" || scalar == "\u{2029}" || scalar == "\u{85}" { pending.insert(.newlineBefore) }
    position += scalar.utf8Length
    return true
  }

  private mutating func skipLine() {
    while position < count, base[position] != UInt8(ascii: "\n"), base[position] != UInt8(ascii: "\r") {
      position += 1
    }
  }

  private mutating func skipLineComment() {
    let start = position
    if byte(start + 2) == UInt8(ascii: "/"), byte(start + 3) != UInt8(ascii: "/") { pending.insert(.docBefore) }
    skipLine()
    checkComment(start..<position)
  }

  private mutating func skipBlockComment() {
    let start = position
    var depth = 0
    repeat {
      guard position < count else {
        endsInComment = true
        let place = Span(start..<start + 2)
        reports.error("this comment is never closed", at: place, label: "no '*/' for this '/*'", atEnd: true)
        return
      }
      let byte = base[position]
      let next = self.byte(position + 1)
      if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if byte == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
        depth -= 1
        position += 2
      } else {
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { pending.insert(.newlineBefore) }
        position += 1
      }
    } while depth > 0
    checkComment(start..<position)
  }

  /// Warns about the first invisible control in a comment.
  private func checkComment(_ range: Range<Int>) {
    var index = range.lowerBound
    while index < range.upperBound {
      guard base[index] >= 0x80 else {
        index += 1
        continue
      }
      let scalar = scalar(at: index)
      if scalar.isTextDirectionControl { return warnAboutControl(scalar, at: index, in: "comment") }
      index += scalar.utf8Length
    }
  }
}
