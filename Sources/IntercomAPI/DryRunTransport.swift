// Dry runs: reads are sent, writes are not.

import ICSJSON
import IntercomCatalogue
import Synchronization

/// A write that was not sent.
public struct DryRunChange: Sendable {
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

/// Sends what only reads and answers the rest itself, as the API would: with the fields that were written and an id.
///
/// Objects that were read are kept to compare writes with. An object that was made here can be read here, by its id; it
/// is in no listing and no search.
public final class DryRunTransport: HTTPTransport {
  private let inner: any HTTPTransport
  private let report: @Sendable (DryRunChange) -> Void
  private let prefix: String
  private let state = Mutex(State())

  fileprivate struct State {
    /// The objects that were read or made, by `contacts/5f...`.
    var objects: [String: JSONValue] = [:]
    /// Those that are nowhere else.
    var made: Set<String> = []
    var count = 0
  }

  /// The most objects that are kept to compare with.
  private static let maximumObjects = 100_000

  /// - Parameters:
  ///   - account: Whose requests these are.
  ///   - report: Is told about each write, on any thread.
  public init(_ inner: any HTTPTransport, account: Account, report: @escaping @Sendable (DryRunChange) -> Void) {
    self.inner = inner
    self.report = report
    prefix = account.baseURL.origin + account.baseURL.prefix
  }

  public func shutdown() async { await inner.shutdown() }

  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let target = request.url.hasPrefix(prefix) ? String(request.url.dropFirst(prefix.count)) : request.url
    let path = String(target.prefix { $0 != "?" })
    let operation = Catalogue.shared.operation(
      method: request.method == "HEAD" ? "GET" : request.method, path: path)
    let isReading = request.method == "GET" || request.method == "HEAD" || operation?.repeatability == .reading
    if isReading {
      if request.method == "GET", let made = madeObject(path) { return Self.answer(made) }
      let response = try await inner.send(request)
      if response.status == 200 { remember(response.body, path: path) }
      return response
    }
    // A body that the connector has built is JSON.
    let body = request.body.flatMap { try? JSONValue(parsing: $0) } ?? .null
    let write = Write(method: request.method, path: path, body: body, operation: operation)
    let (change, answer) = state.withLock { $0.carryOut(write, target: target) }
    report(change)
    return Self.answer(answer)
  }

  private static func answer(_ body: JSONValue) -> TransportResponse {
    TransportResponse(
      status: 200, headers: [("Content-Type", "application/json"), ("X-Dry-Run", "true")], body: body.serializedBytes())
  }

  private func madeObject(_ path: String) -> JSONValue? {
    let key = String(path.dropFirst())
    return state.withLock { $0.made.contains(key) ? $0.objects[key] : nil }
  }

  /// Keeps the object of an answer, or the items of a listing.
  private func remember(_ body: [UInt8], path: String) {
    guard let json = try? JSONValue(parsing: body), let collection = path.split(separator: "/").first else { return }
    let lists = ["data", String(collection), "items"].compactMap { json[$0]?.arrayValue }
    state.withLock { state in
      for item in [json] + (lists.first ?? []) where state.objects.count < Self.maximumObjects {
        guard let id = item["id"]?.stringValue ?? item["id"]?.intValue.map(String.init) else { continue }
        state.objects["\(collection)/\(id)"] = item
      }
    }
  }
}

/// A write on its way.
private struct Write {
  let method: String
  let path: String
  let body: JSONValue
  let operation: Operation?

  var parts: [String] { path.split(separator: "/").map(String.init) }
}

extension DryRunTransport.State {
  /// Works out what a write would have changed, and its answer.
  fileprivate mutating func carryOut(_ write: Write, target: String) -> (DryRunChange, JSONValue) {
    let parts = write.parts
    let type = Self.answerType(write.operation)
    // `/contacts/ID` and `/contacts/ID/archive` change an object; `/contacts` and `/contacts/ID/notes` make one.
    let key = parts.count >= 2 ? "\(parts[0])/\(parts[1])" : nil
    let before = key.flatMap { objects[$0] }
    var answer: JSONObject
    var differences: [JSONDifference]
    var wasRead = false
    switch (write.method, parts.count, parts.last) {
    case ("DELETE", 2, _):
      answer = ["type": .string(type ?? "object"), "id": .string(parts[1]), "deleted": true]
      if let external = before?["external_id"] { answer["external_id"] = external }
      differences = [JSONDifference(path: "", old: before ?? ["id": .string(parts[1])], new: nil)]
      wasRead = before != nil
      if let key { forget(key) }
    case ("PUT", 2, _), ("PATCH", 2, _),
      ("POST", 2, _) where write.operation?.pathParameters.count == 1:
      let (merged, found) = Self.merge(write.body, into: before)
      answer = merged
      answer["id"] = before?["id"] ?? .string(parts[1])
      if answer["type"] == nil, let type { answer["type"] = .string(type) }
      differences = found
      wasRead = before != nil
      if let key { objects[key] = .object(answer) }
    case ("POST", 3, "archive"?), ("POST", 3, "unarchive"?):
      let isArchived = parts[2] == "archive"
      answer = ["type": .string(type ?? "contact"), "id": .string(parts[1]), "archived": .bool(isArchived)]
      differences = [
        JSONDifference(path: "archived", old: before.map { _ in .bool(!isArchived) }, new: .bool(isArchived))
      ]
      wasRead = before != nil
    case ("DELETE", _, _):
      answer = ["type": .string(type ?? "object"), "id": .string(parts.last ?? "")]
      differences = []
    default:
      answer = write.body.objectValue ?? [:]
      differences = JSONDifference.between([:], .object(answer))
      if answer["type"] == nil, let type { answer["type"] = .string(type) }
      if answer["id"] == nil {
        count += 1
        let digits = String(count, radix: 16)
        // 24 hexadecimal digits as the API's ids have, and recognisable.
        let id = "d0d0d0d0d0d0" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        answer["id"] = .string(id)
        if parts.count == 1 {
          made.insert("\(parts[0])/\(id)")
          objects["\(parts[0])/\(id)"] = .object(answer)
        }
      }
    }
    let change = DryRunChange(
      method: write.method, target: target, operation: write.operation?.name, wasRead: wasRead,
      differences: differences)
    return (change, .object(answer))
  }

  private mutating func forget(_ key: String) {
    objects[key] = nil
    made.remove(key)
  }

  /// The object after an update, and what that changes: fields that a body does not name stay, custom attributes too.
  private static func merge(_ body: JSONValue, into before: JSONValue?) -> (JSONObject, [JSONDifference]) {
    var merged = before?.objectValue ?? [:]
    for (name, value) in body.objectValue ?? [:] {
      guard name == "custom_attributes", case .object(let changes) = value,
        case .object(var attributes)? = merged[name]
      else {
        merged[name] = value
        continue
      }
      for (name, value) in changes { attributes[name] = value }
      merged[name] = .object(attributes)
    }
    return (merged, JSONDifference.between(.object(before?.objectValue ?? [:]), .object(merged)))
  }

  /// What the operation's answer says that it is: `contact`.
  private static func answerType(_ operation: Operation?) -> String? {
    guard let schema = operation?.answers.first(where: { (200..<300).contains($0.status) })?.schema,
      case .object(let shape) = Catalogue.shared.resolve(schema).shape, let field = shape.field(named: "type")
    else { return nil }
    let type = Catalogue.shared.resolve(field.schema)
    return type.allowedValues.first?.stringValue ?? type.example?.stringValue
  }
}
