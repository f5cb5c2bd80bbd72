// What an embedder pays: a call of a host function, a call of a script's function, an instance, and its memory.
//
// Each figure is the best of some rounds; those of calls are what a loop with the call costs more than one without.

import IntercomScript

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// CPU time of this process, in nanoseconds.
func cpuTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// The least nanoseconds that one of `count` things took in `rounds` tries.
func best(_ rounds: Int = 5, of count: Int, _ body: () async throws -> Void) async rethrows -> Double {
  var least = Double.infinity
  for _ in 0..<rounds {
    let start = cpuTime()
    try await body()
    least = min(least, (cpuTime() - start) / Double(count))
  }
  return least
}

/// The same for what does not await.
func best(_ rounds: Int = 5, of count: Int, _ body: () -> Void) -> Double {
  var least = Double.infinity
  for _ in 0..<rounds {
    let start = cpuTime()
    body()
    least = min(least, (cpuTime() - start) / Double(count))
  }
  return least
}

/// The resident memory of this process, in bytes.
func residentMemory() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var (total, resident) = (0, 0)
  withUnsafeMutablePointer(to: &total) { total in
    withUnsafeMutablePointer(to: &resident) { resident in
      _ = withVaList([total, resident]) { vfscanf(file, "%ld %ld", $0) }
    }
  }
  return resident * 4096
}

/// How many threads this process has.
func threadCount() -> Int {
  guard let folder = opendir("/proc/self/task") else { return 0 }
  defer { closedir(folder) }
  var count = 0
  while let entry = readdir(folder) {
    if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
  }
  return count
}

func report(_ name: String, _ value: Double, _ unit: String) {
  let rounded = (value * 10).rounded() / 10
  print("\(name)\t\(rounded)\t\(unit)")
}

/// `scripts/bench embedding` puts what has the same name behind the colon into one row.
@main
struct EmbeddingBenchmark {
  static let count = 2_000_000

  static func main() async throws {
    // Memory first: later what earlier work gave back would be used again, and not be seen.
    try await memory()
    try await atOnce()
    try await script()
    try await cancellation()
    LuaBenchmark.run()
  }

  // MARK: ICS

  static let text =
    "let names = [\"Ada\", \"Bob\"]\nexport fn greet(i) { \"hello {{names[i % 2]}}\" }\nnames.map(n => n.length)"

  static func memory() async throws {
    let script = try Engine(limits: .untrusted).compile(text)
    for _ in 0..<10 { try await script.run() }
    let kept = 5_000
    var instances: [Instance] = []
    instances.reserveCapacity(kept)
    let before = residentMemory()
    for _ in 0..<kept {
      let instance = try script.instance()
      try await instance.run()
      instances.append(instance)
    }
    report("ics: idle instance", Double(residentMemory() - before) / Double(kept) / 1024, "kB")
    withExtendedLifetime(instances) {}
    instances = []

    let churned = 100_000
    for _ in 0..<churned / 10 { try await script.run() }
    let warm = residentMemory()
    let time = try await best(1, of: churned) { for _ in 0..<churned { try await script.run() } }
    report("ics: instance made, run, dropped", time / 1000, "us")
    report("ics: growth over 100,000 instances", Double(residentMemory() - warm) / 1024, "kB")
  }

  /// A thousand instances that all wait in a host function, and the threads that there are meanwhile.
  static func atOnce() async throws {
    let count = 1000
    let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
    let (openings, opening) = AsyncStream.makeStream(of: Void.self)
    let gate = Task { for await _ in openings { return } }
    var host = HostModule("host")
    host.function("meet") { () async in
      arrival.yield()
      await gate.value
    }
    let script = try Engine(modules: [host], limits: .untrusted)
      .compile("var sum = 0\nfor i in 0..<10000 { sum += i }\nhost.meet()\nsum")
    let before = threadCount()
    let running = Task {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<count { group.addTask { try await script.run() } }
        try await group.waitForAll()
      }
    }
    var waiting = 0
    for await _ in arrivals {
      waiting += 1
      if waiting == count { break }
    }
    report("ics: threads for 1,000 instances at once", Double(threadCount() - before), "more")
    opening.yield()
    try await running.value
  }

  static func script() async throws {
    var host = HostModule("host")
    host.function("add") { (a: Int, b: Int) in a &+ b }
    host.function("upper") { (text: String) in text }
    host.function("later") { (a: Int) async in a }
    let engine = Engine(modules: [host], limits: .trusted)
    func loop(_ body: String, count: Int = count) async throws -> Double {
      let instance = try engine.compile(
        "fn add(a, b) { a + b }\nexport fn run(n) {\nlet h = host\nvar x = 0\nfor i in 0..<n { \(body) }\nx\n}"
      ).instance()
      let run: ScriptFunction = try await instance.value("run")
      _ = try await run(1000) as Int
      return try await best(of: count) { _ = try await run(count) as Int }
    }
    let empty = try await loop("x = i")
    report("ics: host function (int, int) -> int", try await loop("x = h.add(x, i)") - empty, "ns")
    report("ics: host function (string) -> string", try await loop("x = h.upper(\"abcdefgh\").length") - empty, "ns")
    report("ics: async host function (int) -> int", try await loop("x = h.later(i)", count: 50_000) - empty, "ns")
    report("ics: the same in the script", try await loop("x = add(x, i)") - empty, "ns")

    let instance = try engine.compile("export fn add(a, b) { a + b }").instance()
    let add: ScriptFunction = try await instance.value("add")
    let calls = 500_000
    report(
      "ics: script function from the host",
      try await best(of: calls) { for i in 0..<calls { _ = try await add(i, 1) as Int } }, "ns")
    report(
      "ics: script function, not awaited",
      try await best(of: calls) { for i in 0..<calls { _ = try add.callNow(i, 1) as Int } }, "ns")
  }

  /// From the cancellation of the task to the end of the script, in loops and in built-ins on a list of 200,000 numbers and
  /// their text.
  static func cancellation() async throws {
    let engine = Engine(limits: .trusted)
    let data = (0..<200_000).map { $0 * 7919 % 200_003 }
    let text = data.map(String.init).joined(separator: ",")
    let bodies = [
      "", "data.sort()", "data.sort((a, b) => b - a)", "data.map(x => x + 1)", "data.unique()", "data.join(\",\")",
      "json.parse(json.stringify(data))", "text.split(\",\")", "text.replace(\"1\", \"22\")",
      "regex(\"[0-9]+\").replace(text, \"n\")", "hash.sha256(text)", "base64.decode(base64.encode(text))",
      "data == data.copy()", "text.upper()", "data.group_by(x => x % 10)", "sleep(0)",
    ]
    let clock = ContinuousClock()
    var slowest = 0.0
    for body in bodies {
      let instance = try engine.compile("while true { \(body) }", inputs: ["data", "text"])
        .instance(with: ["data": data, "text": text])
      let task = Task { try await instance.run() }
      try await Task.sleep(for: .milliseconds(200))
      let start = clock.now
      task.cancel()
      _ = await task.result
      slowest = max(slowest, (clock.now - start) / .milliseconds(1))
    }
    report("ics: cancellation, slowest of \(bodies.count)", slowest, "ms")
  }
}
