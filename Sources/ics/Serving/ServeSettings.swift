// What scripts under `ics serve` may do, and with whose workspace they work.

import ICSVM
import IntercomAPI
import IntercomHooks
import IntercomSandbox
import IntercomScript

/// The settings of served scripts. They may not touch files or variables: events come from outside, and nobody watches.
struct ServeSettings: Sendable {
  let hooks: HookSettings
  let connection: SharedConnection

  init(workspace: Workspace, screen: ServeScreen) {
    let connection = SharedConnection(workspace)
    self.connection = connection
    var hooks = HookSettings()
    hooks.connect = { () async throws(APIError) in try await connection.client() }
    hooks.connectNamed = { name async throws(APIError) in try await workspace.connect(named: name) }
    hooks.connectUser = { project, token async throws(APIError) in
      try await workspace.connect(project: project, userToken: token)
    }
    hooks.permissions.help = { _ in "served scripts reach no files, variables and hosts but Intercom's" }
    hooks.redact = { Reporter.redactor.redact($0) }
    hooks.output = { text, run in screen.printed(text, by: run) }
    hooks.log = { line, run in screen.logged(line, by: run) }
    self.hooks = hooks
  }

  /// For scripts that are compiled and not run: nothing that they ask for is there.
  static var forChecks: HookSettings {
    var hooks = HookSettings()
    hooks.connect = { () async throws(APIError) in throw APIError(.permission, "nothing is sent here") }
    return hooks
  }
}

/// With whose workspace scripts work, as far as the receiver has to know: an app's webhooks are signed with its own
/// secret, and the sandbox's must not open that door.
struct ServedAccount: Sendable {
  /// What the screen calls it.
  let name: String
  let isSandbox: Bool
  /// The secret that signs webhooks; empty when there is none, and then all are refused.
  let secret: Secret

  init(_ options: RunOptions) throws(APIError) {
    if options.usesSandbox {
      (name, isSandbox) = ("the local sandbox", true)
    } else if let account = options.account {
      (name, isSandbox) = (account, try AccountStore.ofThisUser.record(account).isSandbox)
    } else if Environment["INTERCOM_ACCESS_TOKEN"] != nil {
      (name, isSandbox) = ("that of INTERCOM_ACCESS_TOKEN", false)
    } else if let account = try AccountStore.ofThisUser.defaultName() {
      (name, isSandbox) = (account, try AccountStore.ofThisUser.record(account).isSandbox)
    } else {
      (name, isSandbox) = ("the local sandbox", true)
    }
    if let own = Environment["INTERCOM_CLIENT_SECRET"] {
      secret = Secret(own)
    } else {
      secret = Secret(isSandbox ? Sandbox.Configuration().clientSecret : "")
    }
  }

  /// What the screen says beside the addresses.
  var notes: [String] {
    var notes = ["account   \(name)"]
    if secret.isEmpty {
      notes.append("secret    none: every webhook is refused until INTERCOM_CLIENT_SECRET is set")
    } else if isSandbox {
      notes.append("try it    ics trigger contact.created")
    }
    return notes
  }
}

/// The connector of all runs: one rate limit, one pool of connections. Made when the first run asks.
actor SharedConnection {
  private let workspace: Workspace
  private var making: Task<Result<IntercomClient, APIError>, Never>?

  init(_ workspace: Workspace) { self.workspace = workspace }

  func client() async throws(APIError) -> IntercomClient {
    if let making {
      if case .success(let client) = await making.value { return client }
      // What failed once may do now: a sandbox that did not start, an account that was connected since.
      if self.making == making { self.making = nil }
    }
    let workspace = workspace
    let task =
      making
      ?? Task {
        do throws(APIError) { return .success(try await workspace.connect()) } catch { return .failure(error) }
      }
    making = task
    return try await task.value.get()
  }

  func shutdown() async {
    if case .success(let client)? = await making?.value { await client.shutdown() }
    making = nil
  }
}
