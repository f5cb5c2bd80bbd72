// What an embedder pays: a call of a host function, a call of a script's function, an instance, and its memory.
//
// Each figure is the best of some rounds; those of calls are what a loop with the call costs more than one without.

import CLua
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

func report(_ name: String, _ value: Double, _ unit: String) {
  let rounded = (value * 10).rounded() / 10
  print("\(name)\t\(rounded)\t\(unit)")
}

@main
struct EmbeddingBenchmark {
  static let count = 2_000_000

  static func main() async throws {
    try await script()
    try await instances()
    lua()
  }

  // MARK: ICS

  static func script() async throws {
    var host = HostModule("host")
    host.function("add") { (a: Int, b: Int) in a &+ b }
    host.function("upper") { (text: String) in text }
    host.function("later") { (a: Int) async in a }
    let engine = Engine(modules: [host], limits: .trusted)
    func loop(_ body: String, count: Int = count) async throws -> Double {
      let instance = try engine.compile(
        "let f = host.add\nfn add(a, b) { a + b }\nexport fn run(n) {\nlet h = host\nvar x = 0\nfor i in 0..<n { \(body) }\nx\n}"
      ).instance()
      let run: ScriptFunction = try await instance.value("run")
      _ = try await run(1000) as Int
      return try await best(of: count) { _ = try await run(count) as Int }
    }
    let empty = try await loop("x = i")
    report("ics: host function (Int, Int) -> Int", try await loop("x = h.add(x, i)") - empty, "ns")
    report("ics: host function (String) -> String", try await loop("x = h.upper(\"abcdefgh\").length") - empty, "ns")
    report("ics: async host function (Int) -> Int", try await loop("x = h.later(i)", count: 50_000) - empty, "ns")
    report("ics: the same in the script", try await loop("x = add(x, i)") - empty, "ns")

    let instance = try engine.compile("export fn add(a, b) { a + b }").instance()
    let add: ScriptFunction = try await instance.value("add")
    let calls = 500_000
    report(
      "ics: script function from Swift",
      try await best(of: calls) { for i in 0..<calls { _ = try await add(i, 1) as Int } }, "ns")
    report(
      "ics: script function from Swift, not awaited",
      try await best(of: calls) { for i in 0..<calls { _ = try add.callNow(i, 1) as Int } }, "ns")
  }

  static func instances() async throws {
    let engine = Engine(limits: .untrusted)
    let script = try engine.compile(
      "let names = [\"Ada\", \"Bob\"]\nexport fn greet(i) { \"hello {{names[i % 2]}}\" }\nnames.map(n => n.length)")
    try await script.run()
    let count = 5_000
    report(
      "ics: an instance made, run and dropped",
      try await best(3, of: count) { for _ in 0..<count { try await script.run() } } / 1000, "us")
    let before = residentMemory()
    var kept: [Instance] = []
    for _ in 0..<1000 {
      let instance = try script.instance()
      try await instance.run()
      kept.append(instance)
    }
    report("ics: an idle instance", Double(residentMemory() - before) / 1000 / 1024, "kB")
    withExtendedLifetime(kept) {}
  }

  // MARK: Lua

  static func lua() {
    guard let state = luaL_newstate() else { return }
    defer { lua_close(state) }
    luaL_openlibs(state)
    shim_register(state, "host_add") { state in
      lua_pushinteger(state, luaL_checkinteger(state, 1) &+ luaL_checkinteger(state, 2))
      return 1
    }
    _ = shim_run(
      state,
      """
      function empty(n) local x = 0 for i = 0, n - 1 do x = i end return x end
      function calls(n) local add = host_add local x = 0 for i = 0, n - 1 do x = add(x, i) end return x end
      function add(a, b) return a + b end
      """)
    func time(_ name: String) -> Double {
      var least = Double.infinity
      for _ in 0..<5 {
        let start = cpuTime()
        lua_getglobal(state, name)
        lua_pushinteger(state, lua_Integer(count))
        _ = shim_call(state, 1, 1)
        shim_pop(state, 1)
        least = min(least, (cpuTime() - start) / Double(count))
      }
      return least
    }
    report("lua: host function (int, int) -> int", time("calls") - time("empty"), "ns")
    var least = Double.infinity
    for _ in 0..<5 {
      let start = cpuTime()
      for i in 0..<count {
        lua_getglobal(state, "add")
        lua_pushinteger(state, lua_Integer(i))
        lua_pushinteger(state, 1)
        _ = shim_call(state, 2, 1)
        _ = shim_int(state, -1)
        shim_pop(state, 1)
      }
      least = min(least, (cpuTime() - start) / Double(count))
    }
    report("lua: script function from C", least, "ns")
    let states = 5_000
    let start = cpuTime()
    for _ in 0..<states {
      guard let one = luaL_newstate() else { continue }
      luaL_openlibs(one)
      _ = shim_run(one, "local names = {'Ada', 'Bob'} local out = {} for i, n in ipairs(names) do out[i] = #n end")
      lua_close(one)
    }
    report("lua: a state made, run and closed", (cpuTime() - start) / Double(states) / 1000, "us")
  }
}
