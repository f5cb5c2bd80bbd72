// Lets completion learn the names of a workspace from the answers that come by anyway.

import IntercomAPI
import IntercomScript

/// Carries requests by another transport, and shows answers with names in them to `WorkspaceFacts`.
struct FactsTransport: HTTPTransport {
  private let inner: any HTTPTransport
  private let facts: WorkspaceFacts

  init(_ inner: any HTTPTransport, facts: WorkspaceFacts) {
    self.inner = inner
    self.facts = facts
  }

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let response = try await inner.send(request)
    if request.method == "GET", response.status == 200, let path = Self.path(of: request.url) {
      facts.learn(from: response.body, path: path)
    }
    return response
  }

  func shutdown() async { await inner.shutdown() }

  /// The path of a URL, without its query.
  private static func path(of url: String) -> String? {
    guard let scheme = url.firstRange(of: "://"), let slash = url[scheme.upperBound...].firstIndex(of: "/") else {
      return nil
    }
    return String(url[slash...].prefix { $0 != "?" })
  }
}
