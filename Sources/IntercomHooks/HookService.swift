// Everything that serves hooks, put together: scripts, receiver, worker, schedules.

import ICSDurable
import ICSJSON
import IntercomAPI
import IntercomScript
import ServiceLifecycle
import Synchronization

/// Serves the hooks of scripts: takes events, keeps them in a store, and runs what they start.
///
///     let service = HookService(store: MemoryStore(), settings: settings, options: options)
///     try await service.serve([try await ScriptVersion(source, name: "welcome.ics", settings: settings)])
///     async let work: Void = service.run()
///     let server = try await HookServer.start(service)
public final class HookService: Sendable {
  /// What differs between services.
  public struct Options: Sendable {
    /// The client secrets that sign webhooks.
    public var secrets: [Secret] = []
    /// How many runs are under way at once.
    public var workers = 16
    /// The largest body, and how many runs may wait.
    public var limits = WebhookReceiver.Limits()
    /// When a run that failed is tried again.
    public var retry = RunRetryPolicy.standard
    /// How long a lease lasts without a renewal: after that time another worker may have the run, and this one sends and
    /// records nothing more of it.
    public var leaseTime = Duration.seconds(30)
    /// How long a request of an attempt that was lost may be on its way, and what it made may not be found: for so long
    /// the next attempt waits, and looks again, before it sends a request once more.
    public var settlingTime = Duration.seconds(5)
    /// The worker's name; different for each process that there ever is.
    public var name = "worker-\(UInt64.random(in: 0...UInt64.max))"
    /// Hears of everything that happens. Called on any thread, and should be quick.
    public var observe: @Sendable (Happening) -> Void = { _ in }

    /// No secrets, so that every webhook is refused; sixteen workers; a failed run is tried again five times.
    public init() {}
  }

  /// What a service reports.
  public enum Happening: Sendable {
    /// A request to the webhooks' path was answered.
    case webhook(WebhookReceiver.Outcome)
    /// A run began, ended, or was lost to another worker; or the store made trouble.
    case worker(WorkerEvent)
    /// A schedule has come due.
    case schedule(hook: String, event: EventID)
  }

  let settings: HookSettings
  /// The scripts that are served.
  public let registry = HookRegistry()
  /// Takes the webhooks, for a server of your own.
  public let receiver: WebhookReceiver
  /// Where events, runs and their steps are kept.
  public let store: any DurableStore
  let metrics = ServiceMetrics()
  private let answers = RequestAnswers()
  private let worker: Worker
  private let options: Options
  private let scheduler: Scheduler

  static let requestSource = "request"
  /// How long who asks waits for the answer of `on request`.
  private static let answerTime = Duration.seconds(25)

  /// A service that serves nothing yet and does not work yet: `serve` gives it scripts, `run` works.
  ///
  /// - Parameters:
  ///   - store: Where events and runs are kept. Several services may share one.
  ///   - settings: What the scripts may use, the same as for their `ScriptVersion`s.
  ///   - options: Secrets, workers, retries and who hears of it.
  public init(store: any DurableStore, settings: HookSettings, options: Options = Options()) {
    self.store = store
    self.settings = settings
    self.options = options
    let (registry, observe) = (registry, options.observe)
    var workerOptions = WorkerOptions(name: options.name)
    workerOptions.concurrency = options.workers
    workerOptions.retry = options.retry
    workerOptions.leaseTTL = options.leaseTime
    workerOptions.observer = { observe(.worker($0)) }
    let runner = HookRunner(
      store: store, settings: settings, registry: registry, answers: answers, metrics: metrics,
      settlingTime: options.settlingTime)
    let worker = Worker(store: store, options: workerOptions) { claimed, journal in
      await runner.execute(claimed, journal)
    }
    self.worker = worker
    receiver = WebhookReceiver(
      secrets: options.secrets, store: store, limits: options.limits,
      observe: { outcome in
        if case .accepted = outcome { worker.notify() }
        observe(.webhook(outcome))
      },
      plan: { await registry.runs(for: $0) })
    scheduler = Scheduler(store: store)
  }

  /// Serves these versions from now on; runs that have begun go on with theirs.
  ///
  /// - Throws: `HookRegistry.Conflict`, or `DurableError` when the store does not take the scripts.
  public func serve(_ versions: [ScriptVersion]) async throws {
    for version in versions {
      try await store.saveProgram(version.stored)
    }
    try registry.serve(versions)
    scheduler.refresh()
  }

  /// Works until `stop` is called, the task is cancelled, or the application that it is a service of is told to stop.
  public func run() async {
    let worker = worker
    await withGracefulShutdownHandler {
      await work()
    } onGracefulShutdown: {
      Task { await worker.stop(within: Self.shutdownTime) }
    }
  }

  /// How long a run may go on when the application is told to stop.
  private static let shutdownTime = Duration.seconds(30)

  private func work() async {
    await withTaskGroup { group in
      group.addTask { await self.fireSchedules() }
      group.addTask { await self.worker.run() }
      // The worker ends when it is stopped or cancelled, and the schedules with it.
      await group.next()
      group.cancelAll()
    }
  }

  private func fireSchedules() async {
    let (registry, worker, observe) = (registry, worker, options.observe)
    await scheduler.run({ registry.scheduled }) { hook, event in
      worker.notify()
      observe(.schedule(hook: hook, event: event))
    }
  }

  /// Starts nothing more, lets what is under way end, and gives back what takes longer for another worker to go on with.
  public func stop(within patience: Duration) async { await worker.stop(within: patience) }

  /// Works on one run until it has ended, its waits included: for jobs, whose error ends them.
  package func perform(_ run: RunID) async throws(DurableError) -> RunRecord { try await worker.perform(run) }

  /// Says that there may be something to do, as when another process has retried a run.
  public func notify() { worker.notify() }

  // MARK: Requests

  /// Runs the hook of a request, and gives its answer.
  func answer(_ request: JSONValue, by hook: HookRegistry.ServedHook) async -> WebhookAnswer {
    answers.open()
    defer { answers.close() }
    let now = Timestamp.now
    let id = "request-\(UInt64.random(in: 0...UInt64.max))-\(now.milliseconds)"
    let event: JSONValue = [
      "type": "request_event", "id": .string(id), "topic": .string(hook.hook.summary), "created_at": .int(now.seconds),
      "data": ["type": "request_event_data", "item": request],
    ]
    let run: RunID
    do throws(DurableError) {
      let accepted = try await store.accept([
        IncomingEvent(
          tenant: "default", source: Self.requestSource, externalID: id, topic: hook.hook.summary,
          payload: event.serializedBytes(), receivedAt: now,
          runs: [NewRun(hook: hook.name, program: hook.version.digest)])
      ])
      guard case .new(_, let runs)? = accepted.first, let first = runs.first else {
        return .error(503, "E_IO", "the request could not be stored")
      }
      run = first
    } catch {
      return .error(503, "E_IO", "the request could not be stored: \(error)", headers: ["Retry-After": "60"])
    }
    worker.notify()
    switch await answers.outcome(of: run, atMost: Self.answerTime) {
    case .done(let value): return RequestAnswers.answer(for: value)
    case .failed: return .error(500, "E_ERROR", "the hook failed; 'ics runs show \(run)' says why")
    case .pending:
      let body: JSONValue = ["status": "accepted", "run": .int(run.rawValue)]
      return WebhookAnswer(status: 202, body: body.serialized())
    }
  }

  // MARK: Numbers

  /// Whether the store can be used.
  func health() async -> WebhookAnswer {
    do throws(DurableError) {
      let backlog = try await store.backlog()
      let body: JSONValue = ["status": "ok", "backlog": .int(backlog)]
      return WebhookAnswer(status: 200, body: body.serialized())
    } catch {
      return .error(503, "E_IO", error.description)
    }
  }

  func metricsAnswer() async -> WebhookAnswer {
    do throws(DurableError) {
      return WebhookAnswer(
        status: 200, body: metrics.text(try await store.counters(), now: .now),
        headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"])
    } catch {
      return .error(503, "E_IO", error.description)
    }
  }
}
