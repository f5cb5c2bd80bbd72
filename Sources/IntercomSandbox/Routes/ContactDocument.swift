// A contact as the API answers it.

import ICSJSON

enum ContactDocument {
  /// What can be written.
  static let fields = [
    BodyField("role", .oneOf(["user", "lead"])), BodyField("external_id", .id), BodyField("email", .string),
    BodyField("email_verified", .boolean), BodyField("phone", .string), BodyField("name", .string),
    BodyField("avatar", .any), BodyField("signed_up_at", .integer), BodyField("last_seen_at", .integer),
    BodyField("owner_id", .id), BodyField("unsubscribed_from_emails", .boolean),
    BodyField("custom_attributes", .object), BodyField("language_override", .string),
  ]

  private static let nulls = [
    "signed_up_at", "last_seen_at", "last_replied_at", "last_contacted_at", "last_email_opened_at",
    "last_email_clicked_at", "language_override", "browser", "browser_version", "browser_language", "os",
  ]

  private static let deviceNulls = [
    "android_app_name", "android_app_version", "android_device", "android_os_version", "android_sdk_version",
    "android_last_seen_at", "ios_app_name", "ios_app_version", "ios_device", "ios_os_version", "ios_sdk_version",
    "ios_last_seen_at",
  ]

  private static let trackingNulls = [
    "utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term", "referrer", "enabled_push_messaging",
  ]

  /// A contact of which nothing is known.
  static func blank(id: String, now: Int) -> JSONObject {
    var contact: JSONObject = [
      "type": "contact", "id": .string(id), "workspace_id": .string(Workspace.id), "external_id": nil,
      "role": "user", "email": nil, "email_domain": nil, "phone": nil, "name": nil, "avatar": nil, "owner_id": nil,
      "social_profiles": ["type": "list", "data": []], "has_hard_bounced": false, "marked_email_as_spam": false,
      "unsubscribed_from_emails": false, "created_at": .int(now), "updated_at": .int(now),
    ]
    for name in nulls { contact[name] = .null }
    contact["location"] = [
      "type": "location", "country": nil, "region": nil, "city": nil, "country_code": nil, "continent_code": nil,
    ]
    for name in deviceNulls { contact[name] = .null }
    contact["custom_attributes"] = [:]
    for (name, path) in [
      ("tags", "tags"), ("notes", "notes"), ("companies", "companies"),
      ("opted_out_subscription_types", "subscriptions"), ("opted_in_subscription_types", "subscriptions"),
    ] {
      contact[name] = section([], total: 0, url: "/contacts/\(id)/\(path)")
    }
    for name in trackingNulls { contact[name] = .null }
    return contact
  }

  /// A part that shows at most ten entries and says where the rest is.
  static func section(_ entries: [JSONValue], total: Int, url: String) -> JSONValue {
    [
      "type": "list", "data": .array(Array(entries.prefix(10))), "url": .string(url), "total_count": .int(total),
      "has_more": .bool(total > 10),
    ]
  }

  /// Writes a checked body into a contact: `null` clears, what is absent stays.
  ///
  /// Values come back as they were sent. That matters for `avatar`, which is a URL in requests and an object in
  /// Intercom's answers, and for `owner_id`, which is an integer up to version 2.15 and a string since: whoever
  /// writes `127` and reads `"127"` would find a difference that is none.
  static func apply(_ body: JSONObject, to contact: inout JSONObject, in store: Store) throws(Failure) {
    if body["email_verified"] != nil, body.given("email") == nil {
      throw .invalid("email_verified can only be set together with email", field: "email_verified")
    }
    for (name, value) in body {
      switch name {
      case "email_verified": continue
      case "custom_attributes":
        let attributes = contact[name]?.objectValue ?? JSONObject()
        contact[name] = .object(
          try DataAttributes.merged(attributes, with: value.objectValue ?? JSONObject(), model: "contact", in: store))
      case "email":
        let email = value.stringValue
        if let email, !isAddress(email) { throw .invalid("Email is invalid", field: "email") }
        contact[name] = JSONValue(email)
        contact["email_domain"] = JSONValue(email.flatMap { $0.split(separator: "@").last.map(String.init) })
      case "external_id": contact[name] = JSONValue(value.idText)
      case "owner_id":
        try checkOwner(value, in: store)
        contact[name] = value
      case "avatar":
        try checkAvatar(value)
        contact[name] = value
      case "signed_up_at", "last_seen_at": contact[name] = JSONValue(body.integer(name))
      case "role", "unsubscribed_from_emails":
        if !value.isNull { contact[name] = value }
      default: contact[name] = value
      }
    }
  }

  private static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && !text.contains { $0.isWhitespace }
  }

  private static func checkOwner(_ value: JSONValue, in store: Store) throws(Failure) {
    guard let id = value.idText else { return }
    guard try store.text(.admins, id) != nil else {
      throw .invalid("The owner specified is not a member of the workspace", field: "owner_id")
    }
  }

  private static func checkAvatar(_ value: JSONValue) throws(Failure) {
    switch value {
    case .null, .string: return
    case .object(let object) where object["image_url"]?.stringValue != nil: return
    default: throw .invalid("avatar must be a URL", field: "avatar")
    }
  }

  /// Shows a contact's tags, notes, companies and subscriptions anew, after one of them changed.
  static func refresh(_ id: String, in store: Store) throws(Failure) {
    guard let row = try store.row(.contacts, id), case .object(var contact) = try row.value() else { return }
    let notes = try store.strings("SELECT id FROM notes WHERE parent = ? ORDER BY seq DESC", ["contact:" + id])
    let parts: [(name: String, path: String, type: String, ids: [String])] = [
      ("tags", "tags", "tag", try store.targets(.contactTag, of: id)),
      ("notes", "notes", "note", notes),
      ("companies", "companies", "company", try store.targets(.contactCompany, of: id)),
      (
        "opted_out_subscription_types", "subscriptions", "subscription",
        try store.targets(.contactSubscription, of: id, detail: "opt_out")
      ),
      (
        "opted_in_subscription_types", "subscriptions", "subscription",
        try store.targets(.contactSubscription, of: id, detail: "opt_in")
      ),
    ]
    for part in parts {
      let entries = part.ids.prefix(10).map { target -> JSONValue in
        ["type": .string(part.type), "id": .string(target), "url": .string("/\(part.path)/\(target)")]
      }
      contact[part.name] = section(entries, total: part.ids.count, url: "/contacts/\(id)/\(part.path)")
    }
    try store.update(.contacts, id: id, .object(contact))
  }
}
