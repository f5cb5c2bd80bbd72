// HTTP over AsyncHTTPClient.

import AsyncHTTPClient
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The network. The HTTP client and its thread are made for the first request: a script that sends none pays nothing.
public final class NetworkTransport: HTTPTransport {
  private let connectTimeout: Duration
  private let idleTimeout: Duration
  private let client = Mutex<HTTPClient?>(nil)

  /// Requests in flight to one host. The client's own limit of 8 halves the throughput of a parallel script.
  private static let connectionLimit = 32

  /// - Parameters:
  ///   - connectTimeout: How long connecting may take, the TLS handshake included.
  ///   - idleTimeout: How long a connection may be silent while an answer is waited for.
  public init(connectTimeout: Duration = .seconds(5), idleTimeout: Duration = .seconds(30)) {
    self.connectTimeout = connectTimeout
    self.idleTimeout = idleTimeout
  }

  deinit {
    // The HTTP client insists on being shut down, also when its owner forgot to.
    client.withLock { $0.take() }?.shutdown { _ in }
  }

  /// Closes the connections.
  public func shutdown() async {
    let client = self.client.withLock { $0.take() }
    // A failing shutdown leaves sockets to the system, and there is nobody to tell.
    try? await client?.shutdown()
  }

  /// Sends a request over a pooled connection.
  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let start = ContinuousClock.now
    do {
      var message = HTTPClientRequest(url: request.url)
      message.method = .init(rawValue: request.method)
      for (name, value) in request.headers { message.headers.add(name: name, value: value) }
      if let body = request.body { message.body = .bytes(body) }
      let answer = try await sharedClient(maximumBodySize: request.maximumBodySize)
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

  private func sharedClient(maximumBodySize: Int) -> HTTPClient {
    client.withLock { client in
      if let client { return client }
      var configuration = HTTPClient.Configuration(
        redirectConfiguration: .disallow,
        timeout: .init(
          connect: .nanoseconds(connectTimeout.nanoseconds), read: .nanoseconds(idleTimeout.nanoseconds)),
        decompression: .enabled(limit: .size(maximumBodySize)))
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionLimit
      // Retrying is the policy's business: it knows what may be sent again, and tells the user.
      configuration.connectionPool.retryConnectionEstablishment = false
      // One loop of the shared group: two connections on two threads are slower than two on one.
      let made = HTTPClient(
        eventLoopGroupProvider: .shared(HTTPClient.defaultEventLoopGroup.any()), configuration: configuration)
      client = made
      return made
    }
  }

  private static func transportError(_ error: any Error) -> TransportError {
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
