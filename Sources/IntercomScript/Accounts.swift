// The accounts that a script chooses.

import ICSJSON
import IntercomAPI
import Synchronization

/// The accounts that a script has chosen by `intercom.as` and `intercom.authenticate`.
///
/// One connector for each account, however often it is chosen: its requests share one rate limit.
final class Accounts: Sendable {
  private let named: AccountProvider?
  private let authenticated: UserProvider?
  private let known = Mutex<[String: Connection]>([:])

  init(named: AccountProvider?, authenticated: UserProvider?) {
    self.named = named
    self.authenticated = authenticated
  }

  /// The connection of an account, connected.
  func connection(named name: String) async throws(APIError) -> Connection {
    guard let named else { throw APIError(.permission, "this script may not choose an account") }
    let connection = known.withLock { known in
      if let connection = known[name] { return connection }
      let made = Connection { () async throws(APIError) in try await named(name) }
      known[name] = made
      return made
    }
    _ = try await connection.open()
    return connection
  }

  /// The connection of the account that a project's user has connected.
  func connection(project: String, userToken: String) async throws(APIError) -> Connection {
    guard let authenticated else { throw APIError(.permission, "this script may not choose an account") }
    let client = try await authenticated(project, userToken)
    let name = client.account.name
    let (connection, isNew) = known.withLock { known in
      if let connection = known[name] { return (connection, false) }
      let made = Connection { client }
      known[name] = made
      return (made, true)
    }
    // A second connector for the same account would have a rate limit of its own.
    if !isNew { await client.shutdown() }
    _ = try await connection.open()
    return connection
  }

  func shutdown() async {
    let open = known.withLock { known in
      defer { known = [:] }
      return Array(known.values)
    }
    for connection in open { await connection.shutdown() }
  }
}

/// Makes the connector of an account by its name.
package typealias AccountProvider = @Sendable (_ name: String) async throws(APIError) -> IntercomClient
/// Makes the connector of the account that a project's user has connected, by that user's token.
package typealias UserProvider =
  @Sendable (_ project: String, _ userToken: String) async throws(APIError) -> IntercomClient
