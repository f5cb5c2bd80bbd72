// What is kept about an account, and its form in the file.

import ICSJSON

/// An account without its token.
public struct AccountRecord: Sendable, Hashable {
  /// Whether the account can be used.
  public enum Status: String, Sendable, CaseIterable {
    /// It has a token, which the API has accepted.
    case valid = "VALID"
    /// The API refused the token.
    case invalid = "INVALID"
    /// It has no token yet.
    case pending = "PENDING"
  }

  /// The user of a program who connected the account.
  public struct Owner: Sendable, Hashable {
    /// The project's id.
    public var project: String
    /// The user's id in that project.
    public var user: String

    /// A user of a project.
    public init(project: String, user: String) {
      self.project = project
      self.user = user
    }
  }

  /// 1 to 64 letters, digits, `-`, `_` and `.`.
  public var name: String
  /// Set by the store: `VALID` when it was saved with a token.
  public var status: Status
  /// Where the account's API is.
  public var baseURL: BaseURL
  /// The API version that its requests ask for; `nil` for the connector's own.
  public var version: String?
  /// The workspace's id code.
  public var workspaceID: String?
  /// The admin that the token belongs to.
  public var adminName: String?
  /// That admin's e-mail address.
  public var adminEmail: String?
  /// The user of a program who connected it; `nil` for the machine's own user.
  public var owner: Owner?
  /// Unix seconds.
  public var connectedAt: Int?
  /// Whether it is this machine's own sandbox, which is started when it is needed: `baseURL` is where it was once.
  public var isSandbox: Bool

  /// A record; every part but name and address may be left out.
  public init(
    name: String, baseURL: BaseURL, status: Status = .pending, version: String? = nil, workspaceID: String? = nil,
    adminName: String? = nil, adminEmail: String? = nil, owner: Owner? = nil, connectedAt: Int? = nil,
    isSandbox: Bool = false
  ) {
    self.name = name
    self.status = status
    self.baseURL = baseURL
    self.version = version
    self.workspaceID = workspaceID
    self.adminName = adminName
    self.adminEmail = adminEmail
    self.owner = owner
    self.connectedAt = connectedAt
    self.isSandbox = isSandbox
  }

  /// A record of who a token belongs to, as the API said it.
  public init(name: String, baseURL: BaseURL, identity: OAuth.Identity, connectedAt: Int? = nil) {
    self.init(
      name: name, baseURL: baseURL, workspaceID: identity.workspaceID, adminName: identity.name,
      adminEmail: identity.email, connectedAt: connectedAt)
  }

  /// The record without secrets in what the API has said.
  func masked(by redactor: Redactor) -> AccountRecord {
    var record = self
    record.workspaceID = workspaceID.map(redactor.redact)
    record.adminName = adminName.map(redactor.redact)
    record.adminEmail = adminEmail.map(redactor.redact)
    return record
  }

  /// What a sealed token is good for: this name at this address.
  var purpose: String { "\(name) \(baseURL)" }

  /// Whether a text may be an account's name: 1 to 64 letters, digits, `-`, `_` and `.`.
  public static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        byte < 0x80 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
          || "-_.".utf8.contains(byte)
      }
  }
}

/// The file's content.
struct AccountDocument {
  struct Entry {
    var record: AccountRecord
    var sealedToken: String?
  }

  /// In the order in which they were connected.
  var accounts: [Entry] = []
  var defaultName: String?
  var projects: [String: IdentityTokens] = [:]

  init() {}

  subscript(name: String) -> Entry? {
    get { accounts.first { $0.record.name == name } }
    set {
      let index = accounts.firstIndex { $0.record.name == name }
      switch (index, newValue) {
      case (let index?, let entry?): accounts[index] = entry
      case (let index?, nil): accounts.remove(at: index)
      case (nil, let entry?): accounts.append(entry)
      case (nil, nil): break
      }
    }
  }

  init?(_ json: JSONValue) {
    guard json["version"] == 1, case .object(let entries)? = json["accounts"] else { return nil }
    for (name, value) in entries {
      guard let record = AccountRecord(name: name, json: value) else { return nil }
      accounts.append(Entry(record: record, sealedToken: value["token"]?.stringValue))
    }
    defaultName = json["default"]?.stringValue
    for (id, value) in json["projects"]?.objectValue ?? [:] {
      guard let publicKey = value["public_key"]?.stringValue else { return nil }
      projects[id] = IdentityTokens(publicKey: publicKey, audience: value["audience"]?.stringValue)
    }
  }

  var json: JSONValue {
    var entries = JSONObject()
    for entry in accounts {
      var object = entry.record.json
      if let token = entry.sealedToken { object["token"] = .string(token) }
      entries[entry.record.name] = .object(object)
    }
    var whole: JSONObject = ["version": 1, "accounts": .object(entries)]
    if let defaultName { whole["default"] = .string(defaultName) }
    if !projects.isEmpty {
      var known = JSONObject()
      for (id, project) in projects.sorted(by: { $0.key < $1.key }) {
        var object: JSONObject = ["public_key": .string(project.publicKey)]
        if let audience = project.audience { object["audience"] = .string(audience) }
        known[id] = .object(object)
      }
      whole["projects"] = .object(known)
    }
    return .object(whole)
  }
}

extension AccountRecord {
  fileprivate init?(name: String, json: JSONValue) {
    guard let status = (json["status"]?.stringValue).flatMap(Status.init),
      let address = json["base_url"]?.stringValue,
      let baseURL = try? BaseURL(address)  // A damaged address makes a damaged record.
    else { return nil }
    var owner: Owner?
    if let project = json["project"]?.stringValue, let user = json["user"]?.stringValue {
      owner = Owner(project: project, user: user)
    }
    self.init(
      name: name, baseURL: baseURL, status: status, version: json["api_version"]?.stringValue,
      workspaceID: json["workspace"]?.stringValue, adminName: json["admin_name"]?.stringValue,
      adminEmail: json["admin_email"]?.stringValue, owner: owner, connectedAt: json["connected_at"]?.intValue,
      isSandbox: json["sandbox"] == true)
  }

  fileprivate var json: JSONObject {
    var object: JSONObject = ["status": .string(status.rawValue), "base_url": .string(baseURL.description)]
    let texts = [
      ("api_version", version), ("workspace", workspaceID), ("admin_name", adminName), ("admin_email", adminEmail),
      ("project", owner?.project), ("user", owner?.user),
    ]
    for (name, text) in texts { if let text { object[name] = .string(text) } }
    if let connectedAt { object["connected_at"] = .int(connectedAt) }
    if isSandbox { object["sandbox"] = true }
    return object
  }
}
