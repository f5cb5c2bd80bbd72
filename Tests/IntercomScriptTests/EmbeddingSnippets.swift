// The snippets of the page about embedding: they are compiled here, and the page is checked against them.

import Foundation
import IntercomAPI
import IntercomScript
import Synchronization
import Testing

@Suite struct EmbeddingSnippets {
  @Test("the page's snippets are those that are compiled here")
  func page() throws {
    let root = DocumentationTests.Example.root
    let page = try String(
      contentsOf: root.appendingPathComponent("Sources/IntercomScript/Documentation.docc/Embedding.md"), encoding: .utf8
    )
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    func plain(_ text: some StringProtocol) -> String {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
    }
    let compiled = plain(source)
    let blocks = page.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    #expect(blocks.count >= 10)
    for block in blocks {
      // What every file begins with is not repeated here.
      let text = plain(block).replacing("import IntercomScript\n", with: "")
      #expect(compiled.contains(text), "not compiled:\n\(block)")
    }
  }

  private let plans = ["acme.com": "pro"]

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
  }

  @Test("functions")
  func functions() async throws {
    let plans = plans
    // swift-format-ignore
    do {
    var crm = HostModule("crm")
    crm.function("plan", doc: "The plan of a domain.") { (domain: String) in plans[domain] ?? "none" }
    crm.function("seats", parameters: ["domain", .optional("extra", 0)]) {
      (domain: String, extra: Int) async throws -> Int in
      guard plans[domain] != nil else {
        throw HostError("E_NO_ACCOUNT", "nobody here is called \(domain)", data: ["domain": .string(domain)])
      }
      return 25 + extra
    }
    let engine = Engine(modules: [crm])
    let seats: Int = try await engine.compile("crm.seats(\"acme.com\", extra: 2)").run()
    #expect(seats == 27)
    }
    // swift-format-ignore
    do {
    var lists = HostModule("lists")
    lists.function("best") { (items: [Contact], score: ScriptFunction) throws -> Contact? in
      try items.max { try score.callNow($0, as: Int.self) < score.callNow($1, as: Int.self) }
    }
    lists.stream("ticks") { (count: Int) in
      AsyncStream { continuation in
        for i in 0..<count { continuation.yield(i) }
        continuation.finish()
      }
    }
    let text = "lists.ticks(3).map(i => i * 2).to_list()"
    #expect(try await Engine(modules: [lists]).compile(text).run() as [Int] == [0, 2, 4])
    }
  }

  final class Cart: ScriptObject {
    let items = Mutex<[String]>([])

    static let scriptMembers = ObjectMembers<Cart>("cart") { members in
      members.property("count") { cart in cart.items.withLock(\.count) }
      members.method("add") { (cart, name: String) in cart.items.withLock { $0.append(name) } }
    }
  }

  @Test("values and objects")
  func values() async throws {
    // swift-format-ignore
    do {
    struct Change: Codable, Sendable { var owner: Nullable<String>? }
    let change: Change = try await Engine().compile("({owner: null})").run()
    if case .null? = change.owner { print("nobody owns it any more") }
    let value: ScriptValue = try await Engine().compile("({contact: {name: \"Ada\", tags: [1, 2]}})").run()
    print(value.contact.name.string ?? "nobody", value.contact.tags[1].int ?? 0)
    }
    // swift-format-ignore
    do {
    var shop = HostModule("shop")
    shop.function("cart") { () in Hosted(Cart()) }
    let count: Int = try await Engine(modules: [shop])
      .compile("let cart = shop.cart()\ncart.add(\"milk\")\ncart.count").run()
    #expect(count == 1)
    }
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

  @Test("limits and permissions")
  func limits() async throws {
    // swift-format-ignore
    do {
    var limits = Limits.untrusted
    limits.fuel = 5_000_000
    limits.requests = 100
    do {
      try await Engine(limits: limits).compile("while true { try { while true {} } catch {} }").run()
    } catch let error as ScriptError where error.isLimit {
      print("stopped: \(error.code)")        // stopped: E_FUEL
    }
    }
    // swift-format-ignore
    do {
    var permissions = Permissions()
    permissions.readableFolders = ["/srv/reports"]
    permissions.currentFolder = "/srv/reports"
    permissions.allowsVariable = { $0 == "REPORT_MONTH" }
    permissions.allowsHost = { name, port in name == "rates.example.com" && port == 443 }
    let engine = Engine(permissions: permissions, imports: .folder("/srv/scripts"))
    #expect(engine.check("1 +").isEmpty == false)
    }
  }

  @Test("testing a host's scripts")
  func testing() async throws {
    // swift-format-ignore
    do {
    var environment = HostEnvironment()
    environment.seed = 42
    environment.clock.unixTime = { 1_700_000_000 }
    environment.log = { record in print(record.level, record.message) }
    let script = try Engine(environment: environment).compile("[now(), random.int(1, 6)]")
    let (first, second): (ScriptValue, ScriptValue) = (try await script.run(), try await script.run())
    #expect(first == second)
    }
  }

  @Test("observers")
  func observers() async throws {
    // swift-format-ignore
    do {
    let script = try Engine().compile("let a = 1\nif a > 2 {\n  print(a)\n}", name: "a.ics", isObserved: true)
    let coverage = ScriptCoverage()
    try await script.instance(observer: coverage).run()
    let missed = coverage.lines(of: script).filter { $0.value == 0 }.keys.map(\.line)
    #expect(missed == [3])
    }
  }
}
