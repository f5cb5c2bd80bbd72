// What `ics serve` says: a screen and a line for each event on a terminal, lines of JSON elsewhere.

import ICSDiagnostics
import ICSDurable
import ICSJSON
import ICSLibrary
import IntercomHooks
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Shows what a service reports. Everything goes to standard output; what went wrong with the service itself, to
/// standard error. Neither webhooks nor runs wait for who reads it.
final class ServeScreen: Sendable {
  let isJSON: Bool
  private let isQuiet: Bool
  private let output: LineQueue
  private let errors: LineQueue
  /// When attempts started, for their durations.
  private let started = Mutex<[RunID: ContinuousClock.Instant]>([:])

  init(isJSON: Bool, isQuiet: Bool) {
    self.isJSON = isJSON
    self.isQuiet = isQuiet
    let notice: @Sendable (Int) -> String = { count in
      guard !isJSON else { return Reporter.line(["event": "dropped", "lines": .int(count)]) }
      return "\(Self.clock()) dropped  \(count) \(count == 1 ? "line" : "lines") that nobody read in time\n"
    }
    output = LineQueue(STDOUT_FILENO, notice: notice)
    errors = LineQueue(STDERR_FILENO, notice: notice)
  }

  // MARK: The start

  /// Says that webhooks are taken from now on.
  func ready(url: String, webhookURL: String, store: String, hooks: [HookRegistry.ServedHook], notes: [String]) {
    guard !isJSON else {
      line([
        "event": "ready", "url": .string(url), "webhook_url": .string(webhookURL),
        "hooks": .array(hooks.map(Self.json)), "store": .string(store),
      ])
      return
    }
    let width = hooks.map { displayWidth($0.name) }.max() ?? 0
    let files = hooks.map(\.version.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    var text = "Serving \(hooks.count) \(hooks.count == 1 ? "hook" : "hooks") of \(files.joined(separator: ", "))\n\n"
    for served in hooks {
      let pad = String(repeating: " ", count: max(0, width - displayWidth(served.name)))
      text += "  \(terminalSafe(served.name))\(pad)  \(terminalSafe(Self.trigger(of: served, url: url)))\n"
    }
    text += "\n  webhooks  \(webhookURL)\n  store     \(terminalSafe(store))\n"
    for note in notes { text += "  \(terminalSafe(note))\n" }
    write(text + "\nCtrl-C stops it.\n\n")
  }

  private static func trigger(of served: HookRegistry.ServedHook, url: String) -> String {
    var text = served.hook.summary
    switch served.hook.trigger {
    case .request(let path): text = "\(url)\(path)"
    case .interval, .schedule:
      if let next = Schedule(served.hook.trigger)?.next(after: .now) { text += ", next at \(Self.minute(next))" }
    case .topic: break
    }
    return served.hook.hasCondition ? text + " where ..." : text
  }

  private static func json(_ served: HookRegistry.ServedHook) -> JSONValue {
    ["name": .string(served.name), "on": .string(served.hook.summary), "file": .string(served.version.name)]
  }

  // MARK: Events

  /// Shows what has happened.
  func show(_ happening: HookService.Happening) {
    switch happening {
    case .webhook(let outcome): show(outcome)
    case .worker(let event): show(event)
    case .schedule(let hook, let event):
      guard isJSON else { return say("schedule", "\(hook) is due: event \(event)") }
      line(["event": "schedule", "hook": .string(hook), "id": .int(event.rawValue)])
    }
  }

  private func show(_ outcome: WebhookReceiver.Outcome) {
    switch outcome {
    case .accepted(let notification, let event, let runs):
      guard isJSON else {
        let runs = runs.isEmpty ? "no hook" : "run \(runs.map(\.description).joined(separator: ", "))"
        return say(notification.topic, "\(Self.subject(of: notification))event \(event), \(runs)")
      }
      line([
        "event": "webhook", "status": "accepted", "topic": .string(notification.topic), "id": .int(event.rawValue),
        "notification": notification.id.map(JSONValue.string) ?? .null, "runs": .array(runs.map { .int($0.rawValue) }),
      ])
    case .duplicate(let notification, let event, let conflict):
      guard isJSON else {
        return say(notification.topic, "came before as event \(event)\(conflict ? ", with another body" : "")")
      }
      line([
        "event": "webhook", "status": "duplicate", "topic": .string(notification.topic), "id": .int(event.rawValue),
        "notification": notification.id.map(JSONValue.string) ?? .null, "conflict": .bool(conflict),
      ])
    case .ping(let notification):
      guard isJSON else { return say("ping", "answered") }
      line([
        "event": "webhook", "status": "ping", "topic": "ping",
        "notification": notification.id.map(JSONValue.string) ?? .null,
      ])
    case .refused(let status, let reason):
      guard isJSON else { return say("refused \(status)", reason) }
      line(["event": "webhook", "status": "refused", "answer": .int(status), "reason": .string(reason)])
    }
  }

  private func show(_ event: WorkerEvent) {
    switch event {
    case .started(let run): started.withLock { $0[run.id] = .now }
    case .finished(let run, let outcome): show(run, outcome)
    case .lost(let run):
      guard isJSON else { return say("run \(run.id) \(run.hook)", "lost: another process has it") }
      line(["event": "run", "id": .int(run.id.rawValue), "hook": .string(run.hook), "state": "lost"])
    case .trouble(let error):
      errors.add(
        isJSON
          ? Reporter.line(["error": ["code": "E_IO", "message": .string(error.description)]])
          : "error: \(terminalSafe(error.description))\n")
    }
  }

  private func show(_ run: RunRecord, _ outcome: RunOutcome) {
    let duration = started.withLock { $0.removeValue(forKey: run.id) }.map { ContinuousClock.now - $0 } ?? .zero
    let (state, text, failure) = Self.words(for: outcome, run)
    guard !isJSON else {
      var object: JSONObject = [
        "event": "run", "id": .int(run.id.rawValue), "hook": .string(run.hook), "state": .string(state),
        "attempt": .int(run.attempt), "seconds": .double((duration / .milliseconds(1)).rounded() / 1000),
      ]
      if let failure {
        object["error"] = [
          "code": .string(failure.code), "message": .string(failure.message),
          "place": failure.place.map(JSONValue.string) ?? .null,
        ]
      }
      return line(.object(object))
    }
    say("run \(run.id) \(run.hook)", "\(text) (\(Int(duration / .milliseconds(1))) ms)")
  }

  private static func words(for outcome: RunOutcome, _ run: RunRecord) -> (String, String, Failure?) {
    switch outcome {
    case .done: return ("done", "done", nil)
    case .failed(let failure, let retry?):
      let seconds = max(0, Int((retry - .now) / .seconds(1)))
      return ("failed", "failed: \(text(of: failure)); again in \(seconds) s", failure)
    case .failed(let failure, nil):
      return ("dead", "dead after \(run.attempt) attempts: \(text(of: failure)); 'ics runs retry \(run.id)'", failure)
    case .waiting(let due): return ("waiting", "waits until \(minute(due))", nil)
    case .parked(let reason):
      return ("parked", "parked: \(reason.message)", Failure(code: "E_STEP", message: reason.message))
    case .cancelled: return ("cancelled", "cancelled", nil)
    case .released: return ("ready", "given back", nil)
    }
  }

  private static func text(of failure: Failure) -> String {
    "\(failure.code): \(failure.message)" + (failure.place.map { " (\($0))" } ?? "")
  }

  private static func subject(of notification: WebhookNotification) -> String {
    let item = notification.item
    return (item["email"]?.stringValue ?? item["name"]?.stringValue ?? item["id"]?.stringValue).map { "\($0): " } ?? ""
  }

  // MARK: Scripts

  /// What a script prints.
  func printed(_ text: String, by run: RunningHook?) {
    for part in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0) {
      guard isJSON else {
        write("\(Self.clock()) \(run.map { "run \($0.run) \($0.hook)" } ?? "start") | \(terminalSafe(String(part)))\n")
        continue
      }
      line([
        "event": "print", "run": run.map { .int($0.run) } ?? .null, "hook": run.map { .string($0.hook) } ?? .null,
        "text": .string(String(part)),
      ])
    }
  }

  /// A line of `log`.
  func logged(_ entry: LogLine, by run: RunningHook?) {
    let fields = entry.fields.map { "\($0.name)=\($0.json)" }
    guard isJSON else {
      let who = run.map { "run \($0.run) \($0.hook)" } ?? "start"
      let words = ([entry.message] + fields).joined(separator: " ")
      return write("\(Self.clock()) \(who) \(entry.level.rawValue): \(terminalSafe(words))\n")
    }
    var values = JSONObject()
    // The fields' texts are JSON of the library's own making.
    for field in entry.fields { values[field.name] = (try? JSONValue(parsing: field.json)) ?? .null }
    line([
      "event": "log", "level": .string(entry.level.rawValue), "message": .string(entry.message),
      "fields": .object(values), "run": run.map { .int($0.run) } ?? .null,
      "hook": run.map { .string($0.hook) } ?? .null,
    ])
  }

  /// The scripts were read again.
  func reloaded(hooks: [HookRegistry.ServedHook]) {
    guard isJSON else { return say("reload", "\(hooks.count) hooks; runs that have begun go on with their version") }
    line(["event": "reload", "hooks": .array(hooks.map(Self.json))])
  }

  /// The scripts were read again and cannot be served: those of before stay.
  func keptOld(_ reason: String) {
    guard isJSON else { return say("reload", "\(reason): the version of before stays") }
    line(["event": "reload_failed", "reason": .string(reason)])
  }

  /// The end begins.
  func stopping() {
    guard isJSON else { return say("stop", "finishing what is under way") }
    line(["event": "stopping"])
  }

  // MARK: Lines

  private func say(_ subject: String, _ text: String) {
    guard !isQuiet else { return }
    write("\(Self.clock()) \(terminalSafe(subject))  \(terminalSafe(text))\n")
  }

  private func line(_ value: JSONValue) { write(Reporter.line(value)) }

  private func write(_ text: String) { output.add(text) }

  /// Returns when everything is shown. A reader who has stopped does not keep the server from ending.
  func close() async {
    await output.close(within: .seconds(1))
    await errors.close(within: .seconds(1))
  }

  private static func clock() -> String { String(Timestamp.now.description.dropFirst(11).prefix(8)) }

  /// `2026-01-05 09:00 UTC`
  private static func minute(_ time: Timestamp) -> String {
    let text = time.description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
  }
}
