// The network's stand-in, and a clock that does not wait.

import ICSJSON
import IntercomAPI
import Synchronization

/// Answers from a closure, and keeps what was asked.
final class FakeTransport: HTTPTransport {
  private let received = Mutex<[TransportRequest]>([])
  private let answer: @Sendable (TransportRequest, Int) throws(TransportError) -> TransportResponse

  /// - Parameter answer: Gets the request and how many came before it.
  init(_ answer: @escaping @Sendable (TransportRequest, Int) throws(TransportError) -> TransportResponse) {
    self.answer = answer
  }

  /// Answers in turn; the last answer is repeated.
  convenience init(_ answers: Result<TransportResponse, TransportError>...) {
    self.init { (_, count) throws(TransportError) in try answers[min(count, answers.count - 1)].get() }
  }

  var requests: [TransportRequest] { received.withLock { $0 } }

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let count = received.withLock { list in
      list.append(request)
      return list.count - 1
    }
    return try answer(request, count)
  }

  func shutdown() async {}
}

/// A clock that jumps.
final class VirtualClock: Sendable {
  private let time = Mutex<Duration>(.zero)
  private let slept = Mutex<[Duration]>([])
  /// Unix time at the start.
  let start = 1_700_000_000.0

  var now: Duration { time.withLock { $0 } }
  var waits: [Duration] { slept.withLock { $0 } }
  func advance(by duration: Duration) { time.withLock { $0 += duration } }

  var clock: RequestClock {
    RequestClock(
      now: { self.now },
      unixTime: {
        let (seconds, attoseconds) = self.now.components
        return self.start + Double(seconds) + Double(attoseconds) / 1e18
      },
      sleep: { duration in
        try Task.checkCancellation()
        self.slept.withLock { $0.append(duration) }
        self.advance(by: duration)
      },
      random: { 0.5 })
  }
}

extension TransportResponse {
  /// An answer with a JSON body.
  static func json(_ value: JSONValue, status: Int = 200, headers: [(name: String, value: String)] = [])
    -> TransportResponse
  {
    TransportResponse(status: status, headers: headers, body: value.serializedBytes())
  }

  /// Intercom's envelope for an error.
  static func error(
    _ status: Int, _ code: String, _ message: String = "", headers: [(name: String, value: String)] = []
  ) -> TransportResponse {
    json(
      [
        "type": "error.list", "request_id": "req-1",
        "errors": [["code": .string(code), "message": .string(message)]],
      ], status: status, headers: headers)
  }
}

extension TransportRequest {
  /// The body, parsed.
  var json: JSONValue? { body.flatMap { try? JSONValue(parsing: $0) } }
  /// The URL without its origin.
  var target: String { String(url.dropFirst("https://api.intercom.io".count)) }

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

let canaryToken = "dG9rOmNhbmFyeS1+9/x_1234567890"

/// A client of a fake network.
func makeClient(
  _ transport: FakeTransport, clock: VirtualClock = VirtualClock(),
  configure: (inout IntercomClient.Configuration) -> Void = { _ in }
) -> IntercomClient {
  var configuration = IntercomClient.Configuration()
  configure(&configuration)
  return IntercomClient(
    account: Account(accessToken: Secret(canaryToken)), configuration: configuration, transport: transport,
    clock: clock.clock)
}

/// The error that an operation ends with.
func failure(of body: () async throws(APIError) -> some Any) async -> APIError? {
  do throws(APIError) {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}
