// Schedules: what fires when, and what becomes of times that were missed.

import ICSDurable
import ICSJSON
import Synchronization
import Testing

@Suite("Schedules")
struct ScheduleTests {
  private let clock = VirtualClock()
  private let store = MemoryStore()

  private func hook(_ schedule: Schedule, _ name: String = "tick") -> ScheduledHook {
    ScheduledHook(schedule, tenant: "t", run: NewRun(hook: name, program: "p"))
  }

  /// How many have fired.
  private func fire(_ hooks: [ScheduledHook]) async throws -> Int {
    let before = try await store.counters().accepted
    _ = try await Scheduler(store: store, clock: clock).fire(hooks)
    return try await store.counters().accepted - before
  }

  @Test("a new schedule fires at its next time, not at once")
  func new() async throws {
    let every = hook(.interval(.seconds(900)))
    #expect(try await fire([every]) == 0)
    clock.advance(.seconds(899))
    #expect(try await fire([every]) == 0)
    clock.advance(.seconds(1))
    #expect(try await fire([every]) == 1)
    #expect(try await fire([every]) == 0)
    let event = try #require(try await store.event(EventID(1)))
    #expect(
      event.source == "schedule" && event.topic == "schedule" && event.externalID == "tick@2026-01-01T00:15:00.000Z")
    let body = try JSONValue(parsing: event.payload)
    #expect(body["data"]?["item"] == ["hook": "tick", "at": 1_767_226_500])
  }

  @Test("many times that were missed are made up for by one run")
  func missed() async throws {
    let daily = try hook(.cron(Cron("0 9 * * *"), zone: .utc))
    #expect(try await fire([daily]) == 0)
    clock.advance(.seconds(10 * 86_400))
    #expect(try await fire([daily]) == 1)
    #expect(try await fire([daily]) == 0)
    #expect(try await store.schedules().first?.next.description == "2026-01-11T09:00:00.000Z")
  }

  @Test("a crash between the event and the next time fires nothing twice")
  func crash() async throws {
    let every = hook(.interval(.seconds(60)))
    _ = try await fire([every])
    let before = try #require(try await store.schedules().first)
    clock.advance(.seconds(60))
    #expect(try await fire([every]) == 1)
    try await store.saveSchedule(before)
    _ = try await fire([every])
    #expect(try await store.counters().accepted == 1)
  }

  @Test("a changed rule starts anew, a hook that is gone is forgotten")
  func changed() async throws {
    _ = try await fire([hook(.interval(.seconds(60))), hook(.interval(.seconds(60)), "other")])
    clock.advance(.seconds(600))
    #expect(try await fire([hook(.interval(.seconds(3600)))]) == 0)
    #expect(try await store.schedules().map(\.rule) == ["3600s"])
  }

  @Test("a clock that is set back does not make a schedule wait for where it was")
  func setBack() async throws {
    let every = hook(.interval(.seconds(60)))
    clock.advance(.seconds(86_400))
    _ = try await fire([every])
    clock.setWall(by: .seconds(-86_400))
    #expect(try await fire([every]) == 0)
    clock.advance(.seconds(60))
    #expect(try await fire([every]) == 1)
  }

  @Test("intervals are counted from a fixed point, before 1970 too", arguments: [-61, -60, -1, 0, 1, 59, 60])
  func intervals(seconds: Int) throws {
    let next = try #require(Schedule.interval(.seconds(60)).next(after: Timestamp(seconds: seconds)))
    #expect(next.seconds > seconds && next.seconds <= seconds + 60 && next.seconds % 60 == 0)
    #expect(Schedule.interval(.zero).next(after: Timestamp(seconds: 5)) == Timestamp(seconds: 6))
    let fraction = Schedule.interval(.milliseconds(1500))
    #expect(fraction.next(after: Timestamp(seconds: 3)) == Timestamp(milliseconds: 4500) && fraction.rule == "1500ms")
  }

  @Test("a hook that is served while the scheduler sleeps fires at its time")
  func refreshed() async throws {
    let (store, clock) = (store, clock)
    let hooks = Mutex<[ScheduledHook]>([])
    let added = hook(.interval(.seconds(60)))
    let scheduler = Scheduler(store: store, clock: clock)
    let (fired, told) = AsyncStream.makeStream(of: String.self)
    let working = Task { await scheduler.run({ hooks.withLock { $0 } }) { hook, _ in told.yield(hook) } }
    hooks.withLock { $0 = [added] }
    scheduler.refresh()
    while try await store.schedules().isEmpty { await Task.yield() }
    clock.advance(.seconds(60))
    var iterator = fired.makeAsyncIterator()
    #expect(await iterator.next() == "tick")
    working.cancel()
    await working.value
  }
}
