// The commands of the prompt, which begin with a colon.

enum MetaCommand: String, CaseIterable {
  case help, load, quit, vars

  /// The command of this name, or of the first letter of it.
  static func named(_ name: String) -> MetaCommand? {
    allCases.first { $0.rawValue == name || $0.rawValue.prefix(1) == name }
  }

  private var usage: String {
    switch self {
    case .help: ":help"
    case .load: ":load FILE"
    case .quit: ":quit"
    case .vars: ":vars"
    }
  }

  private var summary: String {
    switch self {
    case .help: "this text"
    case .load: "run a file here; its names stay"
    case .quit: "leave, as Ctrl-D does"
    case .vars: "the names that you have declared"
    }
  }

  static var overview: String {
    var text = """
      Type a statement or an expression; its value is shown. Lines go on until it is complete.

        1 + 2
        let ana = contacts.create({role: "lead", email: "ana@example.com"})
        for c in contacts.list() { print(c.email) }


      """
    for command in allCases {
      text += "  " + command.usage + String(repeating: " ", count: 14 - command.usage.count) + command.summary + "\n"
    }
    return text + """
        Tab           completes names; the arrow keys and Ctrl-R find earlier entries
        Ctrl-C        clears the line, or stops what runs
        Ctrl-D        leaves

      """
  }
}
