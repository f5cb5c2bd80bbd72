// `ics serve FILE...`: hooks made true.

import ArgumentParser
import ICSDiagnostics
import ICSDurable
import IntercomAPI
import IntercomHooks
import IntercomSandbox
import IntercomScript

struct ServeCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the hooks of scripts.",
    discussion: """
      Takes Intercom's webhooks at /webhooks/intercom, signed with INTERCOM_CLIENT_SECRET, keeps them in the store, \
      and runs the hooks. Runs until it is interrupted or told to end; what is under way then ends, or goes on with \
      the next start.

      Examples: ics serve welcome.ics
                ics serve hooks/*.ics --port 8080 --store /var/lib/ics/store.sqlite --reload
      """)

  @Argument(help: "The scripts.", completion: .file(extensions: ["ics"])) var files: [String]
  @Option(help: "The port to listen on; 0 takes a free one.") var port = 8080
  @Option(help: "The address to listen on.") var host = "127.0.0.1"
  @Option(help: "The file for events and runs. (default: store.sqlite in ICS_HOME)") var store: String?
  @Option(help: "How many runs are under way at once.") var workers = 16
  @Flag(help: "Take the store over from a process that serves it and hangs; that one writes nothing more.")
  var takeOver = false
  @Flag(help: "Serve edited scripts at once; runs that have begun go on with their version.") var reload = false
  @Option(help: ArgumentHelp("Imports stay below this folder, not the script's own.", valueName: "dir"))
  var root: String?
  @Option(help: "Use an account of 'ics connect'.") var account: String?
  @Flag(help: "Use the local sandbox, whatever the environment says.") var sandbox = false
  @Flag(help: "Say nothing but errors and what scripts print.") var quiet = false
  @Flag(help: "One line of JSON for everything that happens; the default where no terminal is.") var json = false

  /// How long runs may go on after the signal to end.
  private static let patience = Duration.seconds(10)

  func perform(_ stop: Stop) async -> Int32 {
    let reporter = Reporter(isJSON: json)
    do throws(UsageError) { try checkOptions() } catch {
      reporter.error(error.message, code: "E_USAGE")
      return ExitStatus.usage
    }
    let screen = ServeScreen(isJSON: json || !StandardOutput.shared.isTerminal, isQuiet: quiet)
    var options = RunOptions()
    (options.usesSandbox, options.account, options.isQuiet, options.isJSON) = (sandbox, account, true, screen.isJSON)
    let served: ServedAccount
    do throws(APIError) { served = try ServedAccount(options) } catch {
      reporter.error(error.message, code: error.code.rawValue)
      return ExitStatus.failure
    }
    let workspace = Workspace(options)
    let settings = ServeSettings(workspace: workspace, screen: screen)
    let loader = ScriptLoader(
      files: files.map(ScriptFile.init), root: root.map(Path.absolute), settings: settings.hooks)
    let versions: [ScriptVersion]
    switch await loader.load() {
    case .success(let loaded): versions = loaded
    case .failure(let problem): return report(problem, reporter)
    }
    let opened: any DurableStore
    let location: StoreLocation
    do {
      try ChaosSettings.arm()
      location = try StoreLocation(store)
      opened = try location.serve(byForce: takeOver)
    } catch let error as UsageError {
      reporter.error(error.message, code: "E_USAGE")
      return ExitStatus.usage
    } catch {
      reporter.error("\(error)")
      return ExitStatus.failure
    }
    let status = await serve(versions, loader, opened, location, served, screen, reporter)
    await opened.close()
    await screen.close()
    await settings.connection.shutdown()
    await workspace.close()
    return status
  }

  private func checkOptions() throws(UsageError) {
    guard (0...65_535).contains(port) else { throw UsageError(message: "'--port' takes 0 to 65535") }
    guard (1...10_000).contains(workers) else { throw UsageError(message: "'--workers' takes 1 to 10000") }
    if account != nil, sandbox { throw UsageError(message: "'--account' and '--sandbox' exclude each other") }
    if let root, !Path.isFolder(root) { throw UsageError(message: "'\(root)' is no folder") }
  }

  private func report(_ problem: ScriptLoader.Problem, _ reporter: Reporter) -> Int32 {
    switch problem {
    case .missing(let message):
      reporter.error(message)
      return ExitStatus.noInput
    case .notCompiled(let diagnostics):
      reporter.report(diagnostics)
      return ExitStatus.notCompiled
    case .conflict(let message):
      reporter.error(message, code: "E_DUPLICATE_NAME")
      return ExitStatus.notCompiled
    }
  }

  // MARK: Serving

  private func serve(
    _ versions: [ScriptVersion], _ loader: ScriptLoader, _ store: any DurableStore, _ location: StoreLocation,
    _ account: ServedAccount, _ screen: ServeScreen, _ reporter: Reporter
  ) async -> Int32 {
    var options = HookService.Options()
    options.secrets = [account.secret].filter { !$0.isEmpty }
    options.workers = workers
    ChaosSettings.apply(to: &options)
    let (takeOvers, takenOver) = AsyncStream.makeStream(of: Void.self)
    options.observe = { happening in
      screen.show(happening)
      if case .worker(.trouble(.tookOver)) = happening { takenOver.finish() }
    }
    let service = HookService(store: store, settings: loader.settings, options: options)
    do {
      try await service.serve(versions)
    } catch {
      reporter.error("\(error)")
      return ExitStatus.failure
    }
    let server: HookServer
    do throws(HookServer.StartError) {
      var configuration = HookServer.Configuration()
      (configuration.host, configuration.port) = (host, port)
      server = try await HookServer.start(service, configuration)
    } catch {
      reporter.error(error.description)
      return ExitStatus.failure
    }
    let webhookURL = server.url + "/webhooks/intercom"
    do throws(APIError) { try ServeState.announce(webhookURL: webhookURL, secret: account.secret) } catch {
      reporter.error("'ics trigger' will not find this server: \(error.message)")
    }
    screen.ready(
      url: server.url, webhookURL: webhookURL, store: location.path, hooks: service.registry.hooks,
      notes: account.notes)
    // After the line above, which programs wait for: runs that go on print too. Not a child of this task: a signal
    // cancels that, and what is under way is to end well.
    let work = Task { await service.run() }
    let isTakenOver = await withTaskGroup { group in
      group.addTask {
        await watch(loader, service, screen, reporter)
        return false
      }
      group.addTask {
        for await _ in takeOvers {}
        return !Task.isCancelled
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
    screen.stopping()
    ServeState.withdraw()
    await server.stop()
    await service.stop(within: isTakenOver ? .zero : Self.patience)
    await work.value
    return isTakenOver ? ExitStatus.failure : ExitStatus.success
  }

  /// Waits for the end, and serves edited scripts meanwhile.
  private func watch(
    _ loader: ScriptLoader, _ service: HookService, _ screen: ServeScreen, _ reporter: Reporter
  ) async {
    while !Task.isCancelled {
      // Ends early, and without an error that matters, when a signal cancels this task.
      try? await Task.sleep(for: reload ? .milliseconds(200) : .seconds(3600))
      guard reload, !Task.isCancelled, await loader.hasChanged() else { continue }
      switch await loader.load() {
      case .success(let versions):
        do {
          try await service.serve(versions)
          screen.reloaded(hooks: service.registry.hooks)
        } catch {
          screen.keptOld("\(error)")
        }
      case .failure(.notCompiled(let diagnostics)):
        reporter.report(diagnostics)
        screen.keptOld("the edited script does not compile")
      case .failure(.missing(let message)), .failure(.conflict(let message)): screen.keptOld(message)
      }
    }
  }
}
