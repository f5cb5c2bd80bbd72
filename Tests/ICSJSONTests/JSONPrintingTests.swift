import ICSJSON
import Testing

@Suite struct JSONPrintingTests {
  private let sample: JSONValue = ["name": "Ada", "tags": ["a", 1, 2.0, nil], "empty": [:], "none": [], "ok": true]

  @Test("compact by default")
  func compact() {
    #expect(sample.serialized() == #"{"name":"Ada","tags":["a",1,2.0,null],"empty":{},"none":[],"ok":true}"#)
    #expect(sample.serializedBytes() == Array(sample.serialized().utf8))
    #expect("\(sample)" == sample.serialized())
  }

  @Test("with an indentation the layout is JavaScript's")
  func indented() {
    #expect(
      sample.serialized(indent: 2) == """
        {
          "name": "Ada",
          "tags": [
            "a",
            1,
            2.0,
            null
          ],
          "empty": {},
          "none": [],
          "ok": true
        }
        """)
    #expect(JSONValue.int(1).serialized(indent: 2) == "1")
    #expect(([[1]] as JSONValue).serialized(indent: 1) == "[\n [\n  1\n ]\n]")
    #expect(sample.serialized(indent: 0) == sample.serialized())
    #expect(sample.serialized(indent: -1) == sample.serialized())
  }

  @Test("strings are escaped as far as JSON demands, and no further")
  func strings() {
    #expect(
      JSONValue.string("\"\\/\n\r\t\u{8}\u{C}\u{1}\u{1F}\u{7F}é😀\u{2028}").serialized()
        == "\"\\\"\\\\/\\n\\r\\t\\b\\f\\u0001\\u001f\u{7F}é😀\u{2028}\"")
    let long = String(repeating: "x\"", count: 5000)
    #expect(JSONValue.string(long).serialized() == "\"" + String(repeating: "x\\\"", count: 5000) + "\"")
  }

  @Test("NaN and infinities are null, or refused when asked")
  func notFinite() {
    #expect(([.double(.nan), .double(-.infinity), 1] as JSONValue).serialized() == "[null,null,1]")
    #expect(throws: JSONError.self) { try ([.double(.nan)] as JSONValue).strictlySerialized() }
    #expect((try? ([1.5] as JSONValue).strictlySerialized(indent: 1)) == "[\n 1.5\n]")
  }

  @Test(
    "what was read is written again",
    arguments: [
      #"[0,-1,9007199254740993,-9223372036854775808,1.0,0.1,1e+21,1e-7,-0.0,5e-324]"#,
      #"{"a":{"b":[{"c":[[]]}]},"":"","\"":"\\u0000"}"#,
    ])
  func roundTrip(text: String) throws {
    #expect(try JSONValue(parsing: text).serialized() == text)
    #expect(try JSONValue(parsing: try JSONValue(parsing: text).serialized(indent: 3)) == JSONValue(parsing: text))
  }

  @Test("a text is laid out anew without values in between")
  func writerIsABuilder() throws {
    var writer = JSONWriter(indent: 2)
    let text = Array(#"{"a":[1,{"b":"\n"}],"c":{}}"#.utf8)
    var failed = false
    text.withUnsafeBufferPointer { buffer in
      do { try JSONScanner.scan(buffer, into: &writer) } catch { failed = true }
    }
    #expect(!failed)
    #expect(
      writer.withBytes { String(decoding: $0, as: UTF8.self) }
        == "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"\\n\"\n    }\n  ],\n  \"c\": {}\n}")
  }
}

@Suite struct NumberTextTests {
  @Test(
    "doubles print as in JavaScript, always with a fraction or an exponent",
    arguments: [
      (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (-3.0, "-3.0"), (0.1, "0.1"), (1.5, "1.5"), (-2.75, "-2.75"),
      (100.0, "100.0"), (1e15, "1000000000000000.0"), (1e20, "100000000000000000000.0"),
      (123456789012345680000.0, "123456789012345680000.0"), (1e21, "1e+21"), (1.5e21, "1.5e+21"), (1e22, "1e+22"),
      (1e100, "1e+100"), (1e-5, "0.00001"), (0.000001, "0.000001"), (0.0000015, "0.0000015"), (1e-7, "1e-7"),
      (1.5e-7, "1.5e-7"), (0.001, "0.001"), (0.30000000000000004, "0.30000000000000004"),
      (.leastNonzeroMagnitude, "5e-324"),
      (1.7976931348623157e308, "1.7976931348623157e+308"), (2.2250738585072014e-308, "2.2250738585072014e-308"),
      (9007199254740993.0, "9007199254740992.0"), (123456.789, "123456.789"), (1234567890.123456, "1234567890.123456"),
      (1.0 / 3, "0.3333333333333333"), (999999999999999.9, "999999999999999.9"), (0.5e15 + 0.5, "500000000000000.5"),
      (4.35, "4.35"), (0.000123, "0.000123"), (19.99, "19.99"), (-1e-7, "-1e-7"),
      (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
    ])
  func layout(value: Double, expected: String) {
    #expect(NumberText.text(value) == expected)
  }

  @Test("every double reads back, in as few digits as the standard library finds")
  func shortest() {
    var generator = Random(state: 42)
    for round in 0..<20_000 {
      let value: Double
      switch round % 4 {
      case 0: value = Double(bitPattern: generator.next())
      case 1: value = Double(generator.next() % 10_000_000) / 1000
      case 2: value = Double(generator.next() % 1_000_000_000_000_000) / 1e6
      default: value = Double(Int64(bitPattern: generator.next()) >> 20) / 7
      }
      guard value.isFinite else { continue }
      let text = NumberText.text(value)
      #expect(Double(text)?.bitPattern == value.bitPattern)
      #expect(digits(text) == digits(value.description))
      #expect((try? JSONValue(parsing: text)) == .double(value))
    }
  }

  @Test("ints print in full", arguments: [0, 7, 10, 99, 100, 12345, -1, -1000, 9_999_999_999, Int.max, Int.min])
  func ints(value: Int) {
    #expect(JSONValue.int(value).serialized() == String(value))
  }

  /// The significant digits of a number's text.
  private func digits(_ text: String) -> String {
    let mantissa = text.prefix { $0 != "e" }.filter(\.isNumber)
    let rest = mantissa.drop { $0 == "0" }
    return String(rest.reversed().drop { $0 == "0" }.reversed())
  }
}

/// A generator with a fixed start, so that a failure comes again.
private struct Random: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ (mixed >> 27)
  }
}
