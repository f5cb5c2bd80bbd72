import ICSDiagnostics
import Testing

@testable import IntercomHooks

@Suite struct HookCheckTests {
  private func findings(_ text: String) -> [Diagnostic] {
    HookCheck.findings(in: SourceFile(name: "hooks.ics", text: text))
  }

  @Test(
    "what can never be right is found before anything runs",
    arguments: [
      ("on contact.craeted as c { }", "E_UNKNOWN_NAME", "contact.created"),
      ("on acme.order as c { }", "E_UNKNOWN_NAME", "in quotes"),
      ("on request as r { }", "E_SYNTAX", "/signups"),
      ("on contact.created \"a\" { }\non company.created \"a\" { }", "E_DUPLICATE_NAME", "identity"),
      ("on contact.created { step \"a\" { 1 }\n step \"a\" { 2 } }", "E_DUPLICATE_NAME", "another"),
      ("on contact.created { if true { step \"a\" { 1 } }\n step \"a\" { 2 } }", "E_DUPLICATE_NAME", "another"),
      ("on contact.created as c { print(now()) }", "E_STEP", "step \"time\""),
      ("every 1h { for c in [1] { print(random.int(1, 2), c) } }", "E_STEP", "step"),
      ("every \"61 * * * *\" { }", "E_VALUE", ""),
      ("every \"0 9 * * *\", zone: \"Europe/Belin\" { }", "E_VALUE", ""),
      ("every \"0 9 * * * Europe/Belin\" { }", "E_VALUE", ""),
      ("every \"0 9 * * * Europe/Berlin\", zone: \"UTC\" { }", "E_VALUE", ""),
      ("every \"0 0 30 2 *\" { }", "E_VALUE", ""),
    ])
  func errors(text: String, code: String, help: String) {
    let found = findings(text)
    #expect(found.map(\.code) == [code], "\(found)")
    #expect(found.first?.help?.contains(help) ?? help.isEmpty, "\(found.first?.help ?? "no help")")
  }

  @Test(
    "what may be right is left alone",
    arguments: [
      "on contact.created as c { }", "on \"acme.order\" as o { }", "on \"conversation.*\" { }", "on ping { }",
      "on request \"/a\" as r { }\non request \"/b\" as r { }",
      "on contact.created { if true { step \"a\" { 1 } } else { step \"a\" { 2 } } }",
      "on contact.created { step \"a\" { 1 } }\non company.created { step \"a\" { 1 } }",
      "on contact.created { let t = step \"t\" { now() }\n print(t) }", "print(now())\non contact.created { }",
      "fn now() { 1 }\non contact.created { print(now()) }", "every 15m { }", "every \"*/5 9-17 * * 1-5\" { }",
      "every \"0 30 9 * * 1-5\", zone: \"Europe/Berlin\" { }", "every \"0 9 * * mon/2 Europe/Berlin\" { }", "let x = 1",
    ])
  func fine(text: String) {
    #expect(findings(text).isEmpty, "\(findings(text))")
  }

  @Test("the example of E_STEP ends with it")
  func example() throws {
    let entry = try #require(ErrorCode("E_STEP").entry)
    #expect(findings(entry.example).map(\.code) == ["E_STEP"])
  }

  @Test("every topic of the facts may be written without quotes")
  func topics() {
    for topic in TopicPattern.known { #expect(findings("on \(topic) as x { }").isEmpty, "\(topic)") }
  }
}
