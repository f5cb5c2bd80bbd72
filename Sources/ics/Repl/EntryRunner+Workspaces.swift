// Where requests go: accounts, the sandbox, dry runs, recordings.

import ICSDiagnostics
import IntercomAPI
import IntercomScript
import Synchronization

/// The workspace that a session's requests go to now: the session keeps this, and the commands change what is in it.
final class CurrentWorkspace: Sendable {
  private let state: Mutex<Workspace>

  init(_ workspace: Workspace) { state = Mutex(workspace) }

  var workspace: Workspace { state.withLock { $0 } }

  func replace(by workspace: Workspace) { state.withLock { $0 = workspace } }

  /// Makes a session's requests go to it.
  func connect(_ configuration: inout SessionConfiguration) {
    configuration.connect = { () async throws(APIError) in try await self.workspace.connect() }
    configuration.connectNamed = { name async throws(APIError) in try await self.workspace.connect(named: name) }
    configuration.connectUser = { project, token async throws(APIError) in
      try await self.workspace.connect(project: project, userToken: token)
    }
  }
}

extension EntryRunner {
  func useAccount(_ name: String) async {
    guard !name.isEmpty else { return showAccounts() }
    do throws(APIError) {
      _ = try AccountStore.ofThisUser.account(name)
    } catch {
      return Reporter().report(error)
    }
    (options.account, options.usesSandbox) = (name, false)
    await reconnect()
    say("requests go to the account '\(safeText(name))'")
  }

  private func showAccounts() {
    do throws(APIError) {
      let store = AccountStore.ofThisUser
      let records = try store.records()
      let known = try store.defaultName()
      let current =
        options.usesSandbox
        ? nil
        : options.account ?? (Environment["INTERCOM_ACCESS_TOKEN"] == nil ? Settings.shared[.account] ?? known : nil)
      for record in records { say((record.name == current ? "* " : "  ") + safeText(record.name)) }
      guard current == nil else { return }
      let isToken = !options.usesSandbox && Environment["INTERCOM_ACCESS_TOKEN"] != nil
      say(isToken ? "* the token of INTERCOM_ACCESS_TOKEN" : "* the local sandbox")
    } catch {
      Reporter().report(error)
    }
  }

  func useSandbox() async {
    (options.account, options.usesSandbox) = (nil, true)
    await reconnect()
    say("requests go to the local sandbox")
  }

  func setDryRun(_ argument: String) async {
    switch argument {
    case "": return say(options.isDryRun ? "writes are shown, not sent" : "writes are sent")
    case "on", "off": options.isDryRun = argument == "on"
    default: return complain("':dry' is on or off, not '\(argument)'")
    }
    await reconnect()
    say(options.isDryRun ? "writes are shown, not sent" : "writes are sent")
  }

  func record(_ argument: String) async {
    guard !argument.isEmpty else {
      return say(options.record.map { "recording to \(safeText($0))" } ?? "nothing is recorded")
    }
    await stopRecording()
    guard argument != "off" else { return say("nothing is recorded") }
    do throws(InputError) {
      options.tape = try Tape.recording(to: argument)
    } catch {
      return complain(error.message)
    }
    options.record = argument
    await reconnect()
    say("recording to \(safeText(argument)); ':record off' ends it")
  }

  private func stopRecording() async {
    guard options.record != nil else { return }
    if let problem = options.tape.finish() { complain(problem) }
    (options.record, options.tape) = (nil, .none)
    await reconnect()
  }

  /// Forgets all names.
  func reset() async {
    await session.shutdown()
    forgetShown()
    session = Self.session(options, stop, current, spinner)
    say("all names are forgotten")
  }

  /// Lets the next request open a connection by the options as they are now.
  private func reconnect() async {
    let old = current.workspace
    current.replace(by: Workspace(options, activity: activity))
    await session.reconnect()
    await old.close()
  }

  private func say(_ line: String) { StandardOutput.shared.write(line + "\n") }
}
