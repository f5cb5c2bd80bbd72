// A connection that sends bytes as they are and reads what comes back: for requests that no client would send.

import Foundation
import NIOCore
import NIOPosix

enum RawConnection {
  /// Sends text and reads until so many answers have come to their ends, or the other side closes.
  static func exchange(_ port: Int, _ text: String, answers: Int = 1) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      async let written: Void = {
        // The other side may have heard enough before all is written.
        try? await outbound.write(ByteBuffer(string: text))
      }()
      var received = ""
      do {
        for try await part in inbound {
          received += String(buffer: part)
          if count(of: received) >= answers { break }
        }
      } catch is IOError {
        // Closed hard: what has come is what there is.
      }
      await written
      return received
    }
  }

  /// How many whole answers a text holds.
  private static func count(of text: String) -> Int {
    var rest = Substring(text)
    var count = 0
    while let end = rest.range(of: "\r\n\r\n") {
      let head = rest[..<end.lowerBound].lowercased()
      var length = 0
      if let field = head.range(of: "content-length: ") {
        length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
      }
      guard rest[end.upperBound...].utf8.count >= length else { return count }
      rest = rest[rest.utf8.index(end.upperBound, offsetBy: length)...]
      // The answer to "may I go on" is the first half of one, and counts as one.
      count += 1
    }
    return count
  }
}
