// Dry runs: reads are sent, writes are not.

import ICSJSON
import IntercomCatalogue
import Synchronization

/// A write that was not sent.
public struct DryRunChange: Sendable {
  /// The request's method.
  public let method: String
  /// Path and query.
  public let target: String
  /// The operation's name, if the catalogue has it: `contacts.update`.
  public let operation: String?
  /// Whether the object was read before, so that `differences` are against what is there.
  public let wasRead: Bool
  /// What it would have changed; for something new, what it would have been made of.
  public let differences: [JSONDifference]
}

extension DryRunChange: CustomStringConvertible {
  /// A line for the request and one for each field.
  public var description: String {
    let name = operation.map { " (\($0))" } ?? ""
    return (["would send \(method) \(target)\(name)"] + differences.map { "  \($0)" }).joined(separator: "\n")
  }
}

/// Sends what only reads and answers the rest itself, as the API would: with the object after the write.
///
/// Objects that were read are kept to compare writes with; one that was not is read before its first write. An object
/// that was made here can be read here, by its id; it is in no listing and no search.
public final class DryRunTransport: HTTPTransport {
  private let inner: any HTTPTransport
  private let report: @Sendable (DryRunChange) -> Void
  private let prefix: String
  private let state: Mutex<DryRunState>

  /// - Parameters:
  ///   - inner: Sends what only reads.
  ///   - account: Whose requests these are.
  ///   - unixTime: The time at which things are made, in Unix seconds; `nil` for now.
  ///   - report: Is told about each write, on any thread.
  public init(
    _ inner: any HTTPTransport, account: Account, unixTime: Int? = nil,
    report: @escaping @Sendable (DryRunChange) -> Void
  ) {
    self.inner = inner
    self.report = report
    prefix = account.baseURL.origin + account.baseURL.prefix
    state = Mutex(DryRunState(unixTime: unixTime ?? Int(SystemTime.unixSeconds())))
  }

  /// Closes the inner transport.
  public func shutdown() async { await inner.shutdown() }

  /// Sends a read; answers a write.
  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let target = request.url.hasPrefix(prefix) ? String(request.url.dropFirst(prefix.count)) : request.url
    let path = String(target.prefix { $0 != "?" })
    let operation = Catalogue.shared.operation(
      method: request.method == "HEAD" ? "GET" : request.method, path: path)
    let isReading = request.method == "GET" || request.method == "HEAD" || operation?.repeatability == .reading
    guard isReading else {
      // A body that the connector has built is JSON.
      let body = request.body.flatMap { try? JSONValue(parsing: $0) } ?? .null
      return try await answer(DryRunWrite(request.method, path: path, body: body, operation: operation), to: request)
    }
    if request.method == "GET", let known = state.withLock({ $0.changedObject(path) }) {
      return known.map { Self.response($0) } ?? Self.notFound
    }
    let response = try await inner.send(request)
    if response.status == 200 { remember(response.body, path: path) }
    return response
  }

  private func answer(
    _ write: DryRunWrite, to request: TransportRequest
  ) async throws(TransportError) -> TransportResponse {
    var limits: [(name: String, value: String)] = []
    for path in write.objects where state.withLock({ $0.needsReading(path) }) {
      let get = TransportRequest(
        method: "GET", url: prefix + path, headers: request.headers.filter { $0.name != "Content-Type" }, body: nil,
        timeout: request.timeout, maximumBodySize: request.maximumBodySize)
      let found: TransportResponse
      do throws(TransportError) {
        found = try await inner.send(get)
      } catch {
        // The recording of a run that was no dry run has no such read: then there is nothing to compare with.
        if error.kind == .notRecorded { continue }
        throw error
      }
      if found.status == 200 { remember(found.body, path: path) }
      // The write would have been refused in the same words, or has to wait as this read has.
      if [401, 404, 429].contains(found.status) { return found }
      limits = found.headers.filter { $0.name.lowercased().hasPrefix("x-ratelimit") }
    }
    let target = request.url.hasPrefix(prefix) ? String(request.url.dropFirst(prefix.count)) : request.url
    let (change, answer) = state.withLock { $0.carryOut(write, target: target) }
    guard let answer else { return Self.notFound }
    report(change)
    let promised = write.operation?.answers.first { (200..<300).contains($0.status) }
    let isEmpty = promised != nil && promised?.schema == nil
    return Self.response(answer, status: promised?.status ?? 200, isEmpty: isEmpty, headers: limits)
  }

  private static func response(
    _ body: JSONValue, status: Int = 200, isEmpty: Bool = false, headers: [(name: String, value: String)] = []
  ) -> TransportResponse {
    TransportResponse(
      status: status, headers: [("Content-Type", "application/json"), ("X-Dry-Run", "true")] + headers,
      body: isEmpty ? [] : body.serializedBytes())
  }

  /// What the API says of an object that this run would have deleted.
  private static let notFound: TransportResponse = response(
    ["type": "error.list", "errors": [["code": "not_found", "message": "Resource Not Found"]]], status: 404)

  /// Keeps the object of an answer, or the items of a listing.
  private func remember(_ body: [UInt8], path: String) {
    guard let json = try? JSONValue(parsing: body) else { return }  // No JSON: nothing to compare with.
    state.withLock { $0.remember(json, path: path) }
  }
}
