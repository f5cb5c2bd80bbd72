// What completion offers, without a terminal: the same rules serve the prompt and editors.

import ICSDiagnostics
import ICSJSON
import IntercomAPI
import Testing

@testable import IntercomScript

@Suite struct CompleterTests {
  /// A session at a prompt in which some entries have run. It has no workspace: whoever asks one gets an error.
  private func session(_ entries: String..., facts: WorkspaceFacts? = nil) async -> Session {
    var configuration = SessionConfiguration()
    configuration.remembersLast = true
    configuration.facts = facts
    configuration.connect = { () async throws(APIError) in throw APIError(.network, "completion asks for nothing") }
    let session = Session(configuration)
    for entry in entries {
      let outcome = await session.enter(SourceFile(name: "entry", text: entry))
      guard case .finished = outcome else {
        Issue.record("'\(entry)' failed: \(outcome)")
        continue
      }
    }
    return session
  }

  private func offered(_ text: String, _ session: Session) -> [String] {
    Completer(text, session: session).list.candidates.map(\.text)
  }

  @Test(
    "what is offered behind a text",
    arguments: [
      ("cust", ["customer"]),
      ("order.", ["items", "number"]),
      ("order.items[0].pr", ["price"]),
      ("order.items.first.pr", ["price"]),
      ("order[\"num", ["number"]),
      ("for row in order.items { row.pr", ["price"]),
      ("order.items.map(row => row.pr", ["price"]),
      ("order.items where pr", ["price"]),
      ("\"Hello {{custom", ["customer"]),
      ("\"{{order.num", ["number"]),
      ("contacts.create({role: \"", ["lead", "user"]),
      ("contacts where role == \"l", ["lead"]),
      ("contacts where role in [\"user\", \"l", ["lead"]),
      ("on contact.user.crea", ["created"]),
      ("intercom.request(\"/contacts/7/ta", ["/contacts/7/tags", "/contacts/7/tags/{tag_id}"]),
      ("// customer.", []),
      ("'raw {{cust", []),
      ("let cust", []),
      ("customer.nothing_like_this", []),
    ])
  func candidates(text: String, expected: [String]) async {
    let session = await session("let customer = \"Ana\"", "let order = {number: 7, items: [{price: 3}]}")
    let found = offered(text, session)
    // Methods stand beside keys: what is expected comes first, and nothing else of a map's own.
    #expect(expected.allSatisfy(found.contains), "\(found)")
    if expected.isEmpty { #expect(found.isEmpty, "\(found)") }
    if expected.count == 1, let only = expected.first {
      #expect(found.filter { $0.hasPrefix(only) } == [only], "\(found)")
    }
  }

  @Test("the place of the word is the place that is replaced")
  func places() async {
    let session = await session("let über = {größe: 1}")
    let text = "print(über.gr"
    let list = Completer(text, session: session).list
    #expect(list.candidates.map(\.text).contains("größe"))
    #expect(list.start == text.utf8.count - 2)
    #expect(list.commonPrefix.hasPrefix("gr"))
  }

  @Test(
    "types without running anything",
    arguments: [
      ("contacts.list()", "stream of contact"), ("contacts where role == \"lead\"", "stream of contact"),
      ("order", "map (2)"), ("order.number", "int"), ("order.items", "list (1)"), ("[1].map(x => x)", "list"),
      ("1 < 2", "bool"), ("x => x", "function"), ("\"a\".upper()", "string"), ("print(\"no\")", "any"),
    ])
  func types(text: String, expected: String) async {
    let session = await session("let order = {number: 7, items: [{price: 3}]}")
    #expect(Completer(text, session: session).typeOfExpression == expected)
  }

  @Test("facts are learned from listings alone, and belong to their model")
  func facts() async {
    let facts = WorkspaceFacts()
    facts.learn(
      from: Array(
        """
        {"data": [{"model": "contact", "name": "plan", "custom": true, "data_type": "string",
        "options": [{"value": "pro"}]}, {"model": "company", "name": "seats", "custom": true},
        {"model": "contact", "name": "email", "custom": false}]}
        """.utf8), path: "/data_attributes")
    facts.learn(from: Array("{\"data\": [{\"id\": \"7\", \"name\": \"vip\"}]}".utf8), path: "/tags")
    facts.learn(from: Array("no JSON".utf8), path: "/tags/1")
    facts.learn(from: Array("{\"data\": [{\"id\": \"8\", \"name\": \"other\"}]}".utf8), path: "/contacts")
    let session = await session(facts: facts)
    #expect(offered("contacts where custom_attributes.", session) == ["plan"])
    #expect(offered("contacts.create({custom_attributes: {plan: \"", session) == ["pro"])
    #expect(offered("companies.create({custom_attributes: {", session) == ["seats"])
    #expect(offered("contacts where tag_id == \"", session) == ["7"])
    facts.forget()
    #expect(offered("contacts where tag_id == \"", session).isEmpty)
  }

  @Test("no text makes it fail, however it is cut")
  func anyText() async {
    let session = await session("let order = {number: 7, items: [{price: 3}]}")
    let text =
      "for c in contacts where c.role == \"lead\" && [1, {a: \"{{order.items[0].price}}\"}] { x?.y(\"é\\u{1B}\") }"
    for end in text.indices { _ = Completer(String(text[..<end]), session: session).list }
    for start in text.indices { _ = Completer(String(text[start...]), session: session).list }
  }

  @Test("all of a line is in its pieces, whatever it is")
  func pieces() {
    let text = "let a = \"x {{b + \"y\"}} z\" + 12.5 // é\u{301} ende"
    for end in text.indices {
      let part = String(text[..<end])
      #expect(TextPiece.pieces(of: part).map(\.text).joined() == part)
    }
    let kinds = TextPiece.pieces(of: "let a = \"x\" + 12 // c").filter { $0.text.contains { !$0.isWhitespace } }
    #expect(kinds.map(\.kind) == [.keyword, .name, .other, .string, .other, .number, .comment])
  }
}
