// `ics accounts` and `ics disconnect NAME`.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomAPI

struct AccountsCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "accounts", abstract: "List the connected accounts.",
    discussion: """
      VALID can be used; INVALID was refused by Intercom and has to be connected again; PENDING has no token yet. A \
      star marks the account that scripts use. Tokens are not shown.

      Example: ics accounts --json
      """)

  @Flag(help: "One JSON object per account.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    let rows: [AccountRow]
    do throws(APIError) {
      let store = AccountStore.ofThisUser
      let name = try store.defaultName()
      rows = try store.records().map { AccountRow($0, isDefault: $0.name == name) }
    } catch {
      Reporter(isJSON: json).report(error)
      return ExitStatus.failure
    }
    if json {
      for row in rows { StandardOutput.shared.write(Reporter.line(.object(row.json))) }
    } else if rows.isEmpty {
      StandardError.write("no account is connected; 'ics connect' connects one\n")
    } else {
      let names = rows.map { ($0.isDefault ? "* " : "  ") + $0.record.name }
      let width = names.map(\.count).max() ?? 0
      for (name, row) in zip(names, rows) {
        let gap = String(repeating: " ", count: width - name.count + 2)
        let status = row.record.status.rawValue
        StandardOutput.shared.write(
          "\(name)\(gap)\(status)\(String(repeating: " ", count: 9 - status.count))\(row.workspace)  \(row.owner)\n")
      }
    }
    return ExitStatus.success
  }
}

struct DisconnectCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "disconnect", abstract: "Forget an account and its token.",
    discussion: """
      The token is removed from this machine. It stays good at Intercom until it is revoked there.

      Example: ics disconnect acme
      """)

  @Argument(help: "The account.", completion: ShellCandidates.accounts) var name: String
  @Flag(help: "Errors as JSON.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    do throws(APIError) {
      let store = AccountStore.ofThisUser
      // Says which name may have been meant.
      _ = try store.record(name)
      try store.remove(name)
      let next = try store.defaultName()
      if !json {
        StandardOutput.shared.write(
          "Disconnected '\(name)'." + (next.map { " Scripts use '\($0)'." } ?? " Scripts use the sandbox.") + "\n")
      }
      return ExitStatus.success
    } catch {
      Reporter(isJSON: json).report(error)
      return ExitStatus.failure
    }
  }
}
