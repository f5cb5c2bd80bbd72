// The lexer, the parser and the formatter. All three read a whole source; they differ in what they check of the result.

import ICSDiagnostics
import ICSSyntax

extension FuzzTarget {
  /// Tokens are in order and inside the text.
  static let lexer = FuzzTarget(name: "lexer") { bytes in
    let tree = SyntaxTree.parse(SourceFile(name: "input", bytes: Array(bytes)))
    var end: UInt32 = 0
    for token in tree.tokens {
      if token.start < end || token.end < token.start { fail("tokens overlap at \(token.start)") }
      end = token.end
    }
    if Int(end) > bytes.count { fail("a token ends behind the text") }
    if tree.tokens.last?.kind != .endOfFile { fail("no token at the end") }
  }

  /// Nodes cover tokens, gaps come with errors, and every diagnostic can be shown.
  static let parser = FuzzTarget(name: "parser") { bytes in
    let tree = SyntaxTree.parse(SourceFile(name: "input", bytes: Array(bytes)))
    for node in tree.nodes where node.last < node.first || Int(node.last) >= tree.tokens.count {
      fail("a node ends before it starts")
    }
    let hasGap = tree.nodes.dropFirst().contains { $0.kind == .missing }
    if hasGap && !tree.hasErrors { fail("a gap without an error") }
    if tree.diagnostics.count > 2 * SyntaxTree.maximumErrors { fail("\(tree.diagnostics.count) diagnostics") }
    let renderer = DiagnosticRenderer(color: false)
    for diagnostic in tree.diagnostics {
      let text = renderer.render(diagnostic)
      let isPlain = text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || !($0.value < 32 || $0.value == 127) }
      if !isPlain { fail("a control character in a diagnostic") }
    }
  }

  /// What is formatted is a program again, and formatting it changes nothing.
  static let formatter = FuzzTarget(name: "formatter") { bytes in
    let tree = SyntaxTree.parse(SourceFile(name: "input", bytes: Array(bytes)))
    guard let text = SyntaxFormatter.format(tree) else {
      if !tree.hasErrors { fail("a program without errors is not formatted") }
      return
    }
    let again = SyntaxTree.parse(SourceFile(name: "formatted", text: text))
    if again.hasErrors { fail("the formatted text has errors:\n\(text)") }
    guard let twice = SyntaxFormatter.format(again) else { return }
    if twice != text { fail("formatting is not stable:\n\(text)\n--- becomes ---\n\(twice)") }
  }
}
