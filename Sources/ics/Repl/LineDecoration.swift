// The colours of the line that is typed, and the grey suggestion behind it. Decides; the line editor draws.

import CReadline
import ICSDiagnostics
import IntercomScript

struct LineDecoration {
  let palette: Palette

  /// Terminals without colours show the line as readline draws it.
  var isOn: Bool { palette.isOn && Environment["TERM"] != nil && Environment["TERM"] != "dumb" }

  /// The bytes that draw a line over what readline drew; `nil` when it is longer than a row, or has several.
  func drawing(of line: String, prompt: String, cursor: Int, columns: Int, hasHint: Bool = true) -> String? {
    guard isOn, !line.contains("\n"), terminalSafe(line) == line else { return nil }
    let width = displayWidth(prompt) + displayWidth(line)
    guard width + 1 < columns else { return nil }
    var text = "\r" + palette.paint(prompt, .prompt) + painted(line)
    if hasHint, cursor == line.utf8.count, let hint = hint(for: line) {
      text += palette.paint(Cell.cut(hint, to: columns - width - 1), .hint)
    }
    let before = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
    return text + "\u{1B}[K\r\u{1B}[\(displayWidth(prompt) + displayWidth(before))C"
  }

  /// What the newest entry that begins with the line has behind it.
  func hint(for line: String) -> String? {
    guard line.utf8.count >= 2, !line.allSatisfy(\.isWhitespace) else { return nil }
    var index = crl_history_count()
    while index > 0 {
      index -= 1
      guard let entry = crl_history_line(index) else { continue }
      let text = String(cString: entry)
      if text.hasPrefix(line), text != line, !text.contains("\n"), safeText(text) == text {
        return String(text.dropFirst(line.count))
      }
    }
    return nil
  }

  private func painted(_ line: String) -> String {
    guard !line.hasPrefix(":") else { return palette.paint(line, .word) }
    var text = ""
    for (piece, kind) in TextPiece.pieces(of: line) {
      text += palette.paint(piece, Self.role(kind))
    }
    return text
  }

  private static func role(_ kind: TextPiece.Kind) -> TextRole {
    switch kind {
    case .keyword: .word
    case .string: .string
    case .number: .number
    case .comment: .note
    case .name, .other: .plain
    }
  }
}
