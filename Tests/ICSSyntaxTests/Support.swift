import ICSDiagnostics
import ICSSyntax

func parse(_ text: String) -> SyntaxTree { SyntaxTree.parse(SourceFile(name: "test.ics", text: text)) }

func parse(bytes: [UInt8]) -> SyntaxTree { SyntaxTree.parse(SourceFile(name: "test.ics", bytes: bytes)) }

/// The errors of a text, each as `line:column message`.
func errors(_ text: String) -> [String] {
  let tree = parse(text)
  return tree.diagnostics.filter { $0.severity == .error }.map { diagnostic in
    let place = tree.source.lineAndColumn(at: Int(diagnostic.span.start))
    return "\(place.line):\(place.column) \(diagnostic.message)"
  }
}

/// The codes of the warnings of a text.
func warnings(_ text: String) -> [String] {
  parse(text).diagnostics.filter { $0.severity == .warning }.map(\.code)
}

/// The dump of a text that must have no error; with one, the error.
func dump(_ text: String) -> String { errors(text).first ?? TreeDump.of(text) }
