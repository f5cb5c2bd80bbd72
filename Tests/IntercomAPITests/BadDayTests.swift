// Five thousand creates on a day when the service is unwell.

import ICSJSON
import IntercomAPI
import Synchronization
import Testing

@Suite struct BadDayTests {
  /// A service with a store, and faults at fixed rates: 5 % 429, 1 % 500, 2 % answers lost after the store was
  /// changed, 1 % connections lost before.
  private final class Service: Sendable {
    private struct State {
      var random = SeededRandom(seed: 42)
      var contacts: [String: Int] = [:]
      var requests = 0
    }

    private let state = Mutex(State())

    var contacts: [String: Int] { state.withLock { $0.contacts } }
    var requests: Int { state.withLock { $0.requests } }

    func answer(_ request: TransportRequest) throws(TransportError) -> TransportResponse {
      let (answer, failure) = state.withLock { state -> (TransportResponse, TransportError?) in
        state.requests += 1
        switch Int.random(in: 0..<100, using: &state.random) {
        case 0..<5: return (.error(429, "rate_limit_exceeded", headers: [("Retry-After", "1")]), nil)
        case 5: return (.error(500, "server_error"), nil)
        case 6: return (.error(500, ""), TransportError(.connectionLost))
        case 7, 8: return (Self.carryOut(request, in: &state), TransportError(.connectionLost))
        default: return (Self.carryOut(request, in: &state), nil)
        }
      }
      if let failure { throw failure }
      return answer
    }

    private static func carryOut(_ request: TransportRequest, in state: inout State) -> TransportResponse {
      if request.method == "GET" {
        let id = String(request.target.split(separator: "/").last ?? "")
        return state.contacts[id] == nil ? .error(404, "not_found") : .json(contact(id))
      }
      if request.target == "/contacts/search" {
        let ids = (request.json?["query"]?["value"]?.arrayValue ?? []).compactMap(\.stringValue)
        return .json(["data": .array(ids.filter { state.contacts[$0] != nil }.map(contact))])
      }
      let id = request.json?["external_id"]?.stringValue ?? ""
      if state.contacts[id] != nil {
        return .error(409, "conflict", "A contact matching those details already exists with id=\(id)")
      }
      state.contacts[id, default: 0] += 1
      return .json(contact(id))
    }

    private static func contact(_ id: String) -> JSONValue { ["id": .string(id), "external_id": .string(id)] }
  }

  @Test("5,000 creates end with 5,000 contacts, or say which are unsettled, and little more load")
  func creates() async {
    let service = Service()
    let transport = FakeTransport { (request, _) throws(TransportError) in try service.answer(request) }
    let client = IntercomClient(
      account: Account(accessToken: Secret(canaryToken)), transport: transport, clock: .unhurried)
    let unsettled = await withTaskGroup(of: String?.self) { group in
      var failed: [String] = []
      for index in 0..<5000 {
        if index >= 16, let outcome = await group.next() { failed += outcome.map { [$0] } ?? [] }
        group.addTask {
          let error = await failure { () async throws(APIError) in
            try await client.contacts.create(["external_id": "c\(index)"], isRetrySafe: true)
          }
          return error == nil ? nil : "c\(index)"
        }
      }
      for await outcome in group { failed += outcome.map { [$0] } ?? [] }
      return failed
    }
    let contacts = service.contacts
    #expect(contacts.values.allSatisfy { $0 == 1 })
    // Whoever was reported as settled is there.
    let missing = (0..<5000).map { "c\($0)" }.filter { contacts[$0] == nil }
    #expect(Set(missing).isSubset(of: unsettled))
    #expect(unsettled.count <= 5, "\(unsettled.count) unsettled")
    // A twentieth are refusals for the rate limit, which did no work; look-ups are counted.
    #expect(Double(service.requests) <= 5000 * 1.1, "\(service.requests) requests")
  }
}
