// Answers from a recording, without a network.

import ICSJSON

/// Answers an account's requests with what a recording has for them. Made by `Recording.transport(for:)`.
public final class ReplayTransport: HTTPTransport {
  private let recording: Recording
  private let account: String

  init(_ recording: Recording, account: String) {
    self.recording = recording
    self.account = account
  }

  /// The recorded answer.
  ///
  /// - Throws: `.notRecorded` with the nearest request that the recording has; else what was recorded.
  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    try recording.answer(to: request, account: account)
  }

  /// Closes nothing: there is no connection.
  public func shutdown() async {}
}
