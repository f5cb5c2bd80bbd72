// Standard output: what the script prints, or the data asked for.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Collects output and writes it in large pieces; on a terminal, at once.
///
/// INVARIANT: every write holds whole lines or a whole text, so that a secret never lies across two pieces.
final class StandardOutput: Sendable {
  static let shared = StandardOutput()

  /// Whether a person is reading.
  let isTerminal: Bool
  private let state: Mutex<State>

  private struct State {
    var buffer: [UInt8] = []
    /// Why nothing can be written any more, as an error number.
    var failure: Int32?
  }

  private static let pieceSize = 1 << 16

  private init() {
    isTerminal = isatty(STDOUT_FILENO) == 1
    state = Mutex(State())
  }

  /// Why nothing can be written any more, as an error number; `EPIPE` when the reader has gone.
  var failure: Int32? { state.withLock { $0.failure } }

  /// Takes bytes to write.
  ///
  /// - Parameter masked: Whether secrets are masked; not where one is what was asked for.
  /// - Returns: Whether somebody still reads.
  @discardableResult
  func write(_ bytes: UnsafeBufferPointer<UInt8>, masked: Bool = true) -> Bool {
    state.withLock { state in
      guard state.failure == nil else { return false }
      if !masked { Self.writeOut(&state) }
      state.buffer += bytes
      if !masked || isTerminal || state.buffer.count >= Self.pieceSize { Self.writeOut(&state, masked: masked) }
      return state.failure == nil
    }
  }

  /// Takes text to write.
  @discardableResult
  func write(_ text: String, masked: Bool = true) -> Bool {
    var text = text
    return text.withUTF8 { write($0, masked: masked) }
  }

  /// Writes what is still in memory.
  func flush() { state.withLock { Self.writeOut(&$0) } }

  /// Secrets are masked here, a piece at a time: that is cheaper than line by line.
  private static func writeOut(_ state: inout State, masked: Bool = true) {
    guard !state.buffer.isEmpty, state.failure == nil else { return }
    if masked {
      let redactor = KnownSecrets.redactor
      if !redactor.isEmpty { state.buffer = redactor.redact(state.buffer) }
    }
    state.failure = state.buffer.withUnsafeBytes { FileDescriptor.write(STDOUT_FILENO, $0) }
    state.buffer.removeAll(keepingCapacity: true)
  }
}

/// Standard error: everything that is not data.
enum StandardError {
  /// Writes a text at once, behind what standard output has so far, its secrets masked.
  static func write(_ text: String) {
    StandardOutput.shared.flush()
    var text = KnownSecrets.redactor.redact(text)
    // There is nobody left to tell when this fails.
    text.withUTF8 { _ = FileDescriptor.write(STDERR_FILENO, UnsafeRawBufferPointer($0)) }
  }

  /// Whether a person is reading.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

enum FileDescriptor {
  /// Writes all bytes, however many calls it takes; gives the error number when that fails.
  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32? {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, base, rest.count)
      #elseif canImport(Musl)
        let count = Musl.write(descriptor, base, rest.count)
      #else
        let count = Darwin.write(descriptor, base, rest.count)
      #endif
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno == EAGAIN {
        // Somebody made the descriptor non-blocking, as terminals shared with other programs sometimes are.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wanted, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
