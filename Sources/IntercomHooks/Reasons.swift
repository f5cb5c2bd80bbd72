// From errors of scripts and journals to what a store keeps, and a person reads.

import ICSDiagnostics
import ICSDurable

extension Failure {
  /// A script's error.
  init(_ diagnostic: Diagnostic) {
    var place: String?
    if let source = diagnostic.source {
      let (line, column) = source.lineAndColumn(at: Int(diagnostic.span.start))
      place = "\(source.name):\(line):\(column)"
    }
    self.init(code: diagnostic.code, message: String(diagnostic.message.prefix(4096)), place: place)
  }
}
