// `ics events`: what came in.

import ArgumentParser
import ICSDurable
import ICSJSON
import IntercomHooks

struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "List what came in, show an event, run its hooks again.",
    discussion: """
      Works while an 'ics serve' runs on the same store.

      Examples: ics events --topic 'contact.*' --since 1h
                ics events show 9
                ics events retry 9
      """,
    subcommands: [List.self, Show.self, Retry.self, Cancel.self], defaultSubcommand: List.self)

  struct List: StatusCommand {
    static let configuration = CommandConfiguration(abstract: "List events, the newest first.")
    @OptionGroup var store: StoreOptions
    @OptionGroup var filter: FilterOptions

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, _ in
        let events = try await store.events(filter.ofEvents())
        guard !self.store.json else {
          for event in events { StandardOutput.shared.write(Reporter.line(.object(event.json()))) }
          return
        }
        guard !events.isEmpty else { return StandardError.write("no events\n") }
        Columns.write(["ID", "STATE", "TOPIC", "RECEIVED", "RUNS"], events.map(\.line))
      }
    }
  }

  struct Show: StatusCommand {
    static let configuration = CommandConfiguration(abstract: "Show an event, its body and its runs.")
    @OptionGroup var store: StoreOptions
    @Argument(help: "The event's number.") var id: Int

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, _ in
        let event = try await found(id, in: store)
        var pages: [RunPage] = []
        for run in event.runs {
          if let history = try await store.run(run.id) { pages.append(RunPage(history: history, event: event)) }
        }
        guard !self.store.json else {
          var object = event.json(withBody: true)
          object["runs"] = .array(pages.map { .object($0.json) })
          object["steps"] = .array(pages.flatMap { $0.history.steps.map(\.json) })
          StandardOutput.shared.write(Reporter.line(.object(object)))
          return
        }
        StandardOutput.shared.write("event \(event.id)  \(event.topic)  received \(event.receivedAt.shown) UTC\n")
        if event.duplicates > 0 { StandardOutput.shared.write("came \(event.duplicates + 1) times, run once\n") }
        // The body was JSON when it was stored.
        let body = (try? JSONValue(parsing: event.payload)) ?? .null
        StandardOutput.shared.write(body.serialized(indent: 2) + "\n")
        for page in pages {
          StandardOutput.shared.write("\n")
          page.write(withEvent: false)
        }
      }
    }
  }

  struct Retry: StatusCommand {
    static let configuration = CommandConfiguration(abstract: "Let an event's dead, parked and failed runs go on.")
    @OptionGroup var store: StoreOptions
    @Argument(help: "The events' numbers.") var ids: [Int]

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, _ in
        for id in ids {
          let runs = try await found(id, in: store).runs.filter {
            [.dead, .parked, .cancelled, .retrying].contains($0.state)
          }
          for run in runs { try await store.retry(run.id, fromStart: false, at: .now) }
          self.store.say(
            ["id": .int(id), "runs": .array(runs.map { .int($0.id.rawValue) })],
            runs.isEmpty ? "event \(id) has no run to retry" : "\(runs.count) of event \(id) go on")
        }
      }
    }
  }

  struct Cancel: StatusCommand {
    static let configuration = CommandConfiguration(abstract: "Cancel an event's runs that have not ended.")
    @OptionGroup var store: StoreOptions
    @Argument(help: "The events' numbers.") var ids: [Int]

    func perform(_ stop: Stop) async -> Int32 {
      await store.withStore { store, _ in
        for id in ids {
          let runs = try await found(id, in: store).runs.filter { $0.state != .done && $0.state != .cancelled }
          for run in runs { _ = try await store.cancel(run.id, at: .now) }
          self.store.say(
            ["id": .int(id), "runs": .array(runs.map { .int($0.id.rawValue) })],
            runs.isEmpty ? "event \(id) has no run to cancel" : "\(runs.count) of event \(id) cancelled")
        }
      }
    }
  }

  private static func found(_ id: Int, in store: any DurableStore) async throws -> EventRecord {
    guard let event = try await store.event(EventID(id)) else {
      throw DurableError.notFound(what: "event", id: String(id))
    }
    return event
  }
}
