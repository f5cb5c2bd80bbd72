// The file of a recording: each line is written at once, so that it is there however the run ends.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

final class RecordingFile: Sendable {
  private let path: String
  private let state: Mutex<State>

  private struct State {
    let descriptor: Int32
    /// Whether it was made by this run.
    let isNew: Bool
    var hasBegun = false
    /// Why a line could not be written, as an error number.
    var failure: Int32?
  }

  /// Opens a file for its owner alone: the answers in a recording are customers' data. What was in it stays until the
  /// first line.
  init(_ path: String) throws(InputError) {
    self.path = path
    var facts = stat()
    let isNew = stat(path, &facts) != 0
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw InputError(message: "cannot record to '\(path)': \(String(cString: strerror(errno)))")
    }
    state = Mutex(State(descriptor: descriptor, isNew: isNew))
  }

  deinit { close(state.withLock { $0.descriptor }) }

  /// Adds a line.
  func write(_ line: [UInt8]) {
    state.withLock { state in
      guard state.failure == nil else { return }
      if !state.hasBegun {
        state.hasBegun = true
        // What is no regular file, such as a pipe, has no length and no mode of its own.
        ftruncate(state.descriptor, 0)
        fchmod(state.descriptor, 0o600)
      }
      let descriptor = state.descriptor
      state.failure = line.withUnsafeBytes { FileDescriptor.write(descriptor, $0) }
    }
  }

  /// Removes a file that this run has made and not written to.
  func discard() {
    if state.withLock({ $0.isNew && !$0.hasBegun }) { unlink(path) }
  }

  /// Why the recording is not complete; `nil` when it is.
  var problem: String? {
    state.withLock { $0.failure }.map { code in
      "the recording '\(path)' is not complete: \(String(cString: strerror(code)))"
    }
  }
}
