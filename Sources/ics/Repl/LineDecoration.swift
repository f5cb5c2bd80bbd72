// The colours of the line that is typed, its mistakes, and the grey suggestion behind it. Decides; the line editor draws.

import CReadline
import ICSDiagnostics
import ICSSyntax
import IntercomScript

struct LineDecoration {
  let palette: Palette

  /// Terminals without colours show the line as readline draws it.
  var isOn: Bool { palette.isOn && Environment["TERM"] != nil && Environment["TERM"] != "dumb" }

  /// The bytes that draw a line over what readline drew; `nil` when it is longer than a row, or has several.
  ///
  /// - Parameters:
  ///   - behind: The lines of the entry before this one.
  ///   - isBeingTyped: Whether there is a cursor in it: then there are suggestions and marks.
  func drawing(
    of line: String, behind: String, prompt: String, cursor: Int, columns: Int, isBeingTyped: Bool = true
  ) -> String? {
    guard isOn, !line.contains("\n"), terminalSafe(line) == line else { return nil }
    let width = displayWidth(prompt) + displayWidth(line)
    guard width + 1 < columns else { return nil }
    let marks = isBeingTyped ? LineMarks.of(line, behind: behind, cursor: cursor) : []
    var text = "\r" + palette.paint(prompt, .prompt) + painted(line, marks)
    if isBeingTyped, cursor == line.utf8.count, let hint = hint(for: line) {
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

  private func painted(_ line: String, _ marks: [LineMarks.Mark]) -> String {
    guard !line.hasPrefix(":") else { return palette.paint(line, .word) }
    var text = ""
    var start = 0
    for (piece, kind) in TextPiece.pieces(of: line) {
      let bytes = Array(piece.utf8)
      let end = start + bytes.count
      // A piece is cut where a mark begins or ends.
      let cuts = marks.flatMap { [$0.bytes.lowerBound, $0.bytes.upperBound] }.filter { $0 > start && $0 < end }
      var from = start
      for cut in Set(cuts).sorted() + [end] {
        let part = String(decoding: bytes[(from - start)..<(cut - start)], as: UTF8.self)
        text += paint(part, Self.role(kind), marks.first { $0.bytes.contains(from) }?.kind)
        from = cut
      }
      start = end
    }
    return text
  }

  private func paint(_ text: String, _ role: TextRole, _ mark: LineMarks.Kind?) -> String {
    guard let mark, !text.isEmpty else { return palette.paint(text, role) }
    return role.code + mark.code + text + "\u{1B}[0m"
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

/// What stands out in a line: the bracket that belongs to the one at the cursor, and what cannot be right.
enum LineMarks {
  enum Kind {
    case bracket, mistake

    var code: String {
      switch self {
      case .bracket: "\u{1B}[1m"
      case .mistake: "\u{1B}[4;31m"
      }
    }
  }

  /// Bytes of the line.
  struct Mark {
    let bytes: Range<Int>
    let kind: Kind
  }

  /// The marks of a line; a mistake comes before a bracket.
  static func of(_ line: String, behind: String, cursor: Int) -> [Mark] {
    guard !line.hasPrefix(":") else { return [] }
    return [mistake(in: line, behind: behind)].compactMap(\.self) + brackets(in: line, cursor: cursor)
  }

  /// The first place that no continuation can mend. What is being typed at the end of the line is not judged yet.
  private static func mistake(in line: String, behind: String) -> Mark? {
    let before = behind.isEmpty ? "" : behind + "\n"
    let text = before + line
    // Questions, and maps that stand alone, are read by the prompt in its own way.
    guard !line.trimmed.isEmpty, !line.trimmed.hasSuffix("?"), !text.trimmed.hasPrefix("{") else { return nil }
    let tree = SyntaxTree.parse(SourceFile(name: "", text: text))
    guard tree.hasErrors, !tree.isIncomplete, let error = tree.diagnostics.first(where: { $0.severity == .error })
    else {
      return nil
    }
    let offset = before.utf8.count
    let (start, end) = (Int(error.span.start) - offset, max(Int(error.span.end), Int(error.span.start) + 1) - offset)
    guard start >= 0, end < line.utf8.count else { return nil }
    return Mark(bytes: start..<end, kind: .mistake)
  }

  /// The bracket before the cursor, or else the one at it, with its partner.
  private static func brackets(in line: String, cursor: Int) -> [Mark] {
    let pairs = self.pairs(in: line)
    let pair = pairs.first { $0.close == cursor - 1 } ?? pairs.first { $0.open == cursor }
    guard let pair else { return [] }
    return [pair.open, pair.close].map { Mark(bytes: $0..<$0 + 1, kind: .bracket) }
  }

  private static func pairs(in line: String) -> [(open: Int, close: Int)] {
    var pairs: [(open: Int, close: Int)] = []
    var open: [Int] = []
    var position = 0
    for (piece, kind) in TextPiece.pieces(of: line) {
      defer { position += piece.utf8.count }
      guard kind == .other else { continue }
      for (index, byte) in piece.utf8.enumerated() {
        if "([{".utf8.contains(byte) { open.append(position + index) }
        if ")]}".utf8.contains(byte), let opening = open.popLast() { pairs.append((opening, position + index)) }
      }
    }
    return pairs
  }
}
