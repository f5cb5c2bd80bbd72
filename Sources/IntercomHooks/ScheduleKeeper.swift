// Fires the schedules of `every`: each time once, however many processes there are and whenever they die.

import ICSDurable
import ICSJSON
import Synchronization

/// Keeps the schedules of the hooks that are served, and makes an event of each time that comes.
///
/// A schedule's next time is in the store. When it has come, the event is stored under the schedule's name and that
/// time, so that it is one event however often it is tried, and then the next time is stored.
actor ScheduleKeeper {
  private let store: any DurableStore
  private let registry: HookRegistry
  private let fired: @Sendable (_ hook: String, EventID) -> Void
  private var wake: CheckedContinuation<Void, Never>?
  private var isStale = true

  static let source = "schedule"

  init(store: any DurableStore, registry: HookRegistry, fired: @escaping @Sendable (String, EventID) -> Void) {
    self.store = store
    self.registry = registry
    self.fired = fired
  }

  /// The hooks have changed.
  func refresh() {
    isStale = true
    wake?.resume()
    wake = nil
  }

  /// Fires what comes due until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      var pause = Duration.seconds(1)
      do throws(DurableError) {
        if isStale {
          isStale = false
          try await adopt()
        }
        pause = try await fireAll()
      } catch {
        // The store is out of order: what is due stays due.
        isStale = true
      }
      await sleep(pause)
    }
  }

  /// Sleeps, or until the hooks change.
  private func sleep(_ time: Duration) async {
    guard !isStale || time > .zero else { return }
    let timer = Task {
      // Cancelled when something else has woken it.
      try? await Task.sleep(for: time)
      self.wakeUp()
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if isStale || Task.isCancelled { continuation.resume() } else { wake = continuation }
      }
    } onCancel: {
      timer.cancel()
    }
    timer.cancel()
  }

  private func wakeUp() {
    wake?.resume()
    wake = nil
  }

  // MARK: Schedules

  private var hooks: [(served: HookRegistry.ServedHook, rule: ScheduleRule)] {
    registry.hooks.compactMap { served in ScheduleRule(served.hook.trigger).map { (served, $0) } }
  }

  /// Stores the next time of new and changed schedules, and forgets those that are served no more.
  private func adopt() async throws(DurableError) {
    let known = try await store.schedules()
    let hooks = hooks
    for record in known where !hooks.contains(where: { $0.served.name == record.name }) {
      try await store.removeSchedule(record.name)
    }
    for (served, rule) in hooks where !known.contains(where: { $0.name == served.name && $0.rule == rule.text }) {
      guard let next = rule.next(after: .now) else { continue }
      try await store.saveSchedule(ScheduleRecord(name: served.name, rule: rule.text, next: next))
    }
  }

  /// Fires what is due, and gives the time until the next one.
  private func fireAll() async throws(DurableError) -> Duration {
    let hooks = hooks
    var pause = Self.longestPause
    for record in try await store.schedules() {
      guard let (served, rule) = hooks.first(where: { $0.served.name == record.name }) else { continue }
      let now = Timestamp.now
      guard record.next <= now else {
        pause = min(pause, record.next - now)
        continue
      }
      try await fire(served, at: record.next, now: now)
      FailPoint.scheduleAfterEvent.hit()
      // Times that were missed while nobody served are one event, not many.
      guard let next = rule.next(after: now) else { continue }
      try await store.saveSchedule(ScheduleRecord(name: record.name, rule: record.rule, next: next))
      pause = min(pause, max(.zero, next - now))
    }
    return max(pause, .milliseconds(1))
  }

  /// The wall clock may be set meanwhile.
  private static let longestPause = Duration.seconds(30)

  private func fire(_ served: HookRegistry.ServedHook, at due: Timestamp, now: Timestamp) async throws(DurableError) {
    let event: JSONValue = [
      "type": "schedule_event", "topic": "schedule", "created_at": .int(now.seconds),
      "data": ["type": "schedule_event_data", "item": ["hook": .string(served.name), "at": .int(due.seconds)]],
    ]
    let accepted = try await store.accept([
      IncomingEvent(
        tenant: "default", source: Self.source, externalID: "\(served.name)@\(due.milliseconds)", topic: "schedule",
        payload: event.serializedBytes(), receivedAt: now,
        runs: [
          NewRun(
            hook: served.name, program: served.version.digest,
            // One at a time: a slow one is not overtaken by the next.
            ordering: Ordering(key: "schedule:\(served.name)"))
        ])
    ])
    if case .new(let event, _)? = accepted.first { fired(served.name, event) }
  }
}
