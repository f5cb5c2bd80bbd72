// The facts of one workspace that do not change while the sandbox runs.

/// The workspace that the sandbox plays: its names, secrets and clock.
struct Workspace: Sendable {
  /// The workspace's id code, as in `app_id` and `workspace_id`.
  static let id = "ics_sandbox"
  /// The admin whose account the access token is.
  static let ownerID = 127

  let accessToken: String
  let clientID: String
  let clientSecret: String
  /// In seconds, the unit of the clock.
  let searchLagInSeconds: Int
  let requestsPerMinute: Int?
  let clock: @Sendable () -> Int

  init(_ configuration: Sandbox.Configuration) throws(SandboxError) {
    guard (0...65_535).contains(configuration.port) else {
      throw .configuration(setting: "port", reason: "a port is a number from 0 to 65535")
    }
    guard configuration.seed >= 0 else { throw .configuration(setting: "seed", reason: "must not be negative") }
    guard configuration.searchLag >= .zero, configuration.searchLag <= .seconds(86_400) else {
      throw .configuration(setting: "search lag", reason: "a time from 0 to a day")
    }
    guard !configuration.accessToken.isEmpty else {
      throw .configuration(setting: "access token", reason: "must not be empty")
    }
    accessToken = configuration.accessToken
    clientID = configuration.clientID
    clientSecret = configuration.clientSecret
    let lag = configuration.searchLag.components
    searchLagInSeconds = Int(lag.seconds) + (lag.attoseconds > 0 ? 1 : 0)
    let rate = configuration.faults.requestsPerMinute ?? configuration.requestsPerMinute
    requestsPerMinute = rate == .max ? nil : rate
    clock = configuration.clock
  }
}
