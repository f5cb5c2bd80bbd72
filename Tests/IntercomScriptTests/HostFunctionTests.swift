// Swift functions and objects in scripts, and scripts' functions in Swift.

import ICSJSON
import IntercomScript
import Synchronization
import Testing

@Suite struct HostFunctionTests {
  struct Missing: Error, Equatable { var domain: String }

  final class Cart: ScriptObject {
    private let items = Mutex<[String]>([])
    let owner: Mutex<String>

    init(_ owner: String) { self.owner = Mutex(owner) }

    static let scriptMembers = ObjectMembers<Cart>("cart") { members in
      members.property("count") { cart in cart.items.withLock(\.count) }
      members.property("owner", get: { cart in cart.owner.withLock { $0 } }) { cart, name in
        cart.owner.withLock { $0 = name }
      }
      members.method("add") { (cart, name: String) in cart.items.withLock { $0.append(name) } }
      members.method("first") { cart in cart.items.withLock(\.first) }
      members.method("join", parameters: [.optional("separator", ", ")]) { (cart, separator: String) in
        cart.items.withLock { $0.joined(separator: separator) }
      }
      members.method("later") { (cart, n: Int) async throws -> Int in
        await Task.yield()
        return cart.items.withLock(\.count) + n
      }
    }
  }

  private func crm() -> HostModule {
    var crm = HostModule("crm")
    crm.function(
      "lookup", parameters: ["domain", .optional("limit", 10), .optional("tags")], doc: "Finds accounts."
    ) { (domain: String, limit: Int, tags: [String]?) in "\(domain) \(limit) \(tags ?? [])" }
    crm.function("fail") { (domain: String) throws -> Int in throw Missing(domain: domain) }
    crm.function("fail_later") { (domain: String) async throws -> Int in
      await Task.yield()
      throw Missing(domain: domain)
    }
    crm.function("apply") { (n: Int, f: ScriptFunction) throws -> Int in try f.callNow(n) }
    crm.function("apply_later") { (n: Int, f: ScriptFunction) async throws -> Int in try await f(n) }
    crm.function("noop") { () in }
    crm.function("cart") { (owner: String) in Hosted(Cart(owner)) }
    crm.function("owner") { (cart: Hosted<Cart>) in cart.object.owner.withLock { $0 } }
    crm.stream("count") { (n: Int) in
      AsyncStream { c in
        for i in 0..<n { c.yield(i) }; c.finish()
      }
    }
    crm.function("total") { (items: ScriptStream<Int>) async throws -> Int in
      var total = 0
      for try await item in items { total += item }
      return total
    }
    crm.value("version", ["major": 1])
    return crm
  }

  private func run<T: Decodable & Sendable>(_ text: String, as type: T.Type = T.self) async throws -> T {
    try await Engine(modules: [crm()]).compile(text, name: "t.ics").run()
  }

  @Test("arguments by position, by name and by default")
  func parameters() async throws {
    #expect(try await run("crm.lookup(\"a\")") as String == "a 10 []")
    #expect(try await run("crm.lookup(\"a\", 3)") as String == "a 3 []")
    #expect(try await run("crm.lookup(\"a\", limit: 3)") as String == "a 3 []")
    #expect(try await run("crm.lookup(tags: [\"x\"], domain: \"b\")") as String == "b 10 [\"x\"]")
    #expect(try await run("crm.version.major") as Int == 1)
    #expect(try await run("crm.noop()") as Int? == nil)
    for (text, code, words) in [
      ("crm.lookup()", "E_ARGUMENTS", "takes 1 to 3"), ("crm.lookup(limit: 1)", "E_ARGUMENTS", "'domain' is missing"),
      ("crm.lookup(\"a\", \"b\")", "E_TYPE", "argument 2 'limit'"), ("crm.lookup(\"a\", limti: 1)", "E_TYPE", "limit"),
    ] {
      let error = await #expect(throws: ScriptError.self, "\(text)") { try await run(text) as ScriptValue }
      #expect(error?.code == code && error?.message.contains(words) == true, "\(text): \(error?.description ?? "")")
    }
    #expect(crm().signatures.first?.signature == "crm.lookup(domain, limit = 10, tags = null)")
  }

  @Test("a Swift error is the script's at the place of the call, and Swift's own again when nothing catches it")
  func errors() async throws {
    for name in ["fail", "fail_later"] {
      let caught: ScriptValue = try await run("try { crm.\(name)(\"x\") } catch e { [e.kind, e.stack[0].line] }")
      #expect(caught[0] == "E_ERROR" && caught[1] == 1)
      let error = await #expect(throws: ScriptError.self) { try await run("let a = 1\ncrm.\(name)(\"x\")") as Int }
      #expect(error?.underlying as? Missing == Missing(domain: "x"))
      #expect(error?.description.contains("t.ics:2:") == true, "\(error?.description ?? "")")
    }
    let thrown = await #expect(throws: ScriptError.self) {
      try await run("throw error(\"no\", kind: \"E_MINE\", data: {left: 2})") as Int
    }
    #expect(thrown?.code == "E_MINE" && thrown?.data.left == 2)
  }

  /// Calls the script while it is made into a value of it.
  private struct Meddler: Codable {
    var function: ScriptFunction?

    init(_ function: ScriptFunction) { self.function = function }

    init(from decoder: any Decoder) throws { function = try ScriptFunction(from: decoder) }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(function?.callNow() as Int?)
    }
  }

  @Test("a value that is being made for a script cannot call it: nothing would keep what is there of it")
  func meddling() async throws {
    var host = HostModule("host")
    host.function("give") { (f: ScriptFunction) in Meddler(f) }
    host.function("pass") { (f: ScriptFunction, g: ScriptFunction) in try g.callNow("first", Meddler(f)) as Int }
    let engine = Engine(modules: [host])
    for call in ["host.give(f)", "host.pass(f, (a, b) => 1)"] {
      let script = try engine.compile(
        "var n = 0\nlet f = () => { n += 1\nn }\ntry { \(call) } catch e { [n, e.kind, e.message] }")
      let found = try await script.run(as: ScriptValue.self)
      #expect(found == [0, "E_VALUE", "a value that is being encoded or decoded cannot call the script"], "\(call)")
    }
  }

  @Test("a callback's error goes through Swift and stays the same error")
  func callbackErrors() async throws {
    for name in ["apply", "apply_later"] {
      #expect(try await run("crm.\(name)(20, n => n * 2 + 2)") as Int == 42)
      let text = """
        let mine = error("no", kind: "E_MINE")
        try { crm.\(name)(1, n => { throw mine }) } catch e { [e.kind, e == mine] }
        """
      #expect(try await run(text) as ScriptValue == ["E_MINE", true])
    }
    // One that waits cannot be called without awaiting, and can with it.
    let error = await #expect(throws: ScriptError.self) {
      try await run("crm.apply(1, n => { sleep(0)\nn })") as Int
    }
    #expect(error?.message.contains("cannot wait") == true)
    #expect(try await run("crm.apply_later(1, n => { sleep(0)\nn })") as Int == 1)
  }

  @Test("streams go both ways")
  func streams() async throws {
    #expect(try await run("crm.count(5).map(x => x * 2).to_list()") as [Int] == [0, 2, 4, 6, 8])
    #expect(try await run("crm.total(stream(1...4))") as Int == 10)
    #expect(try await run("crm.total(crm.count(100).filter(x => x % 2 == 0))") as Int == 2450)
    let stream: ScriptStream<Int> = try await run("stream(1...3).map(x => x + 1)")
    var items: [Int] = []
    for try await item in stream { items.append(item) }
    #expect(items == [2, 3, 4])
    let failing: ScriptStream<Int> = try await run("stream(1...3).map(x => null.x)")
    await #expect(throws: ScriptError.self) { for try await _ in failing {} }
  }

  @Test("objects have properties and methods, and identity")
  func objects() async throws {
    let text = """
      let cart = crm.cart("Ada")
      cart.add("milk")
      cart.add("tea")
      let before = cart.owner
      cart.owner = "Bob"
      [before, crm.owner(cart), cart.count, cart.first(), cart.join(), cart.join(separator: "+"), cart.later(5),
       type(cart), str(cart), cart == crm.cart("x")]
      """
    let out: ScriptValue = try await run(text)
    #expect(out == ["Ada", "Bob", 2, "milk", "milk, tea", "milk+tea", 7, "cart", "<cart>", false])
    for (text, code) in [
      ("crm.cart(\"a\").nothing", "E_MEMBER"), ("crm.cart(\"a\").count = 3", "E_TYPE"),
      ("crm.cart(\"a\").owner = 3", "E_TYPE"), ("crm.cart(\"a\").add(3)", "E_TYPE"),
      ("let f = crm.cart(\"a\").add\nf(\"x\")", "E_TYPE"), ("crm.owner(3)", "E_TYPE"),
      ("crm.cart(\"a\").nope()", "E_MEMBER"),
    ] {
      let error = await #expect(throws: ScriptError.self, "\(text)") { try await run(text) as ScriptValue }
      #expect(error?.code == code, "\(text): \(error?.description ?? "")")
    }
    let cart: Hosted<Cart> = try await run("crm.cart(\"Eve\")")
    #expect(cart.object.owner.withLock { $0 } == "Eve")
  }
}
