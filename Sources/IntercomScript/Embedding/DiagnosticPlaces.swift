// Where a diagnostic is, for editors and pages that show it in their own way.

import ICSDiagnostics

extension Diagnostic {
  /// Where it begins, in lines and columns from 1; nil for what belongs to no place, such as a limit of time.
  public var place: ScriptPlace? { source.map { ScriptPlace($0, span) } }
  /// Where it ends: the place behind the last character that is underlined.
  public var endPlace: ScriptPlace? { source.map { ScriptPlace($0, Span(start: span.end, end: span.end)) } }
  /// The diagnostic as the command shows it, with the line of the source and the help, without colour.
  public var rendered: String { DiagnosticRenderer(color: false).render(self) }
}
