// How long a connection may take to ask something: a peer that sends a byte now and then holds no connection for ever.

import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes connections that are slow, and asks those for their body that wait to be asked (`Expect: 100-continue`).
final class ConnectionDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// The times that a connection has.
  struct Times: Sendable {
    /// From its start to the end of its first head.
    var head: TimeAmount = .seconds(10)
    /// From an answer to the end of the next head.
    var idle: TimeAmount = .seconds(60)
    /// From a head to the end of its body. Intercom gives up after five seconds.
    var body: TimeAmount = .seconds(10)
  }

  private let times: Times
  private let maximumBodySize: Int
  private var deadline: Scheduled<Void>?
  private var isReadingBody = false

  init(times: Times, maximumBodySize: Int) {
    self.times = times
    self.maximumBodySize = maximumBodySize
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { wait(times.head, context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { stop() }

  func channelActive(context: ChannelHandlerContext) {
    wait(times.head, context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let request):
      isReadingBody = true
      wait(times.body, context)
      askForBody(request, context)
    case .body: break
    case .end:
      isReadingBody = false
      // The answer takes as long as it takes.
      stop()
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data), !isReadingBody { wait(times.idle, context) }
    context.write(data, promise: promise)
  }

  /// A body that is too large is refused at once instead: the answer says so.
  private func askForBody(_ request: HTTPRequest, _ context: ChannelHandlerContext) {
    guard request.headerFields[.expect]?.lowercased() == "100-continue" else { return }
    let length = request.headerFields[.contentLength].flatMap { Int($0) } ?? 0
    guard length <= maximumBodySize else { return }
    context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
  }

  private func wait(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    stop()
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
      deadline = nil
      guard isReadingBody else {
        context.close(promise: nil)
        return
      }
      let fields: HTTPFields = [.connection: "close", .contentLength: "0"]
      context.write(wrapOutboundOut(.head(HTTPResponse(status: .requestTimeout, headerFields: fields))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      context.close(promise: nil)
    }
  }

  private func stop() {
    deadline?.cancel()
    deadline = nil
  }
}

// SAFETY: a handler lives on its channel's event loop, and what it schedules runs there.
@available(*, unavailable)
extension ConnectionDeadlines: Sendable {}
