// Connecting an account: from a code to a token, and who it belongs to.

import ICSJSON

/// The OAuth code flow of an app.
public struct OAuth: Sendable {
  /// The app at Intercom.
  public struct App: Sendable {
    /// The app's id: public.
    public let clientID: String
    /// What proves that the app is itself.
    public let clientSecret: Secret

    /// An app by its credentials.
    public init(clientID: String, clientSecret: Secret) {
      self.clientID = clientID
      self.clientSecret = clientSecret
    }
  }

  /// Who a token belongs to.
  public struct Identity: Sendable {
    /// The admin's id, name and e-mail.
    public let adminID: String
    /// The admin's name.
    public let name: String?
    /// The admin's e-mail address.
    public let email: String?
    /// The workspace's id code and region.
    public let workspaceID: String?
    /// Where the workspace is, as the API says.
    public let region: Account.Region?
  }

  /// The app that the user lets in.
  public let app: App
  /// Where the API is.
  public let api: BaseURL
  /// Where the user says yes.
  public let authorizePage: String

  /// - Parameters:
  ///   - app: The app that a user lets in.
  ///   - api: The API's address; the sandbox's for a development app.
  ///   - authorizePage: `nil` for Intercom's in the API's region, or for `/oauth` at an address that is not Intercom's.
  public init(app: App, api: BaseURL, authorizePage: String? = nil) {
    self.app = app
    self.api = api
    let region = Account.Region.allCases.first { $0.host == api.host }
    self.authorizePage = authorizePage ?? region?.authorizePage ?? "\(api)/oauth"
  }

  /// The page to which a user's browser is sent.
  ///
  /// - Parameters:
  ///   - state: A text that nobody can guess: `OAuth.state()`. The answer must bring it back.
  ///   - redirect: Where the browser is sent afterwards; `nil` for the first of the app's redirect URLs.
  public func authorizeURL(state: String, redirect: String? = nil) -> String {
    let pairs = [("client_id", app.clientID), ("state", state)] + (redirect.map { [("redirect_uri", $0)] } ?? [])
    return authorizePage + "?"
      + pairs.map { "\($0.0)=\(PercentEncoding.component($0.1))" }.joined(separator: "&")
  }

  /// A new random state: 128 bits as hexadecimal digits.
  public static func state() -> String {
    Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
  }

  /// Takes the code out of the redirect's query.
  ///
  /// - Throws: `E_AUTH` when the state is not the one that was sent, or the user said no.
  public static func code(fromQuery query: String, state expected: String) throws(APIError) -> String {
    var fields: [String: String] = [:]
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      // A code may end in "=", and is sent whole.
      guard let name = parts.first, let value = PercentEncoding.decode((parts.dropFirst().first ?? "").utf8)
      else { continue }
      fields[String(name)] = String(decoding: value, as: UTF8.self)
    }
    guard let state = fields["state"], isEqual(state, expected) else {
      throw APIError(.auth, "the redirect does not belong to this log-in: its state is another one")
    }
    guard let code = fields["code"], !code.isEmpty else {
      throw APIError(.auth, "the log-in was not granted" + (fields["error"].map { ": \($0.prefix(200))" } ?? ""))
    }
    return code
  }

  /// Exchanges a code for an access token.
  ///
  /// - Throws: `E_AUTH` when the code is no longer good.
  public func exchange(
    code: String, transport: (any HTTPTransport)? = nil, clock: RequestClock = .system
  ) async throws(APIError) -> Secret {
    let body: JSONValue = [
      "code": .string(code), "client_id": .string(app.clientID), "client_secret": .string(app.clientSecret.reveal()),
    ]
    let account = Account(accessToken: nil, baseURL: api)
    let secrets = [app.clientSecret, Secret(code)]
    let client = IntercomClient(account: account, transport: transport, clock: clock, secrets: secrets)
    var request = APIRequest("POST", "/auth/eagle/token", body: body)
    request.isAnonymous = true
    let answer: JSONValue
    do throws(APIError) {
      answer = try await client.send(request).json()
    } catch {
      await client.shutdown()
      guard error.status == 401 || error.status == 400 else { throw error }
      throw APIError(
        .auth, "Intercom does not accept the code; it works once and for a short time", status: error.status,
        requestID: error.requestID, errors: error.errors, method: error.method, path: error.path)
    }
    await client.shutdown()
    guard let token = answer["access_token"]?.stringValue ?? answer["token"]?.stringValue, !token.isEmpty else {
      throw APIError(.auth, "the answer to the code holds no access token")
    }
    return Secret(token)
  }

  private static func isEqual(_ one: String, _ other: String) -> Bool {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    return one.count == other.count && zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

extension IntercomClient {
  /// Asks the API whose token this is.
  ///
  /// - Throws: `E_AUTH` when the token is not accepted, may not read admins, or belongs to an unverified e-mail.
  public func identity() async throws(APIError) -> OAuth.Identity {
    let me: JSONValue
    do throws(APIError) {
      me = try await call("admins.me")
    } catch {
      guard error.status == 403 else { throw error }
      throw APIError(
        .auth, "the app may not read admins: give it the permission 'Read admins' and connect again",
        status: error.status, requestID: error.requestID, errors: error.errors, method: error.method, path: error.path)
    }
    guard let id = me["id"]?.stringValue ?? me["id"]?.intValue.map(String.init) else {
      throw APIError(.auth, "the app may not read admins: give it the permission 'Read admins' and connect again")
    }
    if me["email_verified"]?.boolValue == false {
      throw APIError(.auth, "the admin's e-mail address is not verified")
    }
    return OAuth.Identity(
      adminID: id, name: me["name"]?.stringValue, email: me["email"]?.stringValue,
      workspaceID: me["app"]?["id_code"]?.stringValue,
      region: (me["app"]?["region"]?.stringValue?.lowercased()).flatMap(Account.Region.init))
  }
}
