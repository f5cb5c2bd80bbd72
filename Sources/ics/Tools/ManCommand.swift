// `ics man`: the manual page, made of the same tables as the help.

import ArgumentParser

struct ManCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Print the manual page.",
    discussion: """
      Examples: ics man | man -l -
                ics man > /usr/local/share/man/man1/ics.1
      """)

  func perform(_ stop: Stop) async -> Int32 {
    StandardOutput.shared.write(Self.page)
    return ExitStatus.success
  }

  private static var page: String {
    var text = ".TH ICS 1 \"\" \"ics \(Version.number)\" \"ICS\"\n"
    text += ".SH NAME\nics \\- a small language for working with Intercom\n.SH SYNOPSIS\n"
    for row in CommandList.rows { text += ".B " + escaped(row.usage) + "\n.br\n" }
    text += ".SH COMMANDS\n"
    for row in CommandList.rows { text += ".TP\n.B " + escaped(row.usage) + "\n" + sentence(row.summary) }
    text += ".SH OPTIONS OF A SCRIPT\n"
    for option in RunOption.all {
      let name = [option.name, option.value].compactMap(\.self).joined(separator: " ")
      text += ".TP\n.B " + escaped(name) + "\n" + sentence(option.help)
    }
    text += ".SH OTHER COMMANDS\n"
    for command in ArgumentCommands.configuration.subcommands {
      text += ".SS ics " + escaped(command.configuration.commandName ?? "") + "\n.nf\n"
      text += escaped(ArgumentCommands.helpMessage(for: command, columns: 80)) + "\n.fi\n"
    }
    text += ".SH AT THE PROMPT\n.nf\n"
    text += (PromptCommand.overview + [""] + PromptCommand.keys).map(escaped).joined(separator: "\n") + "\n.fi\n"
    text += ".SH ENVIRONMENT\n"
    for (name, help) in HelpText.variables { text += ".TP\n.B " + escaped(name) + "\n" + sentence(help) }
    for setting in Setting.allCases { text += ".TP\n.B " + setting.variable + "\n" + sentence(setting.help) }
    text += ".SH FILES\n.TP\n.I ~/.config/ics/config.toml\n" + sentence("the settings; see 'ics config'")
    text += ".SH EXIT STATUS\n"
    for (status, help) in HelpText.statuses { text += ".TP\n.B \(status)\n" + sentence(help) }
    return text
  }

  private static func sentence(_ text: String) -> String { escaped(text) + "\n" }

  /// Text in which nothing is a request of the formatter's.
  private static func escaped(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let line = line.replacing("\\", with: "\\e").replacing("-", with: "\\-")
      return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }.joined(separator: "\n")
  }
}
