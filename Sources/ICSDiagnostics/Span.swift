// A piece of one source file. Tokens, tree nodes, instructions and diagnostics carry spans, so a span is two
// words of 32 bits and does not name its file.

/// A range of UTF-8 byte offsets in one `SourceFile`: `start` is in it, `end` is not.
public struct Span: Hashable, Sendable {
  /// The offset of the first byte.
  public var start: UInt32
  /// The offset after the last byte; equal to `start` for a place between two bytes.
  public var end: UInt32

  /// The empty span at the start of the file, for what has no place of its own.
  public static var zero: Span { Span(start: 0, end: 0) }

  /// A span from offsets that are already 32 bits wide; an `end` before `start` counts as `start`.
  @inlinable
  public init(start: UInt32, end: UInt32) {
    self.start = start
    self.end = end < start ? start : end
  }

  /// A span from byte offsets. Offsets past what 32 bits hold are clamped: sources are limited to far less.
  @inlinable
  public init(_ range: Range<Int>) {
    self.init(start: UInt32(clamping: range.lowerBound), end: UInt32(clamping: range.upperBound))
  }

  /// How many bytes the span covers.
  @inlinable
  public var length: Int { Int(end) - Int(start) }

  /// The span as a range of indexes into `SourceFile.bytes`.
  @inlinable
  public var range: Range<Int> { Int(start)..<Int(end) }

  /// The smallest span that covers this one and `other`.
  @inlinable
  public func union(_ other: Span) -> Span {
    Span(start: min(start, other.start), end: max(end, other.end))
  }
}
