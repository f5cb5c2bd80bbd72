import ICSDiagnostics
import ICSSyntax
import Testing

@Suite struct HookTests {
  @Test(
    "hooks",
    arguments: [
      ("on contact.created { }", "(on contact.created - - - - (do))"),
      (
        "on contact.user.created \"welcome\" as contact, event { f() }",
        "(on contact.user.created \"welcome\" - contact event (do (call f)))"
      ),
      (
        "on contact.updated where role == \"lead\" && a.b in [1] as {id} { }",
        "(on contact.updated - (and (== @role \"lead\") (in @a.b (list 1))) {id:id} - (do))"
      ),
      ("on \"conversation.*\" as c { }", "(on \"conversation.*\" - - c - (do))"),
      ("on request \"/signups\" as req { req.body }", "(on request \"/signups\" - req - (do (. req body)))"),
      ("every 15m { }", "(every 900 - (do))"),
      ("every 15m \"sync\" { }", "(every 900 \"sync\" (do))"),
      (
        "every \"0 9 * * 1-5\", zone: \"Europe/Berlin\" { }",
        "(every \"0 9 * * 1-5\" zone:\"Europe/Berlin\" - (do))"
      ),
      ("every interval \"x\", a: 1 { }", "(every interval a:1 \"x\" (do))"),
      ("on a.b { wait 2d\n wait until }", "(on a.b - - - - (do (wait 172800) (wait until)))"),
    ])
  func hooks(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test(
    "steps",
    arguments: [
      ("let x = step \"add\" { 1 }", "(let x (step \"add\" (do 1)))"),
      (
        "step \"x\", retries: 5, backoff: 2s, timeout: 30s { f() }",
        "(step \"x\" retries:5 backoff:2 timeout:30 (do (call f)))"
      ),
      ("step \"mail {{c.id}} {{d}}\" { 1 }", "(step (cat \"mail \" (. c id) \" \" d) (do 1))"),
      ("step name { 1 }", "(step name (do 1))"),
      ("step\nname", "step name"),
      ("step \"x\",\n  retries: 5 {\n  1\n}", "(step \"x\" retries:5 (do 1))"),
    ])
  func steps(text: String, expected: String) {
    #expect(dump(text) == expected)
  }

  @Test("the text of a topic is without white space")
  func topicText() {
    let tree = parse("on contact . user.created { }")
    #expect(tree.topicText(tree.onHook(tree.statements(of: tree.root)[0]).event) == "contact.user.created")
  }

  @Test("a wildcard topic is written in quotes")
  func wildcards() {
    #expect(parse("on contact.* { }").diagnostics.first?.help == "on \"contact.*\"")
  }

  @Test("no break leaves a hook or a step")
  func jumps() {
    #expect(errors("for x in y { step \"a\" { break } }").count == 1)
    #expect(errors("on a.b { break }").count == 1)
    #expect(errors("on a.b { return 1 }") == [])
  }
}
