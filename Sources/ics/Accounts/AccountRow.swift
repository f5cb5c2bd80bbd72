// What people and programs see of an account.

import ICSDiagnostics
import ICSJSON
import IntercomAPI

/// An account as `ics connect` and `ics accounts` show it: everything but its token.
struct AccountRow {
  let record: AccountRecord
  let isDefault: Bool

  init(_ record: AccountRecord, isDefault: Bool) {
    self.record = record
    self.isDefault = isDefault
  }

  /// The admin that the token belongs to.
  var owner: String {
    let parts = [record.adminName, record.adminEmail.map { "<\($0)>" }].compactMap(\.self)
    return parts.isEmpty ? "nobody known" : terminalSafe(parts.joined(separator: " "))
  }

  /// The workspace and where it is.
  var workspace: String {
    let place = record.isSandbox ? "the local sandbox" : record.baseURL.region?.rawValue ?? record.baseURL.description
    return terminalSafe(
      [record.workspaceID.map { "workspace \($0)" }, "(\(place))"].compactMap(\.self).joined(separator: " "))
  }

  var json: JSONObject {
    [
      "name": .string(record.name), "status": .string(record.status.rawValue), "default": .bool(isDefault),
      "base_url": .string(record.baseURL.description),
      "region": record.baseURL.region.map { .string($0.rawValue) } ?? nil, "sandbox": .bool(record.isSandbox),
      "workspace_id": record.workspaceID.map(JSONValue.string) ?? nil,
      "admin_name": record.adminName.map(JSONValue.string) ?? nil,
      "admin_email": record.adminEmail.map(JSONValue.string) ?? nil,
      "connected_at": record.connectedAt.map(JSONValue.int) ?? nil,
    ]
  }
}
