// What a store refuses, or cannot do.

/// What a store refuses, or cannot do.
public enum DurableError: Error, Sendable, Hashable {
  /// Why a store cannot be written or read just now. The receiver answers 503 to all of them.
  public enum Trouble: String, Sendable, Hashable, CaseIterable {
    /// The disk is full.
    case full
    /// The file, or its folder, may not be written.
    case readOnly
    /// Another process keeps it locked for longer than the busy timeout.
    case locked
    /// Anything else that the disk or the database says.
    case failing
  }

  /// The lease has ended, or another worker has the run: stop, and write nothing.
  case leaseLost(RunID)
  /// The store cannot be used just now.
  case unavailable(Trouble, detail: String)
  /// Another process serves this store.
  case owned(path: String, pid: Int)
  /// Another process took the store over: this one may write nothing more.
  case tookOver
  /// The store was made by a later version of this program.
  case newerSchema(path: String, found: Int, known: Int)
  /// The file is on a network file system, whose locks and flushes cannot be trusted.
  case networkFileSystem(path: String, type: String)
  /// The file is no store, or is damaged.
  case damaged(path: String, detail: String)
  /// There is no such thing, as in `run` `17`.
  case notFound(what: String, id: String)
  /// The run's state does not allow it.
  case wrongState(RunID, RunState, action: String)
  /// A value is larger than the store takes, as in `the result of step 3`.
  case tooLarge(what: String, bytes: Int, limit: Int)
  /// A run has as many journal entries as it may have.
  case journalFull(RunID, limit: Int)
  /// A value that JSON cannot hold, as in NaN, in the result of a step.
  case notSerialisable(what: String, detail: String)
  /// The store is closed.
  case closed
}

extension DurableError: CustomStringConvertible {
  /// One sentence for a person.
  public var description: String {
    switch self {
    case .leaseLost(let run): "the lease of run \(run) has ended; another worker goes on with it"
    case .unavailable(.full, let detail): "the store's disk is full (\(detail))"
    case .unavailable(.readOnly, let detail): "the store cannot be written (\(detail))"
    case .unavailable(.locked, let detail): "another process keeps the store locked (\(detail))"
    case .unavailable(.failing, let detail): "the store fails: \(detail)"
    case .owned(let path, let pid): "the store \(path) is served by process \(pid)"
    case .tookOver: "another process has taken the store over"
    case .newerSchema(let path, let found, let known):
      "the store \(path) was made by a later version of this program (layout \(found), this one knows \(known))"
    case .networkFileSystem(let path, let type):
      "the store \(path) would be on a network file system (\(type)), whose locks and flushes cannot be trusted"
    case .damaged(let path, let detail): "the store \(path) is damaged or no store: \(detail)"
    case .notFound(let what, let id): "there is no \(what) \(id)"
    case .wrongState(let run, let state, let action): "run \(run) is \(state) and cannot be \(action)"
    case .tooLarge(let what, let bytes, let limit): "\(what) is \(bytes) bytes; the store takes \(limit)"
    case .journalFull(let run, let limit):
      "run \(run) has \(limit) journal entries, as many as it may; end it and start a new one for the rest"
    case .notSerialisable(let what, let detail): "\(what) cannot be stored: \(detail)"
    case .closed: "the store is closed"
    }
  }
}
