// The commands that the argument parser reads.

import ArgumentParser

/// A command with options, whose status the process ends with.
protocol StatusCommand: ParsableCommand, Sendable {
  /// Does the work.
  func perform(_ stop: Stop) async -> Int32
}

struct ArgumentCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ics", abstract: "A small language for working with Intercom.",
    subcommands: [
      CheckCommand.self, FormatCommand.self, TestCommand.self, SandboxCommand.self, APICommand.self,
      RequestCommand.self, ConnectCommand.self, AccountsCommand.self, DisconnectCommand.self, ExplainCommand.self,
    ] + serving + tools)

  /// What serves hooks and looks after their runs.
  private static let serving: [any ParsableCommand.Type] = [
    ServeCommand.self, TriggerCommand.self, EventsCommand.self, RunsCommand.self,
  ]

  /// What looks after the command itself.
  private static let tools: [any ParsableCommand.Type] = [
    DoctorCommand.self, ConfigCommand.self, CompletionsCommand.self, ManCommand.self,
  ]

  /// Reads the arguments, does what they say, and ends the process.
  static func start(_ arguments: [String]) -> Never {
    if let misuse = SecretArguments.misuse(in: arguments) {
      Reporter(isJSON: arguments.contains("--json")).error(misuse, code: "E_USAGE")
      ExitStatus.leave(ExitStatus.usage)
    }
    do {
      var command = try parseAsRoot(arguments)
      if let command = command as? any StatusCommand { Foreground.run { stop in await command.perform(stop) } }
      // What is no command of ours is the parser's own, for help: it ends by throwing the text.
      try command.run()
      ExitStatus.leave(ExitStatus.success)
    } catch {
      let message = fullMessage(for: error)
      guard exitCode(for: error) != .success else {
        StandardOutput.shared.write(message + "\n")
        ExitStatus.leave(ExitStatus.success)
      }
      let prefix = "Error: "
      let text = message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
      StandardError.write("error: \(text)\n")
      ExitStatus.leave(ExitStatus.usage)
    }
  }
}
