/// Parts of a line of the language, for colours.
package enum TextPiece {
  package enum Kind: Sendable { case name, keyword, string, number, comment, other }

  /// All of a text in pieces, in order. What is not complete counts as what it has begun to be.
  package static func pieces(of text: String) -> [(text: String, kind: Kind)] {
    let bytes = Array(text.utf8)
    let typed = TypedText(bytes)
    guard !typed.isInInterpolation else { return [(text, .string)] }
    var result: [(text: String, kind: Kind)] = []
    var position = 0
    func gap(to end: Int) {
      guard end > position else { return }
      let text = String(decoding: bytes[position..<end], as: UTF8.self)
      result.append((text, text.contains("//") ? .comment : .other))
      position = end
    }
    for piece in typed.pieces {
      gap(to: piece.start)
      let text = String(decoding: bytes[piece.start..<piece.end], as: UTF8.self)
      let kind: Kind =
        switch piece.kind {
        case .name: Keywords.all.contains(piece.text) ? .keyword : .name
        case .number: .number
        case .string: .string
        case .sign: .other
        }
      result.append((text, kind))
      position = piece.end
    }
    if let string = typed.string {
      gap(to: max(position, string.contentStart - 1))
      result.append((String(decoding: bytes[position...], as: UTF8.self), .string))
      position = bytes.count
    }
    gap(to: bytes.count)
    return result
  }
}
