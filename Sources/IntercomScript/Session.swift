// One machine with the library and Intercom in it.

import ICSCompiler
import ICSDiagnostics
import ICSJSON
import ICSLibrary
import ICSSyntax
import ICSVM
import IntercomAPI

/// Decides whether a request of `http` is sent: it may send it, or answer from what it knows.
package typealias HTTPGuard =
  @Sendable (
    _ call: HTTPCall, _ send: @Sendable () async -> Result<HTTPAnswer, HTTPFailure>
  ) async -> Result<HTTPAnswer, HTTPFailure>

/// Everything that a session needs from the program around it.
package struct SessionConfiguration {
  /// What the script may use.
  package var limits = Limits()
  /// Stops the running script from any thread.
  package var interruption = Interruption()
  /// Imports stay below this folder; nil allows the standard modules alone.
  package var root: String?
  /// What the script finds in `args`.
  package var arguments: [String] = []
  /// Files, variables and hosts.
  package var permissions = Permissions()
  /// Reads a variable of the environment.
  package var environment: (String) -> String? = { _ in nil }
  /// Takes what `print` writes, in whole lines.
  package var write: (UnsafeBufferPointer<UInt8>) -> Void = { _ in }
  /// Takes the lines of `log`, for standard error.
  package var log: (LogLine) -> Void = { _ in }
  /// Takes secrets out of text that leaves the script.
  package var redact: (String) -> String = { $0 }
  /// Takes each `on` and `every` of the script; nil where nobody serves hooks.
  package var registerHook: ((Machine, HookRegistration) throws(Raised) -> Void)?
  /// Values of the program around the script, under names of the prelude or new ones.
  package var hostValues: [(name: String, make: (Machine) -> Value)] = []
  /// Asked before the clock or chance gives a value that differs from run to run (`LibraryHost.willVary`).
  package var willVary: ((Call, _ name: String) throws(Raised) -> Void)?
  /// What the sessions of one script share; they have the same names in their preludes.
  package var shared: SharedPrelude?
  /// Finds modules, in place of the files below `root`.
  package var loader: (any ModuleLoader)?
  /// Shows how far a sequence under `progress` has got.
  package var progress: ((ProgressReport) -> Void)?
  /// Shows how many calls of a `parallel` have ended, of how many.
  package var parallelProgress: ((_ done: Int, _ total: Int) -> Void)?
  /// Makes the connector; asked for at a script's first request. Nil: there is no Intercom for this script.
  package var connect: (@Sendable () async throws(APIError) -> IntercomClient)?
  /// Makes the connector of another account, for `intercom.as`.
  package var connectNamed: AccountProvider?
  /// Makes the connector of a project's user, for `intercom.authenticate`.
  package var connectUser: UserProvider?
  /// Whether the session closes the connector's connections at its end: not when the connector is somebody else's.
  package var closesClient = true
  /// Sends the requests of `http`, in place of the network.
  package var http: (@Sendable (HTTPCall) async -> Result<HTTPAnswer, HTTPFailure>)?
  /// The names and certificates that `http` sees, for tests.
  package var networkEnvironment = NetworkTransport.Environment()
  /// Stands around the requests of `http`, for hosts that keep a journal of what was sent.
  package var guardHTTP: HTTPGuard?
  /// Functions of the host's.
  package var modules: [HostModule] = []
  /// Values that the script finds under these names.
  package var inputs: [String: JSONValue] = [:]
  /// What replaces the text of a module or a script before it is compiled, by its path: for test runners.
  package var rewrite: (@Sendable (_ path: String, _ text: [UInt8]) -> [UInt8])?
  /// Whether `_` is the last value that an entry had: for prompts.
  package var remembersLast = false
  /// What completion knows of the workspace.
  package var facts: WorkspaceFacts?
  /// Unix seconds.
  package var wallClock: () -> Double = SystemTime.wallClock
  /// Monotonic nanoseconds, and how to await a moment of it.
  package var clock: () -> UInt64 = SystemTime.monotonic
  /// Awaits a moment of `clock`.
  package var sleepUntil: @Sendable (UInt64) async -> Void = SystemTime.sleep(until:)
  /// What `random` begins with; nil for the system's chance.
  package var randomSeed: UInt64?
  /// What maps are spread by, so that keys cannot be made to collide; nil for the system's chance.
  package var hashSeed: UInt64?
  /// Whether answers reach the script in the order of its requests: for recordings and replays.
  package var deliversInOrder = false
  /// Whether `http` goes over the network where nothing stands in its place.
  package var reachesNetwork = true
  /// Whether the machine is one of many: it takes memory in small pieces at first.
  package var isSmall = false
  /// Whether long work is done in turns, so that other tasks of the process get a thread meanwhile.
  package var takesTurns = false

  /// The defaults: no files, no Intercom, no output.
  package init() {}
}

/// How a script or an entry at the prompt ended.
package enum SessionOutcome {
  case finished(SessionValue)
  /// Errors found before it ran; warnings may be among them.
  case notCompiled([Diagnostic])
  /// Errors that nothing caught. After an interruption the code is E_CANCELLED.
  case failed([Diagnostic])
}

/// A value of a session, readable until the session runs again.
package struct SessionValue {
  package let machine: Machine
  /// The machine's own form of it.
  package let value: Value

  /// A value of a machine.
  package init(machine: Machine, value: Value) {
    self.machine = machine
    self.value = value
  }

  /// Whether it is null.
  package var isNull: Bool { value.isNull }
  /// What `type` calls it.
  package var typeName: String { machine.state.typeName(value) }

  /// The value as `print` shows it; with `quoted` a string is shown as a literal. Nil when it is nested too deeply.
  package func printed(quoted: Bool = false) -> String? {
    guard quoted, value.isString else { return machine.state.printedForm(value) }
    var buffer = TextBuffer()
    guard machine.state.printLiteral(value, into: &buffer) else { return nil }
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  /// The value as JSON; nil for what JSON cannot say.
  package var json: JSONValue? {
    do throws(Raised) {
      return try machine.state.jsonValue(of: value)
    } catch {
      machine.state.forgetError()
      return nil
    }
  }
}

/// One machine with the library and Intercom in it: a script that runs, or a prompt. Used by one task at a time.
///
/// What the command, served hooks and tests run scripts by: it compiles, gives diagnostics and keeps a prompt's names, and
/// its host may stand around what is sent. Embedders have `Instance` instead, with typed Swift on its outside and calls
/// from many tasks. Both have their machines from `EquippedMachine`, so that a script finds the same world in both.
package final class Session {
  let configuration: SessionConfiguration
  private let equipped: EquippedMachine
  let compiler: Compiler
  private(set) var scope = ReplScope()
  /// The last values of entries, for a prompt.
  var results = PromptResults()
  /// What functions held when an entry failed, for a prompt.
  let failures = FailureNotes()

  /// The machine, for hosts that make values and call functions.
  package var machine: Machine { equipped.machine }
  var library: Library { equipped.library }
  var connection: Connection { equipped.connection }

  /// A session in which nothing has run.
  package init(_ configuration: SessionConfiguration) {
    self.configuration = configuration
    equipped = EquippedMachine(configuration)
    var modules = FileModules(root: configuration.root)
    modules.rewrite = configuration.rewrite
    var compiler = Compiler(prelude: equipped.library.names, loader: configuration.loader ?? modules)
    compiler.keepsLocals = configuration.remembersLast
    self.compiler = compiler
    if configuration.remembersLast { noteFailures() }
  }

  /// Steps used so far.
  package var usedFuel: Int { machine.usedFuel }

  /// Collects at every safe point, for tests.
  package func stressCollector() { machine.stressCollector() }

  /// Runs a script as a whole.
  ///
  /// - Parameter path: The script's own path, which its imports are relative to.
  package func run(
    _ source: SourceFile, path: String? = nil, isolation: isolated (any Actor)? = #isolation
  ) async -> SessionOutcome {
    let result = compiler.compile(source, path: path.flatMap(FileModules.realPath) ?? path)
    guard let unit = result.unit, !result.hasErrors else { return .notCompiled(result.diagnostics) }
    return await run(unit)
  }

  /// What other sessions of the same names may share with this one.
  package var sharedPrelude: SharedPrelude { SharedPrelude(names: library.names) }

  /// Compiles a source for sessions with the same names in their prelude, to be run as often as one likes.
  package func compile(_ source: SourceFile, path: String?) -> CompileResult { compiler.compile(source, path: path) }

  /// Gives `random` another beginning, and says in which order answers are delivered: for recordings that begin or end
  /// while the session goes on.
  package func reseed(_ seed: UInt64, deliversInOrder: Bool) {
    library.reseed(seed)
    machine.deliversInOrder = deliversInOrder
  }

  /// Compiles a function in the prelude's dialect, for `machine.preludeFunction`; nil when it does not compile.
  package func compilePreludeFunction(_ source: String, name: String) -> ICSVM.Program? {
    Compiler(prelude: library.names).compile(SourceFile(name: name, text: source), mode: .prelude).unit?.programs.last
  }

  /// Calls a function of the script, and runs all fibers until they have ended.
  package func call(
    _ function: Value, _ arguments: [Value], isolation: isolated (any Actor)? = #isolation
  ) async -> SessionOutcome {
    switch await machine.run(function, arguments: arguments) {
    case .finished(let value): return .finished(SessionValue(machine: machine, value: value))
    case .failed(let errors): return .failed(errors.map(machine.diagnostic(for:)))
    }
  }

  /// Runs a unit that was compiled for this session's prelude.
  package func run(_ unit: ICSVM.Unit, isolation: isolated (any Actor)? = #isolation) async -> SessionOutcome {
    var last = Value.null
    for program in unit.programs {
      let loaded = machine.install(program)
      switch await machine.run(machine.mainClosure(of: loaded)) {
      case .finished(let value): last = value
      case .failed(let errors): return .failed(errors.map(machine.diagnostic(for:)))
      }
    }
    return .finished(SessionValue(machine: machine, value: last))
  }

  /// Runs an entry at the prompt: its names stay, and may be declared anew by later ones.
  ///
  /// - Parameter isHidden: It is the prompt's own: it has no number, and its value is not the last one.
  package func enter(
    _ source: SourceFile, isHidden: Bool = false, isolation: isolated (any Actor)? = #isolation
  ) async -> SessionOutcome {
    if !isHidden { results.number += 1 }
    failures.forget(machine)
    let path = configuration.root.map { $0 + "/entry" }
    let result = compiler.compile(source, path: path, mode: .repl(scope))
    guard let unit = result.unit, let newScope = result.scope, !result.hasErrors else {
      return .notCompiled(result.diagnostics)
    }
    // An entry that fails half way has declared its names all the same: reading one says that it has no value.
    scope = newScope
    let outcome = await run(unit)
    if configuration.remembersLast, !isHidden, case .finished(let result) = outcome { remember(result) }
    return outcome
  }

  /// The names that entries have declared.
  package var declaredNames: [String] { scope.visibleNames }

  /// The names of the prelude, those of the host included.
  package var preludeNames: [String] { library.names.names.filter { !$0.hasPrefix("__") } }

  /// Closes the connections that the script opened.
  package func shutdown(isolation: isolated (any Actor)? = #isolation) async {
    guard configuration.closesClient else { return }
    await equipped.connection.shutdown()
    await equipped.accounts.shutdown()
    await equipped.network?.shutdown()
  }

  /// What compiling a source finds, without running it.
  func diagnostics(of source: SourceFile) -> [Diagnostic] { compiler.compile(source).diagnostics }

  /// Whether an entry ends too early, so that more lines may complete it.
  package static func isIncomplete(_ text: String) -> Bool {
    SyntaxTree.parse(SourceFile(name: "entry", text: text)).isIncomplete
  }

  /// Every error and warning of a script, without running anything: requests that would be refused before they are sent
  /// are among them.
  package static func check(_ source: SourceFile, path: String?, root: String?) -> [Diagnostic] {
    let host = LibraryHost(wallClock: { 0 }, randomSeed: 0)
    host.values = IntercomObjects.values(
      connection: Connection(connect: nil), accounts: Accounts(named: nil, authenticated: nil))
    let library = Library(host: host)
    let compiler = Compiler(prelude: library.names, loader: FileModules(root: root))
    let tree = SyntaxTree.parse(source)
    let result = compiler.compile(tree, path: path.flatMap(FileModules.realPath) ?? path)
    return result.hasErrors ? result.diagnostics : result.diagnostics + RequestChecks.findings(in: tree)
  }
}
