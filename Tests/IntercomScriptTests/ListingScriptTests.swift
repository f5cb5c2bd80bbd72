// Streams over listings and searches, and `where`.

import ICSJSON
import IntercomAPI
import IntercomSandbox
import Testing

@testable import IntercomScript

@Suite struct ListingScriptTests {
  @Test("every item comes once, whatever their number", arguments: [0, 1, 150, 151])
  func paging(count: Int) async throws {
    let bench = try await Workbench(Sandbox.Configuration(seed: count, requestsPerMinute: nil))
    let lines = await bench.run(
      """
      let ids = contacts.list(per_page: 150).map(c => c.id).to_list()
      print(ids.length, ids.unique().length)
      print(contacts.list(per_page: 7).map(c => c.id).to_list() == ids)
      print((contacts where role == "user" || role == "lead").map(c => c.id).to_list().unique().length)
      print(contacts.search({query: {field: "role", operator: "IN", value: ["user", "lead"]}}).to_list().length)
      """)
    #expect(lines == ["\(count) \(count)", "true", "\(count)", "\(count)"])
    await bench.sandbox.stop()
  }

  @Test("a script that stops early asks for no further page")
  func early() async throws {
    let bench = try await Workbench(Sandbox.Configuration(seed: 100, requestsPerMinute: nil))
    _ = await bench.run("for c in contacts.list(per_page: 10) { break }")
    #expect(bench.sent == ["GET /contacts"])
    bench.exchanges.clear()
    #expect(await bench.run("print(contacts.list(per_page: 10).take(5).to_list().length)") == ["5"])
    #expect(bench.sent == ["GET /contacts"])
    bench.exchanges.clear()
    // Making a stream sends nothing.
    _ = await bench.run("let s = contacts.list()\nlet w = contacts where role == \"user\"")
    #expect(bench.sent.isEmpty)
    await bench.sandbox.stop()
  }

  @Test("where is a search, with groups and negation")
  func conditions() async throws {
    let bench = try await Workbench()
    let lines = await bench.run(
      """
      for i in 1...6 {
        contacts.create({role: ["lead", "user"][i % 2], email: "p{{i}}@{{["acme.com", "other.org"][int(i / 4)]}}", name: "Person {{i}}"})
      }
      contacts.create({role: "user", email: "nameless@acme.com"})
      let names = s => s.map(c => c.name ?? "-").to_list().sort()
      print(names(contacts where role == "lead"))
      print(names(contacts where role == "user" && email $= "@acme.com"))
      print(names(contacts where !(role == "user" && email ~ "@acme.com") && name != null))
      print(names(contacts where role == "user" && (name == "Person 1" || name == "Person 2" || email ~ "NAMELESS")))
      print(names(contacts where name in ["Person 4", "Person 5"]))
      print(names(contacts where name !in ["Person 4", "Person 5"] && email ^= "p"))
      print(names(contacts where name == null))
      print(names(contacts where !(name ~ "person")))
      let wanted = "Person 3"
      print(names(contacts where name == wanted))
      print((contacts where role == "user").take(2).to_list().length)
      """)
    #expect(
      lines == [
        #"["Person 2", "Person 4", "Person 6"]"#, #"["-", "Person 1", "Person 3"]"#,
        #"["Person 2", "Person 4", "Person 5", "Person 6"]"#, #"["-", "Person 1"]"#, #"["Person 4", "Person 5"]"#,
        #"["Person 1", "Person 2", "Person 3", "Person 6"]"#, #"["-"]"#, #"["-"]"#, #"["Person 3"]"#, "2",
      ])
    await bench.sandbox.stop()
  }

  @Test("a field that cannot be searched is named with the nearest one, and nothing is sent")
  func badConditions() async throws {
    let bench = try await Workbench()
    let field = await bench.failure("contacts where nam == \"x\"")
    #expect(field.code == "E_QUERY" && field.message.contains("nam") && field.message.contains("name"))
    let order = await bench.failure("contacts where email < \"x\"")
    #expect(order.code == "E_QUERY" && order.message.contains("email"))
    #expect(await bench.failure("contacts where !(email ^= \"x\")").code == "E_QUERY")
    #expect(await bench.failure("tags where name == \"x\"\nadmins where nothing.at_all == 1").code != "")
    #expect(bench.sent.isEmpty)
    await bench.sandbox.stop()
  }
}
