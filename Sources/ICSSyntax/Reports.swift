// Where the lexer and the parser put what they find wrong with a text.

import ICSDiagnostics

/// The errors and warnings of one source file while it is being parsed.
final class Reports {
  let source: SourceFile
  private var errors: [Diagnostic] = []
  private var warnings: [Diagnostic] = []
  private var allAtEnd = true

  init(source: SourceFile) { self.source = source }

  /// Whether no further error will be kept.
  var isFull: Bool { errors.count >= SyntaxTree.maximumErrors }

  /// Whether there are errors and more text could mend all of them.
  var isIncomplete: Bool { !errors.isEmpty && allAtEnd }

  /// - Parameter atEnd: Whether the text simply stops too early.
  func error(
    _ message: String, at span: Span, label: String = "", secondary: [Diagnostic.Label] = [], help: String? = nil,
    atEnd: Bool = false
  ) {
    allAtEnd = allAtEnd && atEnd
    guard !isFull else { return }
    errors.append(
      Diagnostic(
        .syntax, message, source: source, span: span, label: label, secondary: secondary, help: help))
  }

  func warning(_ code: ErrorCode, _ message: String, at span: Span, label: String = "", notes: [String] = []) {
    guard warnings.count < SyntaxTree.maximumErrors else { return }
    warnings.append(Diagnostic(code, message, source: source, span: span, label: label, notes: notes))
  }

  /// Everything found, in order of the text.
  func sorted() -> [Diagnostic] {
    (errors + warnings).sorted { ($0.span.start, $0.span.end) < ($1.span.start, $1.span.end) }
  }
}
