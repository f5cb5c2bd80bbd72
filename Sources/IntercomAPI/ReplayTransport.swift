// Answers from a recording, without a network.

import ICSJSON
import Synchronization

/// Answers each request with what the recording has for it: the same method, path, query and body. Requests that were
/// sent several times get their answers in the order of the recording.
public final class ReplayTransport: HTTPTransport {
  /// Where the recorded account's API is: a replay runs as if it were there.
  public let baseURL: BaseURL
  /// The recording's head, with the facts that its maker gave.
  public let facts: JSONObject
  private let exchanges: [RecordedExchange]
  private let redactor: Redactor
  /// What is left, by request: indexes in `exchanges`, the next one last.
  private let left: Mutex<[RecordedExchange.Key: [Int]]>

  /// - Parameters:
  ///   - bytes: The recording.
  ///   - secrets: Texts that requests hold and the recording masks.
  /// - Throws: `E_VALUE` for what is no recording, with the line.
  public init(_ bytes: [UInt8], secrets: [Secret] = []) throws(APIError) {
    var head: JSONObject?
    var exchanges: [RecordedExchange] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      let json: JSONValue
      do {
        json = try JSONValue(parsing: Array(line))
      } catch {
        throw .value("line \(index + 1) of the recording is no JSON: \(error)")
      }
      if head == nil {
        guard case .object(let object) = json, object["ics_recording"] == 1 else {
          throw .value("this is no recording of RecordingTransport")
        }
        head = object
      } else if let exchange = RecordedExchange(json) {
        exchanges.append(exchange)
      } else {
        throw .value("line \(index + 1) of the recording is no exchange")
      }
    }
    guard let head, let base = head["base"]?.stringValue else {
      throw .value("this is no recording of RecordingTransport")
    }
    facts = head
    baseURL = try BaseURL(base)
    exchanges.sort { $0.number < $1.number }
    self.exchanges = exchanges
    redactor = Redactor(secrets: secrets)
    var left: [RecordedExchange.Key: [Int]] = [:]
    for index in exchanges.indices.reversed() { left[exchanges[index].key, default: []].append(index) }
    self.left = Mutex(left)
  }

  /// How many answers nobody has asked for yet.
  public var remaining: Int { left.withLock { $0.values.reduce(0) { $0 + $1.count } } }

  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let key = RecordedExchange.Key(request, redactor: redactor)
    guard let index = left.withLock({ $0[key]?.popLast() }) else {
      throw TransportError(.notRecorded, detail: explanation(for: key))
    }
    return try exchanges[index].outcome.get()
  }

  public func shutdown() async {}

  /// What is most like a request that the recording does not have.
  private func explanation(for key: RecordedExchange.Key) -> String {
    let asked = "\(key.method) \(key.target)"
    if exchanges.contains(where: { $0.key == key }) { return "\(asked) was sent more often than in the recording" }
    guard let nearest = exchanges.max(by: { likeness($0.key, key) < likeness($1.key, key) }),
      likeness(nearest.key, key) > 0
    else { return "\(asked); the recording has nothing like it" }
    var text = "\(asked); the nearest is number \(nearest.number), \(nearest.key.method) \(nearest.key.target)"
    let differences = JSONDifference.between(nearest.key.body, key.body)
    if !differences.isEmpty {
      let shown = differences.prefix(5).map { $0.path.isEmpty ? "body: \($0)" : "body.\($0)" }
      let more = differences.count > 5 ? "; and \(differences.count - 5) more" : ""
      text += " (recorded -> asked: \(shown.joined(separator: "; "))\(more))"
    }
    return text
  }

  /// How much two requests have in common: the path counts most, then the method, then the body.
  private func likeness(_ one: RecordedExchange.Key, _ other: RecordedExchange.Key) -> Int {
    func path(_ key: RecordedExchange.Key) -> [Substring] {
      key.target.prefix { $0 != "?" }.split(separator: "/")
    }
    let (parts, others) = (path(one), path(other))
    let shared = zip(parts, others).prefix { $0.0 == $0.1 }.count
    guard shared > 0 else { return 0 }
    let isSamePath = parts == others
    let differences = min(JSONDifference.between(one.body, other.body).count, 99)
    return shared * 1000 + (isSamePath ? 100_000 : 0) + (one.method == other.method ? 500 : 0)
      + (one.target == other.target ? 200 : 0) + 100 - differences
  }
}
