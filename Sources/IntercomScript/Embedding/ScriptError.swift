// What compiling and running throw.

import ICSDiagnostics

/// An error or a warning: `severity`, `code`, `message`, `help`, `notes`, the calls under way (`frames`), and its place.
///
/// `rendered` is the text that the command shows; `place` and `endPlace` are for editors.
public typealias Diagnostic = ICSDiagnostics.Diagnostic

/// A script that does not compile.
public struct CompileError: Error, Sendable, CustomStringConvertible {
  /// Every error that was found, and the warnings.
  public let diagnostics: [Diagnostic]

  /// An error with every diagnostic of a text, the errors and the warnings.
  public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// The diagnostics as the command shows them, without colour.
  public var description: String { render(diagnostics) }
}

/// A run that ended with an error which the script did not catch.
public struct ScriptError: Error, Sendable, CustomStringConvertible {
  /// The error first, then those of tasks that nobody waited for.
  public let diagnostics: [Diagnostic]
  /// What the error carries for programs: `error.data` of the script.
  public let data: ScriptValue
  /// The Swift error that a host function threw, when that is what ended the run.
  public let underlying: (any Error)?
  let origin: ErrorOrigin?

  init(diagnostics: [Diagnostic], data: ScriptValue, underlying: (any Error)?, origin: ErrorOrigin?) {
    self.diagnostics = diagnostics
    self.data = data
    self.underlying = underlying
    self.origin = origin
  }

  init(_ code: String, _ message: String) {
    self.init(diagnostics: [Diagnostic(code: code, message: message)], data: .null, underlying: nil, origin: nil)
  }

  static let cancelled = ScriptError("E_CANCELLED", "the script was stopped")

  /// The error's code, such as `E_NULL` or `E_FUEL`.
  public var code: String { diagnostics.first?.code ?? "E_ERROR" }
  /// The error in one sentence.
  public var message: String { diagnostics.first?.message ?? "" }
  /// Whether the run passed a limit of the host's: fuel, memory, depth, time, output or requests.
  public var isLimit: Bool { ["E_FUEL", "E_MEMORY", "E_DEPTH", "E_TIME_LIMIT"].contains(code) }
  /// Whether the run was cancelled.
  public var isCancelled: Bool { code == "E_CANCELLED" }

  /// The diagnostics as the command shows them, without colour.
  public var description: String { render(diagnostics) }
}

/// Which machine an error came from, and which one it was there.
struct ErrorOrigin: Sendable {
  let core: ObjectIdentifier
  let number: Int
}

private func render(_ diagnostics: [Diagnostic]) -> String {
  diagnostics.map(\.rendered).joined(separator: "\n")
}
