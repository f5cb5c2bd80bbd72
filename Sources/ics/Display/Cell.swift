// Text in columns: how wide it is, cutting it and filling it up.

import ICSDiagnostics

enum Cell {
  /// The text in at most so many columns; what does not fit ends with an ellipsis. Columns below 1 give nothing.
  static func cut(_ text: String, to width: Int) -> String {
    guard width > 0 else { return "" }
    // A character is a scalar or more: a text that may fit has few of them, unless marks pile up on a letter.
    let bound = 8 * width + 64
    let isLong = text.utf8.count > 4 * bound && text.unicodeScalars.count > bound
    let candidate = isLong ? String(text.unicodeScalars.prefix(bound)) : text
    if !isLong, displayWidth(candidate) <= width { return candidate }
    var result = ""
    var used = 0
    for character in candidate {
      let columns = displayWidth(String(character))
      guard used + columns <= width - 1 else { break }
      result.append(character)
      used += columns
    }
    return result + "…"
  }

  /// The text, filled with blanks up to a width. Longer text stays as it is.
  static func pad(_ text: String, to width: Int, isRight: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - displayWidth(text)))
    return isRight ? blanks + text : text + blanks
  }
}
