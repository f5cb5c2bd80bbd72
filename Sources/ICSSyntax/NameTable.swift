// Names as numbers: every distinct spelling of an identifier gets one `NameID`, so that later stages compare and
// index by a number and make Swift strings only where one is shown.

/// A spelling of a name in one tree's `NameTable`.
package struct NameID: Hashable, Sendable {
  /// The name's number in its tree.
  package let rawValue: UInt32

  /// The name with a number.
  @inlinable
  package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

extension NameID {
  /// The hard keywords, in the order of their token kinds; they are the first names of every table.
  static let hardKeywords = [
    "let", "var", "fn", "return", "if", "else", "for", "in", "while", "break", "continue", "match", "try", "catch",
    "finally", "throw", "import", "export", "true", "false", "null",
  ]

  /// The names with a meaning in some places only; they follow the hard keywords.
  static let softKeywords = ["from", "as", "on", "every", "step", "where", "wait", "it", "_", "request"]

  private static func soft(_ index: UInt32) -> NameID { NameID(21 + index) }

  /// `from`, in imports.
  package static let from = soft(0)
  /// `as`, in imports.
  package static let `as` = soft(1)
  /// `on`, before a hook.
  package static let on = soft(2)
  /// `every`, before a schedule.
  package static let every = soft(3)
  /// `step`, before a step of a run.
  package static let step = soft(4)
  /// `where`, behind a collection.
  package static let `where` = soft(5)
  /// `wait`, in a hook.
  package static let wait = soft(6)
  /// `it`, the item of a `where`.
  package static let it = soft(7)
  /// `_`, the pattern that takes anything.
  package static let underscore = soft(8)
  /// `request`, a hook's request.
  package static let request = soft(9)
}

/// The distinct names of a tree.
package struct NameTable: Sendable {
  /// Where each name ends in `text`: it begins where the one before ends.
  // No ranges: the first array of them makes the runtime look for their bound's conformance among all of a program's,
  // half a million instructions at every start.
  @usableFromInline let ends: [UInt32]
  @usableFromInline let text: [UInt8]
  /// For the few names that are not ASCII: the first name that is equal in NFC, where that is another.
  @usableFromInline let canonicalNames: [UInt32: UInt32]

  init(ends: [UInt32], text: [UInt8], canonicalNames: [UInt32: UInt32]) {
    self.ends = ends
    self.text = text
    self.canonicalNames = canonicalNames
  }

  /// The one id that stands for all spellings of a variable's name that are equal in NFC.
  @inlinable
  package func canonical(_ id: NameID) -> NameID {
    canonicalNames.isEmpty ? id : NameID(canonicalNames[id.rawValue] ?? id.rawValue)
  }

  /// How many names there are; their ids are `0..<count`.
  @inlinable
  package var count: Int { ends.count }

  /// The bytes of a name.
  @inlinable
  package func bytes(of id: NameID) -> ArraySlice<UInt8> {
    let index = Int(id.rawValue)
    return text[(index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])]
  }

  /// The name's text.
  @inlinable
  package subscript(id: NameID) -> String { String(decoding: bytes(of: id), as: UTF8.self) }
}
