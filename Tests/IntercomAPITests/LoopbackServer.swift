// A server of raw bytes on this machine, to see what the transport makes of bad answers.

import Synchronization

#if canImport(Glibc)
  import Glibc
  private let streamSocket = Int32(SOCK_STREAM.rawValue)
#elseif canImport(Musl)
  import Musl
  private let streamSocket = SOCK_STREAM
#else
  import Darwin
  private let streamSocket = SOCK_STREAM
#endif

/// Answers each connection's first request with fixed bytes.
final class LoopbackServer: Sendable {
  let port: Int
  private let listener: Int32
  private let isClosed = Mutex(false)

  /// - Parameters:
  ///   - answer: What is written; `nil` closes the connection without a word.
  ///   - holdsOpen: Whether the connection stays open and silent afterwards.
  init(answer: [UInt8]?, holdsOpen: Bool = false) throws {
    let descriptor = socket(AF_INET, streamSocket, 0)
    listener = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    struct NoSocket: Error {}
    guard isBound else { throw NoSocket() }
    port = Int(UInt16(bigEndian: address.sin_port))
    let job = Job(listener: descriptor, answer: answer, holdsOpen: holdsOpen)
    Self.startThread { job.run() }
  }

  deinit { close() }

  func close() {
    let wasClosed = isClosed.withLock { closed in
      defer { closed = true }
      return closed
    }
    if !wasClosed {
      shutdown(listener, Int32(SHUT_RDWR))
      #if canImport(Darwin)
        Darwin.close(listener)
      #elseif canImport(Musl)
        Musl.close(listener)
      #else
        Glibc.close(listener)
      #endif
    }
  }

  private struct Job: Sendable {
    let listener: Int32
    let answer: [UInt8]?
    let holdsOpen: Bool

    func run() {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 65536)
        _ = recv(connection, &buffer, buffer.count, 0)
        if let answer { _ = send(connection, answer, answer.count, Int32(Self.noSignal)) }
        if !holdsOpen {
          shutdown(connection, Int32(SHUT_RDWR))
          #if canImport(Darwin)
            Darwin.close(connection)
          #elseif canImport(Musl)
            Musl.close(connection)
          #else
            Glibc.close(connection)
          #endif
        }
      }
    }

    #if canImport(Darwin)
      private static let noSignal = 0
    #else
      private static let noSignal = Int(MSG_NOSIGNAL)
    #endif
  }

  private static func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    pthread_create(
      &thread, nil,
      { pointer in
        #if canImport(Darwin)
          Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
        #else
          if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
        #endif
        return nil
      }, box)
  }
}
