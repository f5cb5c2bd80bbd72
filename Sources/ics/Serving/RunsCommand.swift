// `ics runs`: what hooks did, and what can be done about it.

import ArgumentParser
import ICSDiagnostics
import ICSDurable
import ICSJSON
import IntercomHooks
import IntercomScript

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List runs of hooks and jobs, show one, retry or cancel.",
    discussion: """
      Works while an 'ics serve' runs on the same store.

      Examples: ics runs --state dead --since 1d
                ics runs show 12
                ics runs retry --all-dead --hook welcome
      """,
    subcommands: [List.self, Show.self, Retry.self, Cancel.self, Migrate.self], defaultSubcommand: List.self)

  struct List: StatusCommand {
    static let configuration = CommandConfiguration(abstract: "List runs, the newest first.")
    @OptionGroup var store: StoreOptions
    @OptionGroup var filter: FilterOptions

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, reporter in
        let runs = try await store.runs(filter.ofRuns())
        var topics: [EventID: String] = [:]
        for event in Set(runs.compactMap(\.event)) { topics[event] = try await store.event(event)?.topic }
        guard !self.store.json else {
          for run in runs {
            StandardOutput.shared.write(Reporter.line(.object(run.json(topic: run.event.flatMap { topics[$0] }))))
          }
          return
        }
        guard !runs.isEmpty else { return StandardError.write("no runs\n") }
        Columns.write(
          ["ID", "STATE", "HOOK", "TOPIC", "ATTEMPTS", "CREATED", ""],
          runs.map { $0.line(topic: $0.event.flatMap { topics[$0] }) })
      }
    }
  }

  struct Show: StatusCommand {
    static let configuration = CommandConfiguration(abstract: "Show a run with its steps and attempts.")
    @OptionGroup var store: StoreOptions
    @Argument(help: "The run's number.") var id: Int

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, _ in
        guard let history = try await store.run(RunID(id)) else {
          throw DurableError.notFound(what: "run", id: String(id))
        }
        var event: EventRecord?
        if let number = history.run.event { event = try await store.event(number) }
        let page = RunPage(history: history, event: event)
        if self.store.json { page.writeJSON() } else { page.write() }
      }
    }
  }

  struct Retry: StatusCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let dead, parked, cancelled or failed runs go on.",
      discussion: "Steps that are done are not run again, unless --from-start says so.")
    @OptionGroup var store: StoreOptions
    @Argument(help: "The runs' numbers.") var ids: [Int] = []
    @Flag(help: "Every dead run.") var allDead = false
    @Option(help: "With --all-dead: only runs of this hook.") var hook: String?
    @Option(help: "With --all-dead: only runs of this topic.") var topic: String?
    @Flag(help: "Forget what is done: every step runs again.") var fromStart = false
    @Flag(help: "A write of which nobody knows whether it was carried out was carried out.") var sent = false
    @Flag(help: "Such a write was not carried out, or may be sent twice.") var notSent = false

    func validate() throws {
      guard ids.isEmpty == allDead else { throw ValidationError("name runs, or --all-dead") }
      guard !(sent && notSent) else { throw ValidationError("'--sent' and '--not-sent' exclude each other") }
    }

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, reporter in
        if allDead {
          var filter = RunFilter()
          (filter.hook, filter.topic) = (hook, topic)
          let count = try await store.retryAllDead(filter, at: .now)
          return self.store.say(["retried": .int(count)], "\(count) \(count == 1 ? "run goes" : "runs go") on")
        }
        for id in ids {
          if sent || notSent { try await settle(RunID(id), store) }
          try await store.retry(RunID(id), fromStart: fromStart, at: .now)
          self.store.say(["id": .int(id), "state": "ready"], "run \(id) goes on")
        }
      }
    }

    /// Answers for every write of the run whose outcome is unknown.
    private func settle(_ id: RunID, _ store: any DurableStore) async throws {
      guard let history = try await store.run(id) else {
        throw DurableError.notFound(what: "run", id: id.description)
      }
      for step in history.steps where step.kind == .write && step.state == .intended {
        let answer: JSONValue = ["status": 200, "body": [:]]
        try await store.settle(id, step.ordinal, as: sent ? .reconciled(answer) : .notSent, at: .now)
      }
    }
  }

  struct Cancel: StatusCommand {
    static let configuration = CommandConfiguration(abstract: "Cancel runs that have not ended.")
    @OptionGroup var store: StoreOptions
    @Argument(help: "The runs' numbers.") var ids: [Int]

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, _ in
        for id in ids {
          let state = try await store.cancel(RunID(id), at: .now)
          self.store.say(
            ["id": .int(id), "state": .string(state.word)],
            state == .running ? "run \(id) is told to stop" : "run \(id) is cancelled")
        }
      }
    }
  }

  struct Migrate: StatusCommand {
    static let configuration = CommandConfiguration(
      abstract: "Move a run to another version of its script.",
      discussion: """
        What is done stays. When the new version does something else at a recorded step, the run is parked, and says \
        which of the two stands where.

        Examples: ics runs migrate 12 welcome.ics
                  ics runs migrate 12 welcome.ics --from-step 2
        """)
    @OptionGroup var store: StoreOptions
    @Argument(help: "The run's number.") var id: Int
    @Argument(help: "The script as it is now.") var file: String
    @Option(help: "Forget this step and all after it.") var fromStep: String?
    @Option(help: ArgumentHelp("Imports stay below this folder, not the script's own.", valueName: "dir"))
    var root: String?

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, reporter in
        let bundle = try ScriptFile(name: file).bundle(root: root.map(Path.absolute))
        guard let run = try await store.run(RunID(id))?.run else {
          throw DurableError.notFound(what: "run", id: String(id))
        }
        let version = try await ScriptVersion(
          bundle, settings: ServeSettings.forChecks, registersHooks: !run.isJob, isQuiet: true)
        guard run.isJob || version.serves(run.hook) else {
          throw UsageError(message: "\(file) has no hook '\(run.hook)'")
        }
        var step: StepOrdinal?
        if let text = fromStep {
          guard let parsed = StepOrdinal(text) else { throw UsageError(message: "'\(text)' is no step's number") }
          step = parsed
        }
        try await store.saveProgram(version.stored)
        try await store.migrate(RunID(id), to: version.digest, forgettingFrom: step, at: .now)
        if run.state.isFinal { try await store.retry(RunID(id), fromStart: false, at: .now) }
        self.store.say(
          ["id": .int(id), "version": .string(String(version.digest.prefix(12)))],
          "run \(id) goes on with \(file) as it is now")
      }
    }
  }
}
