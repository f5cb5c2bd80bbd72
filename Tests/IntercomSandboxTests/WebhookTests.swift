import Foundation
import ICSJSON
import Synchronization
import Testing

@testable import IntercomSandbox

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A receiver that keeps what it is sent and answers 200.
private final class ListeningReceiver: Sendable {
  struct Delivery: Sendable {
    let head: String
    let body: [UInt8]
  }

  let port: UInt16
  private let descriptor: Int32
  private let deliveries = Mutex<[Delivery]>([])

  init() throws {
    #if os(Linux)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    let descriptor = socket(AF_INET, kind, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, size) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, address, &size) == 0
      }
    }
    try #require(bound)
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
    let thread = Thread { [self] in while serveOne() {} }
    thread.start()
  }

  var received: [Delivery] { deliveries.withLock { $0 } }

  func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private func serveOne() -> Bool {
    let connection = accept(descriptor, nil, nil)
    guard connection >= 0 else { return false }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    let separator = Array("\r\n\r\n".utf8)
    while true {
      if let end = bytes.firstRange(of: separator)?.upperBound {
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let length =
          head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst("content-length:".count).filter(\.isNumber)) } ?? 0
        if bytes.count - end >= length {
          let delivery = Delivery(head: head, body: Array(bytes[end..<end + length]))
          deliveries.withLock { $0.append(delivery) }
          break
        }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      bytes += buffer[0..<count]
    }
    let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
    _ = send(connection, answer, answer.count, 0)
    close(connection)
    return true
  }
}

struct WebhookTests {
  @Test("each change is announced once, signed over the bytes that were sent")
  func announcements() async throws {
    let receiver = try ListeningReceiver()
    defer { receiver.stop() }
    var configuration = Sandbox.Configuration(webhookURL: "http://127.0.0.1:\(receiver.port)/hooks?x=1")
    configuration.clock = { 1_750_000_000 }
    try await withSandbox(configuration) { client async throws in
      let id = try await client.contact(["role": "lead", "name": "Kay"])
      _ = try await client.put("/contacts/\(id)", ["email": "kay@example.com"])
      #expect(try await client.put("/contacts/\(id)", ["email": "none"]).status == 400)
      _ = try await client.post("/companies", ["company_id": "c", "name": "C"])
      _ = try await client.post("/companies", ["company_id": "c", "name": "D"])
      _ = try await client.delete("/contacts/\(id)")
      await client.sandbox.deliverWebhooks()
      let topics = try receiver.received.map { try JSONValue(parsing: $0.body)["topic"]?.stringValue ?? "" }
      #expect(
        topics == [
          "contact.lead.created", "contact.lead.updated", "contact.lead.added_email", "contact.email.updated",
          "company.created", "company.updated", "contact.deleted",
        ])
      let first = try #require(receiver.received.first)
      let signature = "sha1=" + Hex.text(SHA1.hmac(first.body, key: Array(client.sandbox.clientSecret.utf8)))
      #expect(first.head.hasPrefix("POST /hooks?x=1 HTTP/1.1\r\n"))
      #expect(first.head.contains("\r\nX-Hub-Signature: \(signature)\r\n"))
      let envelope = try JSONValue(parsing: first.body)
      #expect(envelope["type"] == "notification_event" && envelope["delivery_attempts"] == 1)
      #expect(envelope["id"]?.stringValue?.hasPrefix("notif_") == true)
      #expect(envelope["created_at"] == 1_750_000_000)
      #expect(envelope["data"]?["item"]?["id"]?.stringValue == id)
    }
  }

  @Test(
    "an address that is none is refused",
    arguments: [
      "https://a.example/", "http://", "127.0.0.1:80", "http://a:0/", "http://a:b/", "http://a/b c",
      "http://a/\r\nX: y",
    ])
  func addresses(url: String) async {
    await #expect(throws: SandboxError.self) {
      try await Sandbox.start(Sandbox.Configuration(webhookURL: url))
    }
  }

  @Test("a receiver that is not there holds nothing up")
  func unreachable() async throws {
    try await withSandbox(Sandbox.Configuration(webhookURL: "http://127.0.0.1:1/")) { client async throws in
      _ = try await client.contact(["role": "user"])
      await client.sandbox.deliverWebhooks()
    }
  }
}
