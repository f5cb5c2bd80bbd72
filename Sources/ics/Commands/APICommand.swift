// `ics api`: what Intercom's API offers.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomCatalogue

struct APICommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "api", abstract: "List the operations of Intercom's API.",
    discussion: """
      With the name of an operation, its parameters too.

      Examples: ics api contacts
                ics api contacts.create
      """)

  @Argument(
    help: "Only operations whose name, path or description has this word.", completion: ShellCandidates.collections)
  var word: String?
  @Flag(help: "One JSON object per operation.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    if let word, let operation = Catalogue.shared.operation(named: word) {
      if json { show([operation]) } else { describe(operation) }
      return ExitStatus.success
    }
    let wanted = word?.lowercased() ?? ""
    let operations = Catalogue.shared.operations.filter { operation in
      wanted.isEmpty
        || [operation.name, operation.path, operation.summary, operation.tag]
          .contains { $0.lowercased().contains(wanted) }
    }
    guard !operations.isEmpty else {
      let names = Catalogue.shared.collections + Catalogue.shared.operationNames
      let near = nearestNames(to: wanted, among: names, limit: 1).first
      Reporter(isJSON: json).error(
        "the API has nothing with '\(word ?? "")'", code: "E_NOT_FOUND", help: near.map { "did you mean '\($0)'?" })
      return ExitStatus.failure
    }
    show(operations.sorted { $0.name < $1.name })
    return ExitStatus.success
  }

  private func show(_ operations: [Operation]) {
    let nameWidth = operations.map(\.name.count).max() ?? 0
    let placeWidth = operations.map { $0.method.count + $0.path.count + 1 }.max() ?? 0
    for operation in operations {
      guard !json else {
        StandardOutput.shared.write(
          Reporter.line([
            "name": .string(operation.name), "method": .string(operation.method), "path": .string(operation.path),
            "summary": .string(operation.summary),
            "parameters": .array(operation.parameters.map { .string($0.name) }),
          ]))
        continue
      }
      let place = operation.method + " " + operation.path
      StandardOutput.shared.write(
        pad(operation.name, nameWidth) + "  " + pad(place, placeWidth) + "  " + operation.summary + "\n")
    }
  }

  private func describe(_ operation: Operation) {
    var text = "\(operation.name): \(operation.summary)\n\(operation.method) \(operation.path)\n"
    let width = operation.parameters.map(\.name.count).max() ?? 0
    for parameter in operation.parameters {
      let need = parameter.isRequired ? "needed" : "optional"
      text += "  \(pad(parameter.name, width))  in the \(parameter.location.rawValue), \(need)\n"
    }
    if operation.body != nil { text += operation.isBodyRequired ? "  needs a body\n" : "  takes a body\n" }
    if operation.paging != nil { text += "  gives a listing: a stream over all pages\n" }
    StandardOutput.shared.write(text)
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
