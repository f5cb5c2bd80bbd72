import ICSJSON
import Testing

/// What is wrong with a text, or `nil` when it parses.
private func failure(_ text: String) -> JSONError? { failure(Array(text.utf8)) }

private func failure(_ bytes: [UInt8]) -> JSONError? {
  do {
    _ = try JSONValue(parsing: bytes)
    return nil
  } catch { return error }
}

@Suite struct JSONParsingTests {
  @Test("every kind of value is read")
  func kinds() throws {
    let text = #"{"a": null, "b": [true, false], "c": -12, "d": 1.5, "e": "x", "f": {}, "g": []}"#
    let value = try JSONValue(parsing: text)
    #expect(value == ["a": nil, "b": [true, false], "c": -12, "d": 1.5, "e": "x", "f": [:], "g": []])
    #expect(value.objectValue?.keys == ["a", "b", "c", "d", "e", "f", "g"])
  }

  @Test("a document may be any value, with white space around it")
  func scalars() throws {
    #expect(try JSONValue(parsing: " \r\n\t42 ") == 42)
    #expect(try JSONValue(parsing: "\"\"") == "")
    #expect(try JSONValue(parsing: "null") == nil)
    #expect(try JSONValue(parsing: "false") == false)
    #expect(try JSONValue(parsing: "\n                      true\n            ") == true)
  }

  @Test(
    "ints are exact up to 64 bits",
    arguments: [
      ("0", 0), ("-0", 0), ("9007199254740993", 9_007_199_254_740_993), ("9223372036854775807", Int.max),
      ("-9223372036854775808", Int.min), ("1000000000000000000", 1_000_000_000_000_000_000),
    ])
  func ints(text: String, expected: Int) throws {
    #expect(try JSONValue(parsing: text) == .int(expected))
    #expect(try JSONValue(parsing: "[\(text),\(text)]") == [.int(expected), .int(expected)])
  }

  @Test(
    "ints past 64 bits are refused, not rounded",
    arguments: [
      "9223372036854775808", "-9223372036854775809", "18446744073709551616", String(repeating: "9", count: 400),
    ])
  func intsOutOfRange(text: String) {
    #expect(failure(text) == JSONError(.intOutOfRange, at: 0))
    #expect(failure("[1, \(text)]")?.offset == 4)
  }

  @Test(
    "doubles are rounded correctly",
    arguments: [
      "1.0", "0.1", "1e0", "1E+2", "-2.5e-3", "5e-324", "2.2250738585072011e-308", "1.7976931348623157e308",
      "123456789012345678901234567890.0", "0.30000000000000004", "9007199254740993.0", "1e22", "1e23", "8.5e-23",
      "3.141592653589793238462643383279", "0.000000000000000000000000000000123", "100000000000000000000000e-5",
      "0e999999999999", "1e-999",
    ])
  func doubles(text: String) throws {
    let expected = try #require(Double(text))
    #expect(try JSONValue(parsing: text) == .double(expected))
  }

  @Test("minus zero keeps its sign as a double")
  func minusZero() throws {
    #expect(try JSONValue(parsing: "-0.0").doubleValue?.sign == .minus)
    #expect(try JSONValue(parsing: "-0e5").doubleValue?.sign == .minus)
  }

  @Test("numbers beyond the largest double are refused", arguments: ["1e999", "-1e400", "1e99999999999999999999"])
  func doublesOutOfRange(text: String) {
    #expect(failure(text) == JSONError(.doubleOutOfRange, at: 0))
  }

  @Test(
    "the grammar of numbers is strict",
    arguments: [
      "01", "-01", "00", "1.", "1.e5", ".5", "-", "-x", "+1", "1e", "1e+", "1ex", "0x10", "NaN", "Infinity",
      "-Infinity", "1_0",
      "١",
    ])
  func malformedNumbers(text: String) {
    #expect(failure(text) != nil)
    #expect(failure("[\(text)]") != nil)
  }

  @Test(
    "errors name what is wrong and where",
    arguments: [
      ("", JSONError.Kind.unexpectedEnd, 0),
      ("   ", .unexpectedEnd, 3),
      ("[", .unexpectedEnd, 1),
      ("[1,", .unexpectedEnd, 3),
      ("{\"a\"", .unexpectedEnd, 4),
      ("{\"a\":", .unexpectedEnd, 5),
      ("\"abc", .unexpectedEnd, 4),
      ("\"abc\\", .unexpectedEnd, 5),
      ("[1,]", .unexpectedByte(UInt8(ascii: "]"), expected: .value), 3),
      ("[,1]", .unexpectedByte(UInt8(ascii: ","), expected: .value), 1),
      ("[1 2]", .unexpectedByte(UInt8(ascii: "2"), expected: .commaOrBracket), 3),
      ("[1}", .unexpectedByte(UInt8(ascii: "}"), expected: .commaOrBracket), 2),
      ("{\"a\":1]", .unexpectedByte(UInt8(ascii: "]"), expected: .commaOrBrace), 6),
      ("{\"a\":1,}", .unexpectedByte(UInt8(ascii: "}"), expected: .key), 7),
      ("{a:1}", .unexpectedByte(UInt8(ascii: "a"), expected: .key), 1),
      ("{1:1}", .unexpectedByte(UInt8(ascii: "1"), expected: .key), 1),
      ("{\"a\" 1}", .unexpectedByte(UInt8(ascii: "1"), expected: .colon), 5),
      ("tru", .unexpectedByte(UInt8(ascii: "t"), expected: .value), 0),
      ("[nul]", .unexpectedByte(UInt8(ascii: "n"), expected: .value), 1),
      ("falsy", .unexpectedByte(UInt8(ascii: "f"), expected: .value), 0),
      ("'a'", .unexpectedByte(UInt8(ascii: "'"), expected: .value), 0),
      ("1 2", .trailingBytes, 2),
      ("{} // comment", .trailingBytes, 3),
      ("/* x */ 1", .unexpectedByte(UInt8(ascii: "/"), expected: .value), 0),
      ("nullx", .trailingBytes, 4),
      ("1\0", .trailingBytes, 1),
      ("01", .malformedNumber, 0),
      ("[1.]", .malformedNumber, 3),
    ])
  func errors(text: String, kind: JSONError.Kind, offset: Int) {
    #expect(failure(text) == JSONError(kind, at: offset))
  }

  @Test("a byte order mark and UTF-16 are refused")
  func otherEncodings() {
    #expect(failure([0xEF, 0xBB, 0xBF, 0x31]) == JSONError(.byteOrderMark, at: 0))
    #expect(failure([0xFE, 0xFF, 0x00, 0x31]) != nil)
    #expect(failure([0x31, 0x00]) == JSONError(.trailingBytes, at: 1))
  }

  @Test("messages are sentences in plain words")
  func messages() {
    #expect(failure("[1 2]")?.description == "expected ',' or ']', found '2' (at byte 3)")
    #expect(failure("{\u{1B}")?.message == "expected a key in double quotes, found the control character U+001B")
    #expect(failure("[\n\n")?.message == "the text ends in the middle of a value")
  }

  @Test("nesting is limited, and no depth overflows the stack")
  func depth() throws {
    let deepest = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
    #expect(failure(deepest) == nil)
    #expect(failure("[" + deepest + "]") == JSONError(.tooDeep(limit: 1000), at: 1000))
    #expect(failure(String(repeating: "[", count: 100_000)) == JSONError(.tooDeep(limit: 1000), at: 1000))
    #expect(failure(String(repeating: "{\"a\":", count: 100_000)) == JSONError(.tooDeep(limit: 1000), at: 5000))
  }
}

@Suite struct JSONStringTests {
  @Test(
    "escapes are resolved",
    arguments: [
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
      (#""A\u00e9\u20AC""#, "Aé€"),
      (#""\ud83d\ude00!""#, "😀!"),
      (#""\u0000""#, "\0"),
      (#""a long plain beginning, \n and a long plain end""#, "a long plain beginning, \n and a long plain end"),
      (#""grün \u00fc 日本 \t 😀""#, "grün ü 日本 \t 😀"),
      ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
    ])
  func escapes(text: String, expected: String) throws {
    #expect(try JSONValue(parsing: text).stringValue == expected)
    #expect(try JSONValue(parsing: "{\(text): 1}").objectValue?.keys == [expected])
  }

  @Test("strings of every length around a word are read", arguments: 0..<40)
  func lengths(count: Int) throws {
    for filler in ["a", "é", "\\n"] {
      let body = String(repeating: filler, count: count)
      let value = try JSONValue(parsing: "[\"\(body)\",\"\(body)\\t\"]")
      let expected = filler == "\\n" ? String(repeating: "\n", count: count) : body
      #expect(value == [.string(expected), .string(expected + "\t")])
    }
  }

  @Test(
    "half a surrogate pair is refused",
    arguments: [#""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\ud800""#, #""\udc00\ud800""#])
  func loneSurrogates(text: String) {
    #expect(failure(text) == JSONError(.loneSurrogate, at: 1))
  }

  @Test(
    "what begins no escape is refused",
    arguments: [#""\x41""#, #""\u12""#, #""\u12g4""#, #""\'""#, #""\U0041""#, #""\u{41}""#])
  func badEscapes(text: String) {
    #expect(failure(text) == JSONError(.badEscape, at: 1))
  }

  @Test("control characters must be escaped")
  func controlCharacters() {
    #expect(failure("\"a\nb\"") == JSONError(.controlCharacter(10), at: 2))
    #expect(failure("\"a\\t\u{1}b\"") == JSONError(.controlCharacter(1), at: 4))
    #expect(failure("\"\0\"") == JSONError(.controlCharacter(0), at: 1))
  }

  @Test(
    "bytes that are not UTF-8 are refused with their place",
    arguments: [
      [0xC0, 0xAF], [0xFF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80],
      [0x80],
      [0xE0, 0x9F, 0xBF], [0xF5, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(failure([quote, 0x61] + bytes + [quote]) == JSONError(.invalidUTF8, at: 2))
    #expect(failure([quote, 0x5C, 0x6E] + bytes + [quote]) == JSONError(.invalidUTF8, at: 3))
    #expect(failure(bytes) != nil)
  }

  @Test("equal keys: the last value wins at the first place")
  func duplicateKeys() throws {
    let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3,"b":{"a":4,"a":5}}"#)
    #expect(value.serialized() == #"{"a":3,"b":{"a":5}}"#)
    #expect(try JSONValue(parsing: #"{"a":{"a":1},"a":2}"#).serialized() == #"{"a":2}"#)
  }

  @Test("keys are compared by scalars: nothing is normalised")
  func keysAreNotNormalised() throws {
    let value = try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2,\"__proto__\":3}")
    #expect(value.objectValue?.count == 3)
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
  }

  @Test("a large object keeps order, finds its keys, and lets the last duplicate win")
  func largeObject() throws {
    let pairs = (0..<5000).map { "\"key\($0)\":\($0)" } + ["\"key17\":-1"]
    let object = try #require(try JSONValue(parsing: "{\(pairs.joined(separator: ","))}").objectValue)
    #expect(object.count == 5000)
    #expect(object["key17"] == -1)
    #expect(object["key4999"] == 4999)
    #expect(object["key5000"] == nil)
    #expect(object.keys.first == "key0")
    #expect(object.keys.last == "key4999")
  }
}
