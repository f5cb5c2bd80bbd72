// Many instances of one script: at once, without threads of their own, and without anything left of them.

import IntercomScript
import Synchronization
import Testing

@Suite struct ManyInstanceTests {
  /// Opens once so many have come; counts those that are there.
  private final class Gate: Sendable {
    private let state = Mutex((arrived: 0, most: 0, waiting: [CheckedContinuation<Void, Never>]()))
    private let wanted: Int

    init(wanted: Int) { self.wanted = wanted }

    /// The most that were inside at once.
    var most: Int { state.withLock { $0.most } }

    func pass() async {
      await withCheckedContinuation { continuation in
        let open = state.withLock { state in
          state.arrived += 1
          state.most = max(state.most, state.arrived)
          state.waiting.append(continuation)
          guard state.arrived == wanted else { return [CheckedContinuation<Void, Never>]() }
          defer { state.waiting = [] }
          return state.waiting
        }
        for waiter in open { waiter.resume() }
      }
    }
  }

  @Test("a thousand instances of one script wait in it at the same time, and each has its own variables")
  func atOnce() async throws {
    let count = 1000
    let gate = Gate(wanted: count)
    var host = HostModule("host")
    host.function("meet") { () async in await gate.pass() }
    let script = try Engine(modules: [host]).compile(
      "var sum = 0\nfor i in 0..<100 { sum += n }\nhost.meet()\nfor i in 0..<100 { sum += n }\nsum", inputs: ["n"])
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
      for n in 0..<count { group.addTask { try await script.run(with: ["n": n]) } }
      return try await group.reduce(0, +)
    }
    #expect(total == 200 * count * (count - 1) / 2)
    #expect(gate.most == count)
  }

  /// Counts its objects.
  private final class Token: Sendable {
    static let alive = Atomic<Int>(0)
    init() { Self.alive.add(1, ordering: .relaxed) }
    deinit { Self.alive.subtract(1, ordering: .relaxed) }
  }

  @Test("what the host gives a script goes with the instance; streams that a script has done with go before")
  func nothingStays() async throws {
    var host = HostModule("host")
    host.stream("items") { () in
      let token = Token()
      return AsyncStream<Int> { continuation in
        withExtendedLifetime(token) { _ = continuation.yield(1) }
        continuation.onTermination = { _ in withExtendedLifetime(token) {} }
        continuation.finish()
      }
    }
    var limits = Limits.untrusted
    limits.memory = 2 << 20
    let script = try Engine(modules: [host], limits: limits).compile(
      "export fn read(n) {\nvar sum = 0\nfor i in 0..<n { for x in host.items() { sum += x } }\nsum\n}")
    do {
      let instance = try script.instance()
      #expect(try await instance.call("read", 2_000) as Int == 2_000)
      #expect(Token.alive.load(ordering: .relaxed) < 1_000)
    }
    #expect(Token.alive.load(ordering: .relaxed) == 0)
  }
}
