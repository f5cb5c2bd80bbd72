// `ics explain CODE`: the long form of an error.

import ArgumentParser
import ICSDiagnostics
import ICSJSON

struct ExplainCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explain an error code.",
    discussion: "Without a code, lists all of them.\n\nExample: ics explain E_NULL")

  @Argument(help: "The code; its 'E_' may be left out.", completion: ShellCandidates.codes) var code: String?
  @Flag(help: "As JSON.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    guard let code else {
      for entry in ErrorCode.table { show(entry, isLong: false) }
      return ExitStatus.success
    }
    let name = code.uppercased()
    guard let entry = ErrorCode(name).entry ?? ErrorCode("E_" + name).entry else {
      let near = nearestNames(to: name, among: ErrorCode.table.map(\.code.rawValue), limit: 1).first
      Reporter(isJSON: json).error(
        "there is no error code '\(code)'", code: "E_USAGE", help: near.map { "did you mean '\($0)'?" })
      return ExitStatus.usage
    }
    show(entry, isLong: true)
    return ExitStatus.success
  }

  private func show(_ entry: ErrorCode.Entry, isLong: Bool) {
    if json {
      StandardOutput.shared.write(
        Reporter.line([
          "code": .string(entry.code.rawValue), "meaning": .string(entry.meaning),
          "explanation": .string(entry.explanation), "example": .string(entry.example),
        ]))
    } else if isLong {
      let example = entry.example.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
      StandardOutput.shared.write(
        "\(entry.code): \(entry.meaning)\n\n\(entry.explanation)\n\n\(example.joined(separator: "\n"))\n")
    } else {
      let code = entry.code.rawValue
      StandardOutput.shared.write(code + String(repeating: " ", count: max(1, 19 - code.count)) + entry.meaning + "\n")
    }
  }
}
