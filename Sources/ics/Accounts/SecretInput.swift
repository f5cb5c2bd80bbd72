// Reading a secret: typed at the terminal without being shown, or from standard input. Never from an argument, which
// every user of the machine can read.

import IntercomAPI

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum SecretInput {
  /// A token has no business being longer.
  private static let maximumSize = 8192

  /// Reads one line.
  ///
  /// - Parameter prompt: What the terminal shows; nothing is shown when standard input is none.
  /// - Throws: `UsageError` for an empty line, more than one, or one that is too long; `CancellationError`.
  static func read(prompt: String) throws -> Secret {
    guard isatty(STDIN_FILENO) == 1 else { return try secret(in: try bytes()) }
    var shown = termios()
    guard tcgetattr(STDIN_FILENO, &shown) == 0 else { return try secret(in: try bytes()) }
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      StandardError.write("\n")
    }
    StandardError.write(prompt)
    return try secret(in: try bytes())
  }

  /// The bytes up to the end of the line or of the input. Looks now and then whether it was interrupted: a read would
  /// not end by that.
  private static func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1024)
    while true {
      try Task.checkCancellation()
      var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 50) > 0 else { continue }
      let count = systemRead(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= maximumSize else { throw UsageError(message: "this is no token: it is too long") }
      // A terminal hands over a line at a time; a pipe may hold more, and then it is no token.
      if isatty(STDIN_FILENO) == 1, bytes.contains(0x0A) { return bytes }
    }
  }

  /// The token in a line, also behind `Bearer`.
  static func secret(in bytes: [UInt8]) throws(UsageError) -> Secret {
    var lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    lines.removeAll { $0.allSatisfy(\.isWhitespace) }
    guard let line = lines.first else {
      throw UsageError(message: "no token came on standard input; type it at the prompt, or pipe it in")
    }
    guard lines.count == 1 else {
      throw UsageError(message: "standard input has more than one line: one token is needed")
    }
    var words = line.split(whereSeparator: \.isWhitespace)
    if words.count == 2, words[0].lowercased() == "bearer" { words.removeFirst() }
    guard words.count == 1, words[0].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw UsageError(message: "this is no token: a token is one word of letters, digits and signs")
    }
    guard words[0].utf8.count >= minimumLength else {
      throw UsageError(message: "this is no token: it has fewer than \(minimumLength) characters")
    }
    return Secret(String(words[0]))
  }

  /// Intercom's tokens have 60 characters. A short text cannot be masked without masking innocent text.
  static let minimumLength = 8
}

/// `read(2)` by a name that no method hides.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
