// What becomes of a run: every change of its state, in one place for all stores.

import ICSJSON

/// The rules of a run's life. A store asks them, and writes what they say.
package struct RunLifecycle: Sendable {
  /// What happens to the run's key.
  package enum KeyAction: Sendable, Hashable {
    /// The run goes on holding its key, or has none to give back.
    case keep
    /// The run gives its key back: the first in line becomes ready.
    case release
    /// The run gets in line: it is ready if its key is free or its own, otherwise queued.
    case line
  }

  /// How many times a run may be lost since its last recorded step before it is parked.
  package var maxLeaseLosses: Int
  /// The same for losses to processes that ended: those say little about any one of the runs that they had.
  package var maxCrashes: Int

  package init(_ options: StoreOptions) {
    maxLeaseLosses = options.maxLeaseLosses
    maxCrashes = options.maxCrashes
  }

  /// A worker gets the run.
  package func claim(_ run: inout RunRecord, by worker: String, at now: Moment) -> AttemptRecord {
    run.state = .running
    run.attempt += 1
    run.leaseEpoch += 1
    run.worker = worker
    run.startedAt = now.wall
    return AttemptRecord(number: run.attempt, worker: worker, program: run.program, startedAt: now.wall)
  }

  /// The worker ends its attempt.
  package func finish(
    _ run: inout RunRecord, _ outcome: RunOutcome, at now: Moment
  ) -> (AttemptRecord.Ending, KeyAction) {
    run.worker = nil
    run.dueAt = nil
    if run.cancelRequested, outcome.yieldsToCancel {
      return (.cancelled, end(&run, as: .cancelled, at: now.wall))
    }
    switch outcome {
    case .done(let output):
      run.output = output
      run.failure = nil
      return (.done, end(&run, as: .done, at: now.wall))
    case .failed(let failure, let retryAt):
      run.failure = failure
      run.failures += 1
      let first = run.firstFailedAt ?? now.wall
      run.firstFailedAt = first
      guard let retryAt else { return (.failed, end(&run, as: .dead, at: now.wall)) }
      run.state = .retrying
      run.dueAt = retryAt
      let isPatient = run.ordering.map { !Self.exhausts($0, from: first, to: retryAt) } ?? true
      return (.failed, isPatient ? .keep : .release)
    case .waiting(let due):
      run.state = .waiting
      run.dueAt = due
      return (.waiting, .release)
    case .parked(let reason):
      run.parked = reason
      return (.parked, end(&run, as: .parked, at: now.wall))
    case .cancelled:
      return (.cancelled, end(&run, as: .cancelled, at: now.wall))
    case .released:
      run.state = .ready
      return (.released, .keep)
    }
  }

  /// The run's lease has ended, or the process of its worker is gone (`inCrash`).
  package func lose(_ run: inout RunRecord, inCrash: Bool = false, at now: Timestamp) -> KeyAction {
    run.worker = nil
    run.leaseEpoch += 1
    run.leaseLosses += 1
    if run.cancelRequested { return end(&run, as: .cancelled, at: now) }
    guard run.leaseLosses > (inCrash ? maxCrashes : maxLeaseLosses) else {
      run.state = .ready
      return .keep
    }
    run.parked = ParkReason(
      .leaseLosses,
      "\(run.leaseLosses) workers in a row lost it before it recorded a step: it may be what makes them crash or hang")
    return end(&run, as: .parked, at: now)
  }

  /// A `wait` or the time before a retry is over.
  package func wake(_ run: inout RunRecord) -> KeyAction {
    run.dueAt = nil
    return .line
  }

  /// A person retries the run.
  package func retry(_ run: inout RunRecord) throws(DurableError) -> KeyAction {
    switch run.state {
    case .dead, .parked, .cancelled, .retrying: break
    case .ready, .running, .waiting, .done, .queued:
      throw .wrongState(run.id, run.state, action: "retried")
    }
    run.failures = 0
    run.leaseLosses = 0
    run.firstFailedAt = nil
    run.parked = nil
    run.endedAt = nil
    run.dueAt = nil
    run.cancelRequested = false
    return .line
  }

  /// A person cancels the run.
  package func cancel(_ run: inout RunRecord, at now: Timestamp) throws(DurableError) -> KeyAction {
    switch run.state {
    case .done: throw .wrongState(run.id, run.state, action: "cancelled")
    case .cancelled: return .keep
    case .running:
      run.cancelRequested = true
      return .keep
    case .ready, .waiting, .retrying, .dead, .parked, .queued:
      run.dueAt = nil
      return end(&run, as: .cancelled, at: now)
    }
  }

  /// Whether a program may be changed under the run.
  package func checkMigration(of run: RunRecord) throws(DurableError) {
    if run.state == .running || run.state == .done { throw .wrongState(run.id, run.state, action: "migrated") }
  }

  private func end(_ run: inout RunRecord, as state: RunState, at now: Timestamp) -> KeyAction {
    run.state = state
    run.endedAt = now
    let blocks = run.ordering?.obstacle == .block && (state == .dead || state == .parked)
    return blocks ? .keep : .release
  }

  /// Whether waiting for a retry would keep the others of the key back for longer than they may be.
  private static func exhausts(_ ordering: Ordering, from first: Timestamp, to retry: Timestamp) -> Bool {
    guard ordering.obstacle == .skip, let patience = ordering.patience else { return false }
    return retry - first > patience
  }
}

extension RunOutcome {
  /// Whether a run that somebody wants cancelled is cancelled when its attempt ends so. What is done is done.
  fileprivate var yieldsToCancel: Bool {
    switch self {
    case .done, .cancelled: false
    case .failed, .waiting, .parked, .released: true
    }
  }
}
