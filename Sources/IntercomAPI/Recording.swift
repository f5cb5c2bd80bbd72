// A recording that was made, to answer from.

import ICSJSON
import Synchronization

/// What a `Recorder` wrote: the exchanges of a run, to run the same script again without a network.
///
///     let recording = try Recording(bytes)
///     let account = try recording.account(for: .own)
///     let client = IntercomClient(
///       account: account, transport: recording.transport(for: account), clock: .unhurried)
///
/// Each request gets what the recording has for it: the same account, method, path, query and body. Of requests that
/// were sent several times, each call of a script gets its own answers, in the order of the recording.
public final class Recording: Sendable {
  /// The recording's head, with the facts that its maker gave.
  public let facts: JSONObject
  /// Readings of the wall clock: from which reading on (the first is 0) it was which Unix second.
  public let times: [(read: Int, seconds: Int)]
  let exchanges: [RecordedExchange]
  private let choices: [String: Result<Account, APIError>]
  private let redactor: Redactor
  /// What nobody has asked for yet, by request: places in `exchanges`, the next one last.
  private let left: Mutex<[RecordedExchange.Key: [Int]]>

  /// - Parameters:
  ///   - bytes: The recording.
  ///   - secrets: Texts that requests hold and the recording masks.
  /// - Throws: `E_VALUE` for what is no recording, with the line.
  public init(_ bytes: [UInt8], secrets: [Secret] = []) throws(APIError) {
    var head: JSONObject?
    var exchanges: [RecordedExchange] = []
    var times: [(read: Int, seconds: Int)] = []
    var choices: [String: Result<Account, APIError>] = [:]
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
          throw .value("this is no recording of 'ics run --record'")
        }
        head = object
      } else if let exchange = RecordedExchange(json) {
        exchanges.append(exchange)
      } else if let seconds = json["now"]?.intValue, let read = json["read"]?.intValue {
        times.append((read, seconds))
      } else if let choice = json["choice"]?.stringValue, let result = Self.result(of: json) {
        choices[choice] = result
      } else {
        throw .value("line \(index + 1) of the recording is no exchange")
      }
    }
    guard let head else { throw .value("this is no recording of 'ics run --record'") }
    facts = head
    self.times = times
    exchanges.sort { $0.number < $1.number }
    self.exchanges = exchanges
    self.choices = choices
    redactor = Redactor(secrets: secrets)
    var left: [RecordedExchange.Key: [Int]] = [:]
    for index in exchanges.indices.reversed() { left[exchanges[index].key, default: []].append(index) }
    self.left = Mutex(left)
  }

  /// The account that a choice led to. Its token is none: nothing is sent.
  ///
  /// - Throws: What the choice failed with in the recording; `E_AUTH` when the recording has no such choice.
  public func account(for choice: AccountChoice) throws(APIError) -> Account {
    guard let result = choices[choice.text] else {
      let known = choices.keys.filter { $0 != AccountChoice.own.text }.sorted().prefix(5)
      let list = known.isEmpty ? "" : "; it has: " + known.joined(separator: ", ")
      switch choice {
      case .own: throw APIError(.network, "the recording has no requests of the run's own account\(list)")
      case .named(let name):
        throw APIError(.auth, "the recording has no account '\(name.prefix(100))'\(list)")
      case .user: throw APIError(.auth, "the recording has no account of this user\(list)")
      }
    }
    return try result.get()
  }

  /// Answers an account's requests.
  public func transport(for account: Account) -> ReplayTransport { ReplayTransport(self, account: account.name) }

  /// How many answers nobody has asked for yet.
  public var remaining: Int { left.withLock { $0.values.reduce(0) { $0 + $1.count } } }

  private static func result(of json: JSONValue) -> Result<Account, APIError>? {
    if let code = (json["code"]?.stringValue).flatMap(APIError.Code.init), let message = json["message"]?.stringValue {
      return .failure(APIError(code, message))
    }
    guard let name = json["account"]?.stringValue, let address = json["base"]?.stringValue,
      let base = try? BaseURL(address)  // A damaged address makes a damaged line.
    else { return nil }
    // A text that occurs nowhere else: it is masked wherever it is shown.
    return .success(Account(accessToken: Secret("replay-" + OAuth.state()), baseURL: base, name: name))
  }

  // MARK: Answering

  /// The answer to a request, which is given once.
  func answer(to request: TransportRequest, account: String) throws(TransportError) -> TransportResponse {
    let key = RecordedExchange.Key(request, account: account, redactor: redactor)
    let origin = RequestOrigin.number
    let index = left.withLock { left -> Int? in
      guard let places = left[key], let last = places.indices.last else { return nil }
      // The answer of the same call, else the one that was asked for first.
      let place = places.lastIndex { exchanges[$0].origin == origin } ?? last
      return left[key]?.remove(at: place)
    }
    guard let index else { throw TransportError(.notRecorded, detail: explanation(for: key)) }
    return try exchanges[index].outcome.get()
  }

  /// What is most like a request that the recording does not have.
  private func explanation(for key: RecordedExchange.Key) -> String {
    let asked = "\(key.method) \(key.target)"
    if exchanges.contains(where: { $0.key == key }) { return "\(asked) was sent more often than in the recording" }
    guard let nearest = exchanges.max(by: { $0.key.likeness(to: key) < $1.key.likeness(to: key) }),
      nearest.key.likeness(to: key) > 0
    else { return "\(asked); the recording has nothing like it" }
    var text = "\(asked); the nearest is number \(nearest.number), \(nearest.key.method) \(nearest.key.target)"
    if nearest.key.account != key.account { text += " of the account '\(nearest.key.account)'" }
    let differences = JSONDifference.between(nearest.key.body, key.body)
    if !differences.isEmpty {
      let shown = differences.prefix(5).map { $0.path.isEmpty ? "body: \($0)" : "body.\($0)" }
      let more = differences.count > 5 ? "; and \(differences.count - 5) more" : ""
      text += " (recorded -> asked: \(shown.joined(separator: "; "))\(more))"
    }
    return text
  }
}

extension RecordedExchange.Key {
  /// How much two requests have in common: the path counts most, then the method, then the body.
  fileprivate func likeness(to other: RecordedExchange.Key) -> Int {
    let (parts, others) = (pathParts, other.pathParts)
    let shared = zip(parts, others).prefix { $0.0 == $0.1 }.count
    guard shared > 0 else { return 0 }
    let isSamePath = parts == others
    let differences = min(JSONDifference.between(body, other.body).count, 99)
    return shared * 1000 + (isSamePath ? 100_000 : 0) + (method == other.method ? 500 : 0)
      + (target == other.target ? 200 : 0) + (account == other.account ? 100 : 0) + 99 - differences
  }

  private var pathParts: [Substring] { target.prefix { $0 != "?" }.split(separator: "/") }
}
