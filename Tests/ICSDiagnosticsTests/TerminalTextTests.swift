import ICSDiagnostics
import Testing

@Suite struct TerminalTextTests {
  @Test(
    "what a terminal would obey is escaped",
    arguments: [
      ("\u{1B}]52;c;AAAA\u{7}", "\\u{1B}]52;c;AAAA\\u{7}"), ("\u{1B}[2J", "\\u{1B}[2J"), ("a\rb\u{8}", "a\\rb\\u{8}"),
      ("\u{9B}31m", "\\u{9B}31m"), ("\u{7F}\0", "\\u{7F}\\u{0}"), ("a\nb\tc", "a\\nb\\tc"),
      ("user\u{202E}nimda\u{2066}", "user\\u{202E}nimda\\u{2066}"), ("a\u{200B}b\u{FEFF}", "a\\u{200B}b\\u{FEFF}"),
      ("\u{2028}", "\\u{2028}"), ("\r\n", "\\r\\n"),
    ])
  func escaped(text: String, expected: String) {
    #expect(terminalSafe(text) == expected)
  }

  @Test(
    "what is only text stays",
    arguments: [
      "", "plain", "naïve", "日本語", "👨‍👩‍👧", "🇩🇪", "שלום", "می‌خواهم", "✈️", "\\u{1B}",
    ])
  func kept(text: String) {
    #expect(terminalSafe(text) == text)
  }

  @Test("line breaks stay when asked, carriage returns never")
  func lineBreaks() {
    #expect(terminalSafe("a\nb\r\nc", keepingLineBreaks: true) == "a\nb\\r\nc")
  }

  @Test(
    "columns of a text",
    arguments: [
      ("", 0), ("abc", 3), ("naïve", 5), ("e\u{301}", 1), ("日本", 4), ("ｆｕｌｌ", 8), ("한국", 4),
      ("\u{1112}\u{1161}\u{11AB}", 2),
      ("😀", 2), ("👨‍👩‍👧‍👦", 2), ("👍🏽", 2), ("🇩🇪🇫🇷", 4), ("✈️", 2), ("✈", 1), ("❤️", 2), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2), ("1️⃣", 2),
      ("…", 1),
      ("a\u{300}\u{301}\u{302}b", 2), ("שלום", 4), ("नमस्ते", 4), ("\u{AD}", 0), ("┌─", 2), ("ﾊﾝｶｸ", 4), ("→✓", 2),
      ("🀄", 2),
    ])
  func width(text: String, columns: Int) {
    #expect(displayWidth(text) == columns)
  }
}
