// The module's front door: source text in, syntax tree out.

import ICSDiagnostics

extension SyntaxTree {
  /// How deep brackets, blocks, patterns, prefix operators and interpolations may be nested in one another.
  package static let maximumDepth = 200
  /// How many bytes a source file may have.
  package static let maximumSourceSize = 64 << 20
  /// How many parameters a function and how many arguments a call may have.
  package static let maximumArguments = 255
  /// How many errors are reported for one file.
  package static let maximumErrors = 20

  /// Parses a source file. Always gives a tree; what is wrong with the text is in its `diagnostics`.
  ///
  /// - Parameter maximumSize: How many bytes the file may have.
  package static func parse(_ source: SourceFile, maximumSize: Int = maximumSourceSize) -> SyntaxTree {
    let reports = Reports(source: source)
    return source.bytes.withUnsafeBufferPointer { bytes in
      // Without these two nothing else can be said about the text, so it is not read any further.
      let isReadable = checkSize(bytes, maximumSize, reports) && checkEncoding(bytes, reports)
      return parse(isReadable ? bytes : UnsafeBufferPointer(rebasing: bytes[..<0]), source, reports)
    }
  }

  private static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ source: SourceFile, _ reports: Reports
  ) -> SyntaxTree {
    var lexer = Lexer(bytes, reports: reports)
    lexer.run()
    return lexer.tokens.withUnsafeBufferPointer { tokens in
      var parser = Parser(tokens: tokens, lexer: lexer, bytes: bytes, source: source)
      let root = parser.parseProgram()
      return SyntaxTree(
        source: source, tokens: lexer.tokens, nodes: parser.nodes, extra: parser.extra, names: parser.names.table,
        decodedText: parser.decodedText, root: root, diagnostics: reports.sorted(),
        isIncomplete: reports.isIncomplete)
    }
  }

  private static func checkSize(
    _ bytes: UnsafeBufferPointer<UInt8>, _ maximumSize: Int, _ reports: Reports
  ) -> Bool {
    guard bytes.count > maximumSize else { return true }
    reports.error("this file is too large: \(bytes.count) bytes, and \(maximumSize) are allowed", at: .zero)
    return false
  }

  private static func checkEncoding(_ bytes: UnsafeBufferPointer<UInt8>, _ reports: Reports) -> Bool {
    guard let bad = UTF8Check.firstInvalid(in: bytes) else { return true }
    let line = reports.source.lineAndColumn(at: bad).line
    let byte = String(bytes[bad], radix: 16, uppercase: true)
    reports.error(
      "this file is not UTF-8", at: Span(bad..<bad + 1),
      label: "byte 0x\(bytes[bad] < 16 ? "0" : "")\(byte) in line \(line), at byte offset \(bad)")
    return false
  }

  /// The `///` comment that stands directly before a declaration, one line per comment, without the slashes and the
  /// space after them; nil when there is none.
  package func docComment(of node: NodeID) -> String? {
    let first = self[node].first
    guard tokens[Int(first)].flags.contains(.docBefore) else { return nil }
    let start = first == 0 ? 0 : Int(tokens[Int(first) - 1].end)
    let gap = String(decoding: source.bytes[start..<Int(tokens[Int(first)].start)], as: UTF8.self)
    // The last piece is the indentation of the declaration itself.
    let lines = gap.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).dropLast()
    var comment: [Substring] = []
    for line in lines.reversed() {
      let text = line.drop { $0 == " " || $0 == "\t" }
      guard text.hasPrefix("///"), !text.hasPrefix("////") else { break }
      let content = text.dropFirst(3)
      comment.append(content.hasPrefix(" ") ? content.dropFirst() : content)
    }
    return comment.isEmpty ? nil : comment.reversed().joined(separator: "\n")
  }
}

/// Whether bytes are UTF-8, as Unicode's table 3-7 defines it.
enum UTF8Check {
  /// The index of the first byte that is part of no character, if any.
  static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var index = 0
    while index < bytes.count {
      if bytes[index] < 0x80 {
        index += 1
      } else if let length = lengthOfScalar(in: bytes, at: index) {
        index += length
      } else {
        return index
      }
    }
    return nil
  }

  private static func lengthOfScalar(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
    let first = bytes[index]
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard first >= 0xC2, first <= 0xF4, index + length <= bytes.count else { return nil }
    let second = bytes[index + 1]
    switch first {
    case 0xE0: guard second >= 0xA0 else { return nil }
    case 0xED: guard second <= 0x9F else { return nil }
    case 0xF0: guard second >= 0x90 else { return nil }
    case 0xF4: guard second <= 0x8F else { return nil }
    default: break
    }
    for offset in 1..<length where bytes[index + offset] & 0xC0 != 0x80 { return nil }
    return length
  }
}
