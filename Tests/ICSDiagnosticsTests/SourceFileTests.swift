import ICSDiagnostics
import Testing

@Suite struct SourceFileTests {
  private func place(_ text: String, _ offset: Int) -> [Int] {
    let (line, column) = SourceFile(name: "t.ics", text: text).lineAndColumn(at: offset)
    return [line, column]
  }

  @Test("LF, CRLF and a lone CR end lines; other separators do not")
  func lineEnds() {
    #expect(place("a\nb\r\nc\rd", 0) == [1, 1])
    #expect(place("a\nb\r\nc\rd", 2) == [2, 1])
    #expect(place("a\nb\r\nc\rd", 5) == [3, 1])
    #expect(place("a\nb\r\nc\rd", 7) == [4, 1])
    #expect(place("\n\r\n\r\r\n", 6) == [5, 1])
    #expect(place("a\u{2028}b\u{85}c\u{C}d", 8) == [1, 6])
    #expect(SourceFile(name: "t", text: "").lineCount == 1)
    #expect(SourceFile(name: "t", text: "a\n").lineCount == 2)
  }

  @Test("columns count scalars, and an offset inside a scalar is at the scalar")
  func columns() {
    #expect(place("é😀x", 0) == [1, 1])
    #expect(place("é😀x", 2) == [1, 2])
    #expect(place("é😀x", 4) == [1, 2])
    #expect(place("é😀x", 6) == [1, 3])
    #expect(place("é😀x", 7) == [1, 4])
  }

  @Test("offsets outside the text count as its nearest end")
  func outside() {
    #expect(place("ab", 99) == [1, 3])
    #expect(place("ab", -1) == [1, 1])
    #expect(place("", 5) == [1, 1])
    #expect(place("a\n", 2) == [2, 1])
  }

  @Test("bytes that are not UTF-8 are kept, and counted as somebody would see them")
  func invalidBytes() {
    let source = SourceFile(name: "t", bytes: [0x61, 0xFF, 0x62, 0x0A, 0x80, 0x63])
    #expect(source.lineAndColumn(at: 2) == (1, 3))
    #expect(source.lineAndColumn(at: 5) == (2, 2))
    #expect(source.text(in: Span(start: 0, end: 3)) == "a\u{FFFD}b")
  }

  @Test("spans are clamped where they are made and where they are used")
  func spans() {
    #expect(Span(start: 5, end: 3) == Span(start: 5, end: 5))
    #expect(Span(0..<Int.max).end == UInt32.max)
    #expect(Span(start: 1, end: 4).union(Span(start: 3, end: 9)) == Span(start: 1, end: 9))
    #expect(SourceFile(name: "t", text: "abc").text(in: Span(start: 1, end: 99)) == "bc")
    #expect(SourceFile(name: "t", text: "abc").text(in: Span(start: 50, end: 99)).isEmpty)
  }
}
