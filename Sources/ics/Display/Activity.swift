// What a script is waiting for: the requests that are on their way, the waits for the rate limit, and what they cost.

import ICSDiagnostics
import IntercomAPI
import IntercomCatalogue
import Synchronization

/// Counts requests and waits. Told by the connector from any thread.
final class Activity: Sendable {
  /// What there was so far.
  struct Counts: Sendable {
    var requests = 0
    /// How long requests were held back.
    var waited = Duration.zero
    /// What the rate limit has left, when that is known.
    var remaining: Int?
  }

  private struct State {
    var counts = Counts()
    /// The last request that was sent, and how many in a row went to the same place: the page.
    var place = ""
    var repetitions = 0
    var attempt = 1
    var isWaitingForAnswer = false
    /// The wait before a request may leave.
    var sleepsUntil: Duration?
    var lastStatus: Int?
    /// Writes that have no answer: those on their way, and those whose answer was lost.
    var openWrites: [String] = []
  }

  private let state = Mutex(State())

  var counts: Counts { state.withLock { $0.counts } }

  /// A new entry begins: pages are counted anew.
  func begin() {
    state.withLock { state in
      (state.place, state.repetitions, state.isWaitingForAnswer, state.sleepsUntil) = ("", 0, false, nil)
      state.openWrites = []
    }
  }

  /// Adds itself to what a connector tells.
  func watch(_ configuration: inout IntercomClient.Configuration) {
    let observer = configuration.observer
    configuration.sending = { method, path, attempt in self.started(method, path, attempt) }
    configuration.observer = { exchange in
      self.ended(exchange)
      observer?(exchange)
    }
  }

  /// The system's clock, whose waits are seen.
  var clock: RequestClock {
    var clock = RequestClock.system
    let system = clock
    clock.sleep = { duration in
      self.state.withLock { $0.sleepsUntil = system.now() + duration }
      defer { self.state.withLock { $0.sleepsUntil = nil } }
      try await system.sleep(duration)
    }
    return clock
  }

  /// The writes of which nobody knows whether they were carried out.
  var openWrites: [String] { state.withLock { $0.openWrites } }

  private static func isWrite(_ method: String, _ path: String) -> Bool {
    method != "GET" && Catalogue.shared.operation(method: method, path: path)?.repeatability != .reading
  }

  private func started(_ method: String, _ path: String, _ attempt: Int) {
    let place = "\(method) \(path)"
    let isWrite = Self.isWrite(method, path)
    state.withLock { state in
      if isWrite, attempt == 1 { state.openWrites.append(place) }
      state.repetitions = place == state.place && attempt == 1 ? state.repetitions + 1 : max(1, state.repetitions)
      if place != state.place { state.repetitions = 1 }
      (state.place, state.attempt, state.isWaitingForAnswer) = (place, attempt, true)
    }
  }

  private func ended(_ exchange: IntercomClient.Exchange) {
    state.withLock { state in
      state.isWaitingForAnswer = false
      if exchange.status != nil, let index = state.openWrites.firstIndex(of: "\(exchange.method) \(exchange.path)") {
        state.openWrites.remove(at: index)
      }
      state.counts.requests += 1
      state.counts.waited += exchange.waited
      if let remaining = exchange.remaining { state.counts.remaining = remaining }
      state.lastStatus = exchange.status
    }
  }

  /// What is waited for now, in words: `GET /contacts, page 12`, `rate limit, 4 s`; `nil` when it is no request.
  var description: String? {
    state.withLock { state in
      if let until = state.sleepsUntil {
        let seconds = max(1, Int((until - RequestClock.system.now()) / .seconds(1) + 0.5))
        let failed = state.lastStatus.map { $0 >= 500 } ?? !state.place.isEmpty
        return failed ? "trying again in \(seconds) s" : "rate limit, \(seconds) s"
      }
      guard state.isWaitingForAnswer else { return nil }
      var text = terminalSafe(state.place)
      if state.repetitions > 1 { text += ", page \(state.repetitions)" }
      if state.attempt > 1 { text += ", try \(state.attempt)" }
      return text
    }
  }
}
