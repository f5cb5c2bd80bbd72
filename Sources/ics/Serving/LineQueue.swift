// Lines on their way to a reader who may be slow: what a server says never makes the server wait.

import Dispatch
import Synchronization

/// Writes lines to a descriptor from a thread of its own.
///
/// When the reader does not keep up, what does not fit into the memory set aside is dropped, and how much that was is
/// said as soon as the reader goes on.
final class LineQueue: Sendable {
  private struct State {
    var waiting: [UInt8] = []
    /// Lines dropped since the last that was taken. While there are any nothing is taken, so that the notice stands
    /// where they would have stood.
    var dropped = 0
    var isWriting = false
    /// Nobody reads any more.
    var isBroken = false
  }

  private let state = Mutex(State())
  private let writer = DispatchQueue(label: "ics.lines")
  private let descriptor: Int32
  private let capacity: Int
  private let notice: @Sendable (_ dropped: Int) -> String

  /// - Parameters:
  ///   - capacity: How many bytes may wait.
  ///   - notice: The line that says how many were dropped.
  init(_ descriptor: Int32, capacity: Int = 1 << 20, notice: @escaping @Sendable (_ dropped: Int) -> String) {
    self.descriptor = descriptor
    self.capacity = capacity
    self.notice = notice
  }

  /// Takes whole lines. Returns at once.
  func add(_ text: String) {
    let mustStart = state.withLock { state in
      guard !state.isBroken else { return false }
      guard state.dropped == 0, state.waiting.count + text.utf8.count <= capacity else {
        state.dropped += text.utf8.count { $0 == UInt8(ascii: "\n") }
        return false
      }
      state.waiting += text.utf8
      defer { state.isWriting = true }
      return !state.isWriting
    }
    if mustStart { writer.async { self.write() } }
  }

  /// Writes until nothing waits.
  private func write() {
    while let bytes = next() {
      let masked = KnownSecrets.redactor.redact(bytes)
      guard masked.withUnsafeBytes({ FileDescriptor.write(descriptor, $0) }) == nil else {
        return state.withLock { $0 = State(isBroken: true) }
      }
    }
  }

  private func next() -> [UInt8]? {
    state.withLock { state in
      if !state.waiting.isEmpty {
        defer { state.waiting = [] }
        return state.waiting
      }
      if state.dropped > 0 {
        defer { state.dropped = 0 }
        return Array(notice(state.dropped).utf8)
      }
      state.isWriting = false
      return nil
    }
  }

  /// Returns when everything is written, or the reader has had its time.
  func close(within patience: Duration) async {
    let isEmpty = DispatchSemaphore(value: 0)
    writer.async { isEmpty.signal() }
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        _ = isEmpty.wait(timeout: .now() + patience / .seconds(1))
        continuation.resume()
      }
    }
  }
}
