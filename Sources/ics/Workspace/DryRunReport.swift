// `--dry-run`: what each write would have changed, on standard error.

import ICSDiagnostics
import ICSJSON
import IntercomAPI

struct DryRunReport: Sendable {
  let isJSON: Bool

  /// Shows a write that was not sent: a line for the request, and one for each field. Not silenced by `--quiet`, because
  /// it is what a dry run is for.
  func show(_ change: DryRunChange) {
    if isJSON { return StandardError.write(Reporter.line(json(of: change))) }
    StandardError.write("dry run: " + terminalSafe("\(change)", keepingLineBreaks: true) + "\n")
  }

  private func json(of change: DryRunChange) -> JSONValue {
    let differences = change.differences.map { difference -> JSONValue in
      var object: JSONObject = ["path": .string(difference.path)]
      if let old = difference.old { object["old"] = old }
      if let new = difference.new { object["new"] = new }
      return .object(object)
    }
    return [
      "dry_run": [
        "method": .string(change.method), "path": .string(change.target),
        "operation": change.operation.map(JSONValue.string) ?? nil, "was_read": .bool(change.wasRead),
        "differences": .array(differences),
      ]
    ]
  }
}
