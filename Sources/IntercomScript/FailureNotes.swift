import ICSDiagnostics
import ICSVM

/// A function that was being run when an entry at the prompt failed, with what its variables held.
package struct FailureNote: Sendable {
  package let function: String
  package let source: SourceFile
  package let span: Span
  /// Texts as literals, cut where they are long; not yet safe for a terminal.
  package let variables: [(name: String, value: String)]
}

/// The notes of the last entry that failed: innermost function first.
final class FailureNotes {
  private(set) var notes: [FailureNote] = []
  /// The error that they are about: thrown on by a function that waits, it keeps its first notes.
  private var error: Handle?

  private static let maximumValue = 400
  private static let maximumVariables = 20

  func forget(_ machine: Machine) {
    notes = []
    if let error { machine.release(error) }
    error = nil
  }

  /// Notes what the functions hold that an error ends.
  func take(_ raised: Value, _ machine: Machine) {
    if let error {
      let known = machine.value(error)
      if known.tag == raised.tag, known.bits == raised.bits { return }
    }
    forget(machine)
    error = machine.retain(raised)
    notes = machine.failedFrames().map { frame in
      let variables = frame.variables.suffix(Self.maximumVariables).map { ($0.name, Self.text($0.value, machine)) }
      return FailureNote(function: frame.function, source: frame.source, span: frame.span, variables: variables)
    }
  }

  private static func text(_ value: Value, _ machine: Machine) -> String {
    guard value.isString else {
      return machine.state.printedForm(value, maximumLength: maximumValue) ?? "a value that is nested too deeply"
    }
    let bytes = stringBuffer(value.address)
    var buffer = TextBuffer()
    machine.state.appendQuoted(UnsafeBufferPointer(rebasing: bytes.prefix(maximumValue)), to: &buffer)
    return String(decoding: buffer.bytes, as: UTF8.self) + (bytes.count > maximumValue ? "…" : "")
  }
}

extension Session {
  /// What the functions held that the last failed entry ended, innermost first.
  package var failureNotes: [FailureNote] { failures.notes }

  /// Lets the machine tell about errors before their frames are gone.
  func noteFailures() {
    machine.willFail = { [failures, unowned machine] error in failures.take(error, machine) }
  }
}
