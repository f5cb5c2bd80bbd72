/// The text before a cursor, cut into words and signs: enough to see what is being typed, however incomplete it is.
/// The parser wants a program; what stands before a cursor seldom is one.
struct TypedText {
  /// A word or a sign.
  struct Piece {
    enum Kind { case name, number, string, sign }
    let kind: Kind
    /// As typed; of a string, what is between the quotes.
    let text: String
    /// Bytes of the whole text.
    let start: Int
    let end: Int
    /// For a bracket the index of its partner, when there is one.
    var partner: Int?
    /// Whether a line break stands before it.
    var startsLine = false
  }

  /// The string that the cursor is in.
  struct OpenString {
    /// The byte behind the opening quotes.
    let contentStart: Int
    let content: String
  }

  private(set) var pieces: [Piece] = []
  /// The brackets that are open at the cursor, outermost first, as indexes of `pieces`.
  private(set) var open: [Int] = []
  private(set) var string: OpenString?
  /// Whether the cursor is in a comment.
  private(set) var isInComment = false
  /// Whether the cursor is in the `{{ }}` of a string.
  private(set) var isInInterpolation = false

  private let bytes: [UInt8]
  private var position = 0

  init(_ text: some Sequence<UInt8>) {
    bytes = Array(text)
    scan(isInterpolated: false)
  }

  /// The name that ends at the cursor; empty when none does.
  var word: Piece? {
    guard string == nil, let last = pieces.last, last.end == bytes.count, last.kind == .name else { return nil }
    return last
  }

  // MARK: Scanning

  private func byte(_ offset: Int = 0) -> UInt8 { position + offset < bytes.count ? bytes[position + offset] : 0 }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Reads pieces up to the end, or to the `}}` that ends an interpolation.
  private mutating func scan(isInterpolated: Bool) {
    var startsLine = true
    while position < bytes.count {
      let character = byte()
      switch character {
      case 0x0A:
        startsLine = true
        position += 1
        continue
      case 0x20, 0x09, 0x0D:
        position += 1
        continue
      case UInt8(ascii: "/") where byte(1) == character:
        while position < bytes.count, byte() != 0x0A { position += 1 }
        if position == bytes.count { isInComment = true }
        continue
      case UInt8(ascii: "}") where isInterpolated && byte(1) == character && open.isEmpty: return
      case UInt8(ascii: "\""), UInt8(ascii: "'"): scanString(startsLine: startsLine)
      default:
        scanWord(startsLine: startsLine)
      }
      startsLine = false
    }
  }

  private mutating func scanWord(startsLine: Bool) {
    let start = position
    if Self.isNameByte(byte()) {
      while position < bytes.count, Self.isNameByte(byte()) { position += 1 }
      let isNumber = (0x30...0x39).contains(bytes[start])
      add(isNumber ? .number : .name, start, startsLine)
      return
    }
    let signs = ["...", "..<", "!in", "?.", "?[", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "^=", "$=", "!~"]
    let rest = text(start..<min(start + 3, bytes.count))
    position += signs.first { rest.hasPrefix($0) }?.utf8.count ?? 1
    add(.sign, start, startsLine)
    let index = pieces.count - 1
    switch pieces[index].text {
    case "(", "[", "{", "?[": open.append(index)
    case ")", "]", "}":
      guard let opening = open.popLast() else { return }
      pieces[opening].partner = index
      pieces[index].partner = opening
    default: break
    }
  }

  private mutating func add(_ kind: Piece.Kind, _ start: Int, _ startsLine: Bool) {
    pieces.append(
      Piece(kind: kind, text: text(start..<position), start: start, end: position, startsLine: startsLine))
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
      || (0x61...0x7A).contains(byte)
  }

  private mutating func scanString(startsLine: Bool) {
    let quote = byte()
    let start = position
    let isTriple = byte(1) == quote && byte(2) == quote
    position += isTriple ? 3 : 1
    let contentStart = position
    while position < bytes.count {
      if byte() == quote, !isTriple || byte(1) == quote && byte(2) == quote {
        let content = text(contentStart..<position)
        position += isTriple ? 3 : 1
        pieces.append(Piece(kind: .string, text: content, start: start, end: position, startsLine: startsLine))
        return
      }
      if byte() == UInt8(ascii: "\\"), quote != UInt8(ascii: "'") {
        position += 2
      } else if quote == UInt8(ascii: "\""), byte() == UInt8(ascii: "{"), byte(1) == byte() {
        position += 2
        if scanInterpolation() { return }
      } else {
        position += 1
      }
    }
    position = bytes.count
    string = OpenString(contentStart: contentStart, content: text(min(contentStart, bytes.count)..<bytes.count))
  }

  /// Reads the expression in a string; true when the cursor is in it, and then only its pieces are left.
  private mutating func scanInterpolation() -> Bool {
    let outer = (pieces, open)
    (pieces, open) = ([], [])
    scan(isInterpolated: true)
    if position >= bytes.count {
      isInInterpolation = true
      return true
    }
    position += 2
    (pieces, open) = outer
    return false
  }
}
