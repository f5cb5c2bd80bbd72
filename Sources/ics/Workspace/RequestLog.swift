// `--verbose`: a line on standard error for every request that was sent.

import ICSDiagnostics
import ICSJSON
import IntercomAPI

struct RequestLog: Sendable {
  /// The account, where it is none that the command chose by itself.
  private let account: String?
  private let isJSON: Bool

  init(account: Account, isJSON: Bool) {
    self.account = ["default", "sandbox"].contains(account.name) ? nil : account.name
    self.isJSON = isJSON
  }

  /// Writes the line of an exchange.
  func show(_ exchange: IntercomClient.Exchange) {
    StandardError.write(isJSON ? Reporter.line(json(of: exchange)) : terminalSafe(text(of: exchange)) + "\n")
  }

  /// `GET /contacts/{contact_id} 200 in 12 ms (try 2, waited 500 ms, 80 left, request 5f0c)`.
  private func text(of exchange: IntercomClient.Exchange) -> String {
    var line = "\(exchange.method) \(exchange.path) \(exchange.status.map(String.init) ?? "no answer")"
    line += " in \(Self.milliseconds(exchange.duration)) ms"
    var facts: [String] = []
    if exchange.attempt > 1 { facts.append("try \(exchange.attempt)") }
    if exchange.waited > .zero { facts.append("waited \(Self.milliseconds(exchange.waited)) ms") }
    if let remaining = exchange.remaining { facts.append("\(remaining) left") }
    if let id = exchange.requestID { facts.append("request \(id)") }
    if let account { facts.append("account \(account)") }
    return facts.isEmpty ? line : line + " (" + facts.joined(separator: ", ") + ")"
  }

  private func json(of exchange: IntercomClient.Exchange) -> JSONValue {
    [
      "request": [
        "method": .string(exchange.method), "path": .string(exchange.path),
        "status": exchange.status.map(JSONValue.int) ?? nil, "try": .int(exchange.attempt),
        "ms": .int(Self.milliseconds(exchange.duration)), "waited_ms": .int(Self.milliseconds(exchange.waited)),
        "remaining": exchange.remaining.map(JSONValue.int) ?? nil,
        "request_id": exchange.requestID.map(JSONValue.string) ?? nil,
        "account": account.map(JSONValue.string) ?? nil,
      ]
    ]
  }

  private static func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
}
