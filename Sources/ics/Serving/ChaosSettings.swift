// What scripts/chaos tells a test build: where to kill itself, and how long its leases last.

import ICSDurable
import IntercomHooks

/// Variables that only debug builds read, and builds made with `-DICS_CHAOS`: a release build has nothing of this.
///
/// `ICS_FAIL_POINT=end-step.after-commit:7` kills the process when it comes to that place for the seventh time, with
/// `:stop` behind that it stops there (SIGSTOP);
/// `ICS_LEASE_SECONDS=3` makes leases end sooner than after 30 s, `ICS_SETTLE_SECONDS=0.2` ends the wait for requests
/// whose sender is gone.
enum ChaosSettings {
  #if DEBUG || ICS_CHAOS
    /// Arms the place that the environment names.
    static func arm() throws(UsageError) {
      guard let point = Environment["ICS_FAIL_POINT"], !FailPoint.arm(point) else { return }
      throw UsageError(
        message: "ICS_FAIL_POINT names none of: " + FailPoint.allCases.map(\.rawValue).joined(separator: " "))
    }

    /// Changes the times that the environment gives.
    static func apply(to options: inout HookService.Options) {
      options.leaseTime = seconds("ICS_LEASE_SECONDS") ?? options.leaseTime
      options.settlingTime = seconds("ICS_SETTLE_SECONDS") ?? options.settlingTime
    }

    private static func seconds(_ name: String) -> Duration? {
      guard let seconds = Environment[name].flatMap({ Double($0) }), (0.001...3600).contains(seconds) else {
        return nil
      }
      return .milliseconds(Int(seconds * 1000))
    }
  #else
    /// Nothing, in a release build.
    static func arm() throws(UsageError) {}

    /// Nothing, in a release build.
    static func apply(to options: inout HookService.Options) {}
  #endif
}
