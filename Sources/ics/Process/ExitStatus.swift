// What the process ends with. Other programs rely on these numbers.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum ExitStatus {
  static let success: Int32 = 0
  /// An uncaught error of a script, findings of `check`, a server that did not start.
  static let failure: Int32 = 1
  /// A script that does not compile.
  static let notCompiled: Int32 = 2
  /// Wrong usage of the command (`EX_USAGE`).
  static let usage: Int32 = 64
  /// A file that is not there or cannot be read (`EX_NOINPUT`).
  static let noInput: Int32 = 66

  /// How a shell reports a process that ended by this signal: 130 for Ctrl-C, 143 for a request to end.
  static func signal(_ number: Int32) -> Int32 { 128 + number }

  /// Writes what is still in memory and ends the process. A closed pipe turns every status into success: whoever
  /// closed it has read enough.
  static func leave(_ status: Int32) -> Never {
    StandardOutput.shared.flush()
    switch StandardOutput.shared.failure {
    case nil: exit(status)
    case EPIPE?: exit(success)
    case let code?:
      StandardError.write("error: cannot write to standard output: \(String(cString: strerror(code)))\n")
      exit(status == success ? failure : status)
    }
  }
}
