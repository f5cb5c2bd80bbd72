// A job of 2,000 requests on a virtual clock: many in flight, an answer takes its time, the server's windows are strict.

import ICSJSON
import IntercomAPI
import IntercomCatalogue
import Testing

@Suite struct PacingSimulationTests {
  /// A line of time on which workers send, wait and send again by the connector's own rules.
  private struct Simulation {
    enum Step {
      case send(attempt: Int)
      case arrive(attempt: Int, sent: Duration)
      case answered(isRefused: Bool, RateLimitReading, attempt: Int, sent: Duration)
    }

    let latency: ClosedRange<Int>
    var random: SeededRandom
    var server = WindowedServer(limit: 167)
    var pacing = Pacing()
    var limit = ConcurrencyLimit()
    let policy = RetryPolicy()
    var steps: [(time: Duration, step: Step)] = []
    var begun = 0
    var running = 0
    var done = 0
    var refused = 0
    var end: Duration = .zero

    init(latency: ClosedRange<Int>, seed: UInt64) {
      self.latency = latency
      random = SeededRandom(seed: seed)
    }

    mutating func run(_ count: Int, from start: Duration) {
      begin(count, at: start)
      while let index = steps.indices.min(by: { steps[$0].time < steps[$1].time }) {
        let (now, step) = steps.remove(at: index)
        take(step, at: now)
        begin(count, at: now)
      }
    }

    /// As many requests begin as may be in flight; a worker takes the next when its request is done.
    private mutating func begin(_ count: Int, at now: Duration) {
      while running < min(limit.current, 16), begun < count {
        begun += 1
        running += 1
        steps.append((now, .send(attempt: 1)))
      }
    }

    private mutating func take(_ step: Step, at now: Duration) {
      switch step {
      case .send(let attempt):
        let sent = now + pacing.take(at: now)
        steps.append((sent + half(), .arrive(attempt: attempt, sent: sent)))
      case .arrive(let attempt, let sent):
        let (isRefused, headers) = server.answer(at: now)
        let answered = now + half()
        let reading = RateLimitReading(headers: headers, unixTime: WindowedServer.unixTime(at: answered))
        steps.append((answered, .answered(isRefused: isRefused, reading, attempt: attempt, sent: sent)))
      case .answered(let isRefused, let reading, let attempt, let sent):
        pacing.finished(reading, wasRateLimited: isRefused, took: now - sent, at: now)
        limit.record(wasRateLimited: isRefused, at: now)
        guard isRefused else {
          (done, running, end) = (done + 1, running - 1, now)
          return
        }
        refused += 1
        let decision = policy.decide(
          after: .rateLimited, attempts: attempt, repeatability: .once, asked: reading.wait,
          random: Double.random(in: 0..<1, using: &random))
        if case .retry(let wait) = decision { steps.append((now + wait, .send(attempt: attempt + 1))) }
      }
    }

    private mutating func half() -> Duration { .milliseconds(Int.random(in: latency, using: &random)) / 2 }
  }

  @Test(
    "2,000 requests, 16 in flight, use 95 % of 167 in 10 seconds and meet 1 % of 429 at most",
    arguments: [2...6, 80...250, 200...600])
  func allowance(latency: ClosedRange<Int>) {
    for seed in 1...20 as ClosedRange<UInt64> {
      var simulation = Simulation(latency: latency, seed: seed)
      // A start anywhere in a window.
      let start = Duration.milliseconds(500 * Int(seed))
      simulation.run(2000, from: start)
      #expect(simulation.done == 2000, "a request was given up")
      #expect(simulation.refused <= 20, "\(simulation.refused) refused")
      // What the server would have taken: whole windows, and the parts of those at the two ends.
      let windows = (simulation.end - start) / .seconds(10)
      let used = 2000 / (windows * 167)
      #expect(
        used >= 0.95,
        "\(used) of the allowance, \(simulation.refused) refused, \(simulation.limit.current) at once, seed \(seed)")
    }
  }
}
