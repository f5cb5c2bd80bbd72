// The methods of strings. Indexes and counts are in Unicode scalars; the work is done on bytes.

import ICSVM

enum StringMethods {
  static let rows: [BuiltIn] = searching + changing + taking

  private static let searching: [BuiltIn] = [
    BuiltIn(
      "string.starts_with", "string.starts_with(s)", "Whether the string begins with `s`.",
      example: """
        print("welcome".starts_with("wel"))  // expect: true
        """,
      .native(1...1, startsWith)),
    BuiltIn(
      "string.ends_with", "string.ends_with(s)", "Whether the string ends with `s`.",
      example: """
        print("welcome".ends_with("x"))  // expect: false
        """,
      .native(1...1, endsWith)),
    BuiltIn(
      "string.contains", "string.contains(s)", "Whether `s` stands somewhere in the string.",
      example: """
        print("welcome".contains("com"))  // expect: true
        """,
      .native(1...1) { (call) throws(Raised) in .bool(try find(call) != nil) }),
    BuiltIn(
      "string.index_of", "string.index_of(s)", "Where `s` first stands in the string, null when it does not.",
      example: """
        print("né é".index_of("é"), "abc".index_of("x"))  // expect: 1 null
        """,
      .native(1...1, indexOf)),
  ]

  private static let changing: [BuiltIn] = [
    BuiltIn(
      "string.upper", "string.upper()", "The string in capitals, the same in every country.",
      example: """
        print("Ada".upper())  // expect: ADA
        """,
      .native(0...0, upper)),
    BuiltIn(
      "string.lower", "string.lower()", "The string in small letters, the same in every country.",
      example: """
        print("Ada".lower())  // expect: ada
        """,
      .native(0...0, lower)),
    BuiltIn(
      "string.trim", "string.trim()", "The string without white space at both ends.",
      example: """
        print("[{{"  x ".trim()}}]")  // expect: [x]
        """,
      .native(0...0) { (call) throws(Raised) in try trim(call, start: true, end: true) }),
    BuiltIn(
      "string.trim_start", "string.trim_start()", "The string without white space at its start.",
      example: """
        print("[{{" x ".trim_start()}}]")  // expect: [x ]
        """,
      .native(0...0) { (call) throws(Raised) in try trim(call, start: true, end: false) }),
    BuiltIn(
      "string.trim_end", "string.trim_end()", "The string without white space at its end.",
      example: """
        print("[{{" x ".trim_end()}}]")  // expect: [ x]
        """,
      .native(0...0) { (call) throws(Raised) in try trim(call, start: false, end: true) }),
    BuiltIn(
      "string.replace", "string.replace(from, to)",
      "The string with every `from` replaced. An empty `from` stands before, between and after all scalars.",
      example: """
        print("a-b-c".replace("-", "+"))  // expect: a+b+c
        """,
      .native(2...2, replace)),
    BuiltIn(
      "string.repeat", "string.repeat(n)", "The string `n` times.",
      example: """
        print("ab".repeat(3))  // expect: ababab
        """,
      .native(1...1, repeated)),
    BuiltIn(
      "string.pad_start", "string.pad_start(n, with)",
      "The string with `with` (a space) repeated before it, up to `n` scalars.",
      example: """
        print("7".pad_start(3, "0"))  // expect: 007
        """,
      .native(1...2) { (call) throws(Raised) in try pad(call, atStart: true) }),
    BuiltIn(
      "string.pad_end", "string.pad_end(n, with)",
      "The string with `with` (a space) repeated behind it, up to `n` scalars.",
      example: """
        print("7".pad_end(3, "."))  // expect: 7..
        """,
      .native(1...2) { (call) throws(Raised) in try pad(call, atStart: false) }),
  ]

  private static let taking: [BuiltIn] = [
    BuiltIn(
      "string.slice", "string.slice(a, b)",
      "The scalars from `a` up to `b`, without `b` (the end when it is left out). Negative ones count from the end.",
      example: """
        print("welcome".slice(3, 7), "welcome".slice(-2))  // expect: come me
        """,
      .native(1...2, slice)),
    BuiltIn(
      "string.split", "string.split(separator)", "The parts between the separators; an empty one gives the scalars.",
      example: """
        print("a,b,,c".split(","))  // expect: ["a", "b", "", "c"]
        """,
      .native(1...1, split)),
    BuiltIn(
      "string.words", "string.words()", "The parts between runs of white space.",
      example: """
        print("  two  words ".words())  // expect: ["two", "words"]
        """,
      .native(0...0, words)),
    BuiltIn(
      "string.lines", "string.lines()",
      "The lines, without their ends (a line feed, before it perhaps a carriage return).",
      example: """
        print("x\\ny\\n".lines())  // expect: ["x", "y"]
        """,
      .native(0...0, lines)),
    BuiltIn(
      "string.chars", "string.chars()", "The Unicode scalars, each as a string.",
      example: """
        print("né".chars())  // expect: ["n", "é"]
        """,
      .native(0...0) { (call) throws(Raised) in try scalars(call.receiver.address, call) }),
    BuiltIn(
      "string.bytes", "string.bytes()", "The bytes of the string's UTF-8, as ints.",
      example: """
        print("ab".bytes())  // expect: [97, 98]
        """,
      .native(0...0, bytes)),
  ]

  // MARK: Searching

  private static func text(_ call: Call) -> UnsafeBufferPointer<UInt8> { stringBuffer(call.receiver.address) }

  private static func startsWith(_ call: Call) throws(Raised) -> Value {
    let part = stringBuffer(try call.string(0))
    try call.charge(part.count >> 6)
    let text = text(call)
    guard part.count <= text.count else { return .bool(false) }
    return .bool(try isEqual(UnsafeBufferPointer(rebasing: text.prefix(part.count)), part, call))
  }

  private static func endsWith(_ call: Call) throws(Raised) -> Value {
    let part = stringBuffer(try call.string(0))
    try call.charge(part.count >> 6)
    let text = text(call)
    guard part.count <= text.count else { return .bool(false) }
    return .bool(try isEqual(UnsafeBufferPointer(rebasing: text.suffix(part.count)), part, call))
  }

  /// Whether two texts of the same length are equal; in parts, so that a long comparison can be stopped between them.
  private static func isEqual(
    _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>, _ call: Call
  ) throws(Raised) -> Bool {
    let part = 1 << 20
    var start = 0
    while start < a.count {
      if start > 0 { try call.poll() }
      let end = min(start + part, a.count)
      guard a[start..<end].elementsEqual(b[start..<end]) else { return false }
      start = end
    }
    return true
  }

  private static func find(_ call: Call) throws(Raised) -> Int? {
    try call.find(stringBuffer(try call.string(0)), in: text(call))
  }

  private static func indexOf(_ call: Call) throws(Raised) -> Value {
    guard let offset = try find(call) else { return .null }
    return .int(ICSLibrary.scalars(text(call), before: offset))
  }

  // MARK: Changing

  private static func upper(_ call: Call) throws(Raised) -> Value {
    try mapCase(call, ascii: { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 }, text: { $0.uppercased() })
  }

  private static func lower(_ call: Call) throws(Raised) -> Value {
    try mapCase(call, ascii: { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }, text: { $0.lowercased() })
  }

  private static func mapCase(
    _ call: Call, ascii: (UInt8) -> UInt8, text mapped: (String) -> String
  ) throws(Raised) -> Value {
    let s = call.receiver.address
    let length = stringLength(s)
    try call.reserve(bytes: length)
    guard isASCII(s) else { return try mapScalars(call, mapped) }
    try call.charge(length >> 4)
    let result = call.vm.newString(length: length)
    let from = stringBytes(s)
    let to = stringBytes(result)
    for start in stride(from: 0, to: length, by: 1 << 16) {
      try call.poll()
      for index in start..<min(start + 1 << 16, length) { to[index] = ascii(from[index]) }
    }
    return .object(Tag.string, result)
  }

  /// A text that is not all ASCII, some scalars at a time: the mapping of one does not depend on its neighbours.
  private static func mapScalars(_ call: Call, _ mapped: (String) -> String) throws(Raised) -> Value {
    let text = text(call)
    var result: [UInt8] = []
    var start = 0
    while start < text.count {
      var end = min(start + 1 << 14, text.count)
      while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
      try call.charge((end - start) >> 2)
      try call.checkMemory(beside: result.count)
      result += mapped(String(decoding: text[start..<end], as: UTF8.self)).utf8
      start = end
    }
    try call.reserve(bytes: result.count)
    return .object(Tag.string, try call.string(result))
  }

  private static func trim(_ call: Call, start: Bool, end: Bool) throws(Raised) -> Value {
    let part = trimmed(text(call), start: start, end: end)
    if part.count == text(call).count { return call.receiver }
    try call.charge(text(call).count >> 4)
    try call.reserve(bytes: part.count)
    return .object(Tag.string, try call.newString(part))
  }

  private static func replace(_ call: Call) throws(Raised) -> Value {
    let from = stringBuffer(try call.string(0))
    let to = stringBuffer(try call.string(1))
    let text = text(call)
    // Counted first, so that the result is made once and nothing is made before the limit is asked.
    var count = 0
    var place = try nextPlace(of: from, in: text, from: 0, call)
    while let found = place {
      count += 1
      try call.charge(2)
      place = try nextPlace(of: from, in: text, from: found.end, call)
    }
    if count == 0 { return call.receiver }
    let (added, overflow) = (to.count - from.count).multipliedReportingOverflow(by: count)
    let length = overflow ? Int.max >> 1 : text.count + added
    try call.reserve(bytes: length)
    try call.charge(length >> 4)
    let result = call.vm.newString(length: length)
    var out = stringBytes(result)
    var copied = 0
    func copy(_ part: UnsafeBufferPointer<UInt8>) throws(Raised) {
      if let start = part.baseAddress { try call.copy(out, start, part.count) }
      out += part.count
    }
    place = try nextPlace(of: from, in: text, from: 0, call)
    var replaced = 0
    while let found = place {
      try call.poll(at: replaced)
      replaced += 1
      try copy(UnsafeBufferPointer(rebasing: text[copied..<found.start]))
      try copy(to)
      copied = found.start + from.count
      place = try nextPlace(of: from, in: text, from: found.end, call)
    }
    try copy(UnsafeBufferPointer(rebasing: text[copied...]))
    return .object(Tag.string, result)
  }

  /// The next place where a part stands, and where the search goes on. An empty part stands before each scalar and at
  /// the end.
  private static func nextPlace(
    of part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from offset: Int, _ call: Call
  ) throws(Raised) -> (start: Int, end: Int)? {
    guard part.isEmpty else { return try call.find(part, in: text, from: offset).map { ($0, $0 + part.count) } }
    try call.charge(1)
    guard offset <= text.count else { return nil }
    return (offset, offset < text.count ? offset + scalarWidth(text[offset]) : offset + 1)
  }

  private static func repeated(_ call: Call) throws(Raised) -> Value {
    let times = try call.size(0)
    let (length, overflow) = text(call).count.multipliedReportingOverflow(by: times)
    try call.reserve(bytes: overflow ? Int.max : length)
    try call.charge(length >> 4)
    let result = call.vm.newString(length: length)
    try fill(stringBytes(result), length, with: text(call), call)
    return .object(Tag.string, result)
  }

  /// Fills bytes with a pattern, over and over; cut at the end.
  private static func fill(
    _ out: UnsafeMutablePointer<UInt8>, _ length: Int, with pattern: UnsafeBufferPointer<UInt8>, _ call: Call
  ) throws(Raised) {
    guard let start = pattern.baseAddress, length > 0 else { return }
    var filled = min(length, pattern.count)
    try call.copy(out, start, filled)
    // What is there already is doubled, in whole patterns, up to a size that stays in the cache.
    let largest = max(pattern.count, (1 << 18) / pattern.count * pattern.count)
    while filled < length {
      try call.poll()
      let more = min(filled, largest, length - filled)
      try call.copy(out + filled, out, more)
      filled += more
    }
  }

  private static func pad(_ call: Call, atStart: Bool) throws(Raised) -> Value {
    let wanted = try call.int(0)
    let s = call.receiver.address
    let missing = max(0, wanted) - scalarCount(s)
    let padding = call.has(1) ? try call.string(1) : call.vm.name(" ")
    let unit = scalarCount(padding)
    if missing <= 0 || unit == 0 { return call.receiver }
    let (whole, rest) = missing.quotientAndRemainder(dividingBy: unit)
    let (wholeBytes, overflow) = whole.multipliedReportingOverflow(by: stringLength(padding))
    try call.reserve(bytes: overflow || wholeBytes > 1 << 40 ? Int.max : wholeBytes + stringLength(s))
    let padBytes = wholeBytes + byteOffset(ofScalar: rest, in: padding)
    let length = padBytes + stringLength(s)
    try call.reserve(bytes: length)
    try call.charge(length >> 4)
    let result = call.vm.newString(length: length)
    let out = stringBytes(result)
    try fill(atStart ? out : out + stringLength(s), padBytes, with: stringBuffer(padding), call)
    try call.copy(atStart ? out + padBytes : out, stringBytes(s), stringLength(s))
    return .object(Tag.string, result)
  }

  // MARK: Taking apart

  private static func slice(_ call: Call) throws(Raised) -> Value {
    let s = call.receiver.address
    let part = try call.bounds(at: 0, count: scalarCount(s))
    try call.charge(stringLength(s) >> 4)
    try call.reserve(bytes: min(stringLength(s), part.count &* 4))
    guard let made = call.vm.substring(s, fromScalar: part.lowerBound, count: part.count) else { throw Raised() }
    return .object(Tag.string, made)
  }

  private static func split(_ call: Call) throws(Raised) -> Value {
    let separator = stringBuffer(try call.string(0))
    if separator.isEmpty { return try scalars(call.receiver.address, call) }
    let text = text(call)
    let list = call.vm.newList(capacity: 4)
    var start = 0
    while let place = try call.find(separator, in: text, from: start) {
      try push(text, start..<place, to: list, call)
      start = place + separator.count
    }
    try push(text, start..<text.count, to: list, call)
    return .object(Tag.list, list)
  }

  private static func push(
    _ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, to list: Raw, _ call: Call
  ) throws(Raised) {
    try call.charge(2 + part.count >> 4)
    // A part of one byte takes a whole string of memory.
    if listCount(list) & 0xFF == 0xFF || part.count > 4096 { try call.checkMemory(beside: part.count) }
    call.vm.listPush(list, .object(Tag.string, try call.newString(UnsafeBufferPointer(rebasing: text[part]))))
    // A list that has no room stays as it is.
    if call.vm.hasMetLimit { throw Raised() }
  }

  private static func words(_ call: Call) throws(Raised) -> Value {
    let text = text(call)
    let list = call.vm.newList(capacity: 4)
    var start: Int?
    var offset = 0
    var paid = 0
    while offset < text.count {
      if offset >= paid {
        try call.charge(1024)
        paid = offset + 4096
      }
      let width = whitespaceWidth(text, at: offset)
      if width == 0 {
        if start == nil { start = offset }
        offset += scalarWidth(text[offset])
      } else {
        if let word = start { try push(text, word..<offset, to: list, call) }
        start = nil
        offset += width
      }
    }
    if let word = start { try push(text, word..<text.count, to: list, call) }
    return .object(Tag.list, list)
  }

  private static func lines(_ call: Call) throws(Raised) -> Value {
    let text = text(call)
    let list = call.vm.newList(capacity: 4)
    let lineFeed: [UInt8] = [10]
    var start = 0
    while start < text.count {
      let end = try lineFeed.withUnsafeBufferPointer { (end) throws(Raised) in
        try call.find(end, in: text, from: start) ?? text.count
      }
      let isCRLF = end < text.count && end > start && text[end - 1] == 13
      try push(text, start..<(isCRLF ? end - 1 : end), to: list, call)
      start = end + 1
    }
    return .object(Tag.list, list)
  }

  private static func scalars(_ s: Raw, _ call: Call) throws(Raised) -> Value {
    let text = stringBuffer(s)
    let list = try call.newItems(count: scalarCount(s))
    try call.reserve(bytes: scalarCount(s) * 48)
    var offset = 0
    while offset < text.count {
      let width = scalarWidth(text[offset])
      try call.poll(at: listCount(list))
      call.vm.listPush(
        list, .object(Tag.string, call.vm.newString(UnsafeBufferPointer(rebasing: text[offset..<(offset + width)]))))
      offset += width
    }
    return .object(Tag.list, list)
  }

  private static func bytes(_ call: Call) throws(Raised) -> Value {
    let text = text(call)
    let list = try call.newItems(count: text.count)
    for (index, byte) in text.enumerated() {
      try call.poll(at: index)
      call.vm.listPush(list, .int(Int(byte)))
    }
    return .object(Tag.list, list)
  }
}
