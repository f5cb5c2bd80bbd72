// `ics run --job NAME`: a script whose steps are recorded, so that it goes on where it was.

import ICSDiagnostics
import ICSDurable
import ICSJSON
import IntercomHooks
import IntercomScript

/// Runs a script as a job.
struct JobRun: Sendable {
  let name: String
  let options: RunOptions
  /// Makes the session of an attempt: what the script may do is what it may do without a job.
  let session: @Sendable () -> SessionConfiguration

  /// Runs the job, or what is left of it.
  ///
  /// - Parameter bundle: The script as it is now; a job that has begun goes on with the version that it began with.
  /// - Returns: The status of the process; nil when a signal ended it, which has a status of its own.
  func perform(_ bundle: ScriptBundle, _ stop: Stop) async -> Int32? {
    let reporter = Reporter(isJSON: options.isJSON)
    do {
      let version = try await ScriptVersion(bundle, settings: settings, registersHooks: false)
      let store = try StoreLocation(options.store).open()
      let result: Result<Int32?, any Error>
      do { result = .success(try await run(version, store, reporter)) } catch { result = .failure(error) }
      await store.close()
      return try result.get()
    } catch let error as CompileError {
      reporter.report(error.diagnostics)
      return ExitStatus.notCompiled
    } catch let error as UsageError {
      reporter.error(error.message, code: "E_USAGE", help: error.help)
      return ExitStatus.usage
    } catch {
      if stop.signal != nil { return nil }
      reporter.error("\(error)")
      return ExitStatus.failure
    }
  }

  private var settings: HookSettings {
    var settings = HookSettings()
    settings.session = session
    return settings
  }

  private func run(_ version: ScriptVersion, _ store: any DurableStore, _ reporter: Reporter) async throws -> Int32? {
    try await store.saveProgram(version.stored)
    if let finished = try await finished(in: store) {
      guard options.restartsJob else {
        say("the job '\(name)' is finished (\(finished.endedAt?.shown ?? "") UTC); --restart begins it anew")
        return ExitStatus.success
      }
    }
    let job = try await store.startJob(named: name, tenant: "default", program: version.digest, at: .now)
    if options.restartsJob, job.attempt > 0 {
      _ = try await store.cancel(job.id, at: .now)
      try await store.migrate(job.id, to: version.digest, forgettingFrom: nil, at: .now)
      try await store.retry(job.id, fromStart: true, at: .now)
    } else if job.attempt > 0 {
      say("the job '\(name)' goes on where it was")
      if job.program != version.digest {
        say(
          "the script has changed since: the job goes on with the version that it began with ('ics runs migrate \(job.id)')"
        )
      }
    }
    var options = HookService.Options()
    ChaosSettings.apply(to: &options)
    try ChaosSettings.arm()
    let service = HookService(store: store, settings: settings, options: options)
    let ended = try await service.perform(job.id)
    return status(of: ended, reporter)
  }

  /// The job's last run, when it is done and no other has begun.
  private func finished(in store: any DurableStore) async throws -> RunRecord? {
    var filter = RunFilter()
    filter.hook = name
    let last = try await store.runs(filter).first { $0.isJob }
    return last?.state == .done ? last : nil
  }

  private func status(of run: RunRecord, _ reporter: Reporter) -> Int32? {
    switch run.state {
    case .done: return ExitStatus.success
    case .parked:
      reporter.error(run.parked?.message ?? "the job is parked", code: "E_STEP", help: "'ics runs show \(run.id)'")
      return ExitStatus.failure
    default:
      if let failure = run.failure {
        reporter.error(
          failure.message + (failure.place.map { " (\($0))" } ?? ""), code: failure.code,
          help: "'ics run --job \(name)' goes on from the last step that is done")
      }
      return run.state == .dead ? ExitStatus.failure : nil
    }
  }

  private func say(_ text: String) {
    guard !options.isQuiet, !options.isJSON else { return }
    StandardError.write(terminalSafe(text) + "\n")
  }
}
