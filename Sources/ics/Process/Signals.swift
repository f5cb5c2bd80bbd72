// Ctrl-C and requests to end, as something to read from.

#if os(Linux)
  import CReadline
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
#if !os(Linux)
  import Synchronization

  /// Where the handler writes: it may use nothing but what is allowed in a signal handler.
  private let signalPipe = Atomic<Int32>(-1)
#endif

/// A descriptor that can be read when SIGINT or SIGTERM has come; `poll` takes it beside others.
struct Signals: Sendable {
  let descriptor: Int32

  /// Takes the signals over. Has to happen before there is a second thread: threads inherit what is blocked.
  static func take() -> Signals {
    // A closed pipe is an error of `write`, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    #if os(Linux)
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, SIGINT)
      sigaddset(&set, SIGTERM)
      pthread_sigmask(SIG_BLOCK, &set, nil)
      return Signals(descriptor: signalfd(-1, &set, Int32(SFD_CLOEXEC)))
    #else
      var ends: [Int32] = [-1, -1]
      _ = pipe(&ends)
      signalPipe.store(ends[1], ordering: .relaxed)
      for number in [SIGINT, SIGTERM] {
        signal(number) { number in
          var byte = UInt8(truncatingIfNeeded: number)
          _ = Darwin.write(signalPipe.load(ordering: .relaxed), &byte, 1)
        }
      }
      return Signals(descriptor: ends[0])
    #endif
  }

  /// Waits for a signal and gives its number.
  func next() -> Int32 {
    while true {
      #if os(Linux)
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        if read(descriptor, &info, size) == size { return Int32(info.ssi_signo) }
      #else
        var byte: UInt8 = 0
        if read(descriptor, &byte, 1) == 1 { return Int32(byte) }
      #endif
      // Anything but an interrupted call would repeat for ever.
      guard errno == EINTR else { return SIGTERM }
    }
  }
}
