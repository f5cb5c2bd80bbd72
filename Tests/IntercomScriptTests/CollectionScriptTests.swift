// Companies, tags, notes, messages: collections other than contacts, and how operations are called.

import ICSJSON
import IntercomAPI
import IntercomSandbox
import Testing

@testable import IntercomScript

@Suite struct CollectionScriptTests {
  @Test("companies, tags and notes of a contact")
  func links() async throws {
    let bench = try await Workbench()
    let lines = await bench.run(
      """
      let c = contacts.create({role: "user", external_id: "1", email: "a@x.io"})
      let firm = companies.create({company_id: "acme", name: "Acme", monthly_spend: 5})
      companies.create(company_id: "zero", name: "Zero", monthly_spend: 0)
      contacts.attach_company(c, {id: firm.id})
      // A company without contacts is in no listing.
      let zero = companies.find(company_id: "zero")
      contacts.attach_company(c, id: zero.id)
      print(contacts.companies(c).map(x => x.name).to_list().sort())
      print(companies.get(firm).name, companies.find(company_id: "acme").name)
      print(companies.find(company_id: "none"), companies.find(tag_id: "1").to_list())
      print(companies.list().map(x => x.name).to_list().sort())
      print((companies where monthly_spend > 1).map(x => x.name).to_list())
      print((companies where name ~ "ER").map(x => x.name).to_list())
      let tag = tags.create({name: "vip"})
      contacts.attach_tag(c, id: tag.id)
      print(contacts.tags(c).data[0].name)
      contacts.detach_tag(c, tag)
      print(contacts.tags(c.id).data.length)
      contacts.attach_tag(contact_id: c.id, id: tag.id)
      contacts.detach_tag(contact_id: c.id, tag_id: tag.id)
      let me = admins.me()
      let note = notes.create(c, {body: "hello", admin_id: me.id})
      print(notes.get(note.id).body)
      print(notes.list(c).map(n => n.id == note.id).to_list())
      contacts.detach_company(c, firm)
      print(contacts.companies(c).to_list().length)
      """)
    #expect(
      lines == [
        #"["Acme", "Zero"]"#, "Acme Acme", "null []", #"["Acme", "Zero"]"#, #"["Acme"]"#, #"["Zero"]"#, "vip", "0",
        "<p>hello</p>",
        "[true]", "1",
      ])
    await bench.sandbox.stop()
  }

  @Test("messages take both spellings of the type, ids and maps")
  func messages() async throws {
    let bench = try await Workbench()
    let lines = await bench.run(
      """
      let c = contacts.create({role: "user", external_id: "1", email: "a@x.io"})
      let me = admins.me()
      print(messages.send(from: me, to: c, body: "hi", type: "in_app").message_type)
      print(messages.send(from: me.id, to: c.id, body: "hi", type: "inapp").message_type)
      print(messages.send(to: c, body: "hi").message_type)
      let mail = messages.send(to: c, body: "hi", type: "email", subject: "s", template: "plain")
      print(mail.message_type, mail.subject)
      print(messages.send({message_type: "inapp", body: "hi", from: {type: "admin", id: me.id}, to: {type: "user", id: c.id}}).body)
      try { messages.send(to: c, body: "hi", type: "email") } catch e { print(e.kind, e.data.findings.map(f => f.path)) }
      try { messages.send(to: c, bdy: "hi") } catch e { print(e.kind) }
      """)
    #expect(
      lines == [
        "inapp", "inapp", "inapp", "email s", "hi", #"E_INVALID_REQUEST ["subject", "template"]"#, "E_ARGUMENTS",
      ])
    await bench.sandbox.stop()
  }

  @Test("intercom.request reaches every endpoint")
  func request() async throws {
    let bench = try await Workbench()
    let lines = await bench.run(
      """
      let made = intercom.request("/contacts", method: "POST", body: {role: "user", external_id: "25", email: "wash@serenity.io"})
      print(made.type, made.external_id)
      print(intercom.request("/contacts").data.length)
      let raw = intercom.request("/contacts", query: {per_page: 5}, raw: true)
      print(raw.status, raw.headers["content-type"], raw.body.total_count)
      print(intercom.request("/contacts/{{made.id}}", method: "DELETE").deleted)
      print(intercom.request("/me", {method: "GET"}).type)
      print(intercom.contacts.list().to_list().length, type(intercom.tags))
      """)
    #expect(
      lines == [
        "contact 25", "1", "200 application/json; charset=utf-8 1", "true", "admin", "0 collection",
      ])
    await bench.sandbox.stop()
  }

  @Test(
    "an operation is reached by an id, a map and names alike",
    arguments: [
      "tags.get(tag.id)", "tags.get(tag)", "tags.get(tag_id: tag.id)", "tags.get({tag_id: tag.id})",
      "tags.get(id: tag.id)",
      "intercom.tags.get(tag)", "intercom.request(\"/tags/{{tag.id}}\")", "tags.get(tag, timeout: 5s)",
      "tags.get(tag_id: tag, retries: 0)",
    ])
  func styles(call: String) async throws {
    let bench = try await Workbench()
    #expect(await bench.run("let tag = tags.create(name: \"vip\")\nprint(\(call).name)") == ["vip"])
    await bench.sandbox.stop()
  }

  @Test(
    "wrong arguments are errors, and nothing is sent",
    arguments: [
      ("contacts.get()", "E_ARGUMENTS"), ("contacts.get(null)", "E_ARGUMENTS"), ("contacts.get([1])", "E_ARGUMENTS"),
      ("contacts.get(\"a\", 1)", "E_TYPE"), ("contacts.get(\"a\", {}, 1)", "E_ARGUMENTS"),
      ("contacts.get(\"a\", colour: 1)", "E_VALUE"), ("contacts.get(\"\")", "E_VALUE"),
      ("contacts.get(\"..\")", "E_VALUE"),
      ("contacts.create()", "E_ARGUMENTS"), ("contacts.create(1)", "E_TYPE"),
      ("contacts.create({}, {x: 1})", "E_ARGUMENTS"),
      ("contacts.update(\"a\")", "E_ARGUMENTS"), ("contacts.update(\"a\", {}, {}, {})", "E_ARGUMENTS"),
      ("contacts.get(\"a\", retries: -1)", "E_VALUE"), ("contacts.get(\"a\", timeout: 0)", "E_VALUE"),
      ("contacts.get(\"a\", check: 1)", "E_TYPE"), ("contacts.merge(\"a\")", "E_ARGUMENTS"),
      ("contacts.find()", "E_ARGUMENTS"), ("contacts.find(name: \"x\")", "E_ARGUMENTS"),
      ("contacts.find(email: null)", "E_ARGUMENTS"), ("contacts.upsert({name: \"x\"})", "E_VALUE"),
      ("contacts.upsert({email: \"x\"}, by: \"name\")", "E_VALUE"), ("contacts.crate({})", "E_MEMBER"),
      ("intercom.request(1)", "E_TYPE"), ("intercom.request(\"/me\", 1)", "E_TYPE"),
      ("intercom.request(\"/me\", {methd: \"GET\"})", "E_ARGUMENTS"),
      ("intercom.request(\"/me\", method: \"get\")", "E_VALUE"),
      ("intercom.request(\"/me\", query: 1)", "E_TYPE"), ("intercom.request(\"/me\", headers: {a: 1})", "E_TYPE"),
      ("intercom.request(\"/contacts\", method: \"POST\", body: {a: x => x})", "E_VALUE"),
      ("intercom.request(\"@evil.test/x\")", "E_VALUE"), ("intercom.request(\"//evil.test\")", "E_VALUE"),
      ("intercom.request(\"http://evil.test/\")", "E_VALUE"), ("intercom.request(\"/a/../b\")", "E_VALUE"),
      ("intercom.request(\"/me\", headers: {Authorization: \"Bearer x\"})", "E_PERMISSION"),
      ("intercom.request(\"/me\", headers: {Host: \"evil.test\"})", "E_PERMISSION"),
      ("contacts.create({role: \"user\", emial: \"a@b.c\"})", "E_INVALID_REQUEST"),
      ("contacts.create({role: \"user\", name: 1.5})", "E_INVALID_REQUEST"),
      ("intercom.request(\"/contacts\", method: \"POST\", body: {emial: 1})", "E_INVALID_REQUEST"),
      ("contacts.search({query: {field: \"nam\", operator: \"=\", value: 1}})", "E_QUERY"),
      ("contacts.search({})", "E_QUERY"),
      ("contacts.search(1)", "E_TYPE"),
    ])
  func wrongArguments(call: String, code: String) async throws {
    let sent = Recorder<String>()
    let result = await ScriptResult(call) { configuration in
      let client = IntercomClient(
        account: Account(accessToken: Secret("t0ken-t0ken")), transport: CountingTransport(sent: sent))
      configuration.connect = { client }
    }
    #expect(result.diagnostics.first?.code == code, "\(result.rendered)")
    #expect(sent.all.isEmpty)
  }
}

/// Keeps what was asked and answers an empty object.
struct CountingTransport: HTTPTransport {
  let sent: Recorder<String>
  var answer = TransportResponse(status: 200, body: Array("{}".utf8))

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    sent.add("\(request.method) \(request.url)")
    return answer
  }

  func shutdown() async {}
}
