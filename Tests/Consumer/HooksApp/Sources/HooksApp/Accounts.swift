// The app's own data, and what scripts may do with it.

import Hummingbird
import IntercomScript

/// A customer of the app's.
struct Account: Codable, Sendable, ResponseEncodable {
  var domain: String
  var plan = "free"
  var notes: [String] = []
}

/// The accounts. Another app has a database here.
actor Accounts {
  private var accounts = ["acme.com": Account(domain: "acme.com", plan: "pro")]

  func account(_ domain: String) throws -> Account {
    guard let account = accounts[domain] else { throw HTTPError(.notFound) }
    return account
  }

  private func find(_ domain: String) -> Account? { accounts[domain] }

  private func note(_ text: String, on domain: String) throws {
    guard accounts[domain] != nil else { throw HostError("E_NO_ACCOUNT", "nobody here is called \(domain)") }
    accounts[domain]?.notes.append(text)
  }

  /// `crm` in scripts.
  nonisolated var module: HostModule {
    var crm = HostModule("crm")
    crm.function("find", doc: "The account of a domain; null when there is none.") { (domain: String) async in
      await self.find(domain)
    }
    crm.function("note", doc: "Adds a note to an account.") { (domain: String, text: String) async throws in
      try await self.note(text, on: domain)
    }
    return crm
  }
}
