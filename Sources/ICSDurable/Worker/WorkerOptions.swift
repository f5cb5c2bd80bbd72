// What a worker may be told, what an executor tells it, and what it tells others.

import ICSJSON

/// What a worker may be told.
public struct WorkerOptions: Sendable {
  /// Its name in leases, logs and attempts; different for each worker that there ever is.
  public var name: String
  /// How many runs it has at once.
  public var concurrency: Int
  /// How long a lease lasts without a renewal: how late another worker notices that this one is gone.
  public var leaseTTL: Duration
  /// When a run that failed is tried again, unless the executor says otherwise.
  public var retry: RunRetryPolicy
  /// The tenants' shares, asked for at each claim.
  public var shares: @Sendable () -> [String: TenantShare]
  /// The share of every other tenant.
  public var defaultShare: TenantShare
  /// How long the worker waits after the store could not be used.
  public var troublePause: Duration
  /// The longest time without a look at the store, in case that a notification was lost or came from another process.
  public var longestSleep: Duration
  /// Hears of everything that happens, for logs and counters. It must be quick.
  public var observer: @Sendable (WorkerEvent) -> Void

  /// - Parameter name: The worker's name; different for each worker that there ever is.
  public init(name: String) {
    self.name = name
    concurrency = 16
    leaseTTL = .seconds(30)
    retry = .standard
    shares = { [:] }
    defaultShare = TenantShare()
    troublePause = .seconds(1)
    longestSleep = .seconds(5)
    observer = { _ in }
  }
}

/// How an executor ended.
public enum ExecutionResult: Sendable, Hashable {
  /// Well, with this value.
  case done(JSONValue)
  /// With an error; tried again as the policy says, or as the worker's does when there is none.
  case failed(Failure, retry: RunRetryPolicy? = nil)
  /// In a `wait`: what ``StepJournal`` said with `.sleep`.
  case waiting(until: Timestamp)
  /// In a way that a person has to look at.
  case parked(ParkReason)
  /// Stopped because its task was cancelled.
  case cancelled
}

/// What a worker reports.
public enum WorkerEvent: Sendable {
  /// A run starts.
  case started(RunRecord)
  /// A run's attempt ended.
  case finished(RunRecord, RunOutcome)
  /// A run was taken away: its lease ended.
  case lost(RunRecord)
  /// The store could not be used.
  case trouble(DurableError)
}
