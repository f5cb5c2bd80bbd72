// What `ics check` finds in requests that are written out.

import ICSDiagnostics
import ICSSyntax
import Testing

@testable import IntercomScript

@Suite struct RequestCheckTests {
  private func check(_ script: String) -> [Diagnostic] {
    Session.check(SourceFile(name: "a.ics", text: script), path: nil, root: nil)
  }

  /// The first finding as a terminal shows it, without colour.
  private func rendered(_ script: String) -> String {
    let found = check(script)
    #expect(found.count == 1, "\(found.map(\.message))")
    return found.first.map { DiagnosticRenderer(color: false).render($0) } ?? ""
  }

  @Test("an unknown field, with the right one")
  func unknownField() {
    #expect(
      rendered(#"contacts.create({role: "user", emial: "ada@example.com"})"#) == """
        error[E_INVALID_REQUEST]: the body of contacts.create would not be sent: emial: is no field here
          ┌─ a.ics:1:32
        1 │ contacts.create({role: "user", emial: "ada@example.com"})
          │                                ^^^^^ is no field here
          = help: did you mean 'email'?

        """)
  }

  @Test("a wrong type, at its value")
  func wrongType() {
    #expect(
      rendered(#"contacts.update(id, signed_up_at: "yesterday")"#.replacing("id,", with: "\"5f\",")) == """
        error[E_INVALID_REQUEST]: the body of contacts.update would not be sent: signed_up_at: is a string, and Unix seconds is needed
          ┌─ a.ics:1:37
        1 │ contacts.update("5f", signed_up_at: "yesterday")
          │                                     ^^^^^^^^^^^ is a string, and Unix seconds is needed

        """)
  }

  @Test("a required field that is missing")
  func missing() {
    #expect(
      rendered(#"intercom.request("/contacts/merge", method: "POST", body: {from: "1"})"#) == """
        error[E_INVALID_REQUEST]: the body of contacts.merge would not be sent: into: is missing
          ┌─ a.ics:1:59
        1 │ intercom.request("/contacts/merge", method: "POST", body: {from: "1"})
          │                                                           ^^^^^^^^^^^ is missing

        """)
  }

  @Test("a value that is none of the known ones")
  func wrongValue() {
    #expect(
      rendered(#"data_attributes.create({name: "a", model: "contct", data_type: "string"})"#) == """
        error[E_INVALID_REQUEST]: the body of data_attributes.create would not be sent: model: is 'contct', and may be contact, company
          ┌─ a.ics:1:43
        1 │ data_attributes.create({name: "a", model: "contct", data_type: "string"})
          │                                           ^^^^^^^^ is 'contct', and may be contact, company
          = help: did you mean 'contact'?

        """)
  }

  @Test("a search by a field that there is none of")
  func searchField() {
    #expect(
      rendered(#"print((contacts where shoe_size == 44).count())"#) == """
        error[E_QUERY]: this search would not be sent: shoe_size: contacts cannot be searched by it
          ┌─ a.ics:1:23
        1 │ print((contacts where shoe_size == 44).count())
          │                       ^^^^^^^^^ contacts cannot be searched by it

        """)
  }

  @Test("a search by an operator that the field does not take, and a value of another type")
  func searchOperator() {
    let found = check(
      """
      for c in contacts where created_at ~ "2024" { print(c) }
      for c in contacts where created_at > "yesterday" { print(c) }
      for c in contacts where role == "usr" { print(c) }
      """)
    #expect(found.map(\.code) == ["E_QUERY", "E_QUERY", "E_QUERY"])
    #expect(found.map(\.label).map { $0.prefix(20) }.count == 3)
    #expect(found.last?.help == "did you mean 'user'?", "\(found.map(\.message))")
  }

  @Test("a search that does not fit the API's two levels")
  func tooComplex() {
    let many = (0..<20).map { "(email == \"\($0)\" && name == \"x\($0)\")" }.joined(separator: " || ")
    #expect(check("for c in contacts where \(many) { print(c) }").map(\.code) == ["E_QUERY"])
  }

  @Test(
    "every way to call an operation is read as it is when it runs",
    arguments: [
      #"contacts.create(role: "user", emial: "a")"#, #"contacts.create({role: "user", emial: "a"}, retry_safe: true)"#,
      #"contacts.upsert({email: "a", nmae: "b"}, by: "email")"#, #"contacts.update("5f", {nmae: "x"}, retries: 0)"#,
      #"contacts.update(contact_id: "5f", nmae: "x")"#, #"intercom.contacts.create({role: "user", emial: "a"})"#,
      #"intercom.as("eu").contacts.create({role: "user", emial: "a"})"#,
      #"intercom.request("/contacts", {method: "POST", body: {role: "user", emial: "a"}})"#,
      #"let id = 1"# + "\n" + #"intercom.request("/contacts/{{id}}", {method: "PUT", body: {nmae: "a"}})"#,
      #"contacts.update("5f", {nmae: "x"})"#, #"messages.send(to: "5f", body: "x", subjct: "y")"#,
      #"messages.send(to: "5f", body: "x", type: "emial", subject: "y")"#, #"messages.send(to: "5f", type: "in_app")"#,
      #"let x = 1"# + "\n" + #"contacts.create({role: "user", emial: x})"#,
      #"fn f() { return () => tickets.create({ticket_type_id: "1", contcts: []}) }"#,
      #"contacts.search({query: {field: "shoe", operator: "=", value: 1}})"#,
      #"companies.create({company_id: "a", mnthly_spend: 1})"#,
      #"let m = {}"# + "\n" + #"contacts.create({...m, emial: 1})"#,
    ])
  func found(script: String) {
    #expect(check(script).count >= 1, "\(script)")
    let errors = check(script).filter { $0.severity == .error }
    #expect(errors.allSatisfy { $0.code == "E_INVALID_REQUEST" || $0.code == "E_QUERY" }, "\(script)")
  }

  @Test(
    "nothing is said about what is right, computed, or somebody else's",
    arguments: [
      #"contacts.create({role: "user", email: "a"})"#, #"contacts.create({emial: "a"}, check: false)"#,
      #"contacts.create({emial: "a", check: false})"#,
      #"let contacts = {create: x => x}"# + "\n" + #"contacts.create({emial: 1})"#,
      #"let f = "x""# + "\n" + #"contacts.create({[f]: 1})"#, #"let m = {}"# + "\n" + #"contacts.create({...m})"#,
      #"let e = "x""# + "\n" + #"contacts.create({email: e, custom_attributes: {a: e}})"#,
      #"let e = 1"# + "\n" + #"contacts.create({role: "user", signed_up_at: e})"#,
      #"let c = {}"# + "\n" + #"contacts.update(c, name: "x")"#, #"let c = {}"# + "\n" + #"contacts.update(c)"#,
      #"contacts.create({role: "user", external_id: "1"}, {retry_safe: true, timeout: 5s})"#,
      #"let t = "email""# + "\n" + #"messages.send(to: "5f", body: "x", type: t)"#,
      #"let t = "inapp""# + "\n"
        + #"intercom.request("/messages", {method: "POST", body: {message_type: t, body: "x", from: {type: "admin", id: 1}, to: {type: "user", id: "1"}}})"#,
      #"let m = "PUT""# + "\n" + #"intercom.request("/contacts", {method: m, body: {emial: 1}})"#,
      #"intercom.request("/contacts", {method: "POST", body: {emial: 1}, check: false})"#,
      #"let t = 5"# + "\n" + #"print((contacts where created_at > t && email in [t]).count())"#,
      #"for c in companies where name == "x" { print(c) }"#,
      #"let contacts = []"# + "\n" + #"print(contacts where x == 1)"#,
      #"contacts.attach_tag("5f", {id: "7"})"#, #"contacts.attach_tag("5f", id: "7")"#,
      #"contacts.merge("1", into: "2")"#,
      #"conversations.reply("1", message_type: "comment", type: "admin", admin_id: "1", body: "x")"#,
    ])
  func quiet(script: String) {
    let found = check(script).filter { $0.severity == .error }
    #expect(found.isEmpty, "\(script): \(found.map(\.message))")
  }
}
