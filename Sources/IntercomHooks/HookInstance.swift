// A machine with a script's top level run in it: for one attempt at a run, and for conditions.

import ICSDiagnostics
import ICSDurable
import ICSJSON
import ICSLibrary
import ICSVM
import IntercomAPI
import IntercomScript
import Synchronization

/// One machine of a script version. Used by one task at a time.
final class HookInstance {
  let session: Session
  /// The hooks that the top level has declared, in order.
  private(set) var hooks: [HookDeclaration] = []

  private let unit: ICSVM.Unit?
  private var names = HookNames()
  /// The functions of the hooks: what runs, and the condition.
  private var functions: [String: (body: Handle, condition: Handle?)] = [:]
  private let stage: Stage

  /// Where the instance is in its life, as the closures of its session see it.
  private final class Stage: Sendable {
    let context = Mutex<RunContext?>(nil)
    let running = Mutex<RunningHook?>(nil)
    /// Whether what the script prints is shown.
    let isLoud: Atomic<Bool>
    let isRunning = Atomic<Bool>(false)

    init(isLoud: Bool) { self.isLoud = Atomic(isLoud) }
  }

  /// An instance that compiles and does not run.
  convenience init(compiling bundle: ScriptBundle, settings: HookSettings) {
    self.init(nil, settings: settings, printsAtTopLevel: false, loader: bundle)
  }

  /// - Parameter printsAtTopLevel: Whether the top level is heard: where hooks are registered, not again for each run.
  init(
    _ code: ScriptVersion.Code?, settings: HookSettings, printsAtTopLevel: Bool, loader: ScriptBundle? = nil
  ) {
    unit = code?.unit
    let stage = Stage(isLoud: printsAtTopLevel)
    self.stage = stage
    var configuration = settings.session?() ?? Self.configuration(of: settings, stage)
    configuration.loader = loader?.loader
    configuration.guardHTTP = RequestJournal.guardian
    configuration.hostValues = StepFunctions(context: { stage.context.withLock { $0 } }, places: code?.places ?? [:])
      .values(step: code?.step)
    configuration.shared = code?.prelude
    configuration.willVary = { call, name throws(Raised) in
      guard let context = stage.context.withLock({ $0 }), !context.isJob, let scope = call.machine.current?.tag,
        scope > 0, context.step(of: scope) == nil
      else { return }
      throw call.fail(
        "E_STEP", "'\(name)' stands outside of a step, where a run that starts again gets another value",
        help: name == "now" ? "let time = step \"time\" { now() }" : "put it into a step, which records its value")
    }
    let registrar = Registrar()
    if settings.session == nil {
      configuration.registerHook = { machine, registration throws(Raised) in
        try registrar.instance?.register(machine, registration)
      }
    }
    session = Session(configuration)
    registrar.instance = self
  }

  private static func configuration(of settings: HookSettings, _ stage: Stage) -> SessionConfiguration {
    var configuration = SessionConfiguration()
    // One of many in its process, as an embedder's instances are.
    configuration.takesTurns = true
    configuration.limits = settings.limits
    configuration.permissions = settings.permissions
    configuration.environment = settings.environment
    configuration.redact = settings.redact
    configuration.modules = settings.modules
    configuration.write = { bytes in
      guard stage.isLoud.load(ordering: .relaxed) else { return }
      settings.output(String(decoding: bytes, as: UTF8.self), stage.running.withLock { $0 })
    }
    configuration.log = { line in
      guard stage.isLoud.load(ordering: .relaxed) else { return }
      settings.log(line, stage.running.withLock { $0 })
    }
    settings.intercom.configure(&configuration)
    if let connect = settings.connect {
      configuration.connect = connect
      configuration.connectNamed = settings.connectNamed
      configuration.connectUser = settings.connectUser
      configuration.closesClient = false
    }
    if let connect = configuration.connect {
      configuration.connect = { () async throws(APIError) in
        // The top level runs once for each attempt: a request there would be sent with each of them.
        guard stage.isRunning.load(ordering: .relaxed) else { throw Self.topLevelRequest }
        return try await connect()
      }
    }
    settings.prepare?(&configuration)
    return configuration
  }

  /// The session's closure is made before the instance is.
  private final class Registrar {
    weak var instance: HookInstance?
  }

  private static let topLevelRequest = APIError(
    .permission,
    "the top level of a served script runs again for each run, so it sends no requests: put it into a hook")

  // MARK: Registering

  /// Runs the top level; gives the errors that it ended with.
  func register(isolation: isolated (any Actor)? = #isolation) async -> [Diagnostic]? {
    guard let unit else { return nil }
    switch await session.run(unit) {
    case .finished: return nil
    case .failed(let errors), .notCompiled(let errors): return errors
    }
  }

  private func register(_ machine: Machine, _ registration: HookRegistration) throws(Raised) {
    let hook: HookDeclaration
    do throws(HookNames.Refusal) {
      hook = try names.hook(for: registration, machine)
    } catch {
      machine.state.raise("E_VALUE", error.message, help: error.help)
      throw Raised()
    }
    hooks.append(hook)
    functions[hook.name] = (
      machine.retain(registration.function),
      registration.predicate.isNull ? nil : machine.retain(registration.predicate)
    )
  }

  // MARK: Conditions

  /// Whether an event's object fulfils a hook's condition. A condition that fails with an error lets the event through:
  /// the run meets the error again, and shows it.
  func admits(_ item: JSONValue, hook: String, isolation: isolated (any Actor)? = #isolation) async -> Bool {
    guard let condition = functions[hook]?.condition else { return true }
    let machine = session.machine
    switch await session.call(machine.value(condition), [machine.state.value(from: item)]) {
    case .finished(let result): return result.value.isTrue
    case .failed, .notCompiled: return true
    }
  }

  // MARK: Running

  /// How the script of an attempt ended.
  enum Result {
    case finished(JSONValue)
    case failed([Diagnostic])
    /// The version has no such hook.
    case noSuchHook
  }

  /// Runs the top level and then a hook, with the run's journal.
  func run(
    _ hook: String, event: JSONValue?, as running: RunningHook, context: RunContext,
    isolation: isolated (any Actor)? = #isolation
  ) async -> Result {
    if let errors = await register() { return .failed(errors) }
    guard let functions = functions[hook], let declared = hooks.first(where: { $0.name == hook }) else {
      return .noSuchHook
    }
    begin(context, running)
    let machine = session.machine
    var arguments: [Value] = []
    switch declared.trigger {
    case .interval, .schedule: break
    case .topic:
      let event = event ?? .null
      if let condition = functions.condition {
        let item = machine.state.value(from: event["data"]?["item"] ?? .null)
        // Fulfilled before: only an error is new here.
        if case .failed(let errors) = await inContext(context, machine.value(condition), [item]) {
          return .failed(errors)
        }
      }
      // Objects of their own: what the hook changes in the one does not show in the other.
      arguments = [machine.state.value(from: event["data"]?["item"] ?? .null), machine.state.value(from: event)]
    case .request:
      let request = event?["data"]?["item"] ?? .null
      arguments = [machine.state.value(from: request), machine.state.value(from: event ?? .null)]
    }
    return Self.result(of: await inContext(context, machine.value(functions.body), arguments))
  }

  /// Runs a whole script as a job, with its journal.
  func runJob(
    as running: RunningHook, context: RunContext, isolation: isolated (any Actor)? = #isolation
  ) async -> Result {
    guard let unit else { return .noSuchHook }
    begin(context, running)
    return Self.result(of: await WriteJournal.withGuards(context) { await session.run(unit) })
  }

  private func begin(_ context: RunContext, _ running: RunningHook) {
    stage.context.withLock { $0 = context }
    stage.running.withLock { $0 = running }
    stage.isLoud.store(true, ordering: .relaxed)
    stage.isRunning.store(true, ordering: .relaxed)
    session.machine.tagOfNewFiber = { starter in
      guard let starter else { return RunContext.rootScope }
      return context.scopeOfFiber(startedIn: starter.tag)
    }
  }

  private func inContext(
    _ context: RunContext, _ function: Value, _ arguments: [Value], isolation: isolated (any Actor)? = #isolation
  ) async -> SessionOutcome {
    await WriteJournal.withGuards(context) { await session.call(function, arguments) }
  }

  private static func result(of outcome: SessionOutcome) -> Result {
    switch outcome {
    // A value that JSON cannot say is of no use to anybody outside.
    case .finished(let value): .finished(value.json ?? .null)
    case .failed(let errors), .notCompiled(let errors): .failed(errors)
    }
  }

  func shutdown(isolation: isolated (any Actor)? = #isolation) async { await session.shutdown() }
}
