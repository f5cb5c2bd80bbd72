// Programs that are started for the person at the terminal: a pager, an editor.

import CReadline

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct ChildProcess {
  private let id: pid_t
  /// Where to write what the program reads; -1 when it reads the terminal.
  let input: Int32

  /// Starts a program with the terminal's streams; `nil` when that fails.
  ///
  /// - Parameter hasInput: Whether its standard input is `input` instead of ours.
  static func start(_ arguments: [String], hasInput: Bool = false) -> ChildProcess? {
    var ends: [Int32] = [-1, -1]
    if hasInput, pipe(&ends) != 0 { return nil }
    if hasInput { _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC) }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    if hasInput {
      posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
      posix_spawn_file_actions_addclose(&actions, ends[0])
    }
    // What this process blocks and ignores is its own business.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    var words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var id: pid_t = 0
    let failure = posix_spawn(&id, arguments[0], &actions, &attributes, &words, crl_environment())
    if hasInput { close(ends[0]) }
    guard failure == 0 else {
      if hasInput { close(ends[1]) }
      return nil
    }
    return ChildProcess(id: id, input: ends[1])
  }

  /// Waits for its end and gives its status; 127 when a shell did not find the program.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      if errno != EINTR { return 127 }
    }
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }
}
