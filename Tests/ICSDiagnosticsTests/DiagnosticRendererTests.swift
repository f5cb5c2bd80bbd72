import ICSDiagnostics
import Testing

/// The span of the first place of `part` in `text`.
private func span(_ part: String, in text: String, after: Int = 0) -> Span {
  let bytes = Array(text.utf8)
  let wanted = Array(part.utf8)
  for start in after...(bytes.count - wanted.count) where Array(bytes[start..<(start + wanted.count)]) == wanted {
    return Span(start..<(start + wanted.count))
  }
  Issue.record("'\(part)' is not in the text")
  return .zero
}

private func render(_ diagnostic: Diagnostic, width: Int = 120) -> String {
  DiagnosticRenderer(color: false, width: width).render(diagnostic)
}

@Suite struct DiagnosticRendererTests {
  @Test("the drawing of the reference")
  func reference() {
    let text = """
      // welcome.ics

      on contact.created "welcome" as contact {
        // greet
        let owner = null

        notify(contact.owner.email)
      }
      """
    let source = SourceFile(name: "welcome.ics", text: text)
    let diagnostic = Diagnostic(
      .null, "cannot read 'email' of null", source: source, span: span("email", in: text), label: "this is null",
      secondary: [.init(span: span("contact.owner", in: text))],
      help: "write contact.owner?.email to get null instead",
      frames: [.init(name: #"on contact.created "welcome""#, source: source, span: span("on contact", in: text))])
    #expect(
      render(diagnostic) == """
        error[E_NULL]: cannot read 'email' of null
          ┌─ welcome.ics:7:24
        7 │   notify(contact.owner.email)
          │          ------------- ^^^^^ this is null
          = help: write contact.owner?.email to get null instead
          = called from: on contact.created "welcome" (welcome.ics:3:1)

        """)
  }

  @Test("without a place there is no excerpt")
  func withoutSource() {
    let diagnostic = Diagnostic(
      .network, "no route to the host", notes: ["tried 3 times"], frames: [.init(name: "print")])
    #expect(
      render(diagnostic) == """
        error[E_NETWORK]: no route to the host
          = note: tried 3 times
          = called from: print

        """)
  }

  @Test("warnings say so")
  func warning() {
    let text = "print({a: 1, a: 2})"
    let source = SourceFile(name: "w.ics", text: text)
    let second = span("a", in: text, after: 12)
    #expect(
      render(
        Diagnostic(
          .duplicateKey, "the key 'a' stands twice", source: source, span: second, label: "this one counts",
          secondary: [.init(span: span("a", in: text), text: "this one does not")])) == """
          warning[W_DUPLICATE_KEY]: the key 'a' stands twice
            ┌─ w.ics:1:14
          1 │ print({a: 1, a: 2})
            │        -     ^ this one counts
            │        this one does not

          """)
  }

  @Test("labels to the left hang below, with bars for those still to come")
  func hangingLabels() {
    let text = "aaa(bb, cc)"
    let source = SourceFile(name: "l.ics", text: text)
    let diagnostic = Diagnostic(
      .type, "no", source: source, span: span("aaa", in: text), label: "first",
      secondary: [
        .init(span: span("bb", in: text), text: "second"), .init(span: span("cc", in: text), text: "third"),
      ])
    #expect(
      render(diagnostic) == """
        error[E_TYPE]: no
          ┌─ l.ics:1:1
        1 │ aaa(bb, cc)
          │ ^^^ --  -- third
          │ │   second
          │ first

        """)
  }

  @Test("labels on several lines and in several files")
  func severalLines() {
    let text = (1...12).map { "line \($0)" }.joined(separator: "\n")
    let other = SourceFile(name: "other.ics", text: "export let x = 1")
    let source = SourceFile(name: "m.ics", text: text)
    let diagnostic = Diagnostic(
      .duplicateName, "twice", source: source, span: span("line 10", in: text), label: "here",
      secondary: [
        .init(span: span("line 8", in: text), text: "two above"), .init(span: span("line 2", in: text)),
        .init(source: other, span: Span(start: 11, end: 12), text: "declared here"),
      ])
    #expect(
      render(diagnostic) == """
        error[E_DUPLICATE_NAME]: twice
           ┌─ m.ics:10:1
         2 │ line 2
           │ ------
           ·
         8 │ line 8
           │ ------ two above
         9 │ line 9
        10 │ line 10
           │ ^^^^^^^ here
           ┌─ other.ics:1:12
         1 │ export let x = 1
           │            - declared here

        """)
  }

  @Test("of a span over several lines the first and the last are shown")
  func multilineSpan() {
    let text = "let x = [\n  1,\n  2,\n  3\n]\n"
    let source = SourceFile(name: "s.ics", text: text)
    let diagnostic = Diagnostic(.type, "too long", source: source, span: Span(start: 8, end: 23), label: "this list")
    #expect(
      render(diagnostic) == """
        error[E_TYPE]: too long
          ┌─ s.ics:1:9
        1 │ let x = [
          │         ^
          ·
        4 │   3
          │   ^ this list

        """)
  }

  @Test("a span at the end of the file, of a line, and of an empty file")
  func ends() {
    let open = SourceFile(name: "e.ics", text: "f(")
    #expect(
      render(Diagnostic(.syntax, "m", source: open, span: Span(start: 2, end: 2), label: "here")) == """
        error[E_SYNTAX]: m
          ┌─ e.ics:1:3
        1 │ f(
          │   ^ here

        """)
    let broken = SourceFile(name: "e.ics", text: "f(\r\n")
    #expect(
      render(Diagnostic(.syntax, "m", source: broken, span: Span(start: 2, end: 4))).contains("1 │ f(\n  │   ^\n"))
    #expect(render(Diagnostic(.syntax, "m", source: broken, span: Span(start: 4, end: 4))).contains("2 │\n  │ ^\n"))
    let empty = SourceFile(name: "e.ics", text: "")
    #expect(render(Diagnostic(.syntax, "m", source: empty, span: Span(start: 7, end: 9))).contains("1 │\n  │ ^\n"))
  }

  @Test("long stacks are cut in the middle")
  func longStack() {
    let frames = (1...10_000).map { Diagnostic.Frame(name: "f\($0)") }
    let lines = render(Diagnostic(.depth, "too deep", frames: frames)).split(separator: "\n")
    #expect(lines.count == 12)
    #expect(lines[8] == "  = called from: f8")
    #expect(lines[9] == "  = called from: … 9990 more calls …")
    #expect(lines[10] == "  = called from: f9999")
    #expect(render(Diagnostic(.depth, "m", frames: Array(frames.prefix(10)))).split(separator: "\n").count == 11)
    #expect(render(Diagnostic(.depth, "m", frames: Array(frames.prefix(11)))).contains("… 1 more call …"))
  }

  @Test("later lines of a message are indented, so that none can pass for a diagnostic")
  func multilineMessage() {
    let drawn = render(Diagnostic(.error, "one\nerror[E_NULL]: two", notes: ["a\nb"], help: "c\nd"))
    #expect(drawn == "error[E_ERROR]: one\n  error[E_NULL]: two\n  = note: a\n    b\n  = help: c\n    d\n")
  }

  @Test("a huge message is cut")
  func hugeMessage() {
    let drawn = render(Diagnostic(.thrown, String(repeating: "é", count: 1_000_000)))
    #expect(drawn.utf8.count < 4200)
    #expect(drawn.hasSuffix("…\n"))
  }

  @Test("colours are restrained, and none without asking")
  func colours() {
    let source = SourceFile(name: "c.ics", text: "x")
    let diagnostic = Diagnostic(.type, "no", source: source, span: Span(start: 0, end: 1), label: "this", help: "h")
    let colored = DiagnosticRenderer(color: true).render(diagnostic)
    #expect(colored.hasPrefix("\u{1B}[1;31merror[E_TYPE]\u{1B}[0m\u{1B}[1m: no\u{1B}[0m\n"))
    #expect(!render(diagnostic).contains("\u{1B}"))
    var plain = ""
    var isInCode = false
    for character in colored {
      if character == "\u{1B}" { isInCode = true } else if !isInCode { plain.append(character) }
      if isInCode, character == "m" { isInCode = false }
    }
    #expect(plain == render(diagnostic))
  }
}

@Suite struct ExcerptTests {
  /// The two lines of the excerpt.
  private func excerpt(_ text: String, _ part: String, width: Int = 120) -> [String] {
    let source = SourceFile(name: "x.ics", text: text)
    let diagnostic = Diagnostic(.type, "m", source: source, span: span(part, in: text))
    return render(diagnostic, width: width).split(separator: "\n").dropFirst(2).map { String($0.dropFirst(4)) }
  }

  @Test("tabs are four spaces")
  func tabs() {
    #expect(excerpt("\tif\tx {", "x") == ["    if    x {", "          ^"])
  }

  @Test(
    "carets stand under wide, combining and joined characters",
    arguments: [
      ("日本 = x", "x", 7), ("e\u{301}e\u{301} = x", "x", 5), ("\"👨‍👩‍👧🇩🇪\" + x", "x", 9), ("é = x", "x", 4),
      ("한글 x", "x", 5),
    ])
  func wide(text: String, part: String, column: Int) {
    #expect(excerpt(text, part) == [text, String(repeating: " ", count: column) + "^"])
  }

  @Test("a wide character has a wide underline")
  func wideUnderline() {
    #expect(excerpt("a 日本 b", "日本") == ["a 日本 b", "  ^^^^"])
    #expect(excerpt("a👍🏽b", "👍🏽") == ["a👍🏽b", " ^^"])
  }

  @Test("control characters and those of writing direction are shown escaped")
  func escapes() {
    #expect(excerpt("a\u{1B}[2Jb", "b") == ["a\\u{1B}[2Jb", "          ^"])
    #expect(excerpt("x\u{202E}y", "\u{202E}") == ["x\\u{202E}y", " ^^^^^^^^"])
    #expect(excerpt("x\u{C}y", "y") == ["x\\u{C}y", "      ^"])
  }

  @Test("names of files and functions, messages, labels, notes and codes are escaped too")
  func escapesElsewhere() {
    let evil = "\u{1B}[2J\u{202E}"
    let source = SourceFile(name: evil, text: "x")
    let drawn = render(
      Diagnostic(
        code: evil, message: evil, source: source, span: Span(start: 0, end: 1), label: evil,
        secondary: [.init(span: .zero, text: evil)], notes: [evil], help: evil,
        frames: [.init(name: evil, source: source)]))
    #expect(!drawn.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
  }

  @Test("bytes that are not UTF-8 are replaced, and the caret still fits")
  func invalidBytes() {
    let source = SourceFile(name: "b.ics", bytes: [0x61, 0xFF, 0xC0, 0xAF, 0x62])
    let drawn = render(Diagnostic(.syntax, "m", source: source, span: Span(start: 4, end: 5)))
    #expect(drawn.contains("1 │ a\u{FFFD}\u{FFFD}\u{FFFD}b\n  │     ^\n"))
  }

  @Test("a long line is cut to a window around the span")
  func longLine() {
    let text = String(repeating: "a", count: 500) + "HERE" + String(repeating: "b", count: 500)
    let lines = excerpt(text, "HERE", width: 44)
    #expect(lines[0].hasPrefix("…a") && lines[0].hasSuffix("b…") && lines[0].count == 40)
    #expect(lines[1].count == lines[0].prefix { $0 != "H" }.count + 4)
    #expect(lines[1].hasSuffix("^^^^"))
  }

  @Test("a long line is shown from its start when that shows the span, and to its end likewise")
  func longLineEnds() {
    let text = "START" + String(repeating: "-", count: 500) + "END"
    #expect(excerpt(text, "START", width: 44)[0].hasPrefix("START---"))
    #expect(excerpt(text, "START", width: 44)[1] == "^^^^^")
    let end = excerpt(text, "END", width: 44)
    #expect(end[0].hasPrefix("…-") && end[0].hasSuffix("-END"))
    #expect(end[1].count == end[0].count)
    let whole = excerpt(text, text, width: 44)
    #expect(whole[0].hasPrefix("START") && whole[0].hasSuffix("…"))
  }

  @Test("a line of a megabyte costs little and is cut")
  func hugeLine() {
    let text = String(repeating: "日", count: 300_000) + "X" + String(repeating: "\u{301}", count: 100_000)
    let lines = excerpt(text, "X", width: 60)
    #expect(lines[0].unicodeScalars.contains("X"))
    #expect(lines[0].unicodeScalars.count < 80)
    #expect(displayWidth(lines[0]) <= 58)
    #expect(displayWidth(String(lines[0].prefix { $0.unicodeScalars.first != "X" })) == lines[1].count - 1)
  }

  @Test("any span in any text is drawn without a crash")
  func anySpan() {
    let text = "let é = \"👨‍👩‍👧\"\r\n\tprint(日本)\n\n\u{202E}\rend\n"
    let source = SourceFile(name: "a.ics", text: text)
    let count = text.utf8.count
    for start in 0...(count + 2) {
      for end in start...(count + 2) {
        for width in [0, 20, 120] {
          let drawn = render(Diagnostic(.type, "m", source: source, span: Span(start..<end), label: "l"), width: width)
          #expect(drawn.contains("^"))
          #expect(!drawn.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        }
      }
    }
  }
}
