// The scheduler: fires `every` hooks, once for each time, over crashes and restarts.

import ICSJSON

/// A hook that runs on a schedule.
public struct ScheduledHook: Sendable {
  /// When it fires.
  public var schedule: Schedule
  /// The account that its runs belong to.
  public var tenant: String
  /// The run that it starts; its hook's name is the schedule's.
  public var run: NewRun

  /// - Parameters:
  ///   - schedule: When it fires.
  ///   - tenant: The account that its runs belong to.
  ///   - run: The run that it starts.
  public init(_ schedule: Schedule, tenant: String, run: NewRun) {
    self.schedule = schedule
    self.tenant = tenant
    self.run = run
  }
}

/// Fires schedules: each time becomes an event of the source and topic `schedule`, with the body of a notification
/// whose item is `{"hook": name, "at": 1767603600}`.
///
/// The event's id is the hook's name with the time, so a crash between the event and the next time fires nothing twice.
public struct Scheduler: Sendable {
  private let store: any DurableStore
  private let clock: any DurableClock
  private let changed = Signal()

  /// - Parameters:
  ///   - store: Where the events and the next times go.
  ///   - clock: Where the time comes from.
  public init(store: any DurableStore, clock: any DurableClock = SystemClock()) {
    self.store = store
    self.clock = clock
  }

  /// Fires what is due, forgets schedules that no hook has any more, and tells when to look again.
  ///
  /// - Parameters:
  ///   - hooks: All hooks that run on a schedule, their names each once.
  ///   - hasFired: Hears of each hook that has, with its event.
  /// - Returns: When the next one fires.
  public func fire(
    _ hooks: [ScheduledHook], hasFired: @Sendable (_ hook: String, EventID) -> Void = { _, _ in }
  ) async throws(DurableError) -> Timestamp? {
    let now = clock.now().wall
    var stored: [String: ScheduleRecord] = [:]
    for record in try await store.schedules() { stored[record.name] = record }
    var next: Timestamp?
    for hook in hooks {
      let name = hook.run.hook
      let known = stored.removeValue(forKey: name)
      let (due, later) = hook.schedule.check(name, stored: known, at: now)
      if let due, case .new(let event, _)? = try await store.accept([event(hook, at: due, receivedAt: now)]).first {
        hasFired(name, event)
      }
      if due != nil { FailPoint.scheduleAfterEvent.hit() }
      if let later {
        if later != known { try await store.saveSchedule(later) }
        next = min(next ?? later.next, later.next)
      } else if known != nil {
        try await store.removeSchedule(name)
      }
    }
    for name in stored.keys.sorted() { try await store.removeSchedule(name) }
    return next
  }

  /// Fires until its task is cancelled; a store in trouble is asked again a second later.
  ///
  /// - Parameters:
  ///   - hooks: Asked for before each look, since a reload may change them.
  ///   - hasFired: Hears of each hook that has: there is something to do.
  public func run(
    _ hooks: @Sendable () -> [ScheduledHook], hasFired: @Sendable (_ hook: String, EventID) -> Void
  ) async {
    while !Task.isCancelled {
      var pause = Self.longestPause
      do throws(DurableError) {
        let next = try await fire(hooks(), hasFired: hasFired)
        if let next { pause = min(pause, max(1, (next - clock.now().wall).wholeMilliseconds)) }
      } catch {
        pause = Self.troublePause
      }
      await clock.sleep(untilUptime: clock.now().uptime + pause, or: changed)
    }
  }

  /// Says that the hooks have changed. Cheap, and from anywhere.
  public func refresh() { changed.raise() }

  /// In milliseconds. Now and then it looks without a reason: the wall clock may be set.
  private static let longestPause = 30_000
  private static let troublePause = 1000

  private func event(_ hook: ScheduledHook, at due: Timestamp, receivedAt now: Timestamp) -> IncomingEvent {
    let body: JSONValue = [
      "type": "schedule_event", "topic": "schedule", "created_at": .int(now.seconds),
      "data": ["type": "schedule_event_data", "item": ["hook": .string(hook.run.hook), "at": .int(due.seconds)]],
    ]
    return IncomingEvent(
      tenant: hook.tenant, source: "schedule", externalID: "\(hook.run.hook)@\(due)", topic: "schedule",
      payload: body.serializedBytes(), receivedAt: now, runs: [hook.run])
  }
}
