// String literals and interpolations.

import ICSDiagnostics

extension Parser {
  /// A string: a `string` node, or an `interpolation`.
  mutating func parseString() -> NodeID {
    guard kind == .stringStart else { return parseWholeString() }
    let first = here
    guard enter() else { return makeMissing() }
    let outer = context
    context = .brackets
    let layout = stringLayout(first: position, last: lastPart(of: position))
    let mark = scratch.count
    addText(layout, isFirst: true, isLast: false)
    while kind == .stringStart || kind == .stringMiddle {
      let open = here
      advance()
      let expression = parseExpression()
      scratch.append(expression.rawValue)
      guard closeInterpolation(open) else { break }
      addText(layout, isFirst: false, isLast: kind == .stringEnd)
    }
    if kind == .stringEnd, !isRecovering { advance() }
    context = outer
    leave()
    return make(.interpolation, token: first, first: first, a: commitList(from: mark))
  }

  private mutating func parseWholeString() -> NodeID {
    let index = here
    let layout = stringLayout(first: position, last: position)
    let text = decode(position, layout, isFirst: true, isLast: true)
    advance()
    return make(.string, token: index, first: index, a: text.start, b: text.length)
  }

  /// Goes to the text after an interpolation; false when the string has no more.
  private mutating func closeInterpolation(_ open: TokenIndex) -> Bool {
    if !isRecovering, kind == .stringMiddle || kind == .stringEnd { return true }
    guard kind != .endOfFile || !isRecovering else { return false }
    guard let partner = partner(of: Int(open)) else {
      close(open, .stringEnd, "")
      return false
    }
    if !isRecovering { failExpected("'}}' after the expression") }
    guard kind != .endOfFile else { return false }
    position = max(position, partner)
    isRecovering = false
    return kind == .stringMiddle || kind == .stringEnd
  }

  /// The last token of the string that starts at `index`, as far as it can be told.
  private func lastPart(of index: Int) -> Int {
    var index = index
    while tokens[index].kind != .stringEnd, let partner = partner(of: index), partner > index { index = partner }
    return index
  }

  /// Adds the text of the current token as a piece, when there is any.
  private mutating func addText(_ layout: StringDecoder.Layout?, isFirst: Bool, isLast: Bool) {
    let text = decode(position, layout, isFirst: isFirst, isLast: isLast)
    guard text.length > 0 else { return }
    nodes.append(Node(kind: .string, token: here, first: here, last: here, a: text.start, b: text.length))
    scratch.append(UInt32(nodes.count - 1))
  }

  /// The bytes of a token's text, without quotes and braces.
  private func textRange(_ index: Int) -> Range<Int> {
    let token = tokens[index]
    let quotes = token.flags.contains(.multiline) ? 3 : 1
    var start = Int(token.start)
    var end = Int(token.end)
    switch token.kind {
    case .stringStart: (start, end) = (start + quotes, end - 2)
    case .stringMiddle: (start, end) = (start + 2, end - 2)
    case .stringEnd: (start, end) = (start + 2, end - quotes)
    default: (start, end) = (start + quotes, end - quotes)
    }
    return start..<max(start, end)
  }

  private func stringLayout(first: Int, last: Int) -> StringDecoder.Layout? {
    guard tokens[first].flags.contains(.multiline) else { return nil }
    let decoder = StringDecoder(bytes: bytes, reports: reports)
    // Without its end the string has been reported already.
    let isWhole = tokens[last].kind == .stringEnd || tokens[last].kind == .string
    return isWhole ? decoder.layout(firstText: textRange(first), lastText: textRange(last)) : nil
  }

  private mutating func decode(
    _ index: Int, _ layout: StringDecoder.Layout?, isFirst: Bool, isLast: Bool
  ) -> (start: UInt32, length: UInt32) {
    let range = textRange(index)
    let flags = tokens[index].flags
    guard flags.contains(.needsDecoding) else { return (UInt32(range.lowerBound), UInt32(range.count)) }
    let start = decodedText.count
    let decoder = StringDecoder(bytes: bytes, reports: reports)
    if flags.contains(.raw) {
      decoder.decodeRaw(range, into: &decodedText)
    } else if let layout {
      decoder.decodeLines(range, layout, isFirst: isFirst, isLast: isLast, into: &decodedText)
    } else {
      decoder.decode(range, into: &decodedText)
    }
    return (UInt32(start) | 0x8000_0000, UInt32(decodedText.count - start))
  }
}
