// The pieces of the scanner that do not depend on the builder: white space, words, strings and numbers.

/// A string in a text: its unescaped bytes and where reading goes on.
@usableFromInline
struct JSONTextString {
  @usableFromInline let utf8: UnsafeBufferPointer<UInt8>
  @usableFromInline let isASCII: Bool
  @usableFromInline let next: UnsafePointer<UInt8>

  @inlinable
  init(utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool, next: UnsafePointer<UInt8>) {
    self.utf8 = utf8
    self.isASCII = isASCII
    self.next = next
  }
}

/// Room for unescaped strings, kept from one to the next. Its owner deallocates it.
@usableFromInline
struct JSONScratch {
  @usableFromInline var start: UnsafeMutablePointer<UInt8>?
  @usableFromInline var capacity = 0

  @inlinable
  init() {}

  @inlinable
  func deallocate() { start?.deallocate() }

  /// At least `needed` bytes, with no old contents.
  mutating func room(_ needed: Int) -> UnsafeMutablePointer<UInt8> {
    if let start, needed <= capacity { return start }
    start?.deallocate()
    capacity = max(needed, 256)
    let room = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    start = room
    return room
  }
}

@usableFromInline
enum JSONText {
  @usableFromInline typealias Cursor = UnsafePointer<UInt8>

  // Four letters as they lie in memory on a little-endian machine.
  @inlinable @inline(__always) static var trueWord: UInt32 { 0x6575_7274 }
  @inlinable @inline(__always) static var nullWord: UInt32 { 0x6C6C_756E }
  /// The last four letters of "false".
  @inlinable @inline(__always) static var falseWord: UInt32 { 0x6573_6C61 }

  @inlinable @inline(__always) static var ones: UInt64 { 0x0101_0101_0101_0101 }
  @inlinable @inline(__always) static var highBits: UInt64 { 0x8080_8080_8080_8080 }

  @inlinable @inline(__always)
  static func load8(_ p: Cursor) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
  }

  @inlinable @inline(__always)
  static func skipWhitespace(_ start: Cursor, _ end: Cursor) -> Cursor {
    var p = start
    while p < end, p.pointee <= 0x20 {
      switch p.pointee {
      case 0x20, 0x0D, 0x09: p += 1
      case 0x0A:
        p += 1
        // Indentation, of which laid out texts are full.
        while end - p >= 8, load8(p) == 0x2020_2020_2020_2020 { p += 8 }
      default: return p
      }
    }
    return p
  }

  /// Reads a word of `length` letters whose last four are `word`; its first letter has been seen.
  @inlinable @inline(__always)
  static func scanWord(
    _ word: UInt32, _ length: Int, _ p: Cursor, _ end: Cursor, _ start: Cursor
  ) throws(JSONError) -> Cursor {
    guard end - p >= length,
      UInt32(littleEndian: UnsafeRawPointer(p + (length - 4)).loadUnaligned(as: UInt32.self)) == word
    else { throw noValue(p, end, start) }
    return p + length
  }

  /// Why no value begins at `p`.
  @usableFromInline @inline(never)
  static func noValue(_ p: Cursor, _ end: Cursor, _ start: Cursor) -> JSONError {
    let offset = p - start
    if offset == 0, end - p >= 3, p[0] == 0xEF, p[1] == 0xBB, p[2] == 0xBF { return JSONError(.byteOrderMark, at: 0) }
    return JSONError(.unexpectedByte(p.pointee, expected: .value), at: offset)
  }

  // MARK: Strings

  /// Reads a string whose opening quote lies before `first`.
  @inlinable @inline(__always)
  static func scanString(
    _ first: Cursor, _ end: Cursor, _ start: Cursor, _ scratch: inout JSONScratch
  ) throws(JSONError) -> JSONTextString {
    var high: UInt64 = 0
    let stop = plainRun(first, end, &high)
    if stop < end, stop.pointee == UInt8(ascii: "\""), high == 0 {
      return JSONTextString(
        utf8: UnsafeBufferPointer(start: first, count: stop - first), isASCII: true, next: stop + 1)
    }
    return try scanUnusualString(first, stop, end, start, &scratch)
  }

  /// The first byte from `first` on that ends a run of plain characters: a quote, a backslash, a control character
  /// or `end`. Bits of bytes outside ASCII are added to `high`.
  @inlinable @inline(__always)
  static func plainRun(_ first: Cursor, _ end: Cursor, _ high: inout UInt64) -> Cursor {
    var p = first
    while end - p >= 8 {
      let word = load8(p)
      // Each term has the high bit of every byte that it looks for. Bits above the lowest one may be false, so only
      // the lowest is used.
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let found =
        ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- (ones &* 0x20)) & ~word) & highBits
      if found != 0 {
        high |= word & highBits & ((found & (0 &- found)) &- 1)
        return p + (found.trailingZeroBitCount >> 3)
      }
      high |= word & highBits
      p += 8
    }
    while p < end {
      let byte = p.pointee
      if byte == 0x22 || byte == 0x5C || byte < 0x20 { return p }
      high |= UInt64(byte & 0x80)
      p += 1
    }
    return p
  }

  /// Reads a string with escapes or with characters outside ASCII, or says what is wrong with it.
  @usableFromInline @inline(never)
  static func scanUnusualString(
    _ first: Cursor, _ firstStop: Cursor, _ end: Cursor, _ start: Cursor, _ scratch: inout JSONScratch
  ) throws(JSONError) -> JSONTextString {
    if firstStop < end, firstStop.pointee == UInt8(ascii: "\"") {
      let utf8 = UnsafeBufferPointer(start: first, count: firstStop - first)
      if let bad = UTF8Check.firstInvalid(utf8) { throw JSONError(.invalidUTF8, at: first - start + bad) }
      return JSONTextString(utf8: utf8, isASCII: false, next: firstStop + 1)
    }
    let close = try closingQuote(firstStop, end, start)
    // Unescaped, no string is longer than it was.
    let room = scratch.room(close - first)
    var written = 0
    var p = first
    var isASCII = true
    while true {
      var high: UInt64 = 0
      let stop = plainRun(p, close, &high)
      let run = UnsafeBufferPointer(start: p, count: stop - p)
      if high != 0 {
        if let bad = UTF8Check.firstInvalid(run) { throw JSONError(.invalidUTF8, at: p - start + bad) }
        isASCII = false
      }
      (room + written).update(from: p, count: run.count)
      written += run.count
      if stop == close { break }
      p = try unescape(stop, close, start, room, &written, &isASCII)
    }
    return JSONTextString(
      utf8: UnsafeBufferPointer(start: room, count: written), isASCII: isASCII, next: close + 1)
  }

  /// The quote that ends a string, looked for from its first unusual byte.
  private static func closingQuote(_ first: Cursor, _ end: Cursor, _ start: Cursor) throws(JSONError) -> Cursor {
    var p = first
    while p < end {
      switch p.pointee {
      case UInt8(ascii: "\""): return p
      case UInt8(ascii: "\\"): p += 2
      case 0..<0x20: throw JSONError(.controlCharacter(p.pointee), at: p - start)
      default:
        var high: UInt64 = 0
        p = plainRun(p, end, &high)
      }
    }
    throw JSONError(.unexpectedEnd, at: end - start)
  }

  /// Writes what the escape at `p` stands for, and returns the byte after it.
  private static func unescape(
    _ p: Cursor, _ close: Cursor, _ start: Cursor, _ room: UnsafeMutablePointer<UInt8>, _ written: inout Int,
    _ isASCII: inout Bool
  ) throws(JSONError) -> Cursor {
    // INVARIANT: a byte follows the backslash, because `closingQuote` skips two at a time.
    let byte: UInt8
    switch p[1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = p[1]
    case UInt8(ascii: "n"): byte = 0x0A
    case UInt8(ascii: "t"): byte = 0x09
    case UInt8(ascii: "r"): byte = 0x0D
    case UInt8(ascii: "b"): byte = 0x08
    case UInt8(ascii: "f"): byte = 0x0C
    case UInt8(ascii: "u"): return try unescapeUnicode(p, close, start, room, &written, &isASCII)
    default: throw JSONError(.badEscape, at: p - start)
    }
    room[written] = byte
    written += 1
    return p + 2
  }

  private static func unescapeUnicode(
    _ p: Cursor, _ close: Cursor, _ start: Cursor, _ room: UnsafeMutablePointer<UInt8>, _ written: inout Int,
    _ isASCII: inout Bool
  ) throws(JSONError) -> Cursor {
    guard let first = codeUnit(p, close) else { throw JSONError(.badEscape, at: p - start) }
    var code = first
    var next = p + 6
    if first & 0xF800 == 0xD800 {
      guard first < 0xDC00, let second = codeUnit(next, close), second & 0xFC00 == 0xDC00 else {
        throw JSONError(.loneSurrogate, at: p - start)
      }
      code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
      next += 6
    }
    // Not a surrogate and not above U+10FFFF: the scalar exists.
    guard let scalar = Unicode.Scalar(code) else { throw JSONError(.badEscape, at: p - start) }
    for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
      room[written] = unit
      written += 1
    }
    if code >= 0x80 { isASCII = false }
    return next
  }

  /// The four hexadecimal digits of `\uXXXX` at `p`, or `nil` when none stands there.
  private static func codeUnit(_ p: Cursor, _ close: Cursor) -> UInt32? {
    guard close - p >= 6, p[0] == UInt8(ascii: "\\"), p[1] == UInt8(ascii: "u") else { return nil }
    var code: UInt32 = 0
    for index in 2..<6 {
      let digit: UInt8
      switch p[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = p[index] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = p[index] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = p[index] - UInt8(ascii: "A") + 10
      default: return nil
      }
      code = code << 4 | UInt32(digit)
    }
    return code
  }
}
