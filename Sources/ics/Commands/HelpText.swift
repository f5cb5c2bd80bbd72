// `ics --help` and `ics run --help`.

enum HelpText {
  /// Prints the help of the command that the arguments name, else the list of all.
  static func print(_ arguments: [String]) -> Never {
    let topic = arguments.count > 1 ? arguments[1] : nil
    switch topic {
    case "run"?: printRun()
    case let name? where CommandList.names.contains(name): ArgumentCommands.start([name, "--help"])
    default: leave(overview)
    }
  }

  static func printRun() -> Never { leave(run) }

  private static func leave(_ text: String) -> Never {
    StandardOutput.shared.write(text)
    ExitStatus.leave(ExitStatus.success)
  }

  private static var overview: String {
    """
    ICS: a small language for working with Intercom.

    Commands:
    \(table(CommandList.rows.map { ($0.usage, $0.summary) }))

    Examples:
      ics report.ics                              run a script
      ics -e 'print(contacts.list().count())'     count the contacts
      echo 'print(1 + 2)' | ics                   run standard input
      ics connect                                 log in, so that scripts use your workspace
      ics sandbox --port 8080 --seed 120          a local Intercom with 120 contacts
      ics request GET '/contacts?per_page=5'      ask the API directly
      ics explain E_NULL                          what an error means

    Variables:
    \(table(variables))

    Without a connected account or INTERCOM_ACCESS_TOKEN scripts talk to the sandbox, a local Intercom in a file.
    'ics run --help' lists the options for scripts, 'ics COMMAND --help' those of a command.

    """
  }

  private static var run: String {
    """
    Runs a script.

    Usage:
      ics run [OPTIONS] FILE [ARGS]
      ics run [OPTIONS] -e CODE [OPTIONS] [ARGS]

    FILE may be '-' for standard input. What follows it is the script's own, as 'args'.

    Options:
    \(table(RunOption.all.map { ([$0.name, $0.value].compactMap(\.self).joined(separator: " "), $0.help) }))

    A script may read and write files below the current folder and read the variables whose names begin with
    ICS_VAR_; more with --allow-... .

    Examples:
      ics run report.ics --month 5                a script with arguments
      ics run --timeout 30s --memory 64MB x.ics   a script with limits
      ics run --sandbox x.ics                     a script against the local sandbox
      ics run --dry-run x.ics                     what a script would change
      ics run --record x.rec x.ics                a script with its requests kept; later --replay x.rec

    Statuses: \(statuses.dropFirst().reduce("0") { $0 + "; \($1.0) \($1.1)" }).

    """
  }

  /// What commands end with.
  static let statuses = [
    (0, "all is well"), (1, "an uncaught error, or findings"), (2, "a script that does not compile"),
    (64, "wrong usage"), (66, "no such file"), (130, "interrupted"), (143, "terminated"),
  ]

  /// The variables that are not settings.
  static let variables = [
    ("INTERCOM_ACCESS_TOKEN", "the token of a workspace"),
    ("INTERCOM_BASE_URL", "another address than api.intercom.io, such as a sandbox's"),
    ("INTERCOM_CLIENT_ID, INTERCOM_CLIENT_SECRET", "the app that 'ics connect' logs in with"),
    ("ICS_HOME", "the folder for accounts, sandbox and history"),
    ("ICS_KEY", "the key that tokens are encrypted under; else a file in ICS_HOME"),
    ("NO_COLOR, FORCE_COLOR", "colours never or always"),
    ("PAGER, VISUAL, EDITOR", "the pager and the editor of the prompt"),
    ("ICS_CONFIG", "the file of settings; see 'ics config'"),
  ]

  private static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, text in
      "  " + name + String(repeating: " ", count: width - name.count + 2) + text
    }.joined(separator: "\n")
  }
}
