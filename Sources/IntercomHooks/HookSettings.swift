// What served scripts may do, and where their words go.

import ICSDiagnostics
import ICSLibrary
import ICSVM
import IntercomAPI
import IntercomScript

/// What the scripts of a service may use. The defaults are for scripts of your own: no Intercom, no files, no
/// variables, and limits that protect the process.
public struct HookSettings: Sendable {
  /// Whose workspace the scripts work with. A client is shared by all runs, and with it the pace of their requests.
  public var intercom = IntercomAccess.none
  /// Functions of yours that scripts may call.
  public var modules: [HostModule] = []
  /// Which modules scripts may import. They are read when a version is made and kept with it: its runs go on with them.
  public var imports = Imports.standard
  /// What one attempt at a run may use.
  public var limits = Limits(
    memory: 256 << 20, callDepth: 10_000, fibers: 10_000, output: 16 << 20, time: .seconds(3600))
  /// Files, variables and hosts.
  public var permissions = Permissions.none
  /// Takes what scripts print, in whole lines, with the run that prints; nil for the top level, when its hooks are
  /// registered.
  public var output: @Sendable (_ text: String, _ run: RunningHook?) -> Void = { _, _ in }
  /// Connects in the place of `intercom`, once something is asked for; the connectors stay open after a run.
  package var connect: (@Sendable () async throws(APIError) -> IntercomClient)?
  package var connectNamed: AccountProvider?
  package var connectUser: UserProvider?
  /// Reads variables of the environment that `permissions` allow.
  package var environment: @Sendable (String) -> String? = { _ in nil }
  /// Takes the lines of `log`.
  package var log: @Sendable (LogLine, RunningHook?) -> Void = { _, _ in }
  /// Takes secrets out of texts that leave a script.
  package var redact: @Sendable (String) -> String = { $0 }

  /// Changes what a session is made with, after everything above: its clock, its network.
  package var prepare: (@Sendable (inout SessionConfiguration) -> Void)?

  /// Makes a session's configuration in the place of everything above: a job's script may do what it may do without.
  package var session: (@Sendable () -> SessionConfiguration)?

  /// The defaults above.
  public init() {}
}

/// A run while it runs.
public struct RunningHook: Sendable, Hashable {
  /// The run's number in its store.
  public let run: Int
  /// The hook's name.
  public let hook: String

  package init(run: Int, hook: String) {
    self.run = run
    self.hook = hook
  }
}
