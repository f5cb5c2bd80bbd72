// Checkpoints, away from the hot path: moving what is committed from the log into the file.

import Dispatch
import Foundation
import GRDB
import ICSDurable
import Synchronization

/// Numbers, each once.
final class Counter: Sendable {
  private let last = Mutex(0)

  func next() -> Int {
    last.withLock { last in
      last += 1
      return last
    }
  }
}

/// Checkpoints on a connection of its own, while others write.
final class Checkpointer: Sendable {
  /// After so many changed rows a checkpoint is due.
  private static let rows = 4_000
  /// A log of this size is cut, even if that holds up the writers: under a load without a pause nothing else would.
  private static let longestLog = 128 << 20

  private let queue: DatabaseQueue
  private let path: String
  private let worker = DispatchQueue(label: "ics.durable.checkpoint", qos: .utility)
  private struct State {
    var rows = 0
    var isRunning = false
  }
  private let state = Mutex(State())

  init(queue: DatabaseQueue, path: String) {
    self.queue = queue
    self.path = path
  }

  /// Tells of changed rows.
  func note(rows: Int) {
    let mustStart = state.withLock { state in
      state.rows += rows
      guard state.rows >= Self.rows, !state.isRunning else { return false }
      state.rows = 0
      state.isRunning = true
      return true
    }
    guard mustStart else { return }
    worker.async {
      self.checkpoint()
      self.state.withLock { $0.isRunning = false }
    }
  }

  private func checkpoint() {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")  // No log, nothing to cut.
    let size = (attributes?[.size] as? Int) ?? 0
    let mode = size > Self.longestLog ? "TRUNCATE" : "PASSIVE"
    // One that fails is made up for by the next one; the log has everything until then.
    try? queue.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(\(mode))") }
  }

  func close() async {
    await withCheckedContinuation { continuation in
      worker.async {
        try? self.queue.close()  // Nothing is left to be told about it.
        continuation.resume()
      }
    }
  }
}
