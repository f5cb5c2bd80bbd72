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
  private let known = Mutex<Known?>(nil)

  /// In an object that exists when there is an account: the first use of a dictionary's type, its release as well, has
  /// the runtime look through all conformances, half a million instructions that a script without accounts does not need.
  private final class Known {
    var connections: [String: Connection] = [:]
  }

  init(named: AccountProvider?, authenticated: UserProvider?) {
    self.named = named
    self.authenticated = authenticated
  }

  /// The connection of an account, connected.
  func connection(named name: String) async throws(APIError) -> Connection {
    guard let named else { throw APIError(.permission, "this script may not choose an account") }
    let connection = remember(name) { Connection { () async throws(APIError) in try await named(name) } }.connection
    _ = try await connection.open()
    return connection
  }

  /// The connection of the account that a project's user has connected.
  func connection(project: String, userToken: String) async throws(APIError) -> Connection {
    guard let authenticated else { throw APIError(.permission, "this script may not choose an account") }
    let client = try await authenticated(project, userToken)
    let name = client.account.name
    let (connection, isNew) = remember(name) { Connection { client } }
    // A second connector for the same account would have a rate limit of its own.
    if !isNew { await client.shutdown() }
    _ = try await connection.open()
    return connection
  }

  private func remember(
    _ name: String, _ make: () -> Connection
  ) -> (connection: Connection, isNew: Bool) {
    known.withLock { known in
      if let connection = known?.connections[name] { return (connection, false) }
      let all = known ?? Known()
      known = all
      let made = make()
      all.connections[name] = made
      return (made, true)
    }
  }

  func shutdown() async {
    let open = known.withLock { known -> [Connection]? in
      defer { known = nil }
      return known.map { Array($0.connections.values) }
    }
    guard let open else { return }
    for connection in open { await connection.shutdown() }
  }
}

/// Makes the connector of an account by its name.
package typealias AccountProvider = @Sendable (_ name: String) async throws(APIError) -> IntercomClient
/// Makes the connector of the account that a project's user has connected, by that user's token.
package typealias UserProvider =
  @Sendable (_ project: String, _ userToken: String) async throws(APIError) -> IntercomClient
