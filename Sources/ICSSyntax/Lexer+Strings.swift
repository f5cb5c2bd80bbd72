// Strings: where they end and where their interpolations start. What they mean is worked out in `StringDecoder`.

import ICSDiagnostics

extension Lexer {
  /// A string from its opening quotes on.
  mutating func scanString() {
    if base[position] == UInt8(ascii: "'") { return scanRawString() }
    let isMultiline = byte(position + 1) == UInt8(ascii: "\"") && byte(position + 2) == UInt8(ascii: "\"")
    scanText(
      from: position + (isMultiline ? 3 : 1), quote: position, isMultiline: isMultiline, isResumed: false)
  }

  /// The text of a string up to its end or to its next `{{`.
  ///
  /// - Parameters:
  ///   - from: The first byte of text; the token starts at `position`, at the quotes or the `}}` before it.
  ///   - quote: Where the string's opening quotes are.
  ///   - isResumed: Whether an interpolation stands before the text.
  mutating func scanText(from: Int, quote: Int, isMultiline: Bool, isResumed: Bool) {
    var flags: Token.Flags = isMultiline ? [.multiline, .needsDecoding] : []
    var index = from
    while index < count {
      switch base[index] {
      case UInt8(ascii: "\""):
        if !isMultiline { return emit(isResumed ? .stringEnd : .string, end: index + 1, flags: flags) }
        if byte(index + 1) == UInt8(ascii: "\""), byte(index + 2) == UInt8(ascii: "\"") {
          return emit(isResumed ? .stringEnd : .string, end: index + 3, flags: flags)
        }
        index += 1
      case UInt8(ascii: "\\"):
        flags.insert(.needsDecoding)
        index += lengthOfEscape(at: index)
      case UInt8(ascii: "{") where byte(index + 1) == UInt8(ascii: "{"):
        guard checkDepth() else { return }
        open.append(OpenBracket(kind: .interpolation, token: UInt32(tokens.count), quote: quote))
        return emit(
          isResumed ? .stringMiddle : .stringStart, end: index + 2, flags: flags, value: Token.noPartner)
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if !isMultiline { return reportUnfinished(end: index, quote: quote) }
        index += 1
      default:
        index += 1
      }
    }
    guard isMultiline else { return reportUnfinished(end: index, quote: quote) }
    reports.error(
      "this string is never closed", at: Span(quote..<quote + 3), label: "no '\"\"\"' after this one", atEnd: true)
    emit(.invalid, end: index)
  }

  /// How far a backslash reaches, as far as finding the end of the string goes.
  private func lengthOfEscape(at index: Int) -> Int {
    switch byte(index + 1) {
    case UInt8(ascii: "{"): return byte(index + 2) == UInt8(ascii: "{") ? 3 : 2
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return 1
    default: return index + 1 < count ? 2 : 1
    }
  }

  private mutating func scanRawString() {
    var flags: Token.Flags = [.raw]
    var index = position + 1
    while index < count {
      switch base[index] {
      case UInt8(ascii: "'"):
        return emit(.string, end: index + 1, flags: flags)
      case UInt8(ascii: "\\") where byte(index + 1) == UInt8(ascii: "'") || byte(index + 1) == UInt8(ascii: "\\"):
        flags.insert(.needsDecoding)
        index += 2
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        return reportUnfinished(end: index, quote: position)
      default:
        index += 1
      }
    }
    reportUnfinished(end: index, quote: position)
  }

  /// A string that its line does not finish. The brackets that were opened on the line and would be closed by what is
  /// now inside the string are the same mistake, so they are not waited for.
  private mutating func reportUnfinished(end: Int, quote: Int) {
    var lineStart = quote
    while lineStart > 0, base[lineStart - 1] != UInt8(ascii: "\n"), base[lineStart - 1] != UInt8(ascii: "\r") {
      lineStart -= 1
    }
    var cause = Span(quote..<quote + 1)
    var message = "this string is never closed"
    if let index = open.lastIndex(where: { $0.kind == .interpolation }), isInterpolationOnLine(index, lineStart) {
      // In "Hi {{name" the second quote opens a string inside the interpolation: what is missing is the '}}'.
      let opening = tokens[Int(open[index].token)]
      cause = Span(Int(opening.end) - 2..<Int(opening.end))
      message = "this '{{' is never closed"
      giveUpBrackets(from: index)
    }
    reports.error(
      message, at: cause, label: cause.length == 1 ? "it would have to end on this line" : "no '}}' after it")
    var closingBraces = (position..<end).count { base[$0] == UInt8(ascii: "}") }
    while let last = open.last, tokens[Int(last.token)].start >= lineStart {
      if last.kind == .interpolation { break }
      if last.kind == .brace {
        guard closingBraces > 0 else { break }
        closingBraces -= 1
      }
      giveUpBrackets(from: open.count - 1)
    }
    emit(.invalid, end: end)
  }

  private func isInterpolationOnLine(_ index: Int, _ lineStart: Int) -> Bool {
    let opening = tokens[Int(open[index].token)]
    return Int(opening.end) > lineStart && !opening.flags.contains(.multiline)
  }

  private mutating func giveUpBrackets(from index: Int) {
    for bracket in open[index...] { tokens[Int(bracket.token)].flags.insert(.reported) }
    open.removeSubrange(index...)
  }
}
