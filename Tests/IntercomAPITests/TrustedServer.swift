// A server with a certificate of the test's own making, and what the transport thinks of it.

import Crypto
import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import X509

import struct Foundation.Date

/// A certificate authority that nobody knows.
struct TestAuthority {
  private let key = P256.Signing.PrivateKey()
  private let name: DistinguishedName
  let pem: [UInt8]

  init() throws {
    name = try DistinguishedName { CommonName("Test authority") }
    let certificate = try Self.certificate(
      subject: name, key: key, issuer: name, issuerKey: key, validFor: -3600..<86_400,
      extensions: Certificate.Extensions { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) })
    pem = Array(try certificate.serializeAsPEM().pemString.utf8)
  }

  /// A server's certificate with its key.
  ///
  /// - Parameters:
  ///   - host: The name that it is for.
  ///   - validFor: Seconds from now.
  ///   - isSelfSigned: Whether the server vouches for itself.
  func serverConfiguration(
    host: String, validFor: Range<Double> = -3600..<86_400, isSelfSigned: Bool = false
  ) throws -> TLSConfiguration {
    let serverKey = P256.Signing.PrivateKey()
    let subject = try DistinguishedName { CommonName(host) }
    let certificate = try Self.certificate(
      subject: subject, key: serverKey, issuer: isSelfSigned ? subject : name,
      issuerKey: isSelfSigned ? serverKey : key, validFor: validFor,
      extensions: Certificate.Extensions { SubjectAlternativeNames([.dnsName(host)]) })
    let chain = try NIOSSLCertificate(bytes: Array(certificate.serializeAsPEM().pemString.utf8), format: .pem)
    return .makeServerConfiguration(
      certificateChain: [.certificate(chain)],
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(serverKey.pemRepresentation.utf8), format: .pem)))
  }

  private static func certificate(
    subject: DistinguishedName, key: P256.Signing.PrivateKey, issuer: DistinguishedName,
    issuerKey: P256.Signing.PrivateKey, validFor: Range<Double>, extensions: Certificate.Extensions
  ) throws -> Certificate {
    let now = Date()
    return try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
      notValidBefore: now.addingTimeInterval(validFor.lowerBound),
      notValidAfter: now.addingTimeInterval(validFor.upperBound), issuer: issuer, subject: subject,
      signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: .init(issuerKey))
  }
}

/// Answers `{}` over TLS, and counts the bytes that it was sent.
final class TrustedServer: Sendable {
  let port: Int
  private let channel: any Channel

  init(_ configuration: TLSConfiguration) async throws {
    let context = try NIOSSLContext(configuration: configuration)
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          try channel.pipeline.syncOperations.addHandler(EmptyAnswer())
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    struct NoPort: Error {}
    guard let port = channel.localAddress?.port else { throw NoPort() }
    self.port = port
  }

  func close() async throws { try await channel.close() }
}

private final class EmptyAnswer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
