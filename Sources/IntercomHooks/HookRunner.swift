// Runs hooks and jobs for a worker: a machine of its own for each attempt.

import ICSDiagnostics
import ICSDurable
import ICSJSON
import IntercomScript

/// Executes runs.
struct HookRunner: Sendable {
  let store: any DurableStore
  let settings: HookSettings
  let registry: HookRegistry
  let answers: RequestAnswers
  let metrics: ServiceMetrics
  let settlingTime: Duration

  /// One attempt.
  func execute(_ claimed: ClaimedRun, _ journal: StepJournal) async -> ExecutionResult {
    let start = ContinuousClock.now
    FailPoint.hookBegin.hit()
    let result = await attempt(claimed, journal)
    FailPoint.hookEnd.hit()
    metrics.ran(for: ContinuousClock.now - start)
    // Whoever runs a job sees its error, and starts it again.
    if claimed.run.isJob, case .failed(let failure, _) = result { return .failed(failure, retry: .never) }
    guard claimed.event?.source == HookService.requestSource else { return result }
    return answer(result, of: claimed.run)
  }

  private func attempt(_ claimed: ClaimedRun, _ journal: StepJournal) async -> ExecutionResult {
    let run = claimed.run
    let version: ScriptVersion
    switch await self.version(of: run) {
    case .success(let found): version = found
    case .failure(let problem): return problem.result
    }
    var event: JSONValue?
    if let payload = claimed.event?.payload {
      do { event = try JSONValue(parsing: payload) } catch {
        return .parked(ParkReason(.unreadable, "the event's body is no JSON any more: \(error)"))
      }
    }
    let context = RunContext(journal: journal, isJob: run.isJob, settlingTime: settlingTime)
    let running = RunningHook(run: run.id.rawValue, hook: run.hook)
    let instance = version.instance()
    let result =
      run.isJob
      ? await instance.runJob(as: running, context: context)
      : await instance.run(version.localName(of: run.hook), event: event, as: running, context: context)
    await instance.shutdown()
    return Self.result(of: result, context, run, version)
  }

  private static func result(
    of result: HookInstance.Result, _ context: RunContext, _ run: RunRecord, _ version: ScriptVersion
  ) -> ExecutionResult {
    // What the journal said counts, whatever the script made of it.
    switch context.ending {
    case .waiting(let due)?: return .waiting(until: due)
    case .parked(let reason)?: return .parked(reason)
    case .broken(.leaseLost)?: return .cancelled
    case .broken(let error)?: return .failed(Failure(code: "E_IO", message: error.description))
    case nil: break
    }
    switch result {
    case .finished(let value): return .done(value.serializedBytes().count <= maximumOutput ? value : .null)
    case .failed(let errors):
      if Task.isCancelled { return .cancelled }
      // A list that is never empty.
      return .failed(errors.first.map { Failure($0) } ?? Failure(code: "E_ERROR", message: "the script failed"))
    case .noSuchHook:
      return .parked(
        ParkReason(
          .mismatch,
          "\(version.name) has no hook '\(run.hook)'. Move the run to a version that has it, with ics runs migrate \(run.id)"
        ))
    }
  }

  /// A larger value of a hook is not worth keeping: nobody asked for it.
  private static let maximumOutput = 64 << 10

  // MARK: Versions

  /// Why a run cannot have its version.
  private struct Problem: Error {
    let result: ExecutionResult
  }

  /// The version that a run began with: of those that are served, else from the store.
  private func version(of run: RunRecord) async -> Result<ScriptVersion, Problem> {
    if let known = registry.version(run.program) { return .success(known) }
    do {
      guard let program = try await store.program(run.program), let bundle = ScriptBundle(encoded: program.source)
      else {
        return .failure(
          Problem(result: .parked(ParkReason(.unreadable, "the store has no program \(run.program.prefix(12))"))))
      }
      let version = try await ScriptVersion(bundle, settings: settings, registersHooks: !run.isJob, isQuiet: true)
      registry.keep(version)
      return .success(version)
    } catch let error as CompileError {
      let message = error.diagnostics.first.map { "\($0.code): \($0.message)" } ?? ""
      return .failure(
        Problem(result: .parked(ParkReason(.other, "the version that the run began with does not compile: \(message)")))
      )
    } catch {
      return .failure(Problem(result: .failed(Failure(code: "E_IO", message: "\(error)"))))
    }
  }

  // MARK: Requests

  /// Tells who waits for a request's answer, and lets no request be tried again: who asked has heard of the failure.
  private func answer(_ result: ExecutionResult, of run: RunRecord) -> ExecutionResult {
    switch result {
    case .done(let value): answers.end(run.id, .done(value))
    case .failed(let failure, _):
      answers.end(run.id, .failed)
      return .failed(failure, retry: .never)
    case .parked: answers.end(run.id, .failed)
    case .waiting, .cancelled: answers.end(run.id, .pending)
    }
    return result
  }
}
