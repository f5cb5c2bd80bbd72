// Whose workspace a session works with, from an embedder's choice.

import IntercomAPI

extension IntercomAccess {
  /// Tells a session how to connect.
  package func configure(_ configuration: inout SessionConfiguration) {
    switch self {
    case .none: break
    case .accessToken(let token):
      configuration.connect = { IntercomClient(account: Account(accessToken: Secret(token))) }
    case .accounts(let store, let name):
      configuration.connect = { () async throws(APIError) in
        guard let name else { throw APIError(.auth, "this script chooses an account first: intercom.as(...)") }
        return store.client(for: try store.account(name))
      }
      configuration.connectNamed = { name async throws(APIError) in store.client(for: try store.account(name)) }
      configuration.connectUser = { project, token async throws(APIError) in
        try await store.client(project: project, userToken: token)
      }
    case .client(let client):
      configuration.connect = { client }
      configuration.closesClient = false
    }
  }
}
