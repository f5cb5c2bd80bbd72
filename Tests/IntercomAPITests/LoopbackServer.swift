// A server of raw bytes on this machine, to see what the transport makes of bad answers.

import NIOCore
import NIOPosix
import Synchronization

/// Answers each connection's first bytes with fixed ones.
final class LoopbackServer: Sendable {
  let port: Int
  private let channel: any Channel
  private let count = Count()

  fileprivate final class Count: Sendable {
    let bytes = Atomic(0)
  }

  /// How many bytes came, over all connections.
  var received: Int { count.bytes.load(ordering: .relaxed) }

  /// - Parameters:
  ///   - answer: What is written; `nil` closes the connection without a word.
  ///   - holdsOpen: Whether the connection stays open and silent afterwards.
  init(answer: [UInt8]?, holdsOpen: Bool = false) async throws {
    let count = count
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 16)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = FixedAnswer(answer: answer, holdsOpen: holdsOpen, count: count)
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    struct NoPort: Error {}
    guard let port = channel.localAddress?.port else { throw NoPort() }
    self.port = port
  }

  /// Returns when nobody listens any more. A server that is not closed listens until the process ends.
  func close() async throws { try await channel.close() }
}

/// One connection. It ends its own side after the answer and leaves the rest to the client: closing while the client
/// still sends would reset the connection, and the answer with it.
private final class FixedAnswer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: [UInt8]?
  private let holdsOpen: Bool
  private var hasAnswered = false

  private let count: LoopbackServer.Count

  init(answer: [UInt8]?, holdsOpen: Bool, count: LoopbackServer.Count) {
    self.count = count
    self.answer = answer
    self.holdsOpen = holdsOpen
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    count.bytes.add(unwrapInboundIn(data).readableBytes, ordering: .relaxed)
    guard !hasAnswered else { return }
    hasAnswered = true
    if let answer { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil) }
    if !holdsOpen { context.close(mode: answer == nil ? .all : .output, promise: nil) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
