// Errors on standard error: drawn for people, or one line of JSON each.

import ICSDiagnostics
import ICSJSON
import IntercomAPI

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Shows errors. Made where there is one to show: a script without errors pays nothing.
struct Reporter: Sendable {
  let isJSON: Bool

  init(isJSON: Bool = false) { self.isJSON = isJSON }

  /// Masks what nobody may see.
  static var redactor: Redactor { KnownSecrets.redactor }

  /// Shows errors and warnings on standard error.
  func report(_ diagnostics: [Diagnostic]) {
    let renderer = DiagnosticRenderer(
      color: Environment.usesColor(STDERR_FILENO), width: Environment.width(STDERR_FILENO))
    for diagnostic in diagnostics {
      let text = isJSON ? Self.line(["error": .object(Self.json(of: diagnostic))]) : renderer.render(diagnostic)
      StandardError.write(text)
    }
  }

  /// Shows an error of the connector's that no script has met.
  func report(_ error: APIError) {
    var diagnostic = Diagnostic(code: error.code.rawValue, message: error.message)
    if error.outcomeUnknown { diagnostic.notes = ["nobody knows whether the request was carried out"] }
    // The message names the first finding.
    diagnostic.notes += error.findings.map(\.sentence).filter { !error.message.contains($0) }
    diagnostic.data = error.data.serialized()
    report([diagnostic])
  }

  /// Says what did not keep the command from going on.
  func warning(_ message: String, code: String) {
    let text =
      isJSON
      ? Self.line(["warning": ["code": .string(code), "message": .string(message)]])
      : "warning: \(terminalSafe(message))\n"
    StandardError.write(text)
  }

  /// Shows an error of the command itself, which has no place in a script.
  func error(_ message: String, code: String = "E_IO", help: String? = nil) {
    if isJSON {
      report([Diagnostic(code: code, message: message, help: help)])
    } else {
      let help = help.map { "; \($0)" } ?? ""
      StandardError.write("error: \(terminalSafe(message + help))\n")
    }
  }

  /// The facts of a diagnostic under the names that other programs rely on.
  static func json(of diagnostic: Diagnostic) -> JSONObject {
    var object: JSONObject = [
      "code": .string(diagnostic.code), "message": .string(diagnostic.message), "file": nil, "line": nil,
      "column": nil, "help": diagnostic.help.map(JSONValue.string) ?? .null, "data": nil,
    ]
    // Text that was made from a value is JSON again.
    if let data = diagnostic.data { object["data"] = try? JSONValue(parsing: data) }
    if let source = diagnostic.source {
      let (line, column) = source.lineAndColumn(at: Int(diagnostic.span.start))
      object["file"] = .string(source.name)
      object["line"] = .int(line)
      object["column"] = .int(column)
    }
    return object
  }

  static func line(_ value: JSONValue) -> String { value.serialized() + "\n" }
}
