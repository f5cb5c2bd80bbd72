// From what the program around a script allows to a machine that runs it.

import ICSCompiler
import ICSLibrary
import ICSVM
import IntercomAPI

/// A machine with the library and Intercom in it. All that run scripts have theirs from here.
struct EquippedMachine {
  let machine: Machine
  let library: Library
  let connection: Connection
  let accounts: Accounts
  /// What `http` sends by; nil where the program around the script sends itself, or nothing is sent.
  let network: ScriptNetwork?

  init(_ configuration: SessionConfiguration) {
    let seed = configuration.randomSeed ?? SystemTime.randomSeed()
    let host = LibraryHost(wallClock: configuration.wallClock, randomSeed: seed)
    host.arguments = configuration.arguments
    host.environment = configuration.environment
    host.log = configuration.log
    host.redact = configuration.redact
    host.progress = configuration.progress
    host.parallelProgress = configuration.parallelProgress
    host.registerHook = configuration.registerHook
    host.willVary = configuration.willVary
    host.allow(configuration.permissions)
    network =
      configuration.http == nil && configuration.reachesNetwork
      ? ScriptNetwork(environment: configuration.networkEnvironment) : nil
    host.http = Self.sender(configuration, network)
    connection = Connection(connect: configuration.connect)
    accounts = Accounts(named: configuration.connectNamed, authenticated: configuration.connectUser)
    host.values = configuration.values(connection: connection, accounts: accounts)
    library = configuration.shared.map { Library(host: host, shared: $0) } ?? Library(host: host)
    machine = Machine(
      library: library, limits: configuration.limits, interruption: configuration.interruption,
      hashSeed: configuration.hashSeed ?? SystemTime.randomSeed(), clock: configuration.clock,
      isSmall: configuration.isSmall)
    machine.output = configuration.write
    machine.sleepUntil = configuration.sleepUntil
    machine.deliversInOrder = configuration.deliversInOrder
    machine.takesTurns = configuration.takesTurns
  }

  private typealias Sender = @Sendable (HTTPCall) async -> Result<HTTPAnswer, HTTPFailure>

  /// What sends the requests of `http`; nil when nothing does.
  private static func sender(_ configuration: SessionConfiguration, _ network: ScriptNetwork?) -> Sender? {
    let send: Sender? = configuration.http ?? network.map { network in { @Sendable call in await network.send(call) } }
    guard let send, let guardHTTP = configuration.guardHTTP else { return send }
    return { call in await guardHTTP(call) { await send(call) } }
  }
}

extension SessionConfiguration {
  /// What the names that scripts find beside the library's stand for.
  func values(connection: Connection, accounts: Accounts) -> [(name: String, make: (Machine) -> Value)] {
    var values: [(name: String, make: (Machine) -> Value)] = []
    if connect != nil { values += IntercomObjects.values(connection: connection, accounts: accounts) }
    for module in modules {
      values.append((name: module.name, make: { machine in module.value(in: machine) }))
    }
    for (name, value) in inputs {
      values.append((name: name, make: { machine in machine.state.value(from: value) }))
    }
    values += hostValues
    if remembersLast { values += PromptResults.names.map { (name: $0, make: { _ in .null }) } }
    return values
  }

  /// The names of the prelude of such a machine.
  var preludeNames: PreludeNames {
    let host = LibraryHost(wallClock: { 0 }, randomSeed: 0)
    host.values = values(
      connection: Connection(connect: nil), accounts: Accounts(named: nil, authenticated: nil))
    return Library(host: host).names
  }
}

extension LibraryHost {
  fileprivate func allow(_ permissions: Permissions) {
    allowsVariable = permissions.allowsVariable
    allowsHost = permissions.allowsHost
    files.readRoots = permissions.readableFolders
    files.writeRoots = permissions.writableFolders
    files.currentFolder = permissions.currentFolder
    let help = permissions.help
    permissionHelp = { help(Permissions.Refusal($0)) }
  }
}
