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
  let searchLag: Int
  let requestsPerMinute: Int?
  let clock: @Sendable () -> Int

  init(_ configuration: Sandbox.Configuration) throws(SandboxError) {
    guard (0...65_535).contains(configuration.port) else {
      throw .configuration(setting: "port", reason: "a port is a number from 0 to 65535")
    }
    guard configuration.seed >= 0 else { throw .configuration(setting: "seed", reason: "must not be negative") }
    guard configuration.searchLag >= 0 else {
      throw .configuration(setting: "search lag", reason: "must not be negative")
    }
    guard !configuration.accessToken.isEmpty else {
      throw .configuration(setting: "access token", reason: "must not be empty")
    }
    accessToken = configuration.accessToken
    clientID = configuration.clientID
    clientSecret = configuration.clientSecret
    searchLag = configuration.searchLag
    let rate = configuration.faults.requestsPerMinute ?? configuration.requestsPerMinute
    requestsPerMinute = rate == .max ? nil : rate
    clock = configuration.clock
  }
}
