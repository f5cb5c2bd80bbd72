// Which workspace a script talks to, and through what: the network, a recording, a dry run.

import ICSDiagnostics
import ICSJSON
import IntercomAPI
import IntercomSandbox
import IntercomScript

/// Connects at a script's first request, and stops what it has started.
///
/// The workspace is the first that there is: the sandbox with `--sandbox`, the account of `--account`, that of the
/// variable `INTERCOM_ACCESS_TOKEN`, that of the settings, the default account of `ics connect`, the sandbox.
actor Workspace {
  private let options: RunOptions
  /// Whether to say that this is the sandbox.
  private let announces: Bool
  /// The sandbox, once something has asked for it.
  private var sandbox: Task<Result<Sandbox, SandboxError>, Never>?
  /// Connectors by the account's name: one account has one rate limit, however a script came to it.
  private var clients: [String: IntercomClient] = [:]

  /// Told of requests and waits, for whoever watches.
  private let activity: Activity?
  /// Learns names from answers, for completion.
  private let facts: WorkspaceFacts?

  init(_ options: RunOptions, activity: Activity? = nil, facts: WorkspaceFacts? = nil) {
    self.options = options
    self.activity = activity
    self.facts = facts
    announces = !options.isQuiet && !options.isJSON
  }

  /// The connector of the run's own workspace.
  func connect() async throws(APIError) -> IntercomClient { try await client(for: .own) }

  /// The connector of an account by its name.
  func connect(named name: String) async throws(APIError) -> IntercomClient { try await client(for: .named(name)) }

  /// The connector of the account that a project's user has connected.
  func connect(project: String, userToken: String) async throws(APIError) -> IntercomClient {
    KnownSecrets.add(Secret(userToken))
    return try await client(for: .user(project: project, token: userToken))
  }

  /// Stops the sandbox, when it was started.
  func close() async {
    if case .success(let started)? = await sandbox?.value { await started.stop() }
    sandbox = nil
  }

  // MARK: Accounts

  private func client(for choice: AccountChoice) async throws(APIError) -> IntercomClient {
    if let recording = options.tape.recording {
      let account = try recording.account(for: choice)
      return makeClient(account, over: recording.transport(for: account), isStored: false)
    }
    let (account, isStored): (Account, Bool)
    do throws(APIError) {
      (account, isStored) = try await self.account(for: choice)
    } catch {
      options.tape.recorder?.record(error, of: choice)
      throw error
    }
    if let token = account.accessToken { KnownSecrets.add(token) }
    if isStored, case .named = choice, let known = clients[account.name] {
      options.tape.recorder?.record(account, of: choice)
      return known
    }
    var transport: any HTTPTransport = NetworkTransport()
    if let recorder = options.tape.recorder {
      transport = recorder.transport(transport, account: account, choice: choice)
    }
    let client = makeClient(account, over: transport, isStored: isStored)
    // A user's connector is closed on its own, when the script has one for that account already.
    if isStored, case .user = choice {} else { clients[account.name] = client }
    return client
  }

  /// The account of a choice, and whether it is one of `ics connect`.
  private func account(for choice: AccountChoice) async throws(APIError) -> (Account, isStored: Bool) {
    switch choice {
    case .own: return try await ownAccount()
    case .named(let name): return (try await stored(name), true)
    case .user(let project, let token):
      let user = try await AccountStore.ofThisUser.project(project).verify(token)
      return (try AccountStore.ofThisUser.account(project: project, user: user.id), true)
    }
  }

  private func ownAccount() async throws(APIError) -> (Account, isStored: Bool) {
    if options.usesSandbox { return (try await sandboxAccount(because: ""), false) }
    if let name = options.account ?? Environment[Setting.account.variable] { return (try await stored(name), true) }
    if let token = Environment["INTERCOM_ACCESS_TOKEN"] {
      guard let address = Environment["INTERCOM_BASE_URL"] else { return (Account(accessToken: Secret(token)), false) }
      return (Account(accessToken: Secret(token), baseURL: try BaseURL(address)), false)
    }
    var known = Settings.shared[.account]
    if known == nil { known = try AccountStore.ofThisUser.defaultName() }
    if let name = known { return (try await stored(name), true) }
    return (try await sandboxAccount(because: "no account: "), false)
  }

  private func stored(_ name: String) async throws(APIError) -> Account {
    let store = AccountStore.ofThisUser
    var account = try store.account(name)
    if try store.record(name).isSandbox {
      account.baseURL = try await sandboxAccount(because: "account '\(name)': ").baseURL
    }
    return account
  }

  private func sandboxAccount(because reason: String) async throws(APIError) -> Account {
    let sandbox = try await startSandbox(because: reason)
    return Account(accessToken: Secret(sandbox.accessToken), baseURL: try BaseURL(sandbox.url), name: "sandbox")
  }

  /// Several processes may have sandboxes on the same file: each is a server of its own, and SQLite keeps them apart.
  private func startSandbox(because reason: String) async throws(APIError) -> Sandbox {
    if sandbox == nil {
      let path = Environment.fileInHome("sandbox.sqlite")
      if announces { StandardError.write("\(reason)using the local sandbox (\(terminalSafe(path)))\n") }
      sandbox = Task {
        do throws(SandboxError) {
          return .success(try await Sandbox.start(Sandbox.Configuration.ofThisUser(database: path)))
        } catch {
          return .failure(error)
        }
      }
    }
    do throws(SandboxError) {
      guard let started = sandbox else { throw .configuration(setting: "sandbox", reason: "it was stopped") }
      return try await started.value.get()
    } catch {
      throw APIError(.io, "the sandbox did not start: \(error)")
    }
  }

  // MARK: Connectors

  private func makeClient(_ account: Account, over transport: any HTTPTransport, isStored: Bool) -> IntercomClient {
    var configuration = IntercomClient.Configuration()
    configuration.userAgent = "ics/\(Version.number)"
    if options.isVerbose { configuration.observer = RequestLog(account: account, isJSON: options.isJSON).show }
    // A script is watched where 'progress' can draw a line.
    let activity = activity ?? (announces && ProgressLine.isDrawn ? Activity.shared : nil)
    activity?.watch(&configuration)
    let isJSON = options.isJSON
    // Ctrl-C, or a failure in another part of a `parallel`: nobody sees the request's own error.
    configuration.writeCancelled = { Reporter(isJSON: isJSON).warning($0.sentence, code: $0.code.rawValue) }
    if isStored {
      configuration.tokenRejected = {
        // The request's own error is what has to be seen, and the next use of the token fails the same way.
        try? AccountStore.ofThisUser.markInvalid(account.name)
      }
    }
    var transport = transport
    if let facts { transport = FactsTransport(transport, facts: facts) }
    if options.isDryRun {
      let report = DryRunReport(isJSON: options.isJSON)
      transport = DryRunTransport(transport, account: account, unixTime: options.tape.clock.map { Int($0.wallTime()) })
      {
        report.show($0)
      }
    }
    return IntercomClient(
      account: account, configuration: configuration, transport: transport,
      clock: options.tape.clock?.requestClock ?? activity?.clock ?? .system, secrets: KnownSecrets.all)
  }
}

extension AccountStore {
  /// The accounts of whoever runs the command: in `ICS_HOME`, under the key of `ICS_KEY` or of a file beside them.
  static var ofThisUser: AccountStore {
    let home = Environment.home
    return AccountStore(
      folder: home, key: Environment["ICS_KEY"].map { .text(Secret($0)) } ?? .file(home + "/key"))
  }
}
