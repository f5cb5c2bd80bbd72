// From kept accounts to connectors.

extension AccountStore {
  /// A connector for an account, which marks it as `INVALID` here when the API refuses its token.
  public func client(
    for account: Account, configuration: IntercomClient.Configuration = .init(), transport: (any HTTPTransport)? = nil
  ) -> IntercomClient {
    var configuration = configuration
    let next = configuration.tokenRejected
    configuration.tokenRejected = {
      // The request's own error is what the caller has to see, and the next use of the token fails the same way.
      try? markInvalid(account.name)
      next?()
    }
    return IntercomClient(account: account, configuration: configuration, transport: transport)
  }

  /// A connector for the account that a project's user has connected.
  ///
  /// - Parameters:
  ///   - project: The project's id, as `saveProject` has it.
  ///   - userToken: An RS256 JSON Web Token of the project, whose `sub` is the user.
  ///   - configuration: Time limits, retries, observers.
  ///   - transport: What requests go through; nil for TCP.
  /// - Throws: `E_AUTH` for a project that is not known, a bad token, or a user without an account.
  public func client(
    project: String, userToken: String, configuration: IntercomClient.Configuration = .init(),
    transport: (any HTTPTransport)? = nil
  ) async throws(APIError) -> IntercomClient {
    let user = try await self.project(project).verify(userToken)
    return client(for: try account(project: project, user: user.id), configuration: configuration, transport: transport)
  }
}
