// White space and scalars in UTF-8, which the string methods and the conversions share.

import ICSVM

/// A text without the white space around it (Unicode's White_Space).
func trimmed(
  _ text: UnsafeBufferPointer<UInt8>, start trimsStart: Bool = true, end trimsEnd: Bool = true
) -> UnsafeBufferPointer<UInt8> {
  var start = 0
  var end = text.count
  if trimsStart {
    while start < end {
      let width = whitespaceWidth(text, at: start)
      if width == 0 { break }
      start += width
    }
  }
  if trimsEnd {
    while end > start {
      var lead = end - 1
      while lead > start && text[lead] & 0xC0 == 0x80 { lead -= 1 }
      if whitespaceWidth(text, at: lead) == 0 { break }
      end = lead
    }
  }
  return UnsafeBufferPointer(rebasing: text[start..<end])
}

/// How many bytes the white space has that begins at an offset; 0 when there is none.
func whitespaceWidth(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) -> Int {
  let byte = text[offset]
  if byte < 0x80 { return byte == 0x20 || (byte >= 9 && byte <= 13) ? 1 : 0 }
  if byte == 0xC2, offset + 1 < text.count { return text[offset + 1] == 0x85 || text[offset + 1] == 0xA0 ? 2 : 0 }
  guard byte >= 0xE1 && byte <= 0xE3, offset + 2 < text.count else { return 0 }
  switch (byte, text[offset + 1], text[offset + 2]) {
  case (0xE1, 0x9A, 0x80): return 3  // U+1680
  case (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0xAF), (0xE2, 0x81, 0x9F): return 3
  case (0xE3, 0x80, 0x80): return 3  // U+3000
  default: return 0
  }
}

/// The number of scalars of a text in the bytes before an offset.
func scalars(_ text: UnsafeBufferPointer<UInt8>, before offset: Int) -> Int {
  guard let start = text.baseAddress else { return 0 }
  return countScalars(start, offset)
}
