// How many columns text takes on a terminal, for carets under the right column and for tables. Terminals differ in
// rare characters; this follows Unicode's East Asian Width and emoji data, as most of them do.

/// The number of columns that a text takes in one line: 2 for wide East Asian characters and emoji, 0 for combining
/// and invisible ones. Control characters count 0; pass the text through `terminalSafe` first.
package func displayWidth(_ text: String) -> Int {
  var isASCII = true
  var printable = 0
  for byte in text.utf8 {
    if byte >= 0x80 {
      isASCII = false
      break
    }
    if byte >= 0x20, byte != 0x7F { printable += 1 }
  }
  return isASCII ? printable : text.reduce(0) { $0 + displayWidth($1) }
}

/// The number of columns of one character, which may be several scalars: a flag, a family, a letter with accents.
func displayWidth(_ character: Character) -> Int {
  let scalars = character.unicodeScalars
  guard let first = scalars.first else { return 0 }
  if scalars.count == 1 { return scalarWidth(first) }
  if isRegionalIndicator(first) { return 2 }
  // An emoji sequence is one picture; so is a digit or a sign with the selector that asks for one.
  if first.properties.isEmoji, scalars.contains(where: makesPicture) { return 2 }
  // In Indic scripts several consonants are one character, and each of them takes its columns.
  return scalars.reduce(0) { $0 + scalarWidth($1) }
}

/// Whether a scalar in an emoji sequence gives the whole the shape of a picture: the selector, a skin tone, a joiner.
private func makesPicture(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value == 0xFE0F || scalar.value == 0x200D || (0x1F3FB...0x1F3FF).contains(scalar.value)
}

private func isRegionalIndicator(_ scalar: Unicode.Scalar) -> Bool {
  (0x1F1E6...0x1F1FF).contains(scalar.value)
}

private func scalarWidth(_ scalar: Unicode.Scalar) -> Int {
  let value = scalar.value
  if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) || value == 0xAD ? 0 : 1 }
  if isInvisible(scalar) { return 0 }
  return isWide(value) ? 2 : 1
}

private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
  // The vowels and final consonants of Hangul stand inside the syllable that their initial opens.
  if (0x1160...0x11FF).contains(scalar.value) || (0xD7B0...0xD7FB).contains(scalar.value) { return true }
  return switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: true
  default: false
  }
}

/// Whether a scalar of its own takes two columns: East Asian Width W and F, which include the emoji that are pictures
/// without a selector. Neighbouring blocks with unassigned scalars between them are one range.
private func isWide(_ value: UInt32) -> Bool {
  guard value >= 0x1100 else { return false }
  var low = 0
  var high = wideRanges.count
  while low < high {
    let middle = (low + high) / 2
    if value > wideRanges[middle].upperBound {
      low = middle + 1
    } else if value < wideRanges[middle].lowerBound {
      high = middle
    } else {
      return true
    }
  }
  return false
}

/// In ascending order. Source: EastAsianWidth.txt of Unicode 16, W and F.
private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
  0x25FD...0x25FE, 0x2614...0x2615, 0x2630...0x2637, 0x2648...0x2653, 0x267F...0x267F, 0x268A...0x268F,
  0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE,
  0x26D4...0x26D4, 0x26EA...0x26EA, 0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD,
  0x2705...0x2705, 0x270A...0x270B, 0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755,
  0x2757...0x2757, 0x2795...0x2797, 0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50,
  0x2B55...0x2B55, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
  0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FB,
  0x1D300...0x1D376, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F265,
  0x1F300...0x1F320, 0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3,
  0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D,
  0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F,
  0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6D7, 0x1F6DC...0x1F6DF, 0x1F6EB...0x1F6EC,
  0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7EB, 0x1F7F0...0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF,
  0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
]
