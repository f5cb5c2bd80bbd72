import ICSVM
import Testing

@testable import ICSLibrary

/// The standard modules: the examples of their doc comments, and those about Intercom against a made-up one.
@Suite struct StandardModulesTests {
  /// A doc comment's example: lines that begin `>>>`, with the value that the last of them has behind it.
  struct Example: Sendable, CustomTestStringConvertible {
    let module: String
    let program: String
    let expected: [String]
    var testDescription: String { "\(module): \(expected)" }
  }

  static let examples: [Example] = StandardModules.names.flatMap { module -> [Example] in
    let source = StandardModules.source(of: module) ?? ""
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let exports = lines.filter { $0.hasPrefix("export fn ") }.map { $0.dropFirst(10).prefix { $0 != "(" } }
    var examples: [Example] = []
    var current: [String] = []
    for line in lines + [""] {
      if line.hasPrefix("///     ") {
        current.append(String(line.dropFirst(8)))
      } else {
        if current.first?.hasPrefix(">>>") == true {
          examples.append(
            example(current, module, "import { \(exports.joined(separator: ", ")) } from \"\(module)\"\n"))
        }
        current = []
      }
    }
    return examples
  }

  private static func example(_ lines: [String], _ module: String, _ start: String) -> Example {
    var program = start
    var expected: [String] = []
    for (index, line) in lines.enumerated() where line.hasPrefix(">>>") {
      let code = line.dropFirst(4)
      let next = index + 1 < lines.count ? lines[index + 1] : ">>>"
      if next.hasPrefix(">>>") {
        program += "\(code)\n"
      } else {
        program += "let value\(index) = \(code)\nprint([value\(index)])\n"
        expected.append("[\(next)]")
      }
    }
    return Example(module: module, program: program, expected: expected)
  }

  @Test("the examples of doc comments are true", arguments: examples)
  func docExample(_ example: Example) async {
    let script = await TestScript(example.program) { FakeIntercom.add(to: $0) }
    #expect(script.error == nil)
    if !example.expected.isEmpty { #expect(script.output == example.expected) }
  }

  @Test("every exported function has a doc comment")
  func documented() {
    for module in StandardModules.names {
      let lines = (StandardModules.source(of: module) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
      for (before, line) in zip(lines, lines.dropFirst()) where line.hasPrefix("export ") {
        #expect(before.hasPrefix("///"), "\(module): \(line)")
      }
    }
  }

  private func run(_ script: String) async -> [String] {
    let result = await TestScript(script) { FakeIntercom.add(to: $0) }
    #expect(result.error == nil)
    return result.output
  }

  @Test("contacts: upserts and tags go out once each, in order")
  func contacts() async {
    let output = await run(
      """
      import { upsert, upsert_all, tag_all } from "std/contacts"
      upsert({email: "a@x.com"})
      print(upsert_all([{email: "b@x.com"}, {email: "c@x.com"}], by: "email").length)
      print(tag_all([{id: "1"}, {id: "2"}], "vip"))
      """)
    #expect(
      output == [
        #"contacts.upsert {email: "a@x.com"} {by: "email"}"#, #"contacts.upsert {email: "b@x.com"} {by: "email"}"#,
        #"contacts.upsert {email: "c@x.com"} {by: "email"}"#, "2", #"tags.create {name: "vip"}"#,
        #"contacts.attach_tag 1 {id: "7"}"#, #"contacts.attach_tag 2 {id: "7"}"#, "2",
      ])
  }

  @Test("contacts: leads are merged into the one user with their address, and a dry run changes nothing")
  func merging() async {
    let all = """
      [{id: "u", role: "user", email: "A@x.com"}, {id: "l", role: "lead", email: "a@x.com"}, {id: "m", role: "lead"},
       {id: "v", role: "user", email: "b@x.com"}, {id: "w", role: "user", email: "b@x.com"},
       {id: "n", role: "lead", email: "b@x.com"}]
      """
    let output = await run(
      """
      import { merge_duplicates } from "std/contacts"
      print(merge_duplicates(source: \(all), dry_run: true))
      merge_duplicates(source: \(all))
      """)
    #expect(output == [#"[{key: "a@x.com", into: "u", merged: ["l"]}]"#, #"contacts.merge l {into: "u"}"#])
  }

  @Test("companies: upserts and attaching")
  func companies() async {
    let output = await run(
      """
      import { upsert, attach_all } from "std/companies"
      upsert({company_id: "9"})
      print(attach_all(stream([{id: "1"}, {id: "2"}]), {id: "c"}))
      """)
    #expect(
      output == [
        #"companies.create {company_id: "9"}"#, #"contacts.attach_company 1 {id: "c"}"#,
        #"contacts.attach_company 2 {id: "c"}"#, "2",
      ])
  }

  @Test("messages: a dry run sends nothing, a real one goes on after a failure")
  func messages() async {
    let output = await run(
      """
      import { broadcast } from "std/messages"
      let people = [{id: "1", name: "Ada"}, {id: "2"}, {id: "bad", name: "Bo"}, {id: "4", name: "Cy"}]
      let text = c => if c.name == null { null } else { "Hi {{c.name}}" }
      print(broadcast(people, text, dry_run: true))
      print(broadcast(people, text, rate: 100000))
      """)
    #expect(
      output == [
        "would send to 1: Hi Ada", "would send to bad: Hi Bo", "would send to 4: Hi Cy",
        "{sent: 3, skipped: 1, failed: []}",
        "messages.send 1 Hi Ada", "messages.send 4 Hi Cy",
        #"{sent: 2, skipped: 1, failed: [{id: "bad", message: "no such contact"}]}"#,
      ])
  }
}

/// The connector's names, which print what they are asked for.
private enum FakeIntercom {
  static func add(to host: LibraryHost) {
    for (module, members) in [
      ("contacts", ["upsert", "attach_tag", "attach_company", "merge", "list"]), ("companies", ["create"]),
      ("tags", ["create"]),
      ("messages", ["send"]),
    ] {
      host.values.append(
        (
          module,
          { machine in
            let map = machine.state.newMap()
            for member in members {
              let native = NativeFunction("\(module).\(member)", arity: 0...2) { (call) throws(Raised) in
                try answer(call, "\(module).\(member)")
              }
              machine.state.set(map, member, machine.value(of: native))
            }
            return machine.state.newModule(name: module, members: map)
          }
        ))
    }
  }

  private static func answer(_ call: Call, _ name: String) throws(Raised) -> Value {
    var words = (0..<call.count).map { call.vm.printedForm(call[$0]) ?? "" }
    if name == "messages.send" {
      let to = call.named("to")
      guard to.isMap, let id = call.vm.mapGet(to.address, .object(Tag.string, call.vm.name("id"))) else { return .null }
      if call.vm.printedForm(id) == "bad" { throw call.fail("E_NOT_FOUND", "no such contact") }
      words = [call.vm.printedForm(id) ?? "", call.vm.printedForm(call.named("body")) ?? ""]
    }
    var line = ([name] + words).joined(separator: " ") + "\n"
    line.withUTF8 { call.machine.output($0) }
    let map = call.vm.newMap()
    call.vm.set(map, "id", call.makeString("7"))
    return .object(Tag.map, map)
  }
}
