// `ics connect [NAME]`: an account for scripts, by logging in or by a token.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomAPI
import IntercomSandbox

struct ConnectCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect", abstract: "Connect an account, for scripts to use.",
    discussion: """
      Opens a page on which you let the app of INTERCOM_CLIENT_ID and INTERCOM_CLIENT_SECRET into your workspace, \
      and keeps the token that comes back, encrypted. Without an app it is the local sandbox's own page. With \
      --token it reads an access token: at the terminal without showing it, else from standard input.

      The first account is the one that scripts use; 'ics run --account NAME' and intercom.as("NAME") choose another.

      Examples: ics connect
                ics connect acme --region eu
                ics connect acme --token < token.txt
      """)

  @Argument(help: "What to call the account.") var name = "default"
  @Flag(help: "Read an access token instead of logging in.") var token = false
  @Option(help: "Where Intercom keeps the workspace: us, eu or au.") var region: String?
  @Flag(name: .customLong("default"), help: "Make it the account that scripts use.") var isDefault = false
  @Option(help: "The port of this machine that the page leads back to; 0 takes a free one.") var port = 0
  @Option(help: ArgumentHelp("The app's redirect URL, when it leads to that port.", valueName: "url"))
  var redirect: String?
  @Option(help: "How long to wait for the page.") var timeout = "5m"
  @Flag(help: "Print the page's address and open no browser.") var noBrowser = false
  @Flag(help: "Results and errors as JSON, one line each.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    let reporter = Reporter(isJSON: json)
    do {
      let connected = try await connect()
      show(connected)
      return ExitStatus.success
    } catch let error as UsageError {
      reporter.error(error.message, code: "E_USAGE")
      return ExitStatus.usage
    } catch let error as APIError where error.code != .cancelled {
      reporter.report(error)
      return ExitStatus.failure
    } catch {
      // Interrupted: whoever did it knows why.
      return stop.signal.map(ExitStatus.signal) ?? ExitStatus.failure
    }
  }

  // MARK: Steps

  private func connect() async throws -> AccountRow {
    guard AccountRecord.isName(name) else {
      throw UsageError(message: "an account's name has letters, digits, '-', '_' and '.', 64 at most")
    }
    guard (0...65_535).contains(port) else { throw UsageError(message: "a port is a number from 0 to 65535") }
    var login = try Login(region: region, hasToken: token)
    (login.port, login.redirect, login.timeout) = (port, redirect, try Quantity.duration(timeout))
    let store = AccountStore.ofThisUser
    // A damaged file or a wrong key is said before somebody has logged in.
    try store.requireSavable(name)
    guard case .sandbox = login.place else {
      let base =
        switch login.place {
        case .intercom(let region): BaseURL.intercom(region)
        case .other(let base): base
        case .sandbox: throw UsageError(message: "there is no address")
        }
      return try await keep(try await obtainToken(login, at: base), at: base, in: store, isSandbox: false)
    }
    let sandbox: Sandbox
    do throws(SandboxError) {
      sandbox = try await Sandbox.start(.init(database: .path(Environment.fileInHome("sandbox.sqlite"))))
    } catch {
      throw APIError(.io, "the sandbox did not start: \(error)")
    }
    do {
      let base = try BaseURL(sandbox.url)
      let row = try await keep(try await obtainToken(login, at: base), at: base, in: store, isSandbox: true)
      await sandbox.stop()
      return row
    } catch {
      await sandbox.stop()
      throw error
    }
  }

  private func obtainToken(_ login: Login, at base: BaseURL) async throws -> Secret {
    if token {
      let secret = try SecretInput.read(prompt: "Access token (it is not shown): ")
      KnownSecrets.add(secret)
      return secret
    }
    return try await login.token(at: base) { url, redirect in
      if json {
        StandardOutput.shared.write(
          Reporter.line(["event": "authorize", "url": .string(url), "redirect": .string(redirect)]))
      } else {
        StandardOutput.shared.write("To connect '\(name)', open this page:\n\n  \(terminalSafe(url))\n\n")
      }
      StandardOutput.shared.flush()
      if !noBrowser, StandardOutput.shared.isTerminal { Browser.open(url) }
    }
  }

  /// Asks whose token it is, and keeps it.
  private func keep(
    _ secret: Secret, at address: BaseURL, in store: AccountStore, isSandbox: Bool
  ) async throws(APIError) -> AccountRow {
    var configuration = IntercomClient.Configuration()
    configuration.userAgent = "ics/\(Version.number)"
    let client = IntercomClient(
      account: Account(accessToken: secret, baseURL: address, name: name), configuration: configuration,
      secrets: KnownSecrets.all)
    let answer: Result<OAuth.Identity, APIError>
    do throws(APIError) {
      answer = .success(try await client.identity())
    } catch {
      answer = .failure(error)
    }
    await client.shutdown()
    if case .failure(var error) = answer, error.status == 401, address.region != nil {
      error.message += "; a token works in its workspace's region only: --region us, eu or au"
      throw error
    }
    let identity = try answer.get()
    // A workspace lives in one region, and knows which.
    let base = address.region == nil ? address : identity.region.map(BaseURL.intercom) ?? address
    var record = AccountRecord(
      name: name, baseURL: base, identity: identity, connectedAt: Int(RequestClock.system.unixTime()))
    record.isSandbox = isSandbox
    try store.save(record, token: secret, isDefault: isDefault)
    record.status = .valid
    return AccountRow(record, isDefault: try store.defaultName() == name)
  }

  private func show(_ row: AccountRow) {
    guard !json else {
      var object: JSONObject = ["event": "connected"]
      for (name, value) in row.json { object[name] = value }
      StandardOutput.shared.write(Reporter.line(.object(object)))
      return
    }
    let use = row.isDefault ? "scripts use it" : "intercom.as(\"\(name)\") and --account \(name) use it"
    StandardOutput.shared.write("Connected '\(name)': \(row.owner), \(row.workspace); \(use).\n")
  }
}
