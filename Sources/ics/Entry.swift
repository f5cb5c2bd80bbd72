// Where the process begins. Scripts take a path of their own: the argument parser would cost them more time than the
// virtual machine, so it is loaded for the other commands only.

@main
struct Entry {
  // Not `async`: the main thread waits for signals (a script) or reads the terminal (the prompt), and the work is done
  // in a task. An asynchronous `main` would give the thread to the runtime instead.
  @MainActor
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case nil, "run": RunCommand.start(arguments)
    case "help", "--help", "-h": HelpText.print(arguments)
    case "--version", "version": VersionCommand.start(Array(arguments.dropFirst()))
    case let name? where CommandList.names.contains(name): ArgumentCommands.start(arguments)
    default: RunCommand.start(arguments)
    }
  }
}
