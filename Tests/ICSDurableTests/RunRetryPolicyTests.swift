// Pauses between tries.

import ICSDurable
import Testing

@Suite("Retry policy")
struct RunRetryPolicyTests {
  @Test("the standard pauses are about 10, 20, 30, 50 and 80 seconds")
  func standard() {
    let pauses = (1...6).map { RunRetryPolicy.standard.pause(afterFailure: $0, fraction: 0.5) }
    #expect(pauses == [10, 20, 30, 50, 80].map { .seconds($0) } + [nil])
  }

  @Test("the jitter is 10 % to either side", arguments: 1...5)
  func jitter(failure: Int) throws {
    let middle = try #require(RunRetryPolicy.standard.pause(afterFailure: failure, fraction: 0.5))
    #expect(RunRetryPolicy.standard.pause(afterFailure: failure, fraction: 0) == middle * 9 / 10)
    #expect(RunRetryPolicy.standard.pause(afterFailure: failure, fraction: 1) == middle * 11 / 10)
    for _ in 0..<100 {
      let pause = try #require(RunRetryPolicy.standard.pause(afterFailure: failure))
      #expect(pause >= middle * 9 / 10 && pause <= middle * 11 / 10)
    }
  }

  @Test("a backoff scales every pause")
  func backoff() {
    let policy = RunRetryPolicy(retries: 3, backoff: .seconds(2), jitter: 0)
    #expect((1...4).map { policy.pause(afterFailure: $0) } == [.seconds(2), .seconds(4), .seconds(6), nil])
  }

  @Test("no pause is longer than the longest, however often it failed")
  func longest() {
    let policy = RunRetryPolicy(retries: .max, backoff: .seconds(10), longest: .seconds(60), jitter: 0)
    #expect(policy.pause(afterFailure: 60) == .seconds(60))
    #expect(policy.pause(afterFailure: 1_000_000_000) == .seconds(60))
    #expect(policy.pause(afterFailure: .max) == .seconds(60))
  }

  @Test("never, nonsense and zero")
  func edges() {
    #expect(RunRetryPolicy.never.pause(afterFailure: 1) == nil)
    #expect(RunRetryPolicy.standard.pause(afterFailure: 0) == nil)
    #expect(RunRetryPolicy(retries: 1, backoff: .zero).pause(afterFailure: 1) == .zero)
    #expect(RunRetryPolicy(retries: 1, backoff: .seconds(-5)).pause(afterFailure: 1) == .zero)
    let most = RunRetryPolicy(retries: 1, backoff: .seconds(Int64.max), longest: .seconds(Int64.max), jitter: 5)
    #expect(most.pause(afterFailure: 1) != nil)
  }
}
