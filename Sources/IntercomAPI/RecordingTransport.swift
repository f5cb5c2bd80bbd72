// Keeps every exchange while it passes.

/// Carries an account's requests by another transport and hands each exchange to a recorder. Made by
/// `Recorder.transport(_:account:choice:)`.
public final class RecordingTransport: HTTPTransport {
  private let inner: any HTTPTransport
  private let account: String
  private let recorder: Recorder

  init(_ inner: any HTTPTransport, account: String, recorder: Recorder) {
    self.inner = inner
    self.account = account
    self.recorder = recorder
  }

  /// Sends a request by the inner transport, and keeps it with what came back.
  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let number = recorder.nextNumber()
    let outcome: Result<TransportResponse, TransportError>
    do throws(TransportError) {
      outcome = .success(try await inner.send(request))
    } catch {
      outcome = .failure(error)
    }
    recorder.append { redactor in
      let key = RecordedExchange.Key(request, account: account, redactor: redactor)
      return RecordedExchange(number: number, origin: RequestOrigin.number, key: key, outcome: outcome)
        .json(redactor: redactor)
    }
    return try outcome.get()
  }

  /// Closes the inner transport.
  public func shutdown() async { await inner.shutdown() }
}
