// What the scanner tells somebody who makes values of a text.

/// Receives the parts of a JSON text in order.
///
/// An array is `beginArray`, its items, `endArray(count:)`; an object is `beginObject`, then `key` and a value in
/// turns, `endObject(count:)` with the number of keys, duplicates included: that the last of equal keys wins, at
/// the place of the first, is the builder's work. A builder keeps its own stack of unfinished values; the scanner
/// has checked the grammar, so `count` is what was added since the matching `begin…`.
///
/// Each function returns whether to go on; after a `false` nothing else is called, and the scan ends with the error
/// `.stopped`. That is for limits, such as memory. Buffers are valid during the call only.
public protocol JSONBuilder: ~Copyable {
  /// `null`.
  mutating func null() -> Bool
  /// `true` or `false`.
  mutating func bool(_ value: Bool) -> Bool
  /// A number without a point and an exponent.
  mutating func int(_ value: Int) -> Bool
  /// Any other number; finite.
  mutating func double(_ value: Double) -> Bool
  /// A string, unescaped and known to be valid UTF-8.
  mutating func string(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Bool
  /// An object's key, unescaped and known to be valid UTF-8.
  mutating func key(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Bool
  /// `[`; the items follow.
  mutating func beginArray() -> Bool
  /// `]`, after so many items.
  mutating func endArray(count: Int) -> Bool
  /// `{`; keys and values follow in turns.
  mutating func beginObject() -> Bool
  /// `}`, after so many keys.
  mutating func endObject(count: Int) -> Bool
}
