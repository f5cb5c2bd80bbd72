// A condition means the same wherever it is decided: by the API's search, or by `where` on a list.

import Foundation
import ICSJSON
import IntercomAPI
import IntercomSandbox
import Testing

@testable import IntercomScript

@Suite struct SearchAgreementTests {
  /// How many conditions are tried; ICS_CONDITIONS sets another number.
  private static let count = ProcessInfo.processInfo.environment["ICS_CONDITIONS"].flatMap { Int($0) } ?? 300

  @Test("random conditions find the same contacts by a search and in a list")
  func agreement() async throws {
    let bench = try await Workbench()
    let seed = UInt64(ProcessInfo.processInfo.environment["ICS_SEED"] ?? "") ?? 20_260_101
    var random = ConditionSource(seed: seed)
    let items = (0..<60).map { random.contact($0) }
    let conditions = (0..<Self.count).map { _ in random.condition() }
    // Both sides in one script: what the search finds, and what the same condition leaves of the list of all.
    for start in stride(from: 0, to: conditions.count, by: 250) {
      var script = """
        let all = contacts.list(per_page: 150).to_list()
        let ids = s => s.map(c => c.external_id).sort()

        """
      if start == 0 {
        let made = JSONValue.array(items).serialized()
        script =
          "data_attributes.create({name: \"score\", model: \"contact\", data_type: \"integer\"})\n"
          + "for c in json.parse(\(JSONValue.string(made).serialized())) { contacts.create(c) }\n" + script
      }
      for (index, condition) in conditions[start..<min(start + 250, conditions.count)].enumerated() {
        script += """
          try {
            let there = ids((contacts where \(condition)).to_list())
            let here = ids(all where \(condition))
            if there != here { print({n: \(start + index), there: there, here: here}) }
          } catch e { print("\(start + index)", e.kind, e.message) }

          """
      }
      let lines = await bench.run(script)
      for line in lines {
        let number = line.drop { !$0.isNumber }.prefix { $0.isNumber }
        let condition = Int(number).map { conditions[$0] } ?? ""
        // A condition may be too large for the API's two levels of fifteen filters, and says so.
        if line.contains("E_QUERY"), line.contains("does not fit") { continue }
        Issue.record("\(condition)\n\(line)")
      }
    }
    await bench.sandbox.stop()
  }
}

/// Random contacts, and random conditions on them.
private struct ConditionSource {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  mutating func pick<T>(_ items: [T]) -> T { items[next(items.count)] }

  private static let names = ["Ada", "ada lovelace", "Bob", "bobby", "Ünal", "100%", "a_b", "", "O'Hara", "Zoë ÜNAL"]
  private static let days = [1_700_000_000, 1_700_003_600, 1_700_086_400, 1_700_172_800, 1_699_999_999, 0]

  mutating func contact(_ index: Int) -> JSONValue {
    var contact: JSONObject = ["role": .string(pick(["user", "lead"]))]
    // A lead has no external id of its own making; the test knows its contacts by it.
    contact["role"] = "user"
    contact["external_id"] = .string("x\(index < 10 ? "0" : "")\(index)")
    if next(4) > 0 { contact["name"] = .string(pick(Self.names)) }
    if next(3) > 0 { contact["email"] = .string("p\(index)@\(pick(["acme.com", "Other.org"]))") }
    if next(3) > 0 { contact["phone"] = .string("+4930123\(next(4))\(next(4))") }
    if next(3) > 0 { contact["signed_up_at"] = .int(pick(Self.days)) }
    if next(3) > 0 { contact["last_seen_at"] = .int(pick(Self.days)) }
    if next(2) > 0 { contact["unsubscribed_from_emails"] = .bool(next(2) == 0) }
    var attributes = JSONObject()
    if next(3) > 0 { attributes["plan"] = .string(pick(["pro", "free", "Pro"])) }
    if next(3) > 0 { attributes["score"] = .int(next(5)) }
    if !attributes.isEmpty { contact["custom_attributes"] = .object(attributes) }
    return .object(contact)
  }

  mutating func condition(depth: Int = 0) -> String {
    switch next(depth == 0 ? 6 : depth < 3 ? 9 : 20) {
    case 0, 1: "(\(condition(depth: depth + 1)) && \(condition(depth: depth + 1)))"
    case 2, 3: "(\(condition(depth: depth + 1)) || \(condition(depth: depth + 1)))"
    case 4: "!(\(negatable(depth: depth + 1)))"
    default: comparison(isNegated: false)
    }
  }

  /// A condition without what has no opposite in the API.
  private mutating func negatable(depth: Int) -> String {
    switch next(depth < 3 ? 6 : 20) {
    case 0: "(\(negatable(depth: depth + 1)) && \(negatable(depth: depth + 1)))"
    case 1: "(\(negatable(depth: depth + 1)) || \(negatable(depth: depth + 1)))"
    default: comparison(isNegated: true)
    }
  }

  private mutating func comparison(isNegated: Bool) -> String {
    switch next(5) {
    case 0, 1:
      let field = pick(["name", "email", "phone", "external_id", "custom_attributes.plan", "role"])
      let texts = ["ada", "Ada", "bob", "ünal", "acme", "%", "_", "x1", "30123", "pro", "free", "o'h", ".org"]
      let values = Self.names.filter { !$0.isEmpty } + ["pro", "free", "Pro", "x01", "p1@acme.com", "nothing"]
      switch next(6) {
      case 0: return "\(field) == \(literal(field == "role" ? pick(["user", "lead"]) : pick(values)))"
      case 1: return "\(field) != \(literal(field == "role" ? pick(["user", "lead"]) : pick(values)))"
      case 2: return "\(field) \(pick(["==", "!="])) null"
      case 3:
        let list = field == "role" ? ["user"] : [pick(values), pick(values)]
        return "\(field) \(pick(["in", "!in"])) [\(list.map(literal).joined(separator: ", "))]"
      case 4 where field != "role": return "\(field) \(pick(["~", "!~"])) \(literal(pick(texts)))"
      default:
        guard field != "role" else { return "role == \"user\"" }
        return "\(field) \(pick(isNegated ? ["~", "!~"] : ["^=", "$="])) \(literal(pick(texts)))"
      }
    case 2: return "custom_attributes.score \(pick(["==", "!=", "<", ">", "<=", ">="])) \(next(6))"
    case 3: return "unsubscribed_from_emails \(pick(["==", "!="])) \(pick(["true", "false", "null"]))"
    default:
      let field = pick(["signed_up_at", "last_seen_at"])
      if next(4) == 0 { return "\(field) \(pick(["==", "!="])) null" }
      // The API compares days as a whole, a list's `where` compares seconds: they mean the same where one day ends and
      // the next begins.
      let day = pick(Self.days) / 86_400 * 86_400
      return next(2) == 0
        ? "\(field) \(pick(["<", ">="])) \(day)" : "\(field) \(pick([">", "<="])) \(day + 86_399)"
    }
  }

  private func literal(_ text: String) -> String { JSONValue.string(text).serialized() }
}
