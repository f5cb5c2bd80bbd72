// Text from scripts, files and the network may hold characters that command a terminal or reorder what it shows.
// Everything that reaches a terminal goes through here.

/// The text with every character escaped that a terminal would obey instead of show: control characters, those that
/// change the writing direction, and invisible ones that could hide a difference between names.
///
/// Escapes are those of a string literal: `\n`, `\t`, `\u{1B}`. Joiners and variation selectors stay, because emoji
/// and several scripts need them.
///
/// - Parameter keepingLineBreaks: Leaves LF as it is, for text that may fill several lines.
package func terminalSafe(_ text: String, keepingLineBreaks: Bool = false) -> String {
  let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A && keepingLineBreaks }
  if isPlain { return text }
  var safe = ""
  safe.reserveCapacity(text.utf8.count + 8)
  for scalar in text.unicodeScalars {
    if scalar == "\n", keepingLineBreaks {
      safe.unicodeScalars.append(scalar)
    } else if let escape = terminalEscape(of: scalar) {
      safe += escape
    } else {
      safe.unicodeScalars.append(scalar)
    }
  }
  return safe
}

/// What is shown instead of a scalar that must not reach a terminal, or `nil` when it may.
func terminalEscape(of scalar: Unicode.Scalar) -> String? {
  switch scalar.value {
  case 0x20..<0x7F: return nil
  case 0x0A: return "\\n"
  case 0x09: return "\\t"
  case 0x0D: return "\\r"
  case 0..<0x20, 0x7F..<0xA0,  // C0, DEL, C1
    0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069,  // writing direction
    0x200B, 0x2028, 0x2029, 0x2060...0x2065, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0001:  // invisible
    return "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
  default: return nil
  }
}
