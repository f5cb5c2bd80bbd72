import ICSLibrary
import IntercomAPI

/// The network behind `http`, for hosts that the script's permissions name.
///
/// An actor, so that a script without requests makes no transport.
actor ScriptNetwork {
  private var transport: NetworkTransport?
  private let environment: NetworkTransport.Environment

  private static let maximumBodySize = 64 << 20

  init(environment: NetworkTransport.Environment = NetworkTransport.Environment()) { self.environment = environment }

  func send(_ call: HTTPCall) async -> Result<HTTPAnswer, HTTPFailure> {
    let request = TransportRequest(
      method: call.method, url: String(call.url.prefix { $0 != "#" }), headers: call.headers, body: call.body,
      timeout: .milliseconds(Int(call.timeout * 1000)), maximumBodySize: Self.maximumBodySize)
    do throws(TransportError) {
      let answer = try await open().send(request)
      return .success(HTTPAnswer(status: answer.status, headers: answer.headers, body: answer.body))
    } catch {
      return .failure(Self.failure(error))
    }
  }

  func shutdown() async {
    let open = transport
    transport = nil
    await open?.shutdown()
  }

  private func open() -> NetworkTransport {
    if let transport { return transport }
    let made = NetworkTransport(connectTimeout: .seconds(5), idleTimeout: .seconds(60), environment: environment)
    transport = made
    return made
  }

  /// What a script is told of a request that got no answer.
  static func failure(_ error: TransportError) -> HTTPFailure {
    let (code, sentence) =
      switch error.kind {
      case .connectTimeout: ("E_TIMEOUT", "connecting takes too long")
      case .timeout: ("E_TIMEOUT", "no answer came in time")
      case .cancelled: ("E_CANCELLED", "the request was cancelled")
      case .privateAddress:
        ("E_PERMISSION", "the host's name leads to a private network, and nothing was sent there")
      case .unknownHost: ("E_NETWORK", "there is no such host")
      case .insecure: ("E_NETWORK", "the host does not prove who it is")
      case .cannotConnect: ("E_NETWORK", "cannot connect")
      case .connectionLost: ("E_NETWORK", "the connection was lost before the answer came")
      case .bodyTooLarge: ("E_NETWORK", "the answer is larger than \(maximumBodySize >> 20) MiB")
      case .malformedAnswer, .notRecorded: ("E_NETWORK", "the answer is not HTTP")
      }
    return HTTPFailure(
      code: code, message: error.detail.isEmpty ? sentence : "\(sentence): \(error.detail)",
      mayHaveBeenSent: error.mayHaveBeenSent)
  }
}
