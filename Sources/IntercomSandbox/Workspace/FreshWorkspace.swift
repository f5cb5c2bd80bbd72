// What a new workspace begins with.

import ICSJSON

enum FreshWorkspace {
  private static let admins: [(id: Int, name: String, email: String, title: String)] = [
    (Workspace.ownerID, "Malcolm Reynolds", "mal@serenity.example", "Captain"),
    (128, "Zoe Washburne", "zoe@serenity.example", "First mate"),
    (129, "Kaylee Frye", "kaylee@serenity.example", "Mechanic"),
  ]

  private static let attributes: [(model: String, name: String, type: String, description: String)] = [
    ("contact", "paid_subscriber", "boolean", "Whether the person pays"),
    ("contact", "monthly_spend", "float", "What the person spends in a month"),
    ("contact", "team_mates", "integer", "How many people share the account"),
    ("contact", "plan", "string", "The person's plan"),
    ("company", "region", "string", "Where the company is"),
  ]

  private static let ticketTypes: [(name: String, category: String)] = [
    ("Bug report", "Customer"), ("Internal task", "Back-office"), ("Incident", "Tracker"),
  ]

  static func fill(_ store: Store) throws(Failure) {
    let team = 5_017_691
    for admin in admins {
      let document: JSONValue = [
        "type": "admin", "id": .string(String(admin.id)), "name": .string(admin.name), "email": .string(admin.email),
        "job_title": .string(admin.title), "away_mode_enabled": false, "away_mode_reassign": false,
        "away_status_reason_id": nil,
        "has_inbox_seat": true, "team_ids": [.int(team)], "avatar": nil,
      ]
      try store.insert(.admins, id: String(admin.id), document)
    }
    try store.insert(
      .teams, id: String(team),
      [
        "type": "team", "id": .string(String(team)), "name": "Crew", "admin_ids": .array(admins.map { .int($0.id) }),
      ])
    for row in attributes {
      try DataAttributes.make(
        name: row.name, model: row.model, type: row.type, description: row.description, in: store)
    }
    try fillSegments(store)
    try fillSubscriptions(store)
    for row in ticketTypes {
      try TicketTypes.make(name: row.name, description: "", icon: "🎟️", category: row.category, in: store)
    }
  }

  private static func fillSegments(_ store: Store) throws(Failure) {
    for definition in Segments.definitions {
      let id = try store.nextID(.segment)
      try store.insert(
        .segments, id: id,
        [
          "type": "segment", "id": .string(id), "name": .string(definition.name), "created_at": .int(store.now),
          "updated_at": .int(store.now), "person_type": .string(definition.personType), "key": .string(definition.key),
        ])
    }
  }

  private static func fillSubscriptions(_ store: Store) throws(Failure) {
    for (id, name, consent) in [("135", "Newsletters", "opt_out"), ("136", "Product news", "opt_in")] {
      let translation: JSONValue = ["name": .string(name), "description": .string(name), "locale": "en"]
      try store.insert(
        .subscriptionTypes, id: id,
        [
          "type": "subscription", "id": .string(id), "state": "live", "consent_type": .string(consent),
          "default_translation": translation, "translations": [translation], "content_types": ["email"],
        ])
    }
  }
}
