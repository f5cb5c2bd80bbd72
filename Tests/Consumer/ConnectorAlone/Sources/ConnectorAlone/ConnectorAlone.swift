// A program that talks to Intercom and has no scripts: a listing over two pages, a call by an operation's name, and a
// refusal. Its Intercom is in memory, behind the transport; a real program leaves `transport:` out.

import IntercomAPI

@main
struct ConnectorAlone {
  static func main() async throws {
    let client = IntercomClient(account: Account(accessToken: Secret("a-token"), region: .eu), transport: TwoContacts())

    var names: [String] = []
    for try await page in client.pages(of: try IntercomClient.request(for: "contacts.list")) {
      names += try page.items().compactMap { $0["name"]?.stringValue }
    }
    print("contacts: \(names.joined(separator: ", "))")

    let body: JSONValue = ["role": "lead", "name": "Grace"]
    let made = try await client.call("contacts.create", body: body)
    print("made: \(made["id"]?.stringValue ?? "nothing")")

    do {
      _ = try await client.call("contacts.get", parameters: ["contact_id": "nobody"])
    } catch {
      print("\(error.code.rawValue): \(error.status ?? 0)")
    }
    await client.shutdown()
  }
}

/// An Intercom with two contacts, on a page each.
struct TwoContacts: HTTPTransport {
  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    guard request.headers.contains(where: { $0.name == "Authorization" && $0.value == "Bearer a-token" }) else {
      return TransportResponse(status: 401)
    }
    switch request.method {
    case "POST": return answer(["type": "contact", "id": "c3", "role": "lead"])
    case "GET" where request.url.contains("starting_after"): return page(["Bob"], next: .null)
    case "GET" where request.url.contains("nobody"):
      return answer(
        ["type": "error.list", "errors": [["code": "not_found", "message": "User Not Found"]]], status: 404)
    default: return page(["Ada"], next: ["per_page": 1, "starting_after": "more"])
    }
  }

  func shutdown() async {}

  private func page(_ names: [String], next: JSONValue) -> TransportResponse {
    answer([
      "type": "list", "total_count": 2,
      "data": .array(names.map { ["type": "contact", "id": "c", "name": .string($0)] }),
      "pages": ["type": "pages", "per_page": 1, "total_pages": 2, "next": next],
    ])
  }

  private func answer(_ body: JSONValue, status: Int = 200) -> TransportResponse {
    TransportResponse(
      status: status, headers: [(name: "Content-Type", value: "application/json")], body: body.serializedBytes())
  }
}
