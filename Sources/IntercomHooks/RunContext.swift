// What one attempt of a run knows while its script runs: where its steps stand, and how it ends before the script does.

import ICSDurable
import ICSVM
import Synchronization

/// The state of one attempt, shared by the script's machine and the requests that it sends.
///
/// Each fiber carries the number of a scope (`Fiber.tag`), from which its steps get their ordinals. Fiber after fiber
/// of the run's own line counts: the third step is `3`. Fibers that run side by side cannot count, because which is
/// faster is chance; there a step is found by a number made of its name.
final class RunContext: Sendable {
  /// The run that the current task works for.
  @TaskLocal static var current: RunContext?

  /// What ended the attempt before its script ended.
  enum Ending: Sendable {
    case waiting(until: Timestamp)
    case parked(ParkReason)
    /// The journal cannot be written: another worker has the run, or the store is out of order.
    case broken(DurableError)
  }

  let journal: StepJournal
  /// Whether this is a job: it waits in its process, and its top level may have steps.
  let isJob: Bool
  /// How long a write may be on its way: younger ones that a look-up does not find may still arrive.
  let settlingTime: Duration
  private let state = Mutex(State())

  /// The scope of the run itself.
  static let rootScope = 1

  private struct State {
    /// By number; the first stands for none.
    var scopes = [Scope(), Scope(steps: StepScope())]
    var names: Set<String> = []
    var ending: Ending?
  }

  /// Where the steps, or the writes of a step, of one or more fibers are counted.
  private struct Scope {
    /// Counts, in the line of a run or of a step.
    var steps: StepScope?
    /// What fibers side by side have their ordinals inside of.
    var region: StepOrdinal?
    /// The step whose block this is.
    var step: StepIntent?
    /// The scope of the fibers that were started since the last ordinal.
    var openRegion: Int?
    /// How often fibers side by side have asked for the same.
    var counts: [String: Int] = [:]
  }

  init(journal: StepJournal, isJob: Bool, settlingTime: Duration) {
    self.journal = journal
    self.isJob = isJob
    self.settlingTime = settlingTime
  }

  // MARK: The end

  /// Why the attempt ended although its script had not.
  var ending: Ending? { state.withLock { $0.ending } }

  /// The first reason counts.
  func end(_ ending: Ending) {
    state.withLock { state in
      if state.ending == nil { state.ending = ending }
    }
  }

  // MARK: Scopes

  /// The scope of a fiber that a fiber of another scope starts.
  func scopeOfFiber(startedIn number: Int) -> Int {
    state.withLock { state in
      guard state.scopes.indices.contains(number), number > 0 else { return 0 }
      if state.scopes[number].region != nil { return number }
      if let open = state.scopes[number].openRegion { return open }
      guard let region = state.scopes[number].steps?.next() else { return 0 }
      state.scopes.append(Scope(region: region, step: state.scopes[number].step))
      state.scopes[number].openRegion = state.scopes.count - 1
      return state.scopes.count - 1
    }
  }

  /// The scope of a step's block: its writes are counted from 1, in each attempt at it.
  func scope(inside step: StepIntent) -> Int {
    state.withLock { state in
      state.scopes.append(Scope(steps: StepScope(in: step.ordinal), step: step))
      return state.scopes.count - 1
    }
  }

  /// The step in whose block a scope lies; nil outside of steps.
  func step(of scope: Int) -> StepIntent? {
    state.withLock { $0.scopes.indices.contains(scope) ? $0.scopes[scope].step : nil }
  }

  // MARK: Ordinals

  /// Why a step cannot begin; a sentence.
  struct Refusal: Error {
    let message: String
    let help: String
  }

  /// The intent of a step that begins in a scope.
  func intent(named name: String, in scope: Int, at codeSpan: String) throws(Refusal) -> StepIntent {
    if let outer = step(of: scope) {
      throw Refusal(
        message: "the step '\(name)' stands in the step '\(outer.name)'", help: "end the one before the other begins")
    }
    let isNew = state.withLock { $0.names.insert(name).inserted }
    guard isNew else {
      throw Refusal(
        message: "this run has two steps called '\(name)'", help: "put the item into the name: step \"tag {{item.id}}\""
      )
    }
    return StepIntent(
      ordinal: ordinal(in: scope, key: name), kind: .step, name: name, codeSpan: codeSpan)
  }

  /// The next ordinal of a scope; `key` tells entries of fibers side by side apart.
  func ordinal(in number: Int, key: String) -> StepOrdinal {
    state.withLock { state in
      state.scopes[number].openRegion = nil
      if let ordinal = state.scopes[number].steps?.next() { return ordinal }
      let count = state.scopes[number].counts[key, default: 0] + 1
      state.scopes[number].counts[key] = count
      let path = (state.scopes[number].region?.path ?? []) + [Self.number(of: key), count]
      // The path is never empty and its numbers are above 0: the first ordinal stands in for what cannot be.
      return StepOrdinal(path: path) ?? 1
    }
  }

  /// A number above 0 that is the same in every process (FNV-1a).
  private static func number(of key: String) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(hash >> 2) + 1
  }
}
