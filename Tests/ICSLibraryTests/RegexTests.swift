import Testing

@testable import ICSLibrary

/// The automatons behind `regex`, without a machine around them.
@Suite struct RegexTests {
  /// The places of the first match and its groups; nil without a match.
  private func places(_ pattern: String, _ text: String) throws -> [Int]? {
    let regex = try Regex(pattern)
    let bytes = Array(text.utf8)
    return try bytes.withUnsafeBufferPointer { text in
      var work = RegexWork(textLength: text.count)
      guard let match = try regex.firstMatch(in: text, from: 0, work: &work) else { return nil }
      return try regex.groups(of: match, in: text, work: &work)
    }
  }

  private func steps(_ pattern: String, _ text: String) throws -> Int {
    let regex = try Regex(pattern)
    let bytes = Array(text.utf8)
    return try bytes.withUnsafeBufferPointer { text in
      var work = RegexWork(textLength: text.count)
      _ = try regex.firstMatch(in: text, from: 0, work: &work)
      return work.steps
    }
  }

  @Test(
    "the first match is the leftmost, by preference of alternatives and quantifiers",
    arguments: [
      ("a", "cba", [2, 3]), ("a+", "baaac", [1, 4]), ("a+?", "baaac", [1, 2]), ("x*", "aaa", [0, 0]),
      ("(a|ab)(c|bcd)", "abcd", [0, 4, 0, 1, 1, 4]), ("(a*)*", "aaa", [0, 3, 0, 3]),
      ("(a|b)*?c", "abac", [0, 4, 2, 3]), ("foo|foobar", "foobar", [0, 3]), ("foobar|foo", "foobar", [0, 6]),
      ("(?:foo|foobar)$", "foobar", [0, 6]), ("a{2,3}", "aaaa", [0, 3]), ("a{2,3}?", "aaaa", [0, 2]),
      ("a{,3}", "a{,3}", [0, 5]), ("(a)|(b)", "b", [0, 1, -1, -1, 0, 1]), ("(a|b)+$", "xxabab", [2, 6, 5, 6]),
      ("", "abc", [0, 0]), ("(?<y>\\d{4})-(?P<m>\\d\\d)", "on 2024-05", [3, 10, 3, 7, 8, 10]),
    ])
  func preference(_ pattern: String, _ text: String, _ expected: [Int]) throws {
    #expect(try places(pattern, text) == expected)
  }

  @Test(
    "classes, anchors, flags and scalars beyond ASCII",
    arguments: [
      ("b$", "ab", [1, 2]), ("(?m)^b", "a\nb", [2, 3]), ("(?m)a$", "a\nb", [0, 1]), ("\\bfoo\\b", "afoo foo", [5, 8]),
      ("\\Bb", "b ab", [3, 4]), ("\\bwort", "ä wort", [3, 7]), ("[^a-c]+", "abcxyzé", [3, 8]), ("é+", "caféé", [3, 7]),
      ("(?i)ÉA", "éa", [0, 3]), ("(?i)hello", "say HeLLo", [4, 9]), ("a.c", "a\nc abc", [4, 7]),
      ("(?s)a.c", "a\nc", [0, 3]), ("[]a]+", "]a", [0, 2]), ("[a-]+", "a-", [0, 2]), ("[[:digit:]]+", "a12", [1, 3]),
      ("\\u{1F600}", "x😀", [1, 5]), ("[\\d\\s]+", "a1 2b", [1, 4]), ("(?i:a)b", "Ab AB", [0, 2]),
    ])
  func syntax(_ pattern: String, _ text: String, _ expected: [Int]) throws {
    #expect(try places(pattern, text) == expected)
  }

  @Test(
    "no match", arguments: [("^b", "ab"), ("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), ("\\d", "é"), ("a\\b.", "ab")])
  func none(_ pattern: String, _ text: String) throws {
    #expect(try places(pattern, text) == nil)
  }

  @Test(
    "what cannot be matched in linear time is named with its place",
    arguments: [
      ("x\\1", "the back-reference '\\1'", 1), ("(?=a)", "look-ahead", 0), ("a(?!b)", "look-ahead", 1),
      ("(?<=a)b", "look-behind", 0), ("(?<!a)b", "look-behind", 0), ("(?>a)", "an atomic group", 0),
      ("a++", "the possessive quantifier '+'", 2), ("\\k<n>", "the back-reference '\\k'", 0),
    ])
  func unsupported(_ pattern: String, _ words: String, _ position: Int) {
    do {
      _ = try Regex(pattern)
      Issue.record("\(pattern) was taken")
    } catch {
      #expect(error.message.contains(words))
      #expect(error.position == position)
    }
  }

  @Test(
    "what is no pattern is an error, and nothing crashes",
    arguments: [
      "(a", "a)", "[a", "*a", "a**", "[b-a]", "\\", "a{3,2}", "(?x)", "\\q", "(?<n>a)(?<n>b)", "\\xZZ", "^*", "(?",
      "\\p{L}",
    ])
  func invalid(_ pattern: String) {
    #expect(throws: RegexError.self) { try Regex(pattern) }
  }

  @Test(
    "patterns that would take too much memory are too large",
    arguments: [
      "a{1,1000}{1,1000}{1,1000}", String(repeating: "a", count: 1_000_000), String(repeating: "(a)", count: 10_000),
      String(repeating: "(", count: 100_000), "(?:){9999}{9999}", "x{20000}",
    ])
  func tooLarge(_ pattern: String) {
    #expect(throws: RegexError.tooLarge) { try Regex(pattern) }
  }

  @Test("patterns that are exponential elsewhere take a few steps for each byte")
  func linear() throws {
    for pattern in ["(a+)+$", "(a|aa)+$", "(.*)*x", "(a?){30}a{30}b", "(.*)(.*)(.*)(.*)[^a]", "(x+x+)+y"] {
      let text = String(repeating: "a", count: 100_000) + "!"
      #expect(try steps(pattern, text) < 4 * text.utf8.count, "\(pattern)")
    }
  }

  @Test("a search that takes more steps than its text allows is given up")
  func bounded() throws {
    let text = String(repeating: "a", count: 10_000)
    #expect(throws: RegexWork.Exceeded.self) { try self.steps(".{0,1000}x", text) }
    #expect(try steps("(a|b)*a(a|b){12}", text) <= 10 * RegexWork.perKilobyte)
  }

  @Test("a long search asks whether it may go on")
  func interrupted() throws {
    let regex = try Regex("[a-z]+[0-9]")
    let bytes = [UInt8](repeating: 97, count: 1 << 20)
    var asked = 0
    bytes.withUnsafeBufferPointer { text in
      var work = RegexWork(textLength: text.count) { _ in
        asked += 1
        return asked < 3
      }
      #expect(throws: RegexWork.Exceeded.self) { try regex.firstMatch(in: text, from: 0, work: &work) }
    }
    #expect(asked == 3)
  }

  @Test("the tables are thrown away when they grow too large, and the match is the same")
  func manyStates() throws {
    // 2^13 states for a deterministic automaton.
    var text = ""
    var state: UInt64 = 1
    for _ in 0..<4_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      text += state >> 63 == 0 ? "a" : "b"
    }
    #expect(try places("a(a|b){13}c", text + "abbbbbbbbbbbbbc")?.prefix(2) == [4_000, 4_015])
  }
}
