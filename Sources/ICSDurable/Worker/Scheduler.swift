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

/// Fires schedules: each time becomes an event of the source `schedule` with the topic `every` and the body
/// `{"schedule": name, "time": "2026-01-05T09:00:00.000Z"}`.
///
/// The event's id is the hook's name with the time, so a crash between the event and the next time fires nothing twice.
public struct Scheduler: Sendable {
  private let store: any DurableStore
  private let clock: any DurableClock

  /// - Parameters:
  ///   - store: Where the events and the next times go.
  ///   - clock: Where the time comes from.
  public init(store: any DurableStore, clock: any DurableClock = SystemClock()) {
    self.store = store
    self.clock = clock
  }

  /// Fires what is due, forgets schedules that no hook has any more, and tells when to look again.
  ///
  /// - Parameter hooks: All hooks that run on a schedule, their names each once.
  /// - Returns: How many fired, and when the next one does.
  public func fire(_ hooks: [ScheduledHook]) async throws(DurableError) -> (fired: Int, next: Timestamp?) {
    let now = clock.now().wall
    var stored: [String: ScheduleRecord] = [:]
    for record in try await store.schedules() { stored[record.name] = record }
    var fired = 0
    var next: Timestamp?
    for hook in hooks {
      let name = hook.run.hook
      let known = stored.removeValue(forKey: name)
      let (due, later) = hook.schedule.check(name, stored: known, at: now)
      if let due {
        _ = try await store.accept([event(hook, at: due, receivedAt: now)])
        fired += 1
      }
      if let later {
        if later != known { try await store.saveSchedule(later) }
        next = min(next ?? later.next, later.next)
      } else if known != nil {
        try await store.removeSchedule(name)
      }
    }
    for name in stored.keys.sorted() { try await store.removeSchedule(name) }
    return (fired, next)
  }

  /// Fires until its task is cancelled; a store in trouble is asked again a second later.
  ///
  /// - Parameters:
  ///   - hooks: Asked for before each look, since a reload may change them.
  ///   - hasFired: Hears that there is something to do: what a ``Worker`` is notified of.
  public func run(
    _ hooks: @Sendable () async -> [ScheduledHook], hasFired: @Sendable () -> Void
  ) async {
    while !Task.isCancelled {
      var pause = 60_000
      do throws(DurableError) {
        let (fired, next) = try await fire(await hooks())
        if fired > 0 { hasFired() }
        // Now and then even so: the wall clock may be set.
        if let next { pause = min(pause, max(1, (next - clock.now().wall).wholeMilliseconds)) }
      } catch {
        pause = 1000
      }
      do { try await clock.sleep(untilUptime: clock.now().uptime + pause) } catch { return }
    }
  }

  private func event(_ hook: ScheduledHook, at due: Timestamp, receivedAt now: Timestamp) -> IncomingEvent {
    let body: JSONValue = ["schedule": .string(hook.run.hook), "time": .string(due.description)]
    return IncomingEvent(
      tenant: hook.tenant, source: "schedule", externalID: "\(hook.run.hook)@\(due)", topic: "every",
      payload: body.serializedBytes(), receivedAt: now, runs: [hook.run])
  }
}
