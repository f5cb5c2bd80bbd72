// Cancelling the task that runs a script: in loops, in built-ins, in host functions, in line for an instance.

import IntercomScript
import Synchronization
import Testing

/// One after the other: what is measured is how soon a script stops, not how many share two cores.
@Suite(.serialized) struct CancellationTests {
  /// Lets a test wait until the script has got somewhere.
  private final class Mark: Sendable {
    private let stream = AsyncStream<Void>.makeStream()
    func reach() { stream.continuation.yield() }
    func reached() async { for await _ in stream.stream { return } }
  }

  private static func host(_ mark: Mark) -> HostModule {
    var host = HostModule("host")
    host.function("here") { () in mark.reach() }
    host.function("forever") { () async throws in
      mark.reach()
      try await Task.sleep(for: .seconds(3600))
    }
    host.function("deaf") { () async -> Int in
      mark.reach()
      // Ends soon, and takes no notice of the cancellation.
      for _ in 0..<20 { await Task.yield() }
      return 1
    }
    host.function("call") { (f: ScriptFunction) throws -> ScriptValue in try f.callNow() }
    host.function("call_later") { (f: ScriptFunction) async throws -> ScriptValue in try await f() }
    host.stream("ticks") { () in
      AsyncStream<Int> {
        mark.reach()
        try? await Task.sleep(for: .seconds(3600))
        return nil
      }
    }
    return host
  }

  /// `data` is a list of numbers, `text` the same as text.
  static let places = [
    "host.here()\nwhile true { }",
    "host.here()\nfn f(n) { if n == 0 { 0 } else { f(n - 1) + 1 } }\nwhile true { f(100) }",
    "host.here()\nwhile true { data.sort() }",
    "host.here()\nwhile true { data.sort((a, b) => b - a) }",
    "host.here()\nwhile true { data.map(x => x + 1).filter(x => x % 2 == 0).length }",
    "host.here()\nwhile true { data.unique() }",
    "host.here()\nwhile true { data.join(\",\") }",
    "host.here()\nwhile true { json.parse(json.stringify(data)) }",
    "host.here()\nwhile true { text.split(\",\").length }",
    "host.here()\nwhile true { text.replace(\"1\", \"22\") }",
    "host.here()\nwhile true { regex(\"[0-9]+\").replace(text, \"n\") }",
    "host.here()\nwhile true { hash.sha256(text) }",
    "host.here()\nwhile true { base64.decode(base64.encode(text)) }",
    "host.here()\nwhile true { data == data.copy() }",
    "host.here()\nwhile true { text.upper().lower() }",
    "host.here()\nwhile true { data.group_by(x => x % 10) }",
    "host.here()\nsleep(3600)",
    "spawn(() => { host.here()\nsleep(3600) })\nwhile true { sleep(0) }",
    "parallel(0..<20, i => host.forever())",
    "host.forever()",
    "try { host.forever() } catch { host.forever() }",
    "try { host.forever() } finally { host.forever() }",
    "while true { try { host.deaf() } catch { } }",
    "host.call(() => { host.here()\nwhile true { } })",
    "host.call_later(() => { host.here()\nwhile true { } })",
    "host.call_later(() => host.forever())",
    "for x in host.ticks() { }",
    "host.ticks().map(x => x).to_list()",
  ]

  @Test("a cancelled task stops its script, wherever it is", arguments: places)
  func stops(text: String) async throws {
    let mark = Mark()
    let script = try Engine(modules: [Self.host(mark)], limits: .trusted).compile(text, inputs: ["data", "text"])
    let data = (0..<5_000).map { $0 * 7919 % 5_003 }
    let inputs: [String: any Encodable & Sendable] = [
      "data": data, "text": data.map(String.init).joined(separator: ","),
    ]
    let instance = try script.instance(with: inputs)
    // A script that fails before it gets there is a failure, and not waited for.
    let task = Task {
      defer { mark.reach() }
      try await instance.run()
    }
    await mark.reached()
    let clock = ContinuousClock()
    let cancelled = clock.now
    task.cancel()
    let error = await #expect(throws: ScriptError.self, "\(text)") { try await task.value }
    #expect(error?.isCancelled == true, "\(error?.description ?? text)")
    // `scripts/bench embedding` holds a release build to 50 ms; here all tests share two cores with each other.
    #expect(clock.now - cancelled < .seconds(5), "\(text)")
    #expect(try await script.instance(with: ["data": [1], "text": "1"]).script.name == "script")
  }

  @Test("a call that stands in line for its instance can be cancelled, and so can a stream that is read")
  func inLine() async throws {
    let mark = Mark()
    let script = try Engine(modules: [Self.host(mark)], limits: .trusted).compile(
      "export fn slow() { host.forever() }\nexport fn quick() { 1 }\nexport fn items() { host.ticks() }")
    let instance = try script.instance()
    let running = Task { try await instance.call("slow") }
    await mark.reached()
    let standing = Task { try await instance.call("quick") as Int }
    standing.cancel()
    let error = await #expect(throws: ScriptError.self) { try await standing.value }
    #expect(error?.isCancelled == true)
    running.cancel()
    await #expect(throws: ScriptError.self) { try await running.value }

    let items: ScriptStream<Int> = try await instance.call("items")
    let reading = Task { for try await _ in items {} }
    await mark.reached()
    reading.cancel()
    await #expect(throws: ScriptError.self) { try await reading.value }
    // The instance is not harmed.
    #expect(try await instance.call("quick") as Int == 1)
  }

  @Test("a hook that is cancelled ends, and those after it do not run")
  func hook() async throws {
    let mark = Mark()
    let lines = Mutex<[String]>([])
    let instance = try Engine(modules: [Self.host(mark)]) { line in lines.withLock { $0.append(line) } }.compile(
      "on a.b as x { host.forever() }\non a.b as x { print(\"second\") }".replacing("a.b", with: "\"a.b\"")
    ).instance()
    let task = Task { try await instance.fire("a.b", item: 1) }
    await mark.reached()
    task.cancel()
    await #expect(throws: ScriptError.self) { try await task.value }
    #expect(lines.withLock { $0 } == [])
  }
}
