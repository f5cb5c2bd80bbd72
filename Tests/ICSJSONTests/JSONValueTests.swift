import ICSJSON
import Testing

@Suite struct JSONValueTests {
  @Test("literals make values")
  func literals() {
    let value: JSONValue = ["a": [1, 2.5, "x", true, nil], "b": "\(1 + 1)"]
    #expect(value["a"]?[0]?.intValue == 1)
    #expect(value["a"]?[1]?.doubleValue == 2.5)
    #expect(value["a"]?[2]?.stringValue == "x")
    #expect(value["a"]?[3]?.boolValue == true)
    #expect(value["a"]?[4]?.isNull == true)
    #expect(value["b"] == "2")
    #expect(value["a"]?[5] == nil)
    #expect(value["a"]?[-1] == nil)
    #expect(value[0] == nil)
    #expect(value["c"] == nil)
  }

  @Test("an int is no double, but reads as one")
  func intsAndDoubles() {
    #expect(JSONValue.int(1) != .double(1))
    #expect(JSONValue.int(1).doubleValue == 1)
    #expect(JSONValue.double(1).intValue == nil)
  }

  @Test("paths reach into objects and arrays")
  func paths() {
    let value: JSONValue = ["pages": ["next": ["starting_after": "x"]], "data": [["id": 1], ["id": 2]]]
    #expect(value[path: "pages.next.starting_after"] == "x")
    #expect(value[path: "data.1.id"] == 2)
    #expect(value[path: "data.2.id"] == nil)
    #expect(value[path: "pages.last"] == nil)
    #expect(value[path: "pages.next.starting_after.more"] == nil)
  }

  @Test("setting changes, adds and removes")
  func setting() {
    var value: JSONValue = ["a": 1, "b": [1, 2]]
    value["a"] = 2
    value["c"] = nil
    value["d"] = .null
    value["b"]?[0] = "first"
    #expect(value.serialized() == #"{"a":2,"b":["first",2],"d":null}"#)
    value["a"] = nil
    #expect(value.serialized() == #"{"b":["first",2],"d":null}"#)
    value["d"]?["deep"] = 1
    #expect(value["d"] == ["deep": 1])
    var text: JSONValue = "text"
    text["a"] = 1
    #expect(text == "text")
  }

  @Test("objects are equal, and hash alike, whatever their order")
  func equality() {
    let left: JSONValue = ["a": 1, "b": [2.0], "c": ["d": nil]]
    let right: JSONValue = ["c": ["d": nil], "b": [2.0], "a": 1]
    #expect(left == right)
    #expect(left.hashValue == right.hashValue)
    #expect(Set([left, right]).count == 1)
    #expect(left != ["a": 1, "b": [2.0]])
    #expect((["a": 1] as JSONValue) != ["b": 1])
    #expect(([1, 2] as JSONValue) != [2, 1])
  }

  @Test("an object that grows and shrinks past the point where it is indexed stays right")
  func growingObject() {
    var object = JSONObject()
    for index in 0..<200 { object["k\(index)"] = .int(index) }
    for index in stride(from: 0, to: 200, by: 2) { object["k\(index)"] = nil }
    #expect(object.count == 100)
    #expect(object["k1"] == 1)
    #expect(object["k2"] == nil)
    object["k2"] = "again"
    #expect(object.keys.last == "k2")
    #expect(object.map(\.key).first == "k1")
    #expect(object.values.count == 101)
  }
}

@Suite struct JSONBuilderTests {
  /// Writes down the events, and stops after some.
  private struct Recorder: JSONBuilder {
    var events: [String] = []
    var limit = Int.max

    private mutating func note(_ event: String) -> Bool {
      events.append(event)
      return events.count < limit
    }
    mutating func null() -> Bool { note("null") }
    mutating func bool(_ value: Bool) -> Bool { note("\(value)") }
    mutating func int(_ value: Int) -> Bool { note("\(value)") }
    mutating func double(_ value: Double) -> Bool { note("\(value)") }
    mutating func string(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Bool {
      note("'\(String(decoding: utf8, as: UTF8.self))'\(isASCII ? "" : "!")")
    }
    mutating func key(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Bool {
      note("\(String(decoding: utf8, as: UTF8.self)):\(isASCII ? "" : "!")")
    }
    mutating func beginArray() -> Bool { note("[") }
    mutating func endArray(count: Int) -> Bool { note("]\(count)") }
    mutating func beginObject() -> Bool { note("{") }
    mutating func endObject(count: Int) -> Bool { note("}\(count)") }
  }

  private func record(_ text: String, limit: Int = .max, depth: Int = 1000) -> (events: [String], error: JSONError?) {
    var recorder = Recorder(limit: limit)
    var failure: JSONError?
    var text = text
    text.withUTF8 { (buffer: UnsafeBufferPointer<UInt8>) in
      do throws(JSONError) {
        try JSONScanner.scan(buffer, depth: depth, into: &recorder)
      } catch { failure = error }
    }
    return (recorder.events, failure)
  }

  @Test("events come in order, with counts and duplicates")
  func events() {
    let text = #"{"a":[1,2.5,"x","é"],"a":{},"\u00e9":[[],null,true]}"#
    #expect(
      record(text).events == [
        "{", "a:", "[", "1", "2.5", "'x'", "'é'!", "]4", "a:", "{", "}0", "é:!", "[", "[", "]0", "null", "true",
        "]3", "}3",
      ])
  }

  @Test("a builder can stop at any event", arguments: 1...18)
  func stopping(limit: Int) {
    let (events, error) = record(#"{"a":[1,2.5,"x","é"],"a":{},"\u00e9":[[],null,true]}"#, limit: limit)
    #expect(events.count == limit)
    #expect(error?.kind == .stopped)
  }

  @Test("the depth is the caller's")
  func depth() {
    #expect(record("[[1]]", depth: 2).error == nil)
    #expect(record("[[[1]]]", depth: 2).error == JSONError(.tooDeep(limit: 2), at: 2))
    #expect(record("1", depth: 0).error == nil)
    #expect(record("[]", depth: 0).error == JSONError(.tooDeep(limit: 0), at: 0))
    #expect(record("[[]]", depth: .max).error == nil)
  }

  @Test("every prefix of a document fails, and every change of a byte ends without a crash")
  func mutations() {
    let text =
      #"{"a":[1,-2.5e3,"x\né😀\ud83d\ude00"],"b":{"c":null,"d":[true,false]},"long key here":"long value here"}"#
    let bytes = Array(text.utf8)
    for end in 0..<bytes.count {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes[..<end])) }
    }
    for index in bytes.indices {
      for byte in [0, 0x22, 0x2C, 0x30, 0x5B, 0x5C, 0x7D, 0x80, 0xC3, 0xFF] as [UInt8] {
        var changed = bytes
        changed[index] = byte
        if let value = try? JSONValue(parsing: changed) {
          #expect((try? JSONValue(parsing: value.serialized())) == value)
        }
      }
    }
  }
}
