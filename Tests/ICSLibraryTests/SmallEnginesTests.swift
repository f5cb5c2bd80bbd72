import Testing

@testable import ICSLibrary

/// Random numbers, base64, URLs and UTF-8.
@Suite struct SmallEnginesTests {
  @Test("the generator is repeatable, and its bounded numbers are even")
  func random() {
    let a = RandomGenerator(seed: 7)
    let b = RandomGenerator(seed: 7)
    for _ in 0..<100 { #expect(a.next() == b.next()) }
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<60_000 { counts[Int(a.below(6))] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
  }

  @Test("base64 of every length is its own inverse")
  func base64() {
    for length in 0..<50 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
      let text = bytes.withUnsafeBufferPointer { Base64.encoded($0) }
      #expect(text.withUnsafeBufferPointer { Base64.decoded($0) } == bytes)
    }
  }

  @Test(
    "what is no base64",
    arguments: ["a", "ab", "abc", "a===", "=abc", "ab=c", "ab c", "abc\n", "====", "ab==abcd", "é==="])
  func badBase64(_ text: String) {
    #expect(Array(text.utf8).withUnsafeBufferPointer { Base64.decoded($0) } == nil)
  }

  @Test("the first byte that is no UTF-8 is found")
  func utf8() {
    #expect(firstInvalidByte(Array("aé😀".utf8)) == nil)
    for (bytes, offset) in [
      ([0x61, 0xFF], 1), ([0xC0, 0xAF], 0), ([0xED, 0xA0, 0x80], 0), ([0x61, 0xE2, 0x82], 1),
      ([0xF4, 0x90, 0x80, 0x80], 0),
      ([0xE0, 0x80, 0x80], 0), ([0x80], 0),
    ] as [([UInt8], Int)] {
      #expect(firstInvalidByte(bytes) == offset)
    }
  }

  @Test("a URL's host is what a client would connect to")
  func hosts() {
    #expect(URLText("https://api.example.com@evil.test/x")?.host == "evil.test")
    #expect(URLText("https://api.example.com@evil.test/x")?.hasUser == true)
    #expect(URLText("http://[::1]:8080/")?.host == "[::1]")
    #expect(URLText("http://[::1]:8080/")?.port == 8080)
    #expect(URLText("HTTP://EXAMPLE.com:/a?b#c")?.host == "example.com")
    #expect(URLText("mailto:ada@example.com")?.path == "ada@example.com")
  }

  @Test(
    "what is no URL",
    arguments: [
      "", "x", "//evil.test", "http://a b/", "http://a\nb/", "http://é.test/", "http://a:99999/", "http://a:1b/",
      "1http://a/",
      "http://[::1", "http:\\\\evil.test", "http://a:-1/",
    ])
  func notURLs(_ text: String) {
    #expect(URLText(text) == nil)
  }

  @Test("replacements refer to groups that there are, and to nothing else")
  func templates() throws {
    let regex = try Regex("(a)(?<name>b)")
    func shape(_ text: String) -> String {
      RegexTemplate(text).resolved(for: regex).parts.map { part in
        switch part {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .group(let number): "<\(number)>"
        }
      }.joined()
    }
    #expect(shape("$1-$2-$0") == "<1>-<2>-<0>")
    #expect(shape("$12 ${name} $$1 $3 $ ${x} $") == "<1>2 <2> $1 $3 $ ${x} $")
  }

  @Test("a path lies below a root by whole names")
  func paths() {
    #expect(FileAccess.normalized("/a/./b/../c//d/") == "/a/c/d")
    #expect(FileAccess.normalized("/../../x") == "/x")
    #expect(FileAccess.lies("/a/b", below: "/a"))
    #expect(FileAccess.lies("/a", below: "/a/"))
    #expect(!FileAccess.lies("/ab", below: "/a"))
    #expect(FileAccess.lies("/x", below: "/"))
  }
}
