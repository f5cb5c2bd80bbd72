// `ics sandbox`: a local Intercom for other programs.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomSandbox

struct SandboxCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Serve a local Intercom.",
    discussion: """
      Runs until it is interrupted (Ctrl-C) or told to end.

      Examples: ics sandbox --port 8080 --seed 120
                ics sandbox --db :memory: --faults '429:5%,slow:200ms' --json
      """)

  @Option(help: "The port to listen on; 0 takes a free one.") var port = 0
  @Option(help: "The address to listen on.") var host = "127.0.0.1"
  @Option(help: "The file for the state, or ':memory:'. (default: sandbox.sqlite in ICS_HOME)") var db: String?
  @Option(help: "The access token to accept.") var token: String?
  @Option(help: "The app's id.") var clientId: String?
  @Option(help: "The app's secret.") var clientSecret: String?
  @Option(help: "How many contacts a fresh workspace begins with.") var seed = 0
  @Option(
    help: """
      What goes wrong: '429:5%,500:1%,slow:200ms,drop:1%,lost:2%,rate:1000'. The rate is requests a minute, in windows \
      of ten seconds; 'rate:off' lifts it. (default: rate:10000)
      """)
  var faults: String?
  @Option(help: "How long a change takes to show in searches: '5s'.") var searchLag: String?
  @Option(help: "Where to send signed webhooks: http://HOST:PORT/PATH") var webhook: String?
  @Flag(help: "Say that it is ready by one line of JSON.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    let sandbox: Sandbox
    do {
      sandbox = try await Sandbox.start(configuration())
    } catch let error as UsageError {
      Reporter(isJSON: json).error(error.message, code: "E_USAGE")
      return ExitStatus.usage
    } catch SandboxError.configuration(let setting, let reason) {
      Reporter(isJSON: json).error("\(setting): \(reason)", code: "E_USAGE")
      return ExitStatus.usage
    } catch {
      Reporter(isJSON: json).error("\(error)")
      return ExitStatus.failure
    }
    announce(sandbox)
    while !Task.isCancelled {
      // Ends early, and without an error that matters, when a signal cancels this task.
      try? await Task.sleep(for: .seconds(3600))
    }
    await sandbox.stop()
    return ExitStatus.success
  }

  private func configuration() throws -> Sandbox.Configuration {
    var configuration = Sandbox.Configuration(host: host, port: port, seed: seed, webhookURL: webhook)
    configuration.database = db == ":memory:" ? .memory : .path(db ?? Environment.fileInHome("sandbox.sqlite"))
    if let token { configuration.accessToken = token }
    if let clientId { configuration.clientID = clientId }
    if let clientSecret { configuration.clientSecret = clientSecret }
    if let faults { configuration.faults = try Faults(faults) }
    if let searchLag { configuration.searchLag = try Quantity.duration(searchLag) }
    return configuration
  }

  /// The token stands here in clear: it opens nothing but this sandbox, and whoever starts one needs it.
  private func announce(_ sandbox: Sandbox) {
    if json {
      StandardOutput.shared.write(
        Reporter.line([
          "event": "ready", "url": .string(sandbox.url), "token": .string(sandbox.accessToken),
          "client_id": .string(sandbox.clientID), "client_secret": .string(sandbox.clientSecret),
        ]), masked: false)
    } else {
      StandardOutput.shared.write(
        """
        The sandbox listens on \(sandbox.url). To use it:

          export INTERCOM_BASE_URL=\(sandbox.url) INTERCOM_ACCESS_TOKEN=\(sandbox.accessToken)

        Ctrl-C ends it.

        """, masked: false)
    }
    StandardOutput.shared.flush()
  }
}
