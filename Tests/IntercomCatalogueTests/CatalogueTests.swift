import ICSJSON
import Testing

@testable import IntercomCatalogue

@Suite struct CatalogueTests {
  let catalogue = Catalogue.shared

  @Test("every operation of the description is there, each name once")
  func operations() {
    #expect(catalogue.operations.count == 231)
    #expect(Set(catalogue.operations.map(\.name)).count == 231)
    #expect(catalogue.apiVersion == "2.16")
  }

  @Test("names are a collection and a verb in snake_case")
  func names() {
    for name in catalogue.operationNames {
      let parts = name.split(separator: ".")
      #expect(parts.count == 2, "\(name)")
      #expect(name.allSatisfy { $0.isLowercase || $0 == "_" || $0 == "." }, "\(name)")
    }
  }

  @Test(
    "the short names lead to their operations",
    arguments: [
      ("contacts.create", "POST", "/contacts"), ("contacts.get", "GET", "/contacts/{contact_id}"),
      ("contacts.update", "PUT", "/contacts/{contact_id}"), ("contacts.list", "GET", "/contacts"),
      ("contacts.search", "POST", "/contacts/search"), ("contacts.delete", "DELETE", "/contacts/{contact_id}"),
      ("contacts.archive", "POST", "/contacts/{contact_id}/archive"),
      ("contacts.unarchive", "POST", "/contacts/{contact_id}/unarchive"),
      ("contacts.merge", "POST", "/contacts/merge"), ("contacts.tags", "GET", "/contacts/{contact_id}/tags"),
      ("contacts.attach_tag", "POST", "/contacts/{contact_id}/tags"), ("messages.send", "POST", "/messages"),
      ("conversations.reply", "POST", "/conversations/{conversation_id}/reply"),
      ("companies.list", "POST", "/companies/list"), ("admins.me", "GET", "/me"),
      ("data_events.create", "POST", "/events"),
    ])
  func shortNames(name: String, method: String, path: String) {
    let operation = catalogue.operation(named: name)
    #expect(operation?.method == method)
    #expect(operation?.path == path)
  }

  @Test("a request's path leads to its operation, a literal segment before a parameter")
  func routes() {
    #expect(catalogue.operation(method: "POST", path: "/contacts/search")?.name == "contacts.search")
    #expect(catalogue.operation(method: "GET", path: "/contacts/5f00")?.name == "contacts.get")
    #expect(catalogue.operation(method: "GET", path: "/contacts/find_by_external_id/25")?.verb == "get_by_external_id")
    #expect(catalogue.operation(method: "GET", path: "/companies/scroll")?.name == "companies.scroll")
    #expect(catalogue.operation(method: "POST", path: "/contacts/5f00") == nil)
    #expect(catalogue.operation(method: "GET", path: "/nothing") == nil)
    #expect(catalogue.methods(forPath: "/contacts/5f00") == ["DELETE", "GET", "PUT"])
  }

  @Test("every operation is found by its own path and id")
  func everyRoute() {
    for operation in catalogue.operations {
      let path = operation.path.replacing("{", with: "x").replacing("}", with: "")
      #expect(catalogue.operation(method: operation.method, path: path)?.id == operation.id)
      #expect(catalogue.operation(id: operation.id)?.name == operation.name)
      let inPath = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
      #expect(Set(inPath.map(String.init)) == Set(operation.pathParameters.map(\.name)), "\(operation.id)")
    }
  }

  @Test("every line of the generated text is read")
  func lines() throws {
    for line in CatalogueLine.lines(of: CatalogueData.operations) {
      let columns = line.columns
      #expect(columns.count == 7)
      _ = try JSONValue(parsing: columns[6])
    }
    for line in CatalogueLine.lines(of: CatalogueData.schemas) { _ = try JSONValue(parsing: line.columns[1]) }
    #expect(catalogue.schemaNames.count == 338)
    #expect(catalogue.webhookTopics.count == 108)
    #expect(catalogue.errors.count == 47)
  }

  @Test("every reference leads to a schema")
  func references() {
    func check(_ schema: Schema) {
      switch schema.shape {
      case .reference(let name): #expect(catalogue.schema(named: name) != nil, "\(name)")
      case .array(let items): check(items)
      case .oneOf(let choices, _): choices.forEach(check)
      case .object(let object):
        object.fields.map(\.schema).forEach(check)
        for variant in object.variants { variant.fields.map(\.schema).forEach(check) }
      default: break
      }
    }
    for name in catalogue.schemaNames { catalogue.schema(named: name).map(check) }
    for operation in catalogue.operations {
      operation.body.map(check)
      operation.answers.compactMap(\.schema).forEach(check)
    }
  }

  @Test("what may be repeated is known for the operations that matter")
  func repeatability() {
    #expect(catalogue.operation(named: "contacts.create")?.repeatability == .once)
    #expect(catalogue.operation(named: "messages.send")?.repeatability == .once)
    #expect(catalogue.operation(named: "contacts.search")?.repeatability == .reading)
    #expect(catalogue.operation(named: "contacts.attach_tag")?.repeatability == .repeatable)
    #expect(catalogue.operation(named: "contacts.update")?.repeatability == .repeatable)
    for operation in catalogue.operations where operation.method == "GET" {
      #expect(operation.repeatability == .reading)
    }
  }

  @Test("listings say how they go on")
  func paging() {
    #expect(catalogue.operation(named: "contacts.list")?.paging?.style == .cursor)
    #expect(catalogue.operation(named: "contacts.search")?.paging?.style == .cursorInBody)
    #expect(catalogue.operation(named: "conversations.list")?.paging?.itemsField == "conversations")
    #expect(catalogue.operation(named: "companies.list")?.paging?.style == .page)
    #expect(catalogue.operation(named: "companies.scroll")?.paging?.style == .scroll)
  }

  @Test("search fields know their operators")
  func searchFields() {
    let fields = catalogue.searchFields(of: "contacts")
    #expect(fields.count == 43)
    let email = fields.first { $0.name == "email" }
    #expect(email?.operators.contains("~") == true)
    let created = fields.first { $0.name == "created_at" }
    #expect(created?.operators == ["=", ">", "<"])
    let tag = fields.first { $0.name == "tag_id" }
    #expect(tag?.operators.contains("IN") == false)
    let custom = fields.first { $0.matches("custom_attributes.plan") }
    #expect(custom?.isPattern == true)
    #expect(custom?.operators.count == 12)
    #expect(catalogue.searchFields(of: "conversations").count == 56)
    #expect(catalogue.searchFields(of: "tickets").count == 15)
    #expect(catalogue.searchFields(of: "companies").isEmpty)
  }
}
