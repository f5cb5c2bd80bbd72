// From text to value and back.

extension JSONValue {
  /// The value of a JSON text in UTF-8, at most 1000 arrays and objects deep.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    var builder = JSONValueBuilder()
    try JSONScanner.scan(bytes, into: &builder)
    self = builder.takeResult()
  }

  /// The value of a JSON text in UTF-8, at most 1000 arrays and objects deep.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    // A closure of `withUnsafe…` throws any error or none, so the error travels in a result.
    self = try bytes.withUnsafeBufferPointer { buffer in Self.result(of: buffer) }.get()
  }

  /// The value of a JSON text, at most 1000 arrays and objects deep.
  public init(parsing text: String) throws(JSONError) {
    var text = text
    self = try text.withUTF8 { buffer in Self.result(of: buffer) }.get()
  }

  private static func result(of buffer: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
    do { return .success(try JSONValue(parsing: buffer)) } catch { return .failure(error) }
  }

  /// The value as JSON. Compact without `indent`, else in the layout of JavaScript's `JSON.stringify`. NaN and
  /// infinities, which JSON lacks, become `null`, as in JavaScript; `strictlySerialized` refuses them.
  public func serialized(indent: Int? = nil) -> String {
    var writer = JSONWriter(indent: indent)
    _ = write(to: &writer, nullForNotFinite: true)
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The value as compact JSON in UTF-8, with `null` for NaN and infinities.
  public func serializedBytes() -> [UInt8] {
    var writer = JSONWriter()
    _ = write(to: &writer, nullForNotFinite: true)
    return writer.withBytes { [UInt8]($0) }
  }

  /// The value as JSON, as `serialized` gives it.
  ///
  /// - Throws: `.notFinite` when the value holds NaN or an infinity.
  public func strictlySerialized(indent: Int? = nil) throws(JSONError) -> String {
    var writer = JSONWriter(indent: indent)
    guard write(to: &writer, nullForNotFinite: false) else { throw JSONError(.notFinite, at: writer.byteCount) }
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// Tells a builder, such as a `JSONWriter`, the parts of the value.
  ///
  /// - Returns: Whether the builder took everything.
  public func write<Builder: JSONBuilder & ~Copyable>(to builder: inout Builder) -> Bool {
    write(to: &builder, nullForNotFinite: false)
  }

  private func write<Builder: JSONBuilder & ~Copyable>(to builder: inout Builder, nullForNotFinite: Bool) -> Bool {
    switch self {
    case .null: return builder.null()
    case .bool(let value): return builder.bool(value)
    case .int(let value): return builder.int(value)
    case .double(let value):
      return nullForNotFinite && !value.isFinite ? builder.null() : builder.double(value)
    case .string(let value):
      return Self.withBytes(of: value) { builder.string($0, isASCII: false) }
    case .array(let items):
      guard builder.beginArray() else { return false }
      for item in items {
        guard item.write(to: &builder, nullForNotFinite: nullForNotFinite) else { return false }
      }
      return builder.endArray(count: items.count)
    case .object(let object):
      guard builder.beginObject() else { return false }
      for entry in object.entries {
        guard Self.withBytes(of: entry.key, { builder.key($0, isASCII: false) }),
          entry.value.write(to: &builder, nullForNotFinite: nullForNotFinite)
        else { return false }
      }
      return builder.endObject(count: object.count)
    }
  }

  /// Gives a string's bytes to `body`; a native string's without a copy.
  private static func withBytes(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    if let done = text.utf8.withContiguousStorageIfAvailable(body) { return done }
    return Array(text.utf8).withUnsafeBufferPointer(body)
  }
}
