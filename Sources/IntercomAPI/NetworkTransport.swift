// HTTP over AsyncHTTPClient.

import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The network. The HTTP client and its thread are made for the first request: a script that sends none pays nothing.
///
/// A host's name that leads to this machine or to a private network gets no request, whatever it led to before: it is
/// the connection's address that counts. A URL that names such an address itself, or `localhost`, is taken at its word.
public final class NetworkTransport: HTTPTransport {
  private let connectTimeout: Duration
  private let idleTimeout: Duration
  private let environment: Environment
  private let clients = Mutex(Clients())

  /// What tests give in place of the world's names and certificates.
  package struct Environment: Sendable {
    /// Addresses of names.
    package var addresses: [String: String] = [:]
    /// Who else may vouch for a host, in PEM.
    package var trustedCertificates: [[UInt8]] = []

    package init() {}
  }

  private struct Clients {
    /// For hosts by name; it looks at what they lead to.
    var guarded: HTTPClient?
    /// For hosts that are written addresses.
    var open: HTTPClient?
  }

  /// Requests in flight to one host. The client's own limit of 8 halves the throughput of a parallel script.
  private static let connectionLimit = 32

  /// - Parameters:
  ///   - connectTimeout: How long connecting may take, the TLS handshake included.
  ///   - idleTimeout: How long a connection may be silent while an answer is waited for.
  public convenience init(connectTimeout: Duration = .seconds(5), idleTimeout: Duration = .seconds(30)) {
    self.init(connectTimeout: connectTimeout, idleTimeout: idleTimeout, environment: Environment())
  }

  /// A transport that sees another world.
  package init(connectTimeout: Duration, idleTimeout: Duration, environment: Environment) {
    self.connectTimeout = connectTimeout
    self.idleTimeout = idleTimeout
    self.environment = environment
  }

  deinit {
    // The HTTP client insists on being shut down, also when its owner forgot to.
    for client in takeClients() { client.shutdown { _ in } }
  }

  /// Closes the connections.
  public func shutdown() async {
    // A failing shutdown leaves sockets to the system, and there is nobody to tell.
    for client in takeClients() { try? await client.shutdown() }
  }

  private func takeClients() -> [HTTPClient] {
    clients.withLock { clients in
      defer { clients = Clients() }
      return [clients.guarded, clients.open].compactMap(\.self)
    }
  }

  /// Sends a request over a pooled connection.
  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let start = ContinuousClock.now
    do {
      var message = HTTPClientRequest(url: request.url)
      message.method = .init(rawValue: request.method)
      for (name, value) in request.headers { message.headers.add(name: name, value: value) }
      if let body = request.body { message.body = .bytes(body) }
      let answer = try await sharedClient(for: request)
        .execute(message, timeout: .nanoseconds(request.timeout.nanoseconds))
      return TransportResponse(
        status: Int(answer.status.code), headers: answer.headers.map { ($0.name, $0.value) },
        body: try await body(of: answer, for: request, since: start))
    } catch let error as TransportError {
      throw error
    } catch {
      throw Self.transportError(error)
    }
  }

  /// Reads the body while it comes, and stops at the limit: an answer must not fill the memory before it is refused.
  private func body(
    of answer: HTTPClientResponse, for request: TransportRequest, since start: ContinuousClock.Instant
  ) async throws -> [UInt8] {
    var body: [UInt8] = []
    if let length = answer.headers.first(name: "content-length").flatMap({ Int($0) }) {
      guard length <= request.maximumBodySize else { throw TransportError(.bodyTooLarge) }
      body.reserveCapacity(length)
    }
    for try await chunk in answer.body {
      guard body.count + chunk.readableBytes <= request.maximumBodySize else { throw TransportError(.bodyTooLarge) }
      body.append(contentsOf: chunk.readableBytesView)
      // The client's own limit ends with the head of the answer; a body that trickles would go on for ever.
      guard ContinuousClock.now - start < request.timeout * 2 else { throw TransportError(.timeout) }
    }
    return body
  }

  private func sharedClient(for request: TransportRequest) throws -> HTTPClient {
    let isGuarded = !PrivateAddress.isExplicit(host: Self.host(of: request.url))
    return try clients.withLock { clients in
      if let client = isGuarded ? clients.guarded : clients.open { return client }
      let made = try makeClient(isGuarded: isGuarded, maximumBodySize: request.maximumBodySize)
      if isGuarded { clients.guarded = made } else { clients.open = made }
      return made
    }
  }

  private func makeClient(isGuarded: Bool, maximumBodySize: Int) throws -> HTTPClient {
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(
        connect: .nanoseconds(connectTimeout.nanoseconds), read: .nanoseconds(idleTimeout.nanoseconds)),
      decompression: .enabled(limit: .size(maximumBodySize)))
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionLimit
    // Retrying is the policy's business: it knows what may be sent again, and tells the user.
    configuration.connectionPool.retryConnectionEstablishment = false
    if isGuarded {
      configuration.http1_1ConnectionDebugInitializer = Self.refusePrivateAddress
      configuration.http2ConnectionDebugInitializer = Self.refusePrivateAddress
    }
    configuration.dnsOverride = environment.addresses
    if !environment.trustedCertificates.isEmpty {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.additionalTrustRoots = [
        .certificates(try environment.trustedCertificates.map { try NIOSSLCertificate(bytes: $0, format: .pem) })
      ]
      configuration.tlsConfiguration = tls
    }
    // One loop of the shared group: two connections on two threads are slower than two on one.
    return HTTPClient(
      eventLoopGroupProvider: .shared(HTTPClient.defaultEventLoopGroup.any()), configuration: configuration)
  }

  /// Gives a new connection up before anything is sent on it when it leads where no name may.
  @Sendable
  private static func refusePrivateAddress(_ channel: any Channel) -> EventLoopFuture<Void> {
    guard let address = channel.remoteAddress, !PrivateAddress.contains(address) else {
      let detail = channel.remoteAddress?.ipAddress ?? ""
      return channel.close().flatMapThrowing { throw TransportError(.privateAddress, detail: detail) }
    }
    return channel.eventLoop.makeSucceededVoidFuture()
  }

  /// The host of a URL, in lower case. Called for every request, so it copies nothing but the host.
  private static func host(of url: String) -> String {
    let bytes = url.utf8
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return "" }
    let authority = bytes[colon...].dropFirst(3).prefix { !"/?#".utf8.contains($0) }
    let isBracketed = authority.first == UInt8(ascii: "[")
    let host = authority.prefix { $0 != UInt8(ascii: isBracketed ? "]" : ":") }
    return (String(host) ?? "").lowercased()
  }

  private static func transportError(_ error: any Error) -> TransportError {
    if let error = error as? TransportError { return error }
    if error is CancellationError { return TransportError(.cancelled) }
    if let error = error as? HTTPClientError { return transportError(error) }
    if let error = error as? NIOConnectionError { return connectionFailure(error) }
    if let error = error as? IOError, let reason = connectionFailure(error) { return reason }
    // TLS, the decompressor and the parser have types of modules that do not come with the client; their names are
    // stable.
    let type = String(describing: Swift.type(of: error))
    let text = shortened(String(describing: error))
    return switch type {
    case _ where type.contains("SSL") || type.contains("TLS"): TransportError(.insecure, detail: text)
    case _ where type.contains("Decompression"): TransportError(.bodyTooLarge, detail: "it unpacks beyond the limit")
    case "HTTPParserError": TransportError(.malformedAnswer, detail: text)
    default: TransportError(.connectionLost, detail: text)
    }
  }

  private static func transportError(_ error: HTTPClientError) -> TransportError {
    switch error {
    case .connectTimeout, .socksHandshakeTimeout, .httpProxyHandshakeTimeout, .tlsHandshakeTimeout,
      .getConnectionFromPoolTimeout:
      TransportError(.connectTimeout)
    case .readTimeout, .writeTimeout, .deadlineExceeded: TransportError(.timeout)
    case .cancelled, .requestStreamCancelled: TransportError(.cancelled)
    case .remoteConnectionClosed, .uncleanShutdown: TransportError(.connectionLost)
    case .alreadyShutdown: TransportError(.cannotConnect, detail: "the client is closed")
    default: TransportError(.malformedAnswer, detail: error.shortDescription)
    }
  }

  /// A connection error lists every address that was tried; what a person needs is the reason.
  private static func connectionFailure(_ error: NIOConnectionError) -> TransportError {
    if error.connectionErrors.isEmpty, error.dnsAError != nil || error.dnsAAAAError != nil {
      return TransportError(.unknownHost)
    }
    let reasons = error.connectionErrors.compactMap { ($0.error as? IOError).flatMap(connectionFailure) }
    return reasons.first ?? TransportError(.cannotConnect, detail: shortened(String(describing: error)))
  }

  /// The system's errors that only connecting has: nothing was sent.
  private static func connectionFailure(_ error: IOError) -> TransportError? {
    switch error.errnoCode {
    case ECONNREFUSED: TransportError(.cannotConnect, detail: "nobody listens there")
    case ENETUNREACH, ENETDOWN: TransportError(.cannotConnect, detail: "the network is unreachable")
    case EHOSTUNREACH, EHOSTDOWN: TransportError(.cannotConnect, detail: "the host is unreachable")
    default: nil
    }
  }

  private static func shortened(_ text: String) -> String { String(text.prefix(160)) }
}

extension Duration {
  /// Whole nanoseconds, as far as they fit.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let limited = min(max(seconds, 0), 1_000_000_000)
    return limited * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
