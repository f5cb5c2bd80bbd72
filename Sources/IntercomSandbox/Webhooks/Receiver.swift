// Who is told of changes, and the small HTTP client that tells them.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The receiver of webhooks: plain HTTP, since a sandbox talks to programs on its own machine.
struct Receiver: Sendable {
  private let host: String
  private let port: Int
  private let path: String

  /// Intercom waits five seconds for an answer.
  private static let timeoutInSeconds = 5

  init(_ url: String) throws(SandboxError) {
    let scheme = "http://"
    func wrong(_ reason: String) -> SandboxError { .configuration(setting: "webhook", reason: "'\(url)' \(reason)") }
    guard url.hasPrefix(scheme) else { throw wrong("does not begin with http://") }
    let rest = url.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let target = rest.dropFirst(authority.count)
    guard !url.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else {
      throw wrong("contains a space or a control character")
    }
    let pieces = authority.split(separator: ":", omittingEmptySubsequences: false)
    guard let name = pieces.first, !name.isEmpty, pieces.count <= 2 else { throw wrong("names no host") }
    guard let port = pieces.count == 2 ? Int(pieces[1]) : 80, (1...65_535).contains(port) else {
      throw wrong("has no valid port")
    }
    host = String(name)
    self.port = port
    path = target.isEmpty ? "/" : target.first == "?" ? "/" + target : String(target)
  }

  /// Sends a request and returns the status of the answer; `nil` when there was none. Blocks the calling thread.
  func send(_ method: String, headers: [(name: String, value: String)], body: [UInt8]) -> Int? {
    guard let descriptor = connected() else { return nil }
    defer { close(descriptor) }
    var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    head += "Content-Length: \(body.count)\r\n\r\n"
    guard write(Array(head.utf8) + body, to: descriptor) else { return nil }
    return status(from: descriptor)
  }

  private func connected() -> Int32? {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    #if os(Linux)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0 else { return nil }
    defer { freeaddrinfo(found) }
    var next = found
    while let address = next {
      let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
      if descriptor >= 0 {
        var limit = timeval(tv_sec: Self.timeoutInSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        if connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 { return descriptor }
        close(descriptor)
      }
      next = address.pointee.ai_next
    }
    return nil
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      // Without a signal: a receiver that hangs up must not end this process.
      #if os(Linux)
        let flags = Int32(MSG_NOSIGNAL)
      #else
        let flags: Int32 = 0
      #endif
      let count = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map { Int(Self.systemSend(descriptor, $0 + sent, bytes.count - sent, flags)) } ?? -1
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// `send` of libc: the method of this type hides it.
  private static func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, _ flags: Int32) -> Int {
    #if canImport(Glibc)
      Glibc.send(descriptor, bytes, count, flags)
    #elseif canImport(Musl)
      Musl.send(descriptor, bytes, count, flags)
    #else
      Darwin.send(descriptor, bytes, count, flags)
    #endif
  }

  /// Reads as far as the status line.
  private func status(from descriptor: Int32) -> Int? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 512)
    while !bytes.contains(UInt8(ascii: "\n")), bytes.count < 4096 {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[0..<count]
    }
    let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let words = line.split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1.") else { return nil }
    return Int(words[1])
  }
}
