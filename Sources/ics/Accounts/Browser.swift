// Opening a page in the user's browser.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum Browser {
  /// Tries to open a page. The browser's own chatter goes nowhere, and whether it worked is the user's to see: the URL
  /// is printed too.
  static func open(_ url: String) {
    #if os(macOS)
      let program = "open"
    #else
      let program = "xdg-open"
    #endif
    #if os(Linux)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY), (STDERR_FILENO, O_WRONLY)] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", mode, 0)
    }
    var process: pid_t = 0
    let arguments = [strdup(program), strdup(url), nil]
    defer { for argument in arguments { free(argument) } }
    guard posix_spawnp(&process, program, &actions, nil, arguments, environ) == 0 else { return }
    var status: Int32 = 0
    // The opener hands the page over and ends; a browser that it becomes is not waited for.
    _ = waitpid(process, &status, WNOHANG)
  }
}
