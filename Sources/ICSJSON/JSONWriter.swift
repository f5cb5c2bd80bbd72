// Writes JSON, piece by piece. It has a builder's functions, so that a text can be laid out anew without values in
// between; the values of scripts and `JSONValue` are written through it.

/// Makes a JSON text from its parts, which must come in the order that `JSONBuilder` describes.
///
/// Without an indentation the text is compact. With one it has the layout of JavaScript's `JSON.stringify`: an item
/// on each line, `[]` and `{}` for empty ones. Characters outside ASCII are written as they are.
public struct JSONWriter: JSONBuilder, ~Copyable {
  private var start: UnsafeMutablePointer<UInt8>
  private var count = 0
  private var capacity: Int
  private let indent: Int
  private var level = 0
  /// Whether nothing has been written in the current container.
  private var isFirst = true
  /// Whether the next value stands behind its key.
  private var isAfterKey = false

  /// - Parameter indent: Spaces for each level; `nil` or 0 for a compact text. At most 10, as in JavaScript.
  public init(indent: Int? = nil) {
    self.indent = min(max(indent ?? 0, 0), 10)
    capacity = 256
    start = .allocate(capacity: 256)
  }

  deinit { start.deallocate() }

  /// How many bytes there are so far.
  public var byteCount: Int { count }

  /// Gives the bytes so far to `body`.
  public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    body(UnsafeBufferPointer(start: start, count: count))
  }

  /// Writes `null`.
  public mutating func null() -> Bool { word("null") }
  /// Writes `true` or `false`.
  public mutating func bool(_ value: Bool) -> Bool { word(value ? "true" : "false") }

  /// Writes an int.
  public mutating func int(_ value: Int) -> Bool {
    beginValue()
    reserve(NumberText.capacity)
    count += NumberText.write(value, to: start + count)
    return true
  }

  /// Writes a double so that it reads back as a double: `1.0`. NaN and infinities have no JSON: nothing is written.
  public mutating func double(_ value: Double) -> Bool {
    guard value.isFinite else { return false }
    beginValue()
    reserve(NumberText.capacity)
    count += NumberText.write(value, to: start + count)
    return true
  }

  /// Writes a string in quotes, escaped as far as JSON demands.
  public mutating func string(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool = false) -> Bool {
    beginValue()
    appendQuoted(utf8)
    return true
  }

  /// Writes the key of the value that follows.
  public mutating func key(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool = false) -> Bool {
    beginValue()
    appendQuoted(utf8)
    append(UInt8(ascii: ":"))
    if indent > 0 { append(UInt8(ascii: " ")) }
    isAfterKey = true
    return true
  }

  /// Opens an array.
  public mutating func beginArray() -> Bool { open(UInt8(ascii: "[")) }
  /// Closes the innermost array.
  public mutating func endArray(count: Int) -> Bool { close(UInt8(ascii: "]")) }
  /// Opens an object.
  public mutating func beginObject() -> Bool { open(UInt8(ascii: "{")) }
  /// Closes the innermost object.
  public mutating func endObject(count: Int) -> Bool { close(UInt8(ascii: "}")) }

  // MARK: Layout

  private mutating func open(_ bracket: UInt8) -> Bool {
    beginValue()
    append(bracket)
    level += 1
    isFirst = true
    return true
  }

  private mutating func close(_ bracket: UInt8) -> Bool {
    level -= 1
    if !isFirst { breakLine() }
    append(bracket)
    isFirst = false
    return true
  }

  private mutating func beginValue() {
    if isAfterKey {
      isAfterKey = false
      return
    }
    if !isFirst { append(UInt8(ascii: ",")) }
    if level > 0 { breakLine() }
    isFirst = false
  }

  private mutating func breakLine() {
    guard indent > 0 else { return }
    let spaces = indent * level
    reserve(spaces + 1)
    start[count] = UInt8(ascii: "\n")
    (start + count + 1).update(repeating: UInt8(ascii: " "), count: spaces)
    count += spaces + 1
  }

  private mutating func word(_ text: StaticString) -> Bool {
    beginValue()
    reserve(text.utf8CodeUnitCount)
    (start + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
    return true
  }

  // MARK: Strings

  private mutating func appendQuoted(_ utf8: UnsafeBufferPointer<UInt8>) {
    reserve(utf8.count + 2)
    start[count] = UInt8(ascii: "\"")
    if let first = utf8.baseAddress, JSONEscape.copyPlain(first, utf8.count, to: start + count + 1) {
      count += utf8.count + 1
    } else {
      count += 1
      appendEscaped(utf8)
    }
    append(UInt8(ascii: "\""))
  }

  /// In pieces, so that a long text needs no room for the longest that it could become.
  private mutating func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
    for offset in stride(from: 0, to: utf8.count, by: 4096) {
      let piece = UnsafeBufferPointer(rebasing: utf8[offset..<min(offset + 4096, utf8.count)])
      reserve(piece.count * 6)
      count = JSONEscape.escape(piece, to: start + count) - start
    }
  }

  // MARK: Room

  @inline(__always)
  private mutating func append(_ byte: UInt8) {
    reserve(1)
    start[count] = byte
    count += 1
  }

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if capacity - count < more { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let larger = max(capacity * 2, count + more)
    let room = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    room.update(from: start, count: count)
    start.deallocate()
    start = room
    capacity = larger
  }
}
