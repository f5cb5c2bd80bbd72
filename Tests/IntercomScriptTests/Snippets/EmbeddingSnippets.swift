// The snippets of the pages about running scripts: Embedding, Concurrency, and those that begin a page.

import Foundation
import IntercomAPI
import IntercomScript
import Logging
import Synchronization
import Testing

@Suite struct EmbeddingSnippets {
  struct Contact: Codable, Sendable {
    var id: String
    var name: String?
    var seats: Int
  }

  struct Summary: Codable, Sendable, Equatable {
    var greeting: String
    var points: Int
  }

  @Test("running a script")
  func running() async throws {
    let contact = Contact(id: "c1", name: "Ada", seats: 4)
    // swift-format-ignore
    do {
    let engine = Engine(limits: .untrusted) { line in print("script: \(line)", terminator: "") }
    let script = try engine.compile(
      """
      let points = contact.seats * 3
      ({greeting: "Hello {{contact.name ?? "there"}}", points})
      """, name: "score.ics", inputs: ["contact"])
    let summary: Summary = try await script.run(with: ["contact": contact])
    #expect(summary == Summary(greeting: "Hello Ada", points: 12))
    }
    // swift-format-ignore
    do {
    let engine = Engine()
    let sum: Int = try await engine.compile("[1, 2, 3].sum()").run()
    #expect(sum == 6)
    }
    // swift-format-ignore
    do {
    let engine = Engine(limits: .untrusted)
    let sum: Int = try await engine.compile("[1, 2, 3].sum()").run()
    #expect(sum == 6)
    }
  }

  @Test("what is wrong, in words")
  func errors() async throws {
    // swift-format-ignore
    do {
    func answer(to source: String) async -> String {
      do {
        let script = try Engine().compile(source, name: "answer.ics")
        return try await script.run(as: ScriptValue.self).description
      } catch let error as CompileError {
        return error.description                  // every error, with its place and a help
      } catch let error as ScriptError {
        return "\(error.code): \(error.message)"  // E_NULL: cannot read 'name' of null
      } catch {
        return "\(error)"                         // ConversionError: the result is not what was asked for
      }
    }
    #expect(await answer(to: "let contact = null\ncontact.name") == "E_NULL: cannot read 'name' of null")
    #expect(await answer(to: "contct").contains("answer.ics:1:1"))
    #expect(await answer(to: "[1, 2]") == "[1, 2]")
    }
    // swift-format-ignore
    do {
    let markers = Engine().check("let a = 1\nprnt(b)", name: "draft.ics").map { diagnostic in
      let (start, end) = (diagnostic.place, diagnostic.endPlace)
      return "\(start?.line ?? 1):\(start?.column ?? 1)-\(end?.column ?? 1) \(diagnostic.code) \(diagnostic.message)"
    }
    print(markers)      // ["2:1-5 E_UNKNOWN_NAME nothing here is called 'prnt'", ...]
    #expect(markers.contains("2:1-5 E_UNKNOWN_NAME nothing here is called 'prnt'"), "\(markers)")
    let limit = await #expect(throws: ScriptError.self) {
      try await Engine(limits: Limits(time: .milliseconds(10))).compile("while true { sleep(0.1) }").run()
    }
    #expect(limit?.diagnostics.first?.rendered.contains("E_TIME_LIMIT") == true)
    }
  }

  private final class Lines: Sendable {
    private let state = Mutex<[String]>([])
    var all: [String] { state.withLock { $0 } }
    func add(_ line: String) { state.withLock { $0.append(line) } }
  }

  /// Keeps the lines that a logger is given.
  private struct Keeper: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
      lines.add("\(event.level) \(event.message)\(fields)")
    }
  }

  @Test("what scripts say goes to a logger")
  func logging() async throws {
    let lines = Lines()
    let logger = Logger(label: "scripts", factory: { _ in Keeper(lines: lines) })
    // swift-format-ignore
    do {
    var environment = HostEnvironment()
    environment.print = { line in logger.info("\(line.dropLast())") }
    environment.log = { record in
      let level = record.level == .warn ? .warning : Logger.Level(rawValue: record.level.rawValue) ?? .info
      let fields = record.fields.map { ($0.name, Logger.MetadataValue.string($0.json)) }
      logger.log(level: level, "\(record.message)", metadata: Dictionary(fields, uniquingKeysWith: { $1 }))
    }
    let script = try Engine(environment: environment).compile("log.warn(\"no plan\", {domain: \"acme.com\"})\nprint(1)")
    try await script.run()
    }
    #expect(lines.all == ["warning no plan domain=\"acme.com\"", "info 1"])
  }

  @Test("instances, hooks, functions that are kept")
  func instances() async throws {
    let contact = Contact(id: "c1", name: "Ada", seats: 4)
    // swift-format-ignore
    do {
    let script = try Engine().compile(
      """
      var count = 0
      export fn score(contact) { contact.seats * 3 }
      on contact.created "welcome" where seats > 2 as contact { count += 1 }
      """, name: "hooks.ics")
    let instance = try script.instance()
    let ran = try await instance.fire("contact.user.created", item: contact)
    let score: ScriptFunction = try await instance.value("score")
    let points: Int = try await score(contact)
    print(ran, points, instance.usage.fuel, instance.usage.wall)
    #expect(ran == 1 && points == 12)
    }
  }

  @Test("many at once, and calls that run beside one another")
  func concurrency() async throws {
    // swift-format-ignore
    do {
    let script = try Engine().compile("(0..<n).sum()", inputs: ["n"])
    let sums = try await withThrowingTaskGroup { group in
      for n in 1...100 {
        group.addTask { try await script.run(with: ["n": n], as: Int.self) }
      }
      return try await group.reduce(0, +)
    }
    #expect(sums == (1...100).map { $0 * ($0 - 1) / 2 }.reduce(0, +))
    }
    // swift-format-ignore
    do {
    let script = try Engine().compile("var count = 0\nexport fn add(n) { sleep(0.01)\ncount += n\ncount }")
    let instance = try script.instance()
    let add: ScriptFunction = try await instance.value("add")
    async let one: Int = add(1)
    async let two: Int = add(2)
    let counts = try await [one, two]
    #expect(counts.max() == 3)
    }
  }
}
