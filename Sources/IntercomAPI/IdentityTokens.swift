// Tokens by which a program's own users say who they are.

import ICSJSON
import JWTKit

/// Checks the tokens of one project's users: RS256 JSON Web Tokens.
public struct IdentityTokens: Sendable {
  /// The project's public key in PEM form.
  public let publicKey: String
  /// The audience that a token must name; `nil` when it need not name any.
  public let audience: String?
  /// How far clocks may differ.
  public let leeway: Duration

  /// Who a token speaks for.
  public struct User: Sendable, Hashable {
    /// The `sub`.
    public let id: String
    /// Unix seconds of `iat`, when the token has one.
    public let issuedAt: Int?
    /// Unix seconds of `exp`.
    public let expiresAt: Int
  }

  /// How the users of a project are known.
  public init(publicKey: String, audience: String? = nil, leeway: Duration = .seconds(30)) {
    self.publicKey = publicKey
    self.audience = audience
    self.leeway = leeway
  }

  /// Verifies a token.
  ///
  /// - Parameters:
  ///   - token: The three parts of a JSON Web Token, with points between them.
  ///   - unixTime: The time now.
  /// - Throws: `E_AUTH`, with a sentence of its own for each way in which a token can be bad.
  public func verify(_ token: String, unixTime: Double) async throws(APIError) -> User {
    try await verify(token, now: unixTime)
  }

  /// Verifies a token by the machine's clock.
  public func verify(_ token: String) async throws(APIError) -> User {
    try await verify(token, now: SystemTime.unixSeconds())
  }

  private func verify(_ token: String, now: Double) async throws(APIError) -> User {
    let keys = JWTKeyCollection()
    do {
      // Only RS256 is offered: a token that names another algorithm, `none` or HS256 with the public key as its secret,
      // finds no key to be checked with.
      await keys.add(rsa: try Insecure.RSA.PublicKey(pem: publicKey), digestAlgorithm: .sha256)
    } catch {
      throw APIError(.auth, "the project's public key is no RSA key in PEM form")
    }
    try checkAlgorithm(token)
    let claims: Claims
    do {
      claims = try await keys.verify(token, as: Claims.self)
    } catch {
      throw Self.error(for: error)
    }
    return try check(claims, now: now)
  }

  /// Reads the header before any key is used.
  private func checkAlgorithm(_ token: String) throws(APIError) {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, token.utf8.count <= 16384, let bytes = Base64.decodeURLSafe(parts[0].utf8),
      let header = try? JSONValue(parsing: bytes)  // What is no JSON is no header; the sentence below says so.
    else { throw APIError(.auth, "the user's token is no JSON Web Token") }
    guard header["alg"]?.stringValue == "RS256" else {
      let given = header["alg"]?.stringValue ?? "nothing"
      throw APIError(.auth, "the user's token is signed with \(given.prefix(20)), and RS256 is needed")
    }
  }

  private func check(_ claims: Claims, now: Double) throws(APIError) -> User {
    let leeway = self.leeway.inSeconds
    guard let subject = claims.sub, !subject.isEmpty else {
      throw APIError(.auth, "the user's token names no user: it has no 'sub'")
    }
    guard let expiresAt = claims.exp else {
      throw APIError(.auth, "the user's token never expires: it has no 'exp'")
    }
    if expiresAt + leeway <= now { throw APIError(.auth, "the user's token has expired") }
    if let issuedAt = claims.iat, issuedAt - leeway > now {
      throw APIError(.auth, "the user's token was issued in the future; is a clock wrong?")
    }
    if let begin = claims.nbf, begin - leeway > now { throw APIError(.auth, "the user's token is not valid yet") }
    if let audience, !claims.audiences.contains(audience) {
      throw APIError(.auth, "the user's token is meant for somebody else: its 'aud' is another one")
    }
    return User(id: subject, issuedAt: claims.iat.flatMap(Self.whole), expiresAt: Self.whole(expiresAt) ?? .max)
  }

  private static func whole(_ number: Double) -> Int? { Int(exactly: number.rounded(.down)) }

  private static func error(for error: any Error) -> APIError {
    guard let error = error as? JWTError else {
      return APIError(.auth, "the user's token cannot be read")
    }
    return switch error.errorType {
    case .signatureVerificationFailed:
      APIError(.auth, "the user's token was not signed with the project's key")
    case .malformedToken: APIError(.auth, "the user's token is no JSON Web Token")
    default: APIError(.auth, "the user's token cannot be verified")
    }
  }

  /// The claims that count. Times are numbers, with fractions in some libraries' tokens.
  private struct Claims: JWTPayload {
    var sub: String?
    var exp: Double?
    var iat: Double?
    var nbf: Double?
    var aud: Audience?

    var audiences: [String] { aud?.values ?? [] }

    /// Nothing here: times are compared with the caller's clock, in `check`.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
  }

  /// One text or a list of them.
  private struct Audience: Codable {
    let values: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let one = try? container.decode(String.self) {  // Not a text: then a list, or an error.
        values = [one]
      } else {
        values = try container.decode([String].self)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(values)
    }
  }
}
