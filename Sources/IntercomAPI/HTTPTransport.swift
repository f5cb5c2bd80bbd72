// The seam between the connector and the network.

/// Carries one exchange. The rules (what may be sent, how often, how fast) are above it; a test stands in for it.
public protocol HTTPTransport: Sendable {
  /// Sends a request once and reads the whole answer. Follows no redirect.
  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
  /// Closes the connections. Called once; nothing is sent afterwards.
  func shutdown() async
}

/// A request as it goes over the wire.
public struct TransportRequest: Sendable {
  /// The HTTP method, in upper case.
  public let method: String
  /// The complete URL; ASCII, without a fragment.
  public let url: String
  /// All headers but those that frame the message; the token is among them.
  public let headers: [(name: String, value: String)]
  /// The body's bytes; `nil` sends none.
  public let body: [UInt8]?
  /// How long the whole exchange may take.
  public let timeout: Duration
  /// The largest answer, unpacked. That of a transport's first request holds for what it unpacks.
  public let maximumBodySize: Int

  /// A request as it is sent.
  public init(
    method: String, url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    timeout: Duration = .seconds(30), maximumBodySize: Int = 64 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.maximumBodySize = maximumBodySize
  }
}

extension TransportRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Method and URL: one of the headers holds the token.
  public var description: String { "\(method) \(url)" }
  /// As `description`.
  public var debugDescription: String { description }
  /// Without the headers.
  public var customMirror: Mirror { Mirror(self, children: ["method": method, "url": url]) }
}

/// An answer as it came.
public struct TransportResponse: Sendable {
  /// The HTTP status.
  public let status: Int
  /// The headers, as they came.
  public let headers: [(name: String, value: String)]
  /// The body, unpacked.
  public let body: [UInt8]

  /// An answer.
  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// Why there is no answer.
public struct TransportError: Error, Sendable, Hashable {
  /// The kinds that the rules tell apart.
  public enum Kind: String, Sendable, Hashable {
    /// Nobody answers at the address; nothing was sent.
    case cannotConnect
    /// The name has no address; nothing was sent.
    case unknownHost
    /// The certificate is not trusted, or TLS failed; nothing was sent.
    case insecure
    /// The connection took too long; nothing was sent.
    case connectTimeout
    /// The answer took too long.
    case timeout
    /// The connection ended before the whole answer was there.
    case connectionLost
    /// The answer's body is larger than `TransportRequest.maximumBodySize`.
    case bodyTooLarge
    /// The answer is not HTTP, or cannot be unpacked.
    case malformedAnswer
    /// The task was cancelled.
    case cancelled
    /// The host's name leads to this machine or to a private network.
    case privateAddress
    /// A replay has no answer to this.
    case notRecorded
  }

  /// What went wrong.
  public let kind: Kind
  /// The transport's own words, if they add something.
  public let detail: String

  /// An error.
  public init(_ kind: Kind, detail: String = "") {
    self.kind = kind
    self.detail = detail
  }

  /// Whether a byte of the request may have left: what was never sent may always be sent again.
  public var mayHaveBeenSent: Bool {
    switch kind {
    case .cannotConnect, .unknownHost, .insecure, .connectTimeout, .privateAddress, .notRecorded: false
    case .timeout, .connectionLost, .bodyTooLarge, .malformedAnswer, .cancelled: true
    }
  }
}
