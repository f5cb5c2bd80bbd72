// Keeps every exchange while it passes.

import ICSJSON
import Synchronization

/// Carries requests by another transport and hands each exchange on as one line of JSON.
///
/// The first line is the recording's head: `{"ics_recording": 1, "base": ...}` with the facts that its maker gives.
public final class RecordingTransport: HTTPTransport {
  private let inner: any HTTPTransport
  private let redactor: Redactor
  private let write: @Sendable ([UInt8]) -> Void
  private let count = Mutex(0)

  /// - Parameters:
  ///   - account: Whose requests these are: its token is masked, its address is written into the head.
  ///   - facts: What a replay needs beside the answers, such as the seed of random numbers.
  ///   - write: Takes a whole line at a time, on any thread.
  public init(
    _ inner: any HTTPTransport, account: Account, secrets: [Secret] = [], facts: JSONObject = [:],
    write: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.inner = inner
    redactor = Redactor(secrets: secrets + (account.accessToken.map { [$0] } ?? []))
    self.write = write
    var head: JSONObject = ["ics_recording": 1, "base": .string(account.baseURL.description)]
    for (name, value) in facts { head[name] = value }
    write(JSONValue.object(head).serializedBytes() + [0x0A])
  }

  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let outcome: Result<TransportResponse, TransportError>
    do throws(TransportError) {
      outcome = .success(try await inner.send(request))
    } catch {
      outcome = .failure(error)
    }
    let key = RecordedExchange.Key(request, redactor: redactor)
    let exchange = RecordedExchange(number: number, key: key, outcome: outcome)
    write(exchange.json(redactor: redactor).serializedBytes() + [0x0A])
    return try outcome.get()
  }

  public func shutdown() async { await inner.shutdown() }
}
