// Group commit: what comes at the same time is one transaction.

import Dispatch
import GRDB
import ICSDurable
import Synchronization

/// Runs operations on the one writing connection, many to a transaction.
///
/// While one transaction is on its way to the disk, the next operations gather; they are the next transaction. A flush
/// costs the same for one row as for 256, so a busy store flushes no more often than a quiet one, and a quiet one makes
/// nobody wait for company.
final class Committer: Sendable {
  /// What an operation is: how it is killed in tests, and whether it must be on the disk when it returns.
  struct Kind: Sendable {
    var begin: FailPoint?
    var beforeCommit: FailPoint?
    var afterCommit: FailPoint?
    /// Whether the commit is flushed. What is not is repeated after a power failure, and nothing outside has seen it.
    var isFlushed = true

    static let accept = Kind(begin: .acceptBegin, beforeCommit: .acceptBeforeCommit, afterCommit: .acceptAfterCommit)
    static let claim = Kind(
      begin: .claimBegin, beforeCommit: .claimBeforeCommit, afterCommit: .claimAfterCommit, isFlushed: false)
    static let renew = Kind(
      begin: .renewBegin, beforeCommit: .renewBeforeCommit, afterCommit: .renewAfterCommit, isFlushed: false)
    static let beginStep = Kind(
      begin: .beginStepBegin, beforeCommit: .beginStepBeforeCommit, afterCommit: .beginStepAfterCommit)
    static let endStep = Kind(
      begin: .endStepBegin, beforeCommit: .endStepBeforeCommit, afterCommit: .endStepAfterCommit)
    static let finish = Kind(begin: .finishBegin, beforeCommit: .finishBeforeCommit, afterCommit: .finishAfterCommit)
    static let wake = Kind(
      begin: .wakeBegin, beforeCommit: .wakeBeforeCommit, afterCommit: .wakeAfterCommit, isFlushed: false)
    static let schedule = Kind(beforeCommit: .scheduleBeforeCommit, afterCommit: .scheduleAfterCommit)
    static let recover = Kind(beforeCommit: .recoverBeforeCommit, afterCommit: .recoverAfterCommit)
    static let other = Kind()
    static let look = Kind(isFlushed: false)
  }

  /// The most operations in one transaction.
  static let batch = 256

  /// An operation that waits for its turn.
  private struct Item: Sendable {
    var kind: Kind
    /// Does it, and says how to tell the caller when the commit has succeeded or failed. Throws what ends the
    /// transaction.
    var run: @Sendable (Writer) throws -> @Sendable (DurableError?) -> Void
    var fail: @Sendable (DurableError) -> Void
  }

  private struct State {
    var items: [Item] = []
    var isScheduled = false
    var isClosed = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "ics.durable.committer")
  private let writer: Writer
  private let checkpointer: Checkpointer

  init(writer: Writer, checkpointer: Checkpointer) {
    self.writer = writer
    self.checkpointer = checkpointer
  }

  /// Does something in a transaction, and returns when that is committed.
  ///
  /// INVARIANT: `body` refuses (throws a `DurableError`) before it writes anything: others are in its transaction.
  func submit<Result: Sendable>(
    _ kind: Kind, _ body: @escaping @Sendable (Writer) throws -> Result
  ) async throws(DurableError) -> Result {
    let answer: Swift.Result<Result, DurableError> = await withCheckedContinuation { continuation in
      enqueue(
        Item(kind: kind) { writer in
          do {
            let result = try body(writer)
            return { failure in
              continuation.resume(returning: failure.map { .failure($0) } ?? .success(result))
            }
          } catch let refusal as DurableError {
            return { _ in continuation.resume(returning: .failure(refusal)) }
          }
        } fail: { failure in
          continuation.resume(returning: .failure(failure))
        })
    }
    return try answer.get()
  }

  private func enqueue(_ item: Item) {
    let (isClosed, mustStart) = state.withLock { state in
      if state.isClosed { return (true, false) }
      state.items.append(item)
      defer { state.isScheduled = true }
      return (false, !state.isScheduled)
    }
    if isClosed { return item.fail(.closed) }
    if mustStart { queue.async { self.drain() } }
  }

  private func drain() {
    while true {
      let items = state.withLock { state in
        let items = Array(state.items.prefix(Self.batch))
        state.items.removeFirst(items.count)
        if items.isEmpty { state.isScheduled = false }
        return items
      }
      if items.isEmpty { return }
      commit(items)
    }
  }

  /// One transaction with all of them; when one makes it fail, each in its own.
  private func commit(_ items: [Item]) {
    do throws(DurableError) {
      var answers: [@Sendable (DurableError?) -> Void] = []
      try writer.transaction(isFlushed: items.contains { $0.kind.isFlushed }) { writer in
        answers.removeAll()
        for item in items {
          item.kind.begin?.hit()
          answers.append(try item.run(writer))
        }
        for item in items { item.kind.beforeCommit?.hit() }
      }
      for item in items { item.kind.afterCommit?.hit() }
      for answer in answers { answer(nil) }
      checkpointer.note(rows: writer.takeWrites())
    } catch {
      if items.count > 1, error.isOfOneOperation {
        for item in items { commit([item]) }
      } else {
        for item in items { item.fail(error) }
      }
    }
  }

  /// Refuses what comes from now on, and returns when everything before is done.
  func close() async {
    state.withLock { $0.isClosed = true }
    await withCheckedContinuation { continuation in
      queue.async {
        self.drain()
        self.writer.close()
        continuation.resume()
      }
    }
  }
}
