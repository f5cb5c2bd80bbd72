// Pauses between tries.

import ICSDurable
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
  @Test("the standard pauses are about 10, 20, 30, 50 and 80 seconds")
  func standard() {
    let pauses = (1...6).map { RetryPolicy.standard.pause(afterFailure: $0, fraction: 0.5) }
    #expect(pauses == [10, 20, 30, 50, 80].map { .seconds($0) } + [nil])
  }

  @Test("the jitter is 10 % to either side", arguments: 1...5)
  func jitter(failure: Int) throws {
    let middle = try #require(RetryPolicy.standard.pause(afterFailure: failure, fraction: 0.5))
    #expect(RetryPolicy.standard.pause(afterFailure: failure, fraction: 0) == middle * 9 / 10)
    #expect(RetryPolicy.standard.pause(afterFailure: failure, fraction: 1) == middle * 11 / 10)
    for _ in 0..<100 {
      let pause = try #require(RetryPolicy.standard.pause(afterFailure: failure))
      #expect(pause >= middle * 9 / 10 && pause <= middle * 11 / 10)
    }
  }

  @Test("a backoff scales every pause")
  func backoff() {
    let policy = RetryPolicy(retries: 3, backoff: .seconds(2), jitter: 0)
    #expect((1...4).map { policy.pause(afterFailure: $0) } == [.seconds(2), .seconds(4), .seconds(6), nil])
  }

  @Test("no pause is longer than the longest, however often it failed")
  func longest() {
    let policy = RetryPolicy(retries: .max, backoff: .seconds(10), longest: .seconds(60), jitter: 0)
    #expect(policy.pause(afterFailure: 60) == .seconds(60))
    #expect(policy.pause(afterFailure: 1_000_000_000) == .seconds(60))
    #expect(policy.pause(afterFailure: .max) == .seconds(60))
  }

  @Test("never, nonsense and zero")
  func edges() {
    #expect(RetryPolicy.never.pause(afterFailure: 1) == nil)
    #expect(RetryPolicy.standard.pause(afterFailure: 0) == nil)
    #expect(RetryPolicy(retries: 1, backoff: .zero).pause(afterFailure: 1) == .zero)
    #expect(RetryPolicy(retries: 1, backoff: .seconds(-5)).pause(afterFailure: 1) == .zero)
    let most = RetryPolicy(retries: 1, backoff: .seconds(Int64.max), longest: .seconds(Int64.max), jitter: 5)
    #expect(most.pause(afterFailure: 1) != nil)
  }
}
