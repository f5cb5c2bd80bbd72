// What hangs on a contact: tags, companies, segments, subscriptions.

import ICSJSON

enum ContactLinks {
  static let routes: [Route] = [
    Route("GET", "/contacts/{contact_id}/tags", tags),
    Route("POST", "/contacts/{contact_id}/tags", tag),
    Route("DELETE", "/contacts/{contact_id}/tags/{tag_id}", untag),
    Route("GET", "/contacts/{contact_id}/companies", companies),
    Route("POST", "/contacts/{contact_id}/companies", attachCompany),
    Route("DELETE", "/contacts/{contact_id}/companies/{company_id}", detachCompany),
    Route("GET", "/contacts/{contact_id}/segments", segments),
    Route("GET", "/contacts/{contact_id}/subscriptions", subscriptions),
    Route("POST", "/contacts/{contact_id}/subscriptions", subscribe),
    Route("DELETE", "/contacts/{contact_id}/subscriptions/{subscription_id}", unsubscribe),
  ]

  // MARK: Tags

  private static func tags(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    var tags: [String] = []
    for id in try call.store.targets(.contactTag, of: contact.id) {
      if let tag = try applied(id, to: contact.id, in: call.store) { tags.append(tag.serialized()) }
    }
    return Pages.whole(tags)
  }

  private static func tag(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    let tag = try Tags.find(try call.object()["id"], in: call.store, else: .notFound)
    try Tags.apply(tag.id, contact: contact.id, isOn: true, call)
    return .json(try applied(tag.id, to: contact.id, in: call.store) ?? .null)
  }

  /// A tag with the time when a contact got it.
  private static func applied(_ tag: String, to contact: String, in store: Store) throws(Failure) -> JSONValue? {
    guard var value = try store.value(.tags, tag) else { return nil }
    value["applied_at"] = .int(
      try store.number(
        "SELECT at FROM links WHERE kind = ? AND owner = ? AND target = ?",
        [LinkKind.contactTag.rawValue, contact, tag]))
    value["applied_by"] = ["type": "admin", "id": .string(String(Workspace.ownerID))]
    return value
  }

  private static func untag(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    let tag = try Tags.find(.string(call.parameter("tag_id")), in: call.store, else: .notFound)
    guard try call.store.isLinked(.contactTag, contact.id, tag.id) else { throw .notFound }
    let removed = try applied(tag.id, to: contact.id, in: call.store)
    try Tags.apply(tag.id, contact: contact.id, isOn: false, call)
    return .json(removed ?? .null)
  }

  // MARK: Companies

  private static func companies(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    let ids = try call.store.targets(.contactCompany, of: contact.id)
    let store = call.store
    // Intercom's description says `companies`, its examples say `data`.
    return try Pages.numbered(call, standard: 50, alias: "companies", total: ids.count) {
      limit, offset throws(Failure) in
      try texts(.companies, Array(ids.dropFirst(offset).prefix(limit)), in: store)
    }
  }

  private static func attachCompany(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    guard let id = call.body["id"]?.idText else { throw .missing("company not specified") }
    guard try call.store.text(.companies, id) != nil else { throw .companyNotFound }
    let attached = try call.store.targets(.contactCompany, of: contact.id)
    guard attached.contains(id) || attached.count < 1000 else {
      throw Failure(
        400, "contact_company_limit_exceeded", "Contact has reached the maximum of 1000 company associations")
    }
    try call.store.link(.contactCompany, contact.id, id)
    return try companyChanged(call, contact: contact.id, company: id, topic: "company.contact.attached")
  }

  private static func detachCompany(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    let id = call.parameter("company_id")
    guard try call.store.text(.companies, id) != nil, try call.store.isLinked(.contactCompany, contact.id, id) else {
      throw .companyNotFound
    }
    try call.store.unlink(.contactCompany, contact.id, id)
    return try companyChanged(call, contact: contact.id, company: id, topic: "company.contact.detached")
  }

  private static func companyChanged(
    _ call: Call, contact: String, company: String, topic: String
  ) throws(Failure) -> Answer {
    try ContactDocument.refresh(contact, in: call.store)
    try Companies.refresh(company, in: call.store)
    let after = try call.store.value(.companies, company) ?? .null
    let person = try Contacts.object(call.store, contact)
    call.announce(topic, ["type": "company.contact", "company": after, "contact": .object(person)])
    return .json(after)
  }

  // MARK: Segments and subscriptions

  private static func segments(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    return Pages.whole(try Segments.texts(ofContact: contact.seq, in: call.store))
  }

  private static func subscriptions(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    return Pages.whole(
      try texts(.subscriptionTypes, try call.store.targets(.contactSubscription, of: contact.id), in: call.store))
  }

  private static func subscribe(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    let body = try call.object()
    try body.check([
      BodyField("id", .id, required: true), BodyField("consent_type", .oneOf(["opt_in", "opt_out"]), required: true),
    ])
    let id = body["id"]?.idText ?? ""
    guard let text = try call.store.text(.subscriptionTypes, id) else { throw .notFound }
    let consent = body["consent_type"]?.stringValue ?? ""
    try call.store.link(.contactSubscription, contact.id, id, detail: consent)
    try ContactDocument.refresh(contact.id, in: call.store)
    call.announce(
      consent == "opt_in" ? "contact.subscribed" : "contact.unsubscribed",
      .object(try Contacts.object(call.store, contact.id)))
    return .document(text)
  }

  private static func unsubscribe(_ call: Call) throws(Failure) -> Answer {
    let contact = try Contacts.row(call.store, call.parameter("contact_id"))
    let id = call.parameter("subscription_id")
    guard let text = try call.store.text(.subscriptionTypes, id) else { throw .notFound }
    try call.store.unlink(.contactSubscription, contact.id, id)
    try ContactDocument.refresh(contact.id, in: call.store)
    return .document(text)
  }

  /// The living documents of some ids.
  static func texts(_ collection: Collection, _ ids: [String], in store: Store) throws(Failure) -> [String] {
    var texts: [String] = []
    for id in ids {
      if let text = try store.text(collection, id) { texts.append(text) }
    }
    return texts
  }
}
