// The snippets of the page about functions for scripts.

import Foundation
import IntercomAPI
import IntercomScript
import Synchronization
import Testing

@Suite struct FunctionSnippets {
  typealias Contact = EmbeddingSnippets.Contact

  private let plans = ["acme.com": "pro"]

  @Test("functions, callbacks and streams")
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
    crm.value("plans", ["free", "pro"])
    let engine = Engine(modules: [crm])
    let seats: Int = try await engine.compile("crm.seats(\"acme.com\", extra: 2)").run()
    #expect(seats == 27)
    #expect(try await engine.compile("crm.plans[1]").run() as String == "pro")
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
    // swift-format-ignore
    do {
    let stream: ScriptStream<Int> = try await Engine().compile("stream(1...3).map(n => n * 10)").run()
    var sum = 0
    for try await item in stream { sum += item }
    #expect(sum == 60)
    }
  }

  final class Cart: ScriptObject {
    let items = Mutex<[String]>([])

    static let scriptMembers = ObjectMembers<Cart>("cart") { members in
      members.property("count") { cart in cart.items.withLock(\.count) }
      members.method("add") { (cart, name: String) in cart.items.withLock { $0.append(name) } }
    }
  }

  @Test("objects")
  func objects() async throws {
    // swift-format-ignore
    do {
    var shop = HostModule("shop")
    shop.function("cart") { () in Hosted(Cart()) }
    let count: Int = try await Engine(modules: [shop])
      .compile("let cart = shop.cart()\ncart.add(\"milk\")\ncart.count").run()
    #expect(count == 1)
    }
  }
}
