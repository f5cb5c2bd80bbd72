// Named places where a test build can be killed.

#if DEBUG || ICS_CHAOS
  import Synchronization
  #if canImport(Darwin)
    import Darwin
  #elseif canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #endif
#endif

/// The places at which `scripts/chaos` kills a process: before and after everything that becomes durable, and around
/// everything that is sent.
///
/// A release build has none of it: ``hit()`` is empty there. A debug build, or one made with `-DICS_CHAOS`, kills itself
/// with SIGKILL (or stops) when it comes to the armed place for the n-th time.
package enum FailPoint: String, Sendable, CaseIterable {
  case acceptBegin = "accept.begin"
  case acceptBeforeCommit = "accept.before-commit"
  case acceptAfterCommit = "accept.after-commit"
  case claimBegin = "claim.begin"
  case claimBeforeCommit = "claim.before-commit"
  case claimAfterCommit = "claim.after-commit"
  case renewBegin = "renew.begin"
  case renewBeforeCommit = "renew.before-commit"
  case renewAfterCommit = "renew.after-commit"
  case beginStepBegin = "begin-step.begin"
  case beginStepBeforeCommit = "begin-step.before-commit"
  case beginStepAfterCommit = "begin-step.after-commit"
  case endStepBegin = "end-step.begin"
  case endStepBeforeCommit = "end-step.before-commit"
  case endStepAfterCommit = "end-step.after-commit"
  case finishBegin = "finish.begin"
  case finishBeforeCommit = "finish.before-commit"
  case finishAfterCommit = "finish.after-commit"
  case wakeBegin = "wake.begin"
  case wakeBeforeCommit = "wake.before-commit"
  case wakeAfterCommit = "wake.after-commit"
  case scheduleBeforeCommit = "schedule.before-commit"
  case scheduleAfterCommit = "schedule.after-commit"
  case recoverBeforeCommit = "recover.before-commit"
  case recoverAfterCommit = "recover.after-commit"
  case workerAfterClaim = "worker.after-claim"
  case workerBeforeFinish = "worker.before-finish"
  case workerAfterFinish = "worker.after-finish"
  case journalAfterBegin = "journal.after-begin"
  case journalBeforeEnd = "journal.before-end"
  case receiveBegin = "receive.begin"
  case receiveBeforeAnswer = "receive.before-answer"
  case hookBegin = "hook.begin"
  case hookEnd = "hook.end"
  case writeBeforeSend = "write.before-send"
  case writeAfterAnswer = "write.after-answer"
  case writeAfterRecord = "write.after-record"
  case lookUpBegin = "look-up.begin"
  case lookUpFound = "look-up.found"
  case scheduleAfterEvent = "schedule.after-event"

  #if DEBUG || ICS_CHAOS
    private struct Armed {
      var point: FailPoint
      var hitsLeft: Int
      /// SIGKILL, or SIGSTOP for a process that sleeps and wakes up again.
      var signal: Int32
    }

    private static let armed = Mutex<Armed?>(nil)
    /// Whether anything is armed: what every hit looks at first.
    private static let isArmed = Atomic<Bool>(false)

    /// Kills the process if this place is armed and its turn has come.
    package func hit() {
      guard Self.isArmed.load(ordering: .relaxed) else { return }
      let due: Int32? = Self.armed.withLock { armed in
        guard armed?.point == self else { return nil }
        armed?.hitsLeft -= 1
        return armed?.hitsLeft == 0 ? armed?.signal : nil
      }
      guard let due else { return }
      // What other threads have in a transaction gets done: nobody takes over a store that is locked.
      if due == SIGSTOP { usleep(200_000) }
      // To this thread, which is then not a step further; `kill` may reach another one first.
      raise(due)
    }

    /// Arms a place: `end-step.after-commit` for its first hit, `end-step.after-commit:7` for its seventh, and
    /// `end-step.after-commit:1:stop` for stopping there in the place of dying.
    ///
    /// - Returns: Whether there is such a place.
    package static func arm(_ text: String) -> Bool {
      let parts = text.split(separator: ":", maxSplits: 2)
      guard let name = parts.first, let point = FailPoint(rawValue: String(name)) else { return false }
      guard let count = parts.count > 1 ? Int(parts[1]) : 1, count > 0 else { return false }
      if parts.count > 2, parts[2] != "stop" { return false }
      armed.withLock { $0 = Armed(point: point, hitsLeft: count, signal: parts.count > 2 ? SIGSTOP : SIGKILL) }
      isArmed.store(true, ordering: .relaxed)
      return true
    }
  #else
    /// Nothing, in a release build.
    @inline(__always)
    package func hit() {}

    /// Nothing can be armed in a release build.
    package static func arm(_ text: String) -> Bool { false }
  #endif
}
