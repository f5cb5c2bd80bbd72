// Which objects belong together: a contact's tags, companies and subscriptions, a company's tags.

import GRDB

/// A kind of link from an owner to a target.
enum LinkKind: String, Sendable {
  case contactTag = "contact_tag"
  case contactCompany = "contact_company"
  case contactSubscription = "contact_subscription"
  case companyTag = "company_tag"
}

extension Store {
  /// Links two objects; doing so again changes nothing but the detail.
  func link(_ kind: LinkKind, _ owner: String, _ target: String, detail: String? = nil) throws(Failure) {
    try execute(
      """
      INSERT INTO links (kind, owner, target, at, detail) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (kind, owner, target) DO UPDATE SET detail = excluded.detail
      """, [kind.rawValue, owner, target, now, detail])
  }

  func unlink(_ kind: LinkKind, _ owner: String, _ target: String) throws(Failure) {
    try execute("DELETE FROM links WHERE kind = ? AND owner = ? AND target = ?", [kind.rawValue, owner, target])
  }

  func unlinkAll(_ kind: LinkKind, target: String) throws(Failure) {
    try execute("DELETE FROM links WHERE kind = ? AND target = ?", [kind.rawValue, target])
  }

  func isLinked(_ kind: LinkKind, _ owner: String, _ target: String) throws(Failure) -> Bool {
    try number(
      "SELECT COUNT(*) FROM links WHERE kind = ? AND owner = ? AND target = ?", [kind.rawValue, owner, target]) > 0
  }

  /// An owner's targets, in the order in which they were linked; only those with a detail when one is given.
  func targets(_ kind: LinkKind, of owner: String, detail: String? = nil) throws(Failure) -> [String] {
    if let detail {
      return try strings(
        "SELECT target FROM links WHERE kind = ? AND owner = ? AND detail = ? ORDER BY at, target",
        [kind.rawValue, owner, detail])
    }
    return try strings(
      "SELECT target FROM links WHERE kind = ? AND owner = ? ORDER BY at, target", [kind.rawValue, owner])
  }

  /// A target's owners, in the order in which they were linked.
  func owners(_ kind: LinkKind, of target: String) throws(Failure) -> [String] {
    try strings("SELECT owner FROM links WHERE kind = ? AND target = ? ORDER BY at, owner", [kind.rawValue, target])
  }
}
