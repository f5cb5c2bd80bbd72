// Admins, teams, and who the token belongs to.

import ICSJSON

enum Admins {
  static let routes: [Route] = [
    Route("GET", "/me", me),
    Route("GET", "/admins") { call throws(Failure) in
      Pages.whole(type: "admin.list", items: "admins", try call.store.texts(.admins))
    },
    Route("GET", "/admins/activity_logs", activityLogs),
    Route("POST", "/admins/activity_logs/search", .reads, activityLogs),
    Route("GET", "/admins/activity_log_event_types") { _ throws(Failure) in
      .json(["type": "activity_log_event_type.list", "event_types": ["admin_away_mode_change", "app_name_change"]])
    },
    Route("GET", "/admins/{admin_id}") { call throws(Failure) in
      guard let text = try call.store.text(.admins, call.parameter("admin_id")) else { throw .adminNotFound }
      return .document(text)
    },
    Route("PUT", "/admins/{admin_id}/away", setAway),
    Route("GET", "/teams") { call throws(Failure) in
      Pages.whole(type: "team.list", items: "teams", try call.store.texts(.teams))
    },
    Route("GET", "/teams/{team_id}") { call throws(Failure) in
      guard let text = try call.store.text(.teams, call.parameter("team_id")) else { throw .teamNotFound }
      return .document(text)
    },
  ]

  private static func me(_ call: Call) throws(Failure) -> Answer {
    guard case .object(var admin)? = try call.store.value(.admins, String(Workspace.ownerID)) else {
      throw .unauthorized
    }
    admin["email_verified"] = true
    admin["avatar"] = ["type": "avatar", "image_url": admin["avatar"] ?? nil]
    admin["app"] = [
      "type": "app", "id_code": .string(Workspace.id), "name": "ICS sandbox", "created_at": 1_600_000_000,
      "secure": false, "identity_verification": false, "timezone": "Etc/UTC", "region": "US",
    ]
    return .json(admin)
  }

  private static func setAway(_ call: Call) throws(Failure) -> Answer {
    let id = call.parameter("admin_id")
    guard case .object(var admin)? = try call.store.value(.admins, id) else {
      throw Failure(404, "admin_not_found", "Admin for admin_id not found")
    }
    let body = try call.object()
    try body.check([
      BodyField("away_mode_enabled", .boolean, required: true),
      BodyField("away_mode_reassign", .boolean, required: true),
      BodyField("away_status_reason_id", .integer),
    ])
    for name in ["away_mode_enabled", "away_mode_reassign"] { admin[name] = body[name] }
    try call.store.update(.admins, id: id, .object(admin))
    call.announce("admin.away_mode_updated", .object(admin))
    return .json(admin)
  }

  /// The sandbox's admins do nothing that is logged.
  private static func activityLogs(_ call: Call) throws(Failure) -> Answer {
    .json([
      "type": "activity_log.list",
      "pages": ["type": "pages", "next": nil, "page": 1, "per_page": 20, "total_pages": 1], "activity_logs": [],
    ])
  }
}
