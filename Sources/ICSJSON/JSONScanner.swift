// The grammar of JSON (RFC 8259), strictly, as one loop over bytes. The loop is `@inlinable` and generic: in the
// module of a builder it becomes code for that builder, with no calls through the protocol. It keeps its own
// stack, so that no nesting can overflow the native one. What is rare lives in `JSONText`, out of line.

/// Reads JSON and tells a builder what it finds.
///
/// Integers are exact and must fit into 64 bits; a number with a fraction or an exponent is a double, rounded
/// correctly. `-0` is the int 0, `-0.0` the double. Strings must be valid UTF-8 without lone surrogates.
public enum JSONScanner<Builder: JSONBuilder & ~Copyable> {
  /// Reads `bytes`, which must be exactly one JSON value.
  ///
  /// - Parameter depth: How deep arrays and objects may nest.
  /// - Throws: The first error. The builder may have received a part of the value by then.
  @inlinable
  public static func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, depth: Int = 1000, into builder: inout Builder
  ) throws(JSONError) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { throw JSONError(.unexpectedEnd, at: 0) }
    let end = start + bytes.count
    var p = start
    // One word for each open container outside the current one: its count of items, and in the lowest bit
    // whether it is an object. No text nests deeper than it is long.
    let stack = UnsafeMutablePointer<Int>.allocate(capacity: min(max(depth, 0), bytes.count) + 1)
    defer { stack.deallocate() }
    var scratch = JSONScratch()
    defer { scratch.deallocate() }
    var level = 0
    var inObject = false
    var count = 0

    items: while true {
      p = JSONText.skipWhitespace(p, end)
      if inObject {
        guard p < end else { throw JSONError(.unexpectedEnd, at: p - start) }
        guard p.pointee == UInt8(ascii: "\"") else {
          throw JSONError(.unexpectedByte(p.pointee, expected: .key), at: p - start)
        }
        let key = try JSONText.scanString(p + 1, end, start, &scratch)
        guard builder.key(key.utf8, isASCII: key.isASCII) else { throw JSONError(.stopped, at: p - start) }
        p = JSONText.skipWhitespace(key.next, end)
        guard p < end else { throw JSONError(.unexpectedEnd, at: p - start) }
        guard p.pointee == UInt8(ascii: ":") else {
          throw JSONError(.unexpectedByte(p.pointee, expected: .colon), at: p - start)
        }
        p = JSONText.skipWhitespace(p + 1, end)
      }
      guard p < end else { throw JSONError(.unexpectedEnd, at: p - start) }

      let goesOn: Bool
      switch p.pointee {
      case UInt8(ascii: "\""):
        let string = try JSONText.scanString(p + 1, end, start, &scratch)
        goesOn = builder.string(string.utf8, isASCII: string.isASCII)
        p = string.next
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        let number = JSONText.scanInt(p, end)
        if number.isInt {
          goesOn = builder.int(number.value)
          p = number.next
        } else {
          let (value, next) = try JSONText.scanOtherNumber(p, end, start)
          goesOn = builder.double(value)
          p = next
        }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard level < depth else { throw JSONError(.tooDeep(limit: depth), at: p - start) }
        stack[level] = count << 1 | (inObject ? 1 : 0)
        level += 1
        count = 0
        inObject = p.pointee == UInt8(ascii: "{")
        guard inObject ? builder.beginObject() : builder.beginArray() else {
          throw JSONError(.stopped, at: p - start)
        }
        p = JSONText.skipWhitespace(p + 1, end)
        if p < end, p.pointee == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          p += 1
          goesOn = inObject ? builder.endObject(count: 0) : builder.endArray(count: 0)
          level -= 1
          count = stack[level] >> 1
          inObject = stack[level] & 1 != 0
        } else {
          continue items
        }
      case UInt8(ascii: "t"):
        p = try JSONText.scanWord(JSONText.trueWord, 4, p, end, start)
        goesOn = builder.bool(true)
      case UInt8(ascii: "f"):
        // Its last four letters are compared at once.
        p = try JSONText.scanWord(JSONText.falseWord, 5, p, end, start)
        goesOn = builder.bool(false)
      case UInt8(ascii: "n"):
        p = try JSONText.scanWord(JSONText.nullWord, 4, p, end, start)
        goesOn = builder.null()
      default:
        throw JSONText.noValue(p, end, start)
      }
      guard goesOn else { throw JSONError(.stopped, at: p - start) }

      // A value has ended, and with it perhaps the containers around it.
      while level > 0 {
        count += 1
        p = JSONText.skipWhitespace(p, end)
        guard p < end else { throw JSONError(.unexpectedEnd, at: p - start) }
        let byte = p.pointee
        if byte == UInt8(ascii: ",") {
          p += 1
          continue items
        }
        guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw JSONError(.unexpectedByte(byte, expected: inObject ? .commaOrBrace : .commaOrBracket), at: p - start)
        }
        p += 1
        guard inObject ? builder.endObject(count: count) : builder.endArray(count: count) else {
          throw JSONError(.stopped, at: p - start)
        }
        level -= 1
        count = stack[level] >> 1
        inObject = stack[level] & 1 != 0
      }
      break
    }
    p = JSONText.skipWhitespace(p, end)
    guard p == end else { throw JSONError(.trailingBytes, at: p - start) }
  }
}
