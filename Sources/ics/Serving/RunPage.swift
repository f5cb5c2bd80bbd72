// A run with everything that happened to it, on the terminal and as JSON.

import ICSDiagnostics
import ICSDurable
import ICSJSON

/// What `ics runs show` prints.
struct RunPage {
  let history: RunHistory
  let event: EventRecord?

  var json: JSONObject {
    var object = history.run.json(topic: event?.topic)
    object["output"] = history.run.output ?? .null
    object["steps"] = .array(history.steps.map(\.json))
    object["tries"] = .array(history.attempts.map(\.json))
    object["version"] = .string(String(history.run.program.prefix(12)))
    return object
  }

  func writeJSON() { StandardOutput.shared.write(Reporter.line(.object(json))) }

  func write(withEvent: Bool = true) {
    let run = history.run
    var text = "\(run.isJob ? "job" : "run") \(run.id)  \(run.hook)  \(run.state.word)\n"
    if withEvent, let event {
      text += "event \(event.id)  \(event.topic)  received \(event.receivedAt.shown) UTC\n"
    }
    if let due = run.dueAt { text += "goes on at \(due.shown) UTC\n" }
    if let reason = run.parked { text += "parked: \(reason.message)\n" }
    text += "\nAttempts\n"
    for attempt in history.attempts { text += Self.text(of: attempt) }
    if !history.steps.isEmpty { text += "\nSteps\n" }
    for step in history.steps { text += Self.line(of: step) }
    if let output = run.output, output != .null { text += "\nValue\n    \(Self.short(output))\n" }
    // What comes out of the store is data: it must not steer the terminal.
    StandardOutput.shared.write(terminalSafe(text, keepingLineBreaks: true))
  }

  private static func text(of attempt: AttemptRecord) -> String {
    var line = "  \(attempt.number)  \(attempt.ending?.rawValue ?? "running")  \(attempt.startedAt.shown) UTC"
    if let end = attempt.endedAt { line += "  \(Self.duration(from: attempt.startedAt, to: end))" }
    if let failure = attempt.failure { line += "\n     \(failure.shown)" }
    return line + "\n"
  }

  private static func line(of step: StepRecord) -> String {
    // A step of a parallel branch has a long number that says nothing to a person.
    let number = step.ordinal.path.contains { $0 > 1_000_000 } ? "·" : step.ordinal.description
    let indent = step.ordinal.isOutermost ? "  " : "    "
    var line = "\(indent)\(number)  \(step.name)  \(step.state)"
    if let end = step.endedAt { line += "  \(duration(from: step.startedAt, to: end))" }
    if let due = step.dueAt, step.state == .intended { line += "  until \(due.shown) UTC" }
    if step.attempt > 1 { line += "  \(step.attempt) attempts" }
    if !step.codeSpan.isEmpty { line += "  \(step.codeSpan)" }
    line += "\n"
    if let input = step.input { line += "\(indent)   in   \(short(input))\n" }
    if let result = step.result, step.kind != .wait { line += "\(indent)   out  \(short(result))\n" }
    if let failure = step.failure { line += "\(indent)   \(failure.shown)\n" }
    return line
  }

  private static func duration(from start: Timestamp, to end: Timestamp) -> String {
    let milliseconds = max(0, Int((end - start) / .milliseconds(1)))
    return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
  }

  /// A value in one line, its end cut: `--json` has all of it.
  private static func short(_ value: JSONValue) -> String {
    let text = value.serialized()
    return text.count <= 160 ? text : text.prefix(157) + "..."
  }
}
