// `on request`: from a run's value to the answer of the HTTP request that started it.

import ICSDurable
import ICSJSON
import Synchronization

/// How the run of a request ended, as far as who asked needs to know.
enum RequestOutcome: Sendable {
  case done(JSONValue)
  case failed
  /// It goes on later: in a `wait`, after a retry.
  case pending
}

/// Brings the ends of runs to those who wait for them.
final class RequestAnswers: Sendable {
  private let state = Mutex(State())

  private struct State {
    var waiters: [RunID: CheckedContinuation<RequestOutcome, Never>] = [:]
    /// Runs that ended before anybody waited, while there are requests that may still ask.
    var early: [RunID: RequestOutcome] = [:]
    var openRequests = 0
  }

  /// To be called before a request's run is made, and once more, with `close`, when the request is answered.
  func open() { state.withLock { $0.openRequests += 1 } }

  func close() {
    state.withLock { state in
      state.openRequests -= 1
      if state.openRequests == 0 { state.early = [:] }
    }
  }

  /// A run that a request has started has ended, or goes on later.
  func end(_ run: RunID, _ outcome: RequestOutcome) {
    let waiter = state.withLock { state in
      let waiter = state.waiters.removeValue(forKey: run)
      if waiter == nil, state.openRequests > 0 { state.early[run] = outcome }
      return waiter
    }
    waiter?.resume(returning: outcome)
  }

  /// Waits for the end of a run, so long and no longer.
  func outcome(of run: RunID, atMost time: Duration) async -> RequestOutcome {
    let timer = Task {
      // Cancelled when the run ends in time, which the waiter has heard by then.
      guard (try? await Task.sleep(for: time)) != nil else { return }
      self.giveUp(run)
    }
    defer { timer.cancel() }
    return await withCheckedContinuation { continuation in
      let early = state.withLock { state in
        if let outcome = state.early.removeValue(forKey: run) { return outcome as RequestOutcome? }
        state.waiters[run] = continuation
        return nil
      }
      if let early { continuation.resume(returning: early) }
    }
  }

  private func giveUp(_ run: RunID) {
    state.withLock { $0.waiters.removeValue(forKey: run) }?.resume(returning: .pending)
  }

  /// The answer that a hook's value stands for: a map of `status`, `headers` and `body` is the answer itself, anything
  /// else its JSON body.
  static func answer(for value: JSONValue) -> WebhookAnswer {
    if case .object(let object) = value, let status = object["status"]?.intValue, (200...599).contains(status),
      object.keys.allSatisfy({ ["status", "headers", "body"].contains($0) })
    {
      var answer = body(of: object["body"] ?? .null)
      answer.status = status
      for (name, value) in object["headers"]?.objectValue ?? [:] {
        if let text = value.stringValue { answer.headers[name] = text }
      }
      return answer
    }
    var answer = body(of: value)
    if answer.body.isEmpty { answer.status = 204 }
    return answer
  }

  private static func body(of value: JSONValue) -> WebhookAnswer {
    switch value {
    case .null: WebhookAnswer(status: 200)
    case .string(let text):
      WebhookAnswer(status: 200, body: text, headers: ["Content-Type": "text/plain; charset=utf-8"])
    default: WebhookAnswer(status: 200, body: value.serialized())
    }
  }
}
