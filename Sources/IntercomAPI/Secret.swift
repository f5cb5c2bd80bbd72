// A text that nobody may see.

/// A token or a key. It prints as `<secret>` however it is printed, and never takes part in a description of what holds
/// it; `reveal()` is the one way to the text, so that a search finds every use.
public struct Secret: Sendable, Hashable {
  private let text: String

  /// Wraps a text, without white space around it: a token that was read from a file ends in a newline.
  public init(_ text: String) {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
    let bytes = text.utf8.drop(while: isSpace)
    self.text = String(decoding: bytes.reversed().drop(while: isSpace).reversed(), as: UTF8.self)
  }

  /// Whether there is nothing to hide.
  public var isEmpty: Bool { text.isEmpty }

  /// The text itself. For the header that carries it and the key that it is; nothing else.
  public func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// `<secret>`.
  public var description: String { "<secret>" }
  /// `<secret>`.
  public var debugDescription: String { "<secret>" }
  /// Without children, so that `dump` and a debugger's reflection show nothing.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
