// Where the process begins. Scripts take a path of their own: the argument parser would cost them more time than the
// virtual machine, so it is loaded for the other commands only.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@main
struct Entry {
  // Not `async`: the main thread waits for signals (a script) or reads the terminal (the prompt), and the work is done
  // in a task. An asynchronous `main` would give the thread to the runtime instead.
  @MainActor
  static func main() {
    fillStandardStreams()
    CoreDumps.forbid()
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case nil, "run": RunCommand.start(arguments)
    case "help", "--help", "-h": HelpText.print(arguments)
    // What the shell's completions ask.
    case "---completion": DocumentedCommands.complete(arguments)
    case "--version", "version": VersionCommand.start(Array(arguments.dropFirst()))
    case let name? where CommandList.names.contains(name): ArgumentCommands.start(arguments)
    default: RunCommand.start(arguments)
    }
  }

  /// A standard stream that the parent closed must not become the number of a signal descriptor or of a socket: the
  /// empty device stands in for it. It is opened for reading, so that writing to it fails and does not seem to work.
  private static func fillStandardStreams() {
    var descriptor = open("/dev/null", O_RDONLY)
    while descriptor >= 0 && descriptor <= STDERR_FILENO { descriptor = open("/dev/null", O_RDONLY) }
    if descriptor >= 0 { close(descriptor) }
  }
}
