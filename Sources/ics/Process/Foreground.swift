// A command at work: the task does it, and the main thread waits for signals meanwhile.

import ICSVM
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why work was told to stop.
final class Stop: Sendable {
  /// What the virtual machine looks at.
  let interruption = Interruption()
  private let received = Atomic<Int32>(0)

  /// The signal that came; `nil` while there was none.
  var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  func request(by signal: Int32) {
    received.store(signal, ordering: .relaxed)
    interruption.request()
  }
}

enum Foreground {
  /// Does work in a task and ends the process with its status. The first signal cancels the task, a second one of the
  /// same run ends the process at once.
  static func run(_ work: @escaping @Sendable (Stop) async -> Int32) -> Never {
    let signals = Signals.take()
    let stop = Stop()
    let task = Task.detached { ExitStatus.leave(await work(stop)) }
    while true {
      let signal = signals.next()
      if stop.signal != nil { _exit(ExitStatus.signal(signal)) }
      stop.request(by: signal)
      task.cancel()
    }
  }
}
