// The lines of `log` on standard error: `info: imported count=12`, or one JSON object each.

import ICSDiagnostics
import ICSJSON
import ICSLibrary

struct LogWriter: Sendable {
  private let isQuiet: Bool
  private let isVerbose: Bool
  private let isJSON: Bool

  init(_ options: RunOptions) {
    (isQuiet, isVerbose, isJSON) = (options.isQuiet, options.isVerbose, options.isJSON)
  }

  /// Writes a line, unless nobody wants its level.
  func write(_ line: LogLine) {
    switch line.level {
    case .debug where isQuiet || !isVerbose, .info where isQuiet: return
    default: StandardError.write(Reporter.redactor.redact(isJSON ? json(of: line) : text(of: line)) + "\n")
    }
  }

  private func text(of line: LogLine) -> String {
    let fields = line.fields.map { "\($0.name)=\($0.json)" }
    return terminalSafe("\(line.level.rawValue): " + ([line.message] + fields).joined(separator: " "))
  }

  /// The fields' values are JSON already.
  private func json(of line: LogLine) -> String {
    let fields = line.fields.map { JSONValue.string($0.name).serialized() + ":" + $0.json }.joined(separator: ",")
    let message = JSONValue.string(line.message).serialized()
    return "{\"log\":{\"level\":\"\(line.level.rawValue)\",\"message\":\(message),\"fields\":{\(fields)}}}"
  }
}
