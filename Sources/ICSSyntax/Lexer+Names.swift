// Names, keywords, and characters that are no token at all.

import ICSDiagnostics

extension Lexer {
  @inline(__always)
  func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// Whether a byte continues a name; every byte of a character outside ASCII counts as if it did.
  @inline(__always)
  func isNameByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
      || byte >= 0x80
  }

  mutating func scanName() {
    var end = position
    var hash = names.seed
    while end < count, isNameByte(base[end]), base[end] < 0x80 {
      hash = NameInterner.mix(hash, base[end])
      end += 1
    }
    if end < count, base[end] >= 0x80, continuesName(at: end) { return scanUnicodeName() }
    let id = names.intern(UnsafeBufferPointer(start: base + position, count: end - position), hash: hash)
    let kind = kind(ofName: id)
    if kind.startsStatement, pending.contains(.newlineBefore) { giveUpParentheses(before: end) }
    emit(kind, end: end, value: id)
  }

  /// A line that begins with `let` or `fn` is inside no parenthesis or bracket: one that is still open was forgotten,
  /// and taking some later bracket for its partner would hide everything in between from the parser.
  private mutating func giveUpParentheses(before end: Int) {
    guard let last = open.last, last.kind == .parenthesis || last.kind == .bracket else { return }
    // A keyword is an ordinary name after a point and before a colon.
    if let previous = tokens.last?.kind, previous == .dot || previous == .optionalDot { return }
    var next = end
    while byte(next) == UInt8(ascii: " ") || byte(next) == UInt8(ascii: "\t") { next += 1 }
    guard byte(next) != UInt8(ascii: ":") else { return }
    while let last = open.last, last.kind == .parenthesis || last.kind == .bracket { open.removeLast() }
  }

  @inline(__always)
  private func kind(ofName id: UInt32) -> TokenKind {
    guard id < 21 else { return .identifier }
    return TokenKind(rawValue: TokenKind.let.rawValue + UInt8(id)) ?? .identifier
  }

  /// A character outside ASCII where a token starts.
  mutating func scanUnicode() {
    let scalar = scalar(at: position)
    if scalar.properties.isXIDStart { scanUnicodeName() } else { scanStray() }
  }

  private mutating func scanUnicodeName() {
    var end = position
    var hasControl = false
    while end < count {
      if base[end] < 0x80 {
        guard isNameByte(base[end]) else { break }
        end += 1
      } else {
        guard continuesName(at: end) else { break }
        let scalar = scalar(at: end)
        if scalar.isHiddenControl, !hasControl {
          hasControl = true
          warnAboutControl(scalar, at: end, in: "name")
        }
        end += scalar.utf8Length
      }
    }
    let bytes = UnsafeBufferPointer(start: base + position, count: end - position)
    let id = names.internUnicode(bytes, hash: names.hash(bytes))
    warnAboutMixedScripts(position..<end)
    emit(.identifier, end: end, value: id)
  }

  /// Hidden controls continue a name (with a warning): as white space they would cut it in two unseen.
  private func continuesName(at index: Int) -> Bool {
    let scalar = scalar(at: index)
    return scalar.properties.isXIDContinue || scalar.isHiddenControl && scalar != "\u{FEFF}"
  }

  private func warnAboutMixedScripts(_ range: Range<Int>) {
    var hasLatin = false
    var lookalike: (scalar: Unicode.Scalar, index: Int)?
    var index = range.lowerBound
    while index < range.upperBound {
      let scalar = scalar(at: index)
      if (scalar.value | 0x20) &- 0x61 < 26 { hasLatin = true }
      if lookalike == nil, scalar.looksLatin { lookalike = (scalar, index) }
      if hasLatin, let lookalike {
        reports.warning(
          .confusable, "this name mixes scripts: \(lookalike.scalar.codePoint) looks like a Latin letter",
          at: Span(range), label: "compare with the same name in Latin letters")
        return
      }
      index += scalar.utf8Length
    }
  }

  func warnAboutControl(_ scalar: Unicode.Scalar, at index: Int, in place: String) {
    reports.warning(
      .bidi, "a \(place) holds the invisible character \(scalar.codePoint)",
      at: Span(index..<index + scalar.utf8Length), label: "what is shown here may not be what runs")
  }

  /// Characters that start no token. One error for all of them on a line, because one slip often makes several.
  mutating func scanStray() {
    let scalar = scalar(at: position)
    let end = position + scalar.utf8Length
    let line = reports.source.lineAndColumn(at: position).line
    if line != lastStrayLine {
      lastStrayLine = line
      reports.error("unexpected \(describe(scalar))", at: Span(position..<end), help: help(for: scalar))
    }
    emit(.invalid, end: end)
  }

  private func describe(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator, .paragraphSeparator,
      .nonspacingMark, .enclosingMark, .spacingMark:
      return "character \(scalar.codePoint)"
    default:
      return "character '\(scalar)'"
    }
  }

  private func help(for scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "&": return "write '&&' for 'and'"
    case "\u{201C}", "\u{201D}", "\u{201E}": return "write straight quotes: \""
    case "\u{2018}", "\u{2019}": return "write straight quotes: \" or '"
    case "`": return "write \" or ', and \"\"\" over several lines; {{ }} puts a value into a string"
    case "?": return "write 'if condition { a } else { b }'"
    case "#": return "write '//' before a comment"
    default: return nil
    }
  }

  /// The scalar at an index, which must be the index of its first byte.
  func scalar(at index: Int) -> Unicode.Scalar {
    let first = UInt32(base[index])
    let value: UInt32
    switch first {
    case 0xF0...: value = (first & 0x07) << 18 | tail(index, 1) << 12 | tail(index, 2) << 6 | tail(index, 3)
    case 0xE0...: value = (first & 0x0F) << 12 | tail(index, 1) << 6 | tail(index, 2)
    case 0xC0...: value = (first & 0x1F) << 6 | tail(index, 1)
    default: value = first
    }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  @inline(__always)
  private func tail(_ index: Int, _ offset: Int) -> UInt32 { UInt32(byte(index + offset)) & 0x3F }

  func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count), as: UTF8.self)
  }
}

extension Unicode.Scalar {
  var utf8Length: Int { value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4 }

  /// `U+202E`, for characters that cannot be shown.
  var codePoint: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Characters that change how text is shown and are not seen: bidirectional controls, zero-width space and joiners.
  var isHiddenControl: Bool {
    switch value {
    case 0x061C, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF: return true
    default: return false
    }
  }

  /// Whether the character changes the order or the bounds of what is shown. The joiners are left out: they are part
  /// of ordinary words and emoji.
  var isTextDirectionControl: Bool { isHiddenControl && value != 0x200C && value != 0x200D }

  /// Cyrillic and Greek letters that most fonts draw like Latin ones.
  var looksLatin: Bool {
    switch self {
    case "а", "е", "о", "р", "с", "у", "х", "і", "ј", "ѕ", "ԁ", "ԛ", "ԝ", "һ", "А", "В", "Е", "К", "М", "Н", "О", "Р",
      "С", "Т", "У", "Х", "Ѕ", "І", "Ј", "Α", "Β", "Ε", "Ζ", "Η", "Ι", "Κ", "Μ", "Ν", "Ο", "Ρ", "Τ", "Υ", "Χ", "ο", "ν":
      return true
    default:
      return false
    }
  }
}
