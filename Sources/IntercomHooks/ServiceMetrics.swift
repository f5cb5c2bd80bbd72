// The numbers of a service, for Prometheus.

import ICSDurable
import Synchronization

/// Counts what the store does not.
final class ServiceMetrics: Sendable {
  private let state = Mutex(State())

  private struct State {
    /// Answers to webhooks, by status.
    var answers: [Int: Int] = [:]
    var runSeconds = 0.0
    var runCount = 0
  }

  func answered(_ status: Int) { state.withLock { $0.answers[status, default: 0] += 1 } }

  func ran(for duration: Duration) {
    let seconds = duration / .seconds(1)
    state.withLock { state in
      state.runSeconds += seconds
      state.runCount += 1
    }
  }

  /// The text that Prometheus reads.
  func text(_ counters: StoreCounters, now: Timestamp) -> String {
    let state = state.withLock { $0 }
    var text = ""
    func add(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
      for sample in samples { text += "\(name)\(sample.labels) \(sample.value)\n" }
    }
    add(
      "ics_webhook_answers_total", "counter", "Answers to webhooks by status.",
      state.answers.sorted { $0.key < $1.key }.map { ("{status=\"\($0.key)\"}", String($0.value)) })
    add("ics_events_accepted_total", "counter", "Events stored.", [("", String(counters.accepted))])
    add("ics_events_duplicate_total", "counter", "Events that came again.", [("", String(counters.duplicates))])
    add(
      "ics_events_conflict_total", "counter", "Events that came again with another body.",
      [("", String(counters.conflicts))])
    add(
      "ics_runs", "gauge", "Runs by state.",
      RunState.allCases.map { ("{state=\"\($0)\"}", String(counters.runs[$0, default: 0])) })
    add("ics_run_attempts_total", "counter", "Attempts started.", [("", String(counters.attempts))])
    add("ics_run_failures_total", "counter", "Attempts that failed.", [("", String(counters.failures))])
    add("ics_lease_losses_total", "counter", "Leases lost.", [("", String(counters.leaseLosses))])
    add("ics_run_seconds_sum", "counter", "Time spent in attempts.", [("", String(state.runSeconds))])
    add("ics_run_seconds_count", "counter", "Attempts that ended here.", [("", String(state.runCount))])
    let oldest = counters.oldestReady.map { max(0, (now - $0) / .seconds(1)) } ?? 0
    add("ics_oldest_ready_seconds", "gauge", "How long the oldest ready run has waited.", [("", String(oldest))])
    return text
  }
}
