// Whom the transport talks to: hosts that prove who they are, at addresses that a name may lead to.

import NIOCore
import NIOSSL
import Testing

@testable import IntercomAPI

@Suite struct ConnectionTrustTests {
  private let host = "api.intercom.test"

  /// A transport for which the host is at an address, and an authority is known.
  private func transport(_ authority: TestAuthority? = nil, at address: String = "127.0.0.1") -> NetworkTransport {
    var environment = NetworkTransport.Environment()
    environment.addresses = [host: address]
    if let authority { environment.trustedCertificates = [authority.pem] }
    return NetworkTransport(connectTimeout: .seconds(10), idleTimeout: .seconds(30), environment: environment)
  }

  private func outcome(_ transport: NetworkTransport, _ url: String) async -> Result<Int, TransportError> {
    let request = TransportRequest(method: "GET", url: url, timeout: .seconds(30), maximumBodySize: 1 << 20)
    let result: Result<Int, TransportError>
    do throws(TransportError) {
      result = .success(try await transport.send(request).status)
    } catch {
      result = .failure(error)
    }
    await transport.shutdown()
    return result
  }

  @Test("a certificate that is expired, early, for another name or self-signed is refused; a good one is not")
  func certificates() async throws {
    let authority = try TestAuthority()
    let cases: [(name: String, configuration: TLSConfiguration, isGood: Bool)] = [
      ("good", try authority.serverConfiguration(host: "localhost"), true),
      ("expired", try authority.serverConfiguration(host: "localhost", validFor: -7200 ..< -3600), false),
      ("not yet valid", try authority.serverConfiguration(host: "localhost", validFor: 3600..<7200), false),
      ("for another name", try authority.serverConfiguration(host: "evil.test"), false),
      ("self-signed", try authority.serverConfiguration(host: "localhost", isSelfSigned: true), false),
    ]
    for (name, configuration, isGood) in cases {
      let server = try await TrustedServer(configuration)
      let outcome = await outcome(transport(authority), "https://localhost:\(server.port)/me")
      if isGood {
        #expect(outcome == .success(200), "\(name)")
      } else {
        guard case .failure(let error) = outcome else {
          Issue.record("\(name) was accepted")
          continue
        }
        #expect(error.kind == .insecure, "\(name): \(error)")
        #expect(!error.mayHaveBeenSent)
      }
      try await server.close()
    }
    // An authority that nobody knows vouches for nothing.
    let server = try await TrustedServer(authority.serverConfiguration(host: "localhost"))
    let unknown = await outcome(transport(), "https://localhost:\(server.port)/me")
    guard case .failure(let error) = unknown else { return #expect(Bool(false), "an unknown authority was trusted") }
    #expect(error.kind == .insecure)
    try await server.close()
  }

  @Test("a name that leads to this machine gets no request; the same address, written out, does")
  func privateAddress() async throws {
    let server = try await LoopbackServer(answer: Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".utf8))
    let named = await outcome(transport(), "http://\(host):\(server.port)/me?key=1")
    guard case .failure(let error) = named else { return #expect(Bool(false), "it was sent") }
    #expect(error.kind == .privateAddress && error.detail == "127.0.0.1" && !error.mayHaveBeenSent)
    #expect(server.received == 0)
    for written in ["127.0.0.1", "localhost"] {
      #expect(await outcome(transport(), "http://\(written):\(server.port)/me") == .success(200))
    }
    #expect(server.received > 0)
    try await server.close()
  }

  @Test(
    "addresses of private networks",
    arguments: [
      "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
      "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fc00::1", "fd12::1",
      "fe80::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::1",
    ])
  func isPrivate(address: String) throws {
    #expect(PrivateAddress.contains(try SocketAddress(ipAddress: address, port: 443)))
  }

  @Test(
    "addresses of the internet",
    arguments: [
      "1.1.1.1", "8.8.8.8", "100.63.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1", "169.253.0.1", "11.0.0.1",
      "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2a00:1450::1",
    ])
  func isPublic(address: String) throws {
    #expect(!PrivateAddress.contains(try SocketAddress(ipAddress: address, port: 443)))
  }
}
