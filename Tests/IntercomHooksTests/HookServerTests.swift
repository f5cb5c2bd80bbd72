// The server over real connections.

import Foundation
import ICSDurable
import ICSJSON
import IntercomAPI
import IntercomScript
import Testing

@testable import IntercomHooks

@Suite struct HookServerTests {
  private func started(
    _ source: String = "on contact.created as c { print(c.id) }", requestTime: Duration = .seconds(10)
  ) async throws -> (TestService, HookServer) {
    let test = try await TestService(source)
    var configuration = HookServer.Configuration()
    configuration.port = 0
    configuration.requestTime = requestTime
    return (test, try await HookServer.start(test.service, configuration))
  }

  private func post(_ body: [UInt8], path: String = "/webhooks/intercom", signature: String? = nil, more: String = "")
    -> String
  {
    let signature = signature ?? WebhookSignature.sign(body, secret: TestService.secret)
    return
      "POST \(path) HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: \(signature)\r\n\(more)Content-Length: \(body.count)\r\n\r\n"
      + String(decoding: body, as: UTF8.self)
  }

  private static let body = TestService.body("contact.user.created", item: ["type": "contact", "id": "1"], id: "n1")

  @Test("statuses of requests that are no webhooks")
  func statuses() async throws {
    let (test, server) = try await started()
    for (request, status) in [
      (post(Self.body), 200), (post(Self.body, signature: "sha1=0"), 401), (post(Array("{}".utf8)), 400),
      (post(Self.body, path: "/webhooks"), 404), (post(Self.body, path: "/"), 404),
      ("HEAD /webhooks/intercom HTTP/1.1\r\nHost: x\r\n\r\n", 200),
      ("GET /webhooks/intercom HTTP/1.1\r\nHost: x\r\n\r\n", 405),
      ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200), ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200),
      ("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405),
      ("POST /webhooks/intercom HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
      (
        "POST /webhooks/intercom HTTP/1.1\r\nHost: x\r\nContent-Length: 20971520\r\n\r\n"
          + String(repeating: "x", count: 1000), 413
      ),
    ] {
      let answer = try await RawConnection.exchange(server.port, request)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(60)): \(answer.prefix(60))")
    }
    await server.stop()
    await test.stop()
  }

  @Test("a chunked body that never ends is refused at the limit")
  func endlessChunks() async throws {
    let (test, server) = try await started()
    let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
    let request =
      "POST /webhooks/intercom HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      + String(repeating: chunk, count: 20)
    #expect(try await RawConnection.exchange(server.port, request).hasPrefix("HTTP/1.1 413 "))
    await server.stop()
    await test.stop()
  }

  @Test("a body that does not come is 408, a head that does not come ends the connection")
  func slowness() async throws {
    let (test, server) = try await started(requestTime: .seconds(1))
    let slow = "POST /webhooks/intercom HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"
    #expect(try await RawConnection.exchange(server.port, slow).hasPrefix("HTTP/1.1 408 "))
    #expect(try await RawConnection.exchange(server.port, "POST /webhooks/intercom HTTP/1.1\r\nHo") == "")
    await server.stop()
    await test.stop()
  }

  @Test("a client that waits to be asked for its body is asked")
  func expectContinue() async throws {
    let (test, server) = try await started()
    let request = post(Self.body, more: "Expect: 100-continue\r\n")
    let answer = try await RawConnection.exchange(server.port, request, answers: 2)
    #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n"), "\(answer)")
    #expect(answer.contains("HTTP/1.1 200 OK"))
    await server.stop()
    await test.stop()
  }

  @Test("a thousand requests down one connection are a thousand answers")
  func pipelining() async throws {
    let (test, server) = try await started()
    let requests = (0..<1000).map { number in
      post(TestService.body("contact.user.created", item: ["type": "contact", "id": .int(number)], id: "p\(number)"))
    }
    let answer = try await RawConnection.exchange(server.port, requests.joined(), answers: 1000)
    #expect(answer.components(separatedBy: "HTTP/1.1 200 OK").count == 1001)
    #expect(try await test.store.counters().accepted == 1000)
    await server.stop()
    await test.stop()
  }

  @Test("a request hook answers with its value, and its failure is 500")
  func requestHooks() async throws {
    let (test, server) = try await started(
      """
      on request "/signups" as req { ({hello: step "who" { req.body?.name }, method: req.method, q: req.query.page}) }
      on request "/raw" as req { ({status: 418, headers: {"X-Tea": "yes"}, body: "short and stout"}) }
      on request "/fails" as req { throw "no" }
      on request "/nothing" as req { null }
      """)
    let signup = try await RawConnection.exchange(
      server.port, "POST /signups?page=2 HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n{\"name\":\"Ada\"}")
    #expect(signup.hasSuffix("{\"hello\":\"Ada\",\"method\":\"POST\",\"q\":\"2\"}"), "\(signup)")
    let raw = try await RawConnection.exchange(server.port, "GET /raw HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(raw.hasPrefix("HTTP/1.1 418 ") && raw.contains("X-Tea: yes") && raw.hasSuffix("short and stout"), "\(raw)")
    let fails = try await RawConnection.exchange(server.port, "GET /fails HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(fails.hasPrefix("HTTP/1.1 500 "), "\(fails)")
    let nothing = try await RawConnection.exchange(server.port, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(nothing.hasPrefix("HTTP/1.1 204 "), "\(nothing)")
    await server.stop()
    await test.stop()
  }

  @Test("a port that is taken is an error with its number")
  func takenPort() async throws {
    let (test, server) = try await started()
    var configuration = HookServer.Configuration()
    configuration.port = server.port
    await #expect(throws: HookServer.StartError.portInUse(host: "127.0.0.1", port: server.port)) {
      _ = try await HookServer.start(test.service, configuration)
    }
    await server.stop()
    await test.stop()
  }
}
