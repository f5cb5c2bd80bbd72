// The module's front door.

import ICSDiagnostics

extension SyntaxTree {
  /// How deep brackets, blocks, patterns, prefix operators and interpolations may be nested in one another.
  package static let maximumDepth = 200
  /// How many bytes a source file may have.
  package static let maximumSourceSize = 64 << 20
  /// How many parameters a function and how many arguments a call may have.
  package static let maximumArguments = 255
  /// How many errors are reported for one file.
  package static let maximumErrors = 20

  /// Parses a source file. Always gives a tree; what is wrong with the text is in its `diagnostics`.
  package static func parse(_ source: SourceFile) -> SyntaxTree {
    SyntaxTree(
      source: source, tokens: [], nodes: [], extra: [], names: NameTable(ranges: [], text: [], canonicalNames: [:]),
      decodedText: [], root: .none, diagnostics: [], isIncomplete: false)
  }

  /// The `///` comment that stands directly before a declaration, one line per comment, without the slashes and the
  /// space after them; nil when there is none.
  package func docComment(of node: NodeID) -> String? { nil }
}
