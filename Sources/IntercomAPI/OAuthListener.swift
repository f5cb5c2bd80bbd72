// The end of an OAuth log-in: the browser comes back to this machine with a code.

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Listens on a loopback port for the redirect of one log-in.
///
///     let listener = try await OAuthListener.start()
///     print(oauth.authorizeURL(state: state, redirect: listener.redirect))
///     let code = try await listener.code(state: state, timeout: .seconds(300))
///     await listener.stop()
public final class OAuthListener: Sendable {
  /// Where the authorize page is to send the browser: `http://127.0.0.1:PORT/callback`.
  public let redirect: String
  private let channel: any Channel
  private let result: Result

  private init(channel: any Channel, port: Int, result: Result) {
    self.channel = channel
    self.result = result
    redirect = "http://127.0.0.1:\(port)\(Self.path)"
  }

  fileprivate static let path = "/callback"

  /// Listens on a port of this machine; 0 takes a free one.
  ///
  /// - Throws: `E_NETWORK` when another program has the port.
  public static func start(port: Int = 0) async throws(APIError) -> OAuthListener {
    let result = Result()
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(RedirectHandler(result))
        }
      }
    let channel: any Channel
    do {
      channel = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw APIError(.network, "port \(port) of this machine is in use by another program; name another one")
    } catch {
      throw APIError(.network, "cannot listen on port \(port) of this machine: \(error)")
    }
    return OAuthListener(channel: channel, port: channel.localAddress?.port ?? port, result: result)
  }

  /// Waits for the redirect, and takes the code out of it.
  ///
  /// - Throws: `E_AUTH` when the user said no or the redirect has another state, `E_TIMEOUT` when nobody comes, `E_CANCELLED`
  ///   when the task is cancelled.
  public func code(state: String, timeout: Duration) async throws(APIError) -> String {
    result.expect(state)
    let timer = channel.eventLoop.scheduleTask(in: .nanoseconds(timeout.nanoseconds)) { [result] in
      result.set(
        .failure(APIError(.timeout, "nobody answered the log-in within \(Int(timeout.inSeconds.rounded())) seconds")))
    }
    defer { timer.cancel() }
    let answer = await withTaskCancellationHandler {
      await result.value()
    } onCancel: {
      result.set(.failure(APIError(.cancelled, "the log-in was interrupted")))
    }
    return try answer.get()
  }

  /// Stops listening.
  public func stop() async {
    // A socket that cannot be closed is the system's business.
    try? await channel.close().get()
  }

  /// What came of the log-in, once.
  fileprivate final class Result: Sendable {
    private struct State {
      var expected: String?
      var outcome: Swift.Result<String, APIError>?
      var waiter: CheckedContinuation<Swift.Result<String, APIError>, Never>?
    }

    private let state = Mutex(State())

    func expect(_ text: String) { state.withLock { $0.expected = text } }

    func value() async -> Swift.Result<String, APIError> {
      await withCheckedContinuation { continuation in
        let known = state.withLock { state in
          if state.outcome == nil { state.waiter = continuation }
          return state.outcome
        }
        if let known { continuation.resume(returning: known) }
      }
    }

    /// Keeps the first outcome; later ones change nothing.
    func set(_ outcome: Swift.Result<String, APIError>) {
      let waiter = state.withLock { state in
        guard state.outcome == nil else { return nil as CheckedContinuation<Swift.Result<String, APIError>, Never>? }
        state.outcome = outcome
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume(returning: outcome)
    }

    /// Takes the query of a redirect; gives what to tell the person who is looking at the browser.
    func take(query: String) -> (isGood: Bool, text: String) {
      guard let expected = state.withLock({ $0.expected }) else { return (false, "This log-in has not begun.") }
      do throws(APIError) {
        set(.success(try OAuth.code(fromQuery: query, state: expected)))
        return (true, "Connected. You may close this page and go back to the terminal.")
      } catch {
        set(.failure(error))
        return (false, "Not connected. The terminal says why.")
      }
    }
  }
}

/// Answers a connection's requests: the redirect, and nothing else.
private final class RedirectHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart
  private let result: OAuthListener.Result
  private var head: HTTPRequestHead?

  init(_ result: OAuthListener.Result) { self.result = result }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      answer(head, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var status = HTTPResponseStatus.notFound
    var text = "There is nothing here."
    // Browsers ask for icons of their own accord; only the redirect counts.
    if head.method == .GET, parts.first.map(String.init) == OAuthListener.path {
      let outcome = result.take(query: parts.count > 1 ? String(parts[1]) : "")
      (status, text) = (outcome.isGood ? .ok : .badRequest, outcome.text)
    }
    let page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>ics</title><p>\(text)</p></html>\n"
    var headers = HTTPHeaders([("Content-Type", "text/html; charset=utf-8"), ("Connection", "close")])
    headers.add(name: "Content-Length", value: String(page.utf8.count))
    // The code in the address is worth a token for a moment: no other site learns of it.
    headers.add(name: "Referrer-Policy", value: "no-referrer")
    context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: page)))), promise: nil)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }
}
