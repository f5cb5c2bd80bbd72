// Leases: who may write to a run, and until when.

import ICSJSON

/// A worker's right to one run.
///
/// The epoch fences: it changes at each claim and each renewal, and every write is refused that does not carry the
/// present one, or comes after the lease has ended. A worker that slept too long writes nothing.
public struct Lease: Sendable, Hashable {
  /// The run.
  public let run: RunID
  /// Who has it.
  public let worker: String
  /// The fencing token.
  public let epoch: Int
  /// When it ends, in milliseconds of ``Moment/uptime``.
  public let until: Int

  package init(run: RunID, worker: String, epoch: Int, until: Int) {
    self.run = run
    self.worker = worker
    self.epoch = epoch
    self.until = until
  }
}

/// How much of the workers a tenant may have.
public struct TenantShare: Sendable, Hashable {
  /// How many runs it starts in its turn, compared with the others; 1 or more.
  public var weight: Int
  /// How many of its runs may run at once.
  public var maxRunning: Int
  /// Until when none of its runs is started, as in an API quota that is used up.
  public var pausedUntil: Timestamp?

  /// - Parameters:
  ///   - weight: How many runs it starts in its turn.
  ///   - maxRunning: How many of its runs may run at once.
  ///   - pausedUntil: Until when none is started.
  public init(weight: Int = 1, maxRunning: Int = .max, pausedUntil: Timestamp? = nil) {
    self.weight = weight
    self.maxRunning = maxRunning
    self.pausedUntil = pausedUntil
  }
}

/// What a worker wants.
public struct ClaimRequest: Sendable {
  /// Who asks.
  public var worker: String
  /// How many runs at most.
  public var max: Int
  /// How long the leases last without a renewal.
  public var ttl: Duration
  /// The tenants' shares.
  public var shares: [String: TenantShare]
  /// The share of every tenant that is not in ``shares``.
  public var defaultShare: TenantShare
  /// Only this run; the only way to claim a job.
  public var only: RunID?

  /// - Parameters:
  ///   - worker: Who asks.
  ///   - max: How many runs at most.
  ///   - ttl: How long the leases last without a renewal.
  ///   - shares: The tenants' shares.
  ///   - defaultShare: The share of the others.
  ///   - only: Only this run.
  public init(
    worker: String, max: Int, ttl: Duration, shares: [String: TenantShare] = [:],
    defaultShare: TenantShare = TenantShare(), only: RunID? = nil
  ) {
    self.worker = worker
    self.max = max
    self.ttl = ttl
    self.shares = shares
    self.defaultShare = defaultShare
    self.only = only
  }
}

/// A run that a worker has got, with what it needs to start.
public struct ClaimedRun: Sendable {
  /// The right to it.
  public var lease: Lease
  /// The run, with this attempt counted.
  public var run: RunRecord
  /// The event that it handles, with its body; `nil` for a job.
  public var event: EventRecord?

  package init(lease: Lease, run: RunRecord, event: EventRecord?) {
    self.lease = lease
    self.run = run
    self.event = event
  }
}

/// What a store says to a lease that is to be renewed.
public enum Renewal: Sendable, Hashable {
  /// The new lease; the old one is worth nothing from now on.
  case renewed(Lease)
  /// Renewed, and somebody wants the run cancelled: stop, and finish it as ``RunOutcome/cancelled``.
  case cancelRequested(Lease)
  /// The lease had ended: stop, and write nothing.
  case lost
}

/// How an attempt ended.
public enum RunOutcome: Sendable, Hashable {
  /// Well, with this value.
  case done(JSONValue)
  /// With an error; tried again at a time, or dead when there is none.
  case failed(Failure, retryAt: Timestamp?)
  /// In a `wait`.
  case waiting(until: Timestamp)
  /// In a way that a person has to look at.
  case parked(ParkReason)
  /// Cancelled.
  case cancelled
  /// Not at all: the worker stops, and another goes on at once. Counts neither as a failure nor as a loss.
  case released
}
