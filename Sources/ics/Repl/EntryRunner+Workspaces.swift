// Where requests go: accounts, the sandbox, dry runs, recordings.

import ICSDiagnostics
import IntercomAPI
import IntercomScript
import Synchronization

/// The workspace that a session's requests go to now, and what is recorded or replayed: the session keeps this, and the
/// commands change what is in it.
final class CurrentWorkspace: Sendable {
  private let state: Mutex<(workspace: Workspace, tape: Tape)>

  init(_ workspace: Workspace, _ tape: Tape) { state = Mutex((workspace, tape)) }

  var workspace: Workspace { state.withLock { $0.workspace } }
  private var tape: Tape { state.withLock { $0.tape } }

  func replace(by workspace: Workspace, _ tape: Tape) { state.withLock { $0 = (workspace, tape) } }

  /// Makes a session's requests go to it, and its time that of the recording.
  func connect(_ configuration: inout SessionConfiguration) {
    configuration.connect = { () async throws(APIError) in try await self.workspace.connect() }
    configuration.connectNamed = { name async throws(APIError) in try await self.workspace.connect(named: name) }
    configuration.connectUser = { project, token async throws(APIError) in
      try await self.workspace.connect(project: project, userToken: token)
    }
    let system = SessionConfiguration()
    let (wallClock, clock, sleep) = (system.wallClock, system.clock, system.sleepUntil)
    configuration.wallClock = { self.tape.wallTime(wallClock) }
    configuration.clock = { self.tape.clock?.nanoseconds() ?? clock() }
    configuration.sleepUntil = { moment in
      if let replay = self.tape.clock { await replay.sleep(until: moment) } else { await sleep(moment) }
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

  func setTrace(_ argument: String) async {
    switch argument {
    case "": break
    case "on", "off":
      options.isVerbose = argument == "on"
      await reconnect()
    default: return complain("':trace' is on or off, not '\(argument)'")
    }
    say(options.isVerbose ? "each request is said" : "requests are not said")
  }

  func record(_ argument: String) async {
    guard !argument.isEmpty else {
      return say(options.record.map { "recording to \(safeText($0))" } ?? "nothing is recorded")
    }
    await stopTape()
    guard argument != "off" else { return say("nothing is recorded") }
    do throws(InputError) {
      options.tape = try Tape.recording(to: argument)
    } catch {
      return complain(error.message)
    }
    options.record = argument
    await startTape()
    say("recording to \(safeText(argument)); ':record off' ends it")
  }

  func replay(_ argument: String) async {
    guard !argument.isEmpty else {
      return say(options.replay.map { "answers come from \(safeText($0))" } ?? "nothing is replayed")
    }
    await stopTape()
    guard argument != "off" else { return say("requests are sent") }
    do throws(InputError) {
      options.tape = try Tape.replaying(argument)
    } catch {
      return complain(error.message)
    }
    options.replay = argument
    await startTape()
    say("answers come from \(safeText(argument)); ':replay off' ends it")
  }

  /// Chance begins as the recording says, so that a script of what is entered now does the same in a replay.
  private func startTape() async {
    session.reseed(options.tape.seed, deliversInOrder: true)
    await reconnect()
  }

  private func stopTape() async {
    guard options.record != nil || options.replay != nil else { return }
    if let problem = options.tape.finish() { complain(problem) }
    (options.record, options.replay, options.tape) = (nil, nil, .none)
    session.reseed(SystemRandomNumberGenerator.seed, deliversInOrder: false)
    await reconnect()
  }

  /// Forgets all names.
  func reset() async {
    await session.shutdown()
    forgetShown()
    session = Self.session(options, stop, current, watchers)
    say("all names are forgotten")
  }

  /// Lets the next request open a connection by the options as they are now.
  func reconnect() async {
    let old = current.workspace
    facts.forget()
    current.replace(by: Workspace(options, activity: activity, facts: facts), options.tape)
    await session.reconnect()
    await old.close()
  }

  private func say(_ line: String) { StandardOutput.shared.write(line + "\n") }
}

extension SystemRandomNumberGenerator {
  /// A number that nobody can guess.
  fileprivate static var seed: UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}
