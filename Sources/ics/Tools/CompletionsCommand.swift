// `ics completions SHELL`: what the shell offers behind `ics`.

import ArgumentParser

struct CompletionsCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print a shell's completion script.",
    discussion: """
      Examples: ics completions bash > ~/.local/share/bash-completion/completions/ics
                ics completions zsh > ~/.zsh/completions/_ics
                ics completions fish > ~/.config/fish/completions/ics.fish
      """)

  @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"])) var shell: String

  func perform(_ stop: Stop) async -> Int32 {
    guard let shell = CompletionShell(rawValue: shell) else {
      Reporter().error("'\(shell)' is no shell with completions; write bash, zsh or fish", code: "E_USAGE")
      return ExitStatus.usage
    }
    var script = DocumentedCommands.completionScript(for: shell)
    // 'ics FILE': a script of the root command's own would hide the commands from the parser's completions, so files
    // come where no command fits.
    script = script.replacing("complete -o filenames -F _ics ics", with: "complete -o filenames -o default -F _ics ics")
    StandardOutput.shared.write(script + "\n")
    return ExitStatus.success
  }
}

/// Every command as the argument parser would read it, for completions and the manual: `run` too, which reads its
/// arguments by hand.
struct DocumentedCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ics", abstract: "A small language for working with Intercom.",
    subcommands: [RunDocumentation.self] + ArgumentCommands.configuration.subcommands)

  /// Answers a completion script: one candidate a line.
  static func complete(_ arguments: [String]) -> Never {
    do {
      _ = try parseAsRoot(arguments)
      ExitStatus.leave(ExitStatus.usage)
    } catch {
      // The parser throws the answer.
      guard exitCode(for: error) == .success else { ExitStatus.leave(ExitStatus.usage) }
      StandardOutput.shared.write(fullMessage(for: error) + "\n")
      ExitStatus.leave(ExitStatus.success)
    }
  }
}

/// The options of `ics run`, as the table of `RunOption` has them; a test compares the two.
struct RunDocumentation: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Run a script.")

  @Option(name: .customShort("e"), help: "Run this text instead of a file.") var code: String?
  @Option(completion: ShellCandidates.accounts) var account: String?
  @Flag var sandbox = false
  @Flag var dryRun = false
  @Option(completion: .file()) var record: String?
  @Option(completion: .file()) var replay: String?
  @Option var fuel: String?
  @Option var memory: String?
  @Option var timeout: String?
  @Option(completion: .directory) var root: String?
  @Option(completion: .directory) var allowRead: [String] = []
  @Option(completion: .directory) var allowWrite: [String] = []
  @Option var allowEnv: [String] = []
  @Option var allowNet: [String] = []
  @Option var job: String?
  @Flag var restart = false
  @Option(completion: .file()) var store: String?
  @Option(completion: .list(["auto", "always", "never"])) var color: String?
  @Option(completion: .list(ValueView.allCases.map(\.rawValue))) var view: String?
  @Option var pager: String?
  @Option var editor: String?
  @Flag var quiet = false
  @Flag var verbose = false
  @Flag var json = false
  @Argument(help: "The script.", completion: .file(extensions: ["ics"])) var file: String
  @Argument(help: "What the script finds in 'args'.") var arguments: [String] = []
}
