// Whose workspace a session works with, from an embedder's choice.

import IntercomAPI

extension IntercomAccess {
  /// Tells a session how to connect.
  ///
  /// - Parameter transport: What a connector sends by that is made here; nil for TCP.
  package func configure(_ configuration: inout SessionConfiguration, transport: (any HTTPTransport)? = nil) {
    // What is somebody else's is not closed.
    configuration.closesClient = transport == nil
    switch self {
    case .none: break
    case .accessToken(let token):
      configuration.connect = { IntercomClient(account: Account(accessToken: Secret(token)), transport: transport) }
    case .accounts(let store, let name):
      configuration.connect = { () async throws(APIError) in
        guard let name else { throw APIError(.auth, "this script chooses an account first: intercom.as(...)") }
        return store.client(for: try store.account(name), transport: transport)
      }
      configuration.connectNamed = { name async throws(APIError) in
        store.client(for: try store.account(name), transport: transport)
      }
      configuration.connectUser = { project, token async throws(APIError) in
        try await store.client(project: project, userToken: token, transport: transport)
      }
    case .client(let client):
      configuration.connect = { client }
      configuration.closesClient = false
    }
  }
}
