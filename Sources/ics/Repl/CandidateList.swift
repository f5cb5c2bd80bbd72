// How candidates are listed: one line each, with what they are and what they are for.

import ICSDiagnostics
import IntercomScript

struct CandidateList {
  let lines: [String]

  /// More than these are counted, not listed.
  static let maximumCount = 100
  private static let maximumNameWidth = 40

  init(_ candidates: [Candidate], width: Int, palette: Palette = .none) {
    let shown = candidates.prefix(Self.maximumCount)
    let names = shown.map { Cell.cut(safeText($0.text), to: Self.maximumNameWidth) }
    let nameWidth = names.map(displayWidth).max() ?? 0
    let details = shown.map { Cell.cut(safeText($0.detail), to: max(10, width / 3)) }
    let detailWidth = details.map(displayWidth).max() ?? 0
    var lines: [String] = []
    for (index, candidate) in shown.enumerated() {
      var text = Cell.pad(names[index], to: nameWidth)
      if detailWidth > 0 { text += "  " + Cell.pad(details[index], to: detailWidth) }
      let left = width - displayWidth(text) - 3
      let doc = Cell.cut(safeText(candidate.doc), to: left)
      if left > 8, !doc.isEmpty { text += "  " + palette.paint(doc, .note) }
      while text.last == " " { text.removeLast() }
      lines.append(displayWidth(text) > width && !palette.isOn ? Cell.cut(text, to: max(1, width)) : text)
    }
    if candidates.count > Self.maximumCount {
      lines.append(palette.paint("… \(candidates.count - Self.maximumCount) more", .note))
    }
    self.lines = lines
  }
}
