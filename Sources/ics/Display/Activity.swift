// What a script is waiting for: the requests that are on their way, the waits for the rate limit, the listings that are
// read, and what they cost.

import ICSDiagnostics
import ICSLibrary
import IntercomAPI
import IntercomCatalogue
import Synchronization

/// Counts requests, pages and waits. Told by the connector and by the script from any thread.
final class Activity: Sendable {
  /// That of a script: made at its first request, and only where somebody watches.
  static let shared = Activity()

  /// What there was so far.
  struct Counts: Sendable {
    var requests = 0
    /// How many of them began to change something.
    var writes = 0
    /// How long requests were held back.
    var waited = Duration.zero
    /// What the rate limit has left, when that is known.
    var remaining: Int?
  }

  /// Something whose items are counted.
  private struct Counted {
    var label: String
    var done: Int
    var total: Int?
    let start: ContinuousClock.Instant
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
    /// The sequence under `progress`, the calls of `parallel`, the listing that is read.
    var sequence: Counted?
    var calls: Counted?
    var listing: Counted?
    /// Where the listing would go on.
    var lastPage: PageReading?
  }

  private let state = Mutex(State())

  var counts: Counts { state.withLock { $0.counts } }

  /// A new entry begins: everything is counted anew.
  func begin() {
    state.withLock { state in
      let counts = state.counts
      state = State()
      state.counts = counts
    }
  }

  /// Adds itself to what a connector tells.
  func watch(_ configuration: inout IntercomClient.Configuration) {
    let observer = configuration.observer
    configuration.sending = { method, path, attempt in self.started(method, path, attempt) }
    configuration.pageRead = { self.read($0) }
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
      ProgressLine.redraw()
      try await system.sleep(duration)
    }
    return clock
  }

  /// The writes of which nobody knows whether they were carried out.
  var openWrites: [String] { state.withLock { $0.openWrites } }

  /// The listing that was being read, and where it would go on; nil when it has ended, or cannot go on from there.
  var openListing: String? {
    guard let page = state.withLock({ $0.lastPage }), let cursor = page.cursor else { return nil }
    let place = terminalSafe("\(page.method) \(page.path)")
    return "\(place) stopped after page \(page.pages); starting_after: \"\(terminalSafe(cursor))\" goes on there"
  }

  private static func isWrite(_ method: String, _ path: String) -> Bool {
    method != "GET" && Catalogue.shared.operation(method: method, path: path)?.repeatability != .reading
  }

  // MARK: What is told

  private func started(_ method: String, _ path: String, _ attempt: Int) {
    let place = "\(method) \(path)"
    let isWrite = Self.isWrite(method, path)
    state.withLock { state in
      if isWrite, attempt == 1 {
        state.openWrites.append(place)
        state.counts.writes += 1
      }
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

  private func read(_ page: PageReading) {
    let label = terminalSafe("\(page.method) \(page.path)") + ", page \(page.pages)"
    let now = ContinuousClock.now
    state.withLock { state in
      state.lastPage = page
      // What the answer says may be any number.
      guard let size = page.itemsPerPage, size > 0 else { return }
      let (items, overflow) = size.multipliedReportingOverflow(by: page.pages)
      let done = min(overflow ? .max : items, max(0, page.total ?? .max))
      // The first page is no rate: what came before it was not listing.
      let start = page.pages == 1 ? now : state.listing?.start ?? now
      state.listing = page.cursor == nil ? nil : Counted(label: label, done: done, total: page.total, start: start)
    }
  }

  /// How far a sequence under `progress` has got.
  func note(_ report: ProgressReport) {
    let now = ContinuousClock.now
    state.withLock { state in
      let label = terminalSafe(report.label)
      let start = state.sequence?.label == label ? state.sequence?.start ?? now : now
      state.sequence =
        report.isFinished ? nil : Counted(label: label, done: report.done, total: report.total, start: start)
    }
  }

  /// How many calls of a `parallel` have ended.
  func note(done: Int, of total: Int) {
    let now = ContinuousClock.now
    state.withLock { state in
      let isSame = state.calls?.total == total && state.calls?.done ?? 0 < done
      let start = isSame ? state.calls?.start ?? now : now
      state.calls = done >= total ? nil : Counted(label: "parallel", done: done, total: total, start: start)
    }
  }

  // MARK: What is shown

  /// What is under way now: what is counted, else the request that is on its way.
  ///
  /// - Parameter elapsed: How long the entry has been running.
  func progress(elapsed: Duration) -> ProgressText {
    let now = ContinuousClock.now
    return state.withLock { state in
      var text = ProgressText(label: "", elapsed: elapsed, allowance: state.counts.remaining)
      text.waiting = Self.waiting(state)
      if let counted = state.sequence ?? state.calls ?? state.listing {
        (text.label, text.done, text.total) = (counted.label, counted.done, counted.total)
        text.elapsed = now - counted.start
      } else if state.isWaitingForAnswer {
        text.label = Self.request(state)
      } else if text.waiting != nil {
        text.label = terminalSafe(state.place)
      } else {
        (text.label, text.allowance) = ("running", nil)
      }
      return text
    }
  }

  private static func request(_ state: State) -> String {
    var text = terminalSafe(state.place)
    if state.repetitions > 1 { text += ", page \(state.repetitions)" }
    if state.attempt > 1 { text += ", try \(state.attempt)" }
    return text
  }

  /// `rate limit, 4 s`; nil when nothing is held back.
  private static func waiting(_ state: State) -> String? {
    guard let until = state.sleepsUntil else { return nil }
    let seconds = max(1, Int((until - RequestClock.system.now()) / .seconds(1) + 0.5))
    let failed = state.lastStatus.map { $0 >= 500 } ?? !state.place.isEmpty
    return failed ? "trying again in \(seconds) s" : "rate limit, \(seconds) s"
  }
}
