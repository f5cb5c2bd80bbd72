// Options that `ics events` and `ics runs` share, and the way to their store.

import ArgumentParser
import ICSDurable
import ICSJSON
import IntercomScript

struct StoreOptions: ParsableArguments, Sendable {
  @Option(help: "The file of events and runs. (default: store.sqlite in ICS_HOME)") var store: String?
  @Flag(help: "One JSON object per line.") var json = false

  /// Opens the store for as long as a closure runs, and says what went wrong.
  func withStore(_ body: (any DurableStore, Reporter) async throws -> Void) async -> Int32 {
    let reporter = Reporter(isJSON: json)
    do {
      let location = try StoreLocation(store)
      guard location.exists else {
        throw InputError(message: "there is no store '\(location.path)'; 'ics serve' makes one")
      }
      let store = try location.open()
      let result: Result<Void, any Error>
      do { result = .success(try await body(store, reporter)) } catch { result = .failure(error) }
      await store.close()
      try result.get()
      return ExitStatus.success
    } catch let error as UsageError {
      reporter.error(error.message, code: "E_USAGE", help: error.help)
      return ExitStatus.usage
    } catch let error as InputError {
      reporter.error(error.message)
      return ExitStatus.noInput
    } catch let error as CompileError {
      reporter.report(error.diagnostics)
      return ExitStatus.notCompiled
    } catch let error as DurableError {
      let code =
        switch error {
        case .notFound: "E_NOT_FOUND"
        case .wrongState: "E_VALUE"
        default: "E_IO"
        }
      reporter.error(error.description, code: code)
      return ExitStatus.failure
    } catch {
      reporter.error("\(error)")
      return ExitStatus.failure
    }
  }

  /// Says what was done.
  func say(_ object: JSONValue, _ text: String) {
    StandardOutput.shared.write(json ? Reporter.line(object) : text + "\n")
  }
}

/// What a listing is narrowed by.
struct FilterOptions: ParsableArguments, Sendable {
  @Option(help: "Only this topic; 'contact.*' for all that begin alike.") var topic: String?
  @Option(help: "Only this hook.") var hook: String?
  @Option(help: ArgumentHelp("Only these states: \(RunState.words.joined(separator: ", ")).", valueName: "state,..."))
  var state: String?
  @Option(help: ArgumentHelp("Only from this time on: '1h', '2d', '2026-01-05' or Unix seconds.", valueName: "time"))
  var since: String?
  @Option(help: "How many at most.") var limit = 50

  /// The options as a filter of runs.
  func ofRuns() throws(UsageError) -> RunFilter {
    var filter = RunFilter()
    try fill(&filter.topic, &filter.hook, &filter.states, &filter.since, &filter.limit)
    return filter
  }

  /// The options as a filter of events.
  func ofEvents() throws(UsageError) -> EventFilter {
    var filter = EventFilter()
    try fill(&filter.topic, &filter.hook, &filter.states, &filter.since, &filter.limit)
    return filter
  }

  private func fill(
    _ topic: inout String?, _ hook: inout String?, _ states: inout Set<RunState>, _ since: inout Timestamp?,
    _ limit: inout Int
  ) throws(UsageError) {
    (topic, hook) = (self.topic, self.hook)
    states = try chosenStates()
    since = try sinceTime()
    guard (1...100_000).contains(self.limit) else { throw UsageError(message: "'--limit' takes 1 to 100000") }
    limit = self.limit
  }

  private func chosenStates() throws(UsageError) -> Set<RunState> {
    var states: Set<RunState> = []
    for word in (state ?? "").split(separator: ",") {
      guard let named = RunState.named(String(word)) else {
        throw UsageError(
          message: "there is no state '\(word)'; the states are \(RunState.words.joined(separator: ", "))")
      }
      states.formUnion(named)
    }
    return states
  }

  private func sinceTime() throws(UsageError) -> Timestamp? {
    guard let since else { return nil }
    if let seconds = Int(since), seconds > 100_000_000 { return Timestamp(seconds: seconds) }
    if let day = Self.day(since) { return day }
    do throws(UsageError) { return .now + (.zero - (try Quantity.duration(since))) } catch {
      throw UsageError(message: "'\(since)' is no time; write 30m, 2d, 2026-01-05 or Unix seconds")
    }
  }

  /// The beginning of a day in UTC.
  private static func day(_ text: String) -> Timestamp? {
    let parts = text.split(separator: "-").map { Int($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2], (1970...9999).contains(year),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    // Days since 1970 by counting from March, so that a leap day comes last (Howard Hinnant's algorithm).
    let shifted = month <= 2 ? year - 1 : year
    let yearOfEra = shifted % 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = (shifted / 400) * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    return Timestamp(seconds: days * 86_400)
  }
}
