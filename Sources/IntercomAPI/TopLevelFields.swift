// Reading a few fields of a large answer without building the rest.

import ICSJSON

/// Finds where the values of an object's own keys stand. A page's items are parsed by whoever wants them; what follows
/// the page is all that paging needs.
enum TopLevelFields {
  /// The values of the wanted keys that are there. Bytes that are no JSON object give what was found before the fault:
  /// whoever parses the items reports it.
  static func read(_ names: Set<String>, in bytes: [UInt8]) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for (name, range) in ranges(of: names, in: bytes) {
      // A value that does not parse is reported by the caller's own parse of the whole.
      result[name] = try? JSONValue(parsing: Array(bytes[range]))
    }
    return result
  }

  /// Where the value of a key stands; `nil` when it is missing.
  static func range(of name: String, in bytes: [UInt8]) -> Range<Int>? { ranges(of: [name], in: bytes)[name] }

  private static func ranges(of names: Set<String>, in bytes: [UInt8]) -> [String: Range<Int>] {
    var result: [String: Range<Int>] = [:]
    bytes.withUnsafeBufferPointer { buffer in
      var cursor = Cursor(bytes: buffer)
      cursor.skipSpace()
      guard cursor.take(UInt8(ascii: "{")) else { return }
      while result.count < names.count {
        cursor.skipSpace()
        guard let key = cursor.takeString() else { return }
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: ":")) else { return }
        cursor.skipSpace()
        let start = cursor.position
        cursor.skipValue()
        let name = String(decoding: buffer[key], as: UTF8.self)
        if names.contains(name) { result[name] = start..<cursor.position }
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: ",")) else { return }
      }
    }
    return result
  }

  /// A place in the bytes. Every step stays inside them.
  private struct Cursor {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    mutating func skipSpace() {
      while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
      guard position < bytes.count, bytes[position] == byte else { return false }
      position += 1
      return true
    }

    /// Skips a string; gives what stands between its quotes, escapes as they are.
    mutating func takeString() -> Range<Int>? {
      guard take(UInt8(ascii: "\"")) else { return nil }
      let start = position
      while position < bytes.count {
        switch bytes[position] {
        case UInt8(ascii: "\""):
          position += 1
          return start..<position - 1
        case UInt8(ascii: "\\"): position = min(position + 2, bytes.count)
        default: position += 1
        }
      }
      return nil
    }

    /// Skips a value: a string, a bracket with everything up to its partner, or a word.
    mutating func skipValue() {
      var depth = 0
      while position < bytes.count {
        switch bytes[position] {
        case UInt8(ascii: "\""):
          guard takeString() != nil else { return }
          if depth == 0 { return }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          depth += 1
          position += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          guard depth > 0 else { return }
          depth -= 1
          position += 1
          if depth == 0 { return }
        case UInt8(ascii: ",") where depth == 0: return
        default: position += 1
        }
      }
    }
  }
}
