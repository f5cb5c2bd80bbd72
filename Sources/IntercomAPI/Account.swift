// Whose workspace requests go to.

import IntercomCatalogue

/// A workspace with the right to use it.
public struct Account: Sendable {
  /// Where Intercom keeps a workspace.
  public enum Region: String, Sendable, CaseIterable {
    /// The United States: `api.intercom.io`.
    case us
    /// The European Union: `api.eu.intercom.io`.
    case eu
    /// Australia: `api.au.intercom.io`.
    case au

    /// The page on which a user lets an app in.
    var authorizePage: String {
      switch self {
      case .us: "https://app.intercom.com/oauth"
      case .eu: "https://app.eu.intercom.com/oauth"
      case .au: "https://app.au.intercom.com/oauth"
      }
    }

    /// The API's host in this region.
    public var host: String {
      switch self {
      case .us: "api.intercom.io"
      case .eu: "api.eu.intercom.io"
      case .au: "api.au.intercom.io"
      }
    }
  }

  /// The name under which the account is known to its user.
  public var name: String
  /// Where the account's API is.
  public var baseURL: BaseURL
  /// The bearer token; `nil` before the account has one.
  public var accessToken: Secret?
  /// The API version that requests ask for.
  public var version: String

  /// An account at Intercom.
  public init(accessToken: Secret, region: Region = .us, version: String? = nil, name: String = "default") {
    self.init(accessToken: accessToken, baseURL: .intercom(region), version: version, name: name)
  }

  /// An account at another address: a sandbox, a proxy.
  public init(accessToken: Secret?, baseURL: BaseURL, version: String? = nil, name: String = "default") {
    self.name = name
    self.baseURL = baseURL
    self.accessToken = accessToken
    self.version = version ?? Catalogue.shared.apiVersion
  }
}
