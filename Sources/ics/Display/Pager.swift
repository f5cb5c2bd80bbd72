// A pager for what does not fit on the terminal: only there, and only when somebody has chosen one.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum Pager {
  /// Shows lines: through the pager that was chosen when the terminal has fewer rows, else as they are.
  static func show(_ lines: [String]) {
    let text = lines.joined(separator: "\n") + "\n"
    guard StandardOutput.shared.isTerminal, let command = command, isTooLong(lines) else {
      StandardOutput.shared.write(text)
      return
    }
    StandardOutput.shared.flush()
    if !run(command, text) { StandardOutput.shared.write(text) }
  }

  /// `ICS_PAGER`, the setting, else `PAGER`; empty or `cat` for none.
  private static var command: String? {
    let own = Environment.variable(Setting.pager.variable)
    guard let name = own?.isEmpty == true ? own : Settings.shared[.pager] ?? Environment["PAGER"] else { return nil }
    return name.isEmpty || name == "cat" || Environment["TERM"] == "dumb" ? nil : name
  }

  private static func isTooLong(_ lines: [String]) -> Bool {
    lines.count >= Environment.height(STDOUT_FILENO)
  }

  /// Runs the pager until it ends; false when it could not be started.
  private static func run(_ command: String, _ text: String) -> Bool {
    guard let child = ChildProcess.start(["/bin/sh", "-c", command], hasInput: true) else { return false }
    var text = text
    // Whoever leaves the pager early has read enough.
    text.withUTF8 { _ = FileDescriptor.write(child.input, UnsafeRawBufferPointer($0)) }
    close(child.input)
    return child.wait() != 127
  }
}
