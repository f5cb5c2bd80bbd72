// From a person to a token: the OAuth code flow, or a token that the person has.

import ICSDiagnostics
import ICSJSON
import IntercomAPI
import IntercomSandbox

/// How an account is to be connected.
struct Login: Sendable {
  /// Where the account's API is.
  enum Place: Sendable {
    case intercom(Account.Region)
    /// `INTERCOM_BASE_URL`.
    case other(BaseURL)
    /// The sandbox of this machine, which is started for the log-in.
    case sandbox
  }

  let place: Place
  /// The app; `nil` for the sandbox's own.
  let app: OAuth.App?
  /// The loopback port of the redirect; 0 for a free one.
  var port = 0
  /// The app's registered redirect URL, when it is not the loopback port itself.
  var redirect: String?
  var timeout: Duration = .seconds(300)

  /// Works out where to log in.
  ///
  /// - Parameters:
  ///   - region: What `--region` says.
  ///   - hasToken: Whether a token is there already, so that no app is needed.
  init(region: String?, hasToken: Bool) throws(UsageError) {
    let known = try region.map(Self.region)
    let id = Environment["INTERCOM_CLIENT_ID"]
    let secret = Environment["INTERCOM_CLIENT_SECRET"]
    if !hasToken, (id == nil) != (secret == nil) {
      let (set, missing) = id == nil ? ("SECRET", "ID") : ("ID", "SECRET")
      throw UsageError(message: "INTERCOM_CLIENT_\(set) is set and INTERCOM_CLIENT_\(missing) is not; an app has both")
    }
    app = id.flatMap { id in secret.map { OAuth.App(clientID: id, clientSecret: Secret($0)) } }
    if let address = Environment["INTERCOM_BASE_URL"] {
      guard known == nil else {
        throw UsageError(message: "INTERCOM_BASE_URL is set, so that '--region' has no meaning; unset one of the two")
      }
      do throws(APIError) {
        let base = try BaseURL(address)
        place = base.region.map(Place.intercom) ?? .other(base)
      } catch {
        throw UsageError(message: "INTERCOM_BASE_URL: \(error.message)")
      }
    } else if hasToken || app != nil {
      place = .intercom(known ?? .us)
    } else {
      place = .sandbox
    }
    if case .sandbox = place, known != nil { throw Self.needsApp }
    if case .intercom = place, !hasToken, app == nil { throw Self.needsApp }
    if case .other(let base) = place, !hasToken, app == nil, !base.isLoopback { throw Self.needsApp }
  }

  private static let needsApp = UsageError(
    message: "logging in at Intercom needs an app: set INTERCOM_CLIENT_ID and INTERCOM_CLIENT_SECRET, or give a token "
      + "with --token")

  private static func region(_ text: String) throws(UsageError) -> Account.Region {
    guard let region = Account.Region(rawValue: text.lowercased()) else {
      throw UsageError(message: "'\(text)' is no region; the regions are us, eu and au")
    }
    return region
  }

  /// Logs in by the code flow.
  ///
  /// - Parameter show: Is given the page that a person is to open.
  func token(at base: BaseURL, show: (_ url: String, _ redirect: String) -> Void) async throws(APIError) -> Secret {
    let standard = Sandbox.Configuration()
    let app = app ?? OAuth.App(clientID: standard.clientID, clientSecret: Secret(standard.clientSecret))
    let oauth = OAuth(app: app, api: base)
    let listener = try await OAuthListener.start(port: port)
    let state = OAuth.state()
    let redirect = redirect ?? listener.redirect
    show(oauth.authorizeURL(state: state, redirect: redirect), redirect)
    let token: Secret
    do throws(APIError) {
      let code = try await listener.code(state: state, timeout: timeout)
      KnownSecrets.add(Secret(code))
      token = try await oauth.exchange(code: code)
    } catch {
      await listener.stop()
      throw error
    }
    await listener.stop()
    KnownSecrets.add(token)
    guard token.reveal().utf8.count >= SecretInput.minimumLength else {
      throw APIError(.auth, "the token that came for the code is too short to be one")
    }
    return token
  }
}
