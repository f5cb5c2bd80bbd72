// A text of which parts have a colour. It is put together column by column and becomes a string at the end, with or
// without ANSI codes.

/// The roles that colours mark in a drawing. Few, so that the eye goes to the error.
enum TextStyle: Equatable {
  case plain, error, warning, title, frame, secondary, hint

  /// The ANSI code that begins the style; empty for plain text.
  var ansi: String {
    switch self {
    case .plain: ""
    case .error: "\u{1B}[1;31m"
    case .warning: "\u{1B}[1;33m"
    case .title: "\u{1B}[1m"
    case .frame: "\u{1B}[34m"
    case .secondary: "\u{1B}[36m"
    case .hint: "\u{1B}[32m"
    }
  }
}

/// Pieces of text with their styles.
struct StyledText {
  private var pieces: [(text: String, style: TextStyle)] = []

  mutating func append(_ text: String, _ style: TextStyle = .plain) {
    guard !text.isEmpty else { return }
    if let last = pieces.last, last.style == style {
      pieces[pieces.count - 1].text += text
    } else {
      pieces.append((text, style))
    }
  }

  mutating func append(_ other: StyledText) {
    for piece in other.pieces { append(piece.text, piece.style) }
  }

  /// The text in one string.
  func string(color: Bool) -> String {
    var result = ""
    for piece in pieces {
      if color, piece.style != .plain {
        result += piece.style.ansi + piece.text + "\u{1B}[0m"
      } else {
        result += piece.text
      }
    }
    return result
  }
}
