// What things cost: `:time`, `:bench`, `:limit`.

import ICSDiagnostics
import ICSSyntax
import ICSVM
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension EntryRunner {
  func time(_ text: String) async {
    guard !text.isEmpty else { return complain("':time' needs an expression: :time contacts.list().count()") }
    let before = (activity.counts, Self.processorTime, session.usedFuel)
    let start = ContinuousClock.now
    _ = await run(text)
    let wall = ContinuousClock.now - start
    let after = activity.counts
    var parts = [
      "\(Self.seconds(wall)) s", "\(Self.seconds(Self.processorTime - before.1)) s of CPU",
      "\(Self.size(session.machine.takenMemory)) of values",
      "\(ShownText.grouped(max(0, session.usedFuel - before.2))) steps",
    ]
    let requests = after.requests - before.0.requests
    parts.append("\(requests) request\(requests == 1 ? "" : "s")")
    if requests > 0 {
      parts.append("\(Self.seconds(after.waited - before.0.waited)) s waited for the rate limit")
      if let remaining = after.remaining { parts.append("allowance left: \(remaining)") }
    }
    StandardError.write(parts.joined(separator: ", ") + "\n")
  }

  static func seconds(_ duration: Duration) -> String {
    let thousandths = max(0, Int(duration / .milliseconds(1) + 0.5))
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  private static var processorTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }

  /// `12.3 MB`.
  static func size(_ bytes: Int) -> String {
    let tenths = bytes / 100_000
    return bytes < 1_000_000 ? "\(bytes / 1000) kB" : "\(tenths / 10).\(tenths % 10) MB"
  }

  // MARK: Many times

  /// How long runs are repeated, and how often at most.
  private static let benchmarkTime = Duration.seconds(1)
  private static let benchmarkCount = 10_000
  /// The most runs of what sends requests: the allowance is for better things.
  private static let benchmarkCountWithRequests = 5

  func benchmark(_ text: String) async {
    guard !text.isEmpty else { return complain("':bench' needs an expression: :bench [1, 2, 3].sum()") }
    let tree = SyntaxTree.parse(SourceFile(name: "<prompt>", text: text))
    guard !tree.hasErrors else { return Reporter().report(tree.diagnostics) }
    activity.begin()
    // A function is compiled once: what is measured is the running alone.
    let made = await session.enter(SourceFile(name: "<prompt>", text: "() => {\n\(text)\n}"), isHidden: true)
    guard case .finished(let function) = made else { return report(made) }
    let handle = session.machine.retain(function.value)
    isMuted.set(true)
    let (durations, outcome) = await spinner.during { await runs(of: handle) }
    isMuted.set(false)
    session.machine.release(handle)
    if let outcome, durations.isEmpty || stop.interruption.isRequested { return report(outcome) }
    showBenchmark(durations)
  }

  private func runs(of function: Handle) async -> (durations: [Duration], failure: SessionOutcome?) {
    let before = activity.counts
    let start = ContinuousClock.now
    var durations: [Duration] = []
    while durations.count < Self.benchmarkCount, durations.count < 3 || ContinuousClock.now - start < Self.benchmarkTime
    {
      let began = ContinuousClock.now
      let outcome = await session.call(session.machine.value(function), [])
      guard case .finished = outcome else { return (durations, outcome) }
      durations.append(ContinuousClock.now - began)
      let counts = activity.counts
      // What changes the workspace is done once.
      if counts.writes > before.writes { break }
      if counts.requests > before.requests, durations.count >= Self.benchmarkCountWithRequests { break }
    }
    return (durations, nil)
  }

  private func showBenchmark(_ durations: [Duration]) {
    guard let best = durations.min(), let worst = durations.max() else { return }
    let median = durations.sorted()[durations.count / 2]
    var parts = [
      "\(Self.short(median)) (median of \(ShownText.grouped(durations.count)) run\(durations.count == 1 ? "" : "s"))",
      "best \(Self.short(best))", "worst \(Self.short(worst))",
    ]
    let counts = activity.counts
    if let remaining = counts.remaining { parts.append("allowance left: \(remaining)") }
    StandardError.write(parts.joined(separator: ", ") + "\n")
  }

  /// A time with three digits: `1.23 ms`.
  private static func short(_ duration: Duration) -> String {
    let nanoseconds = max(0, Int(duration / .nanoseconds(1)))
    for (unit, size) in [("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1000)] where nanoseconds >= size {
      let hundredths = nanoseconds / (size / 100)
      let rest = hundredths % 100
      return hundredths >= 10_000
        ? "\(hundredths / 100) \(unit)" : "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) \(unit)"
    }
    return "\(nanoseconds) ns"
  }

  // MARK: Limits

  func showLimits() {
    let limits = options.limits
    let counts = activity.counts
    let rows: [(String, String)] = [
      ("allowance left", counts.remaining.map { ShownText.grouped($0) } ?? "not known before the first request"),
      ("requests so far", "\(counts.requests), \(Self.seconds(counts.waited)) s waited for the rate limit"),
      ("memory", "\(Self.size(session.machine.takenMemory)) of \(Self.size(limits.memory))"),
      ("steps of a run", limits.fuel.map { ShownText.grouped($0) } ?? "no limit"),
      ("time of a run", limits.time.map { ProgressText.time($0) } ?? "no limit"),
      ("calls within calls", ShownText.grouped(limits.callDepth)),
    ]
    let width = rows.map(\.0.count).max() ?? 0
    say(rows.map { Cell.pad($0.0, to: width) + "  " + $0.1 })
  }
}
