// The snippets of the page about values and types.

import Foundation
import IntercomAPI
import IntercomScript
import Synchronization
import Testing

@Suite struct ValueSnippets {
  @Test("types of one's own, and what does not fit them")
  func types() async throws {
    // swift-format-ignore
    do {
    enum Plan: String, Codable, Sendable { case free, pro }
    struct Account: Codable, Sendable {
      var name: String
      var plan: Plan
      var price: Decimal
      var renewsAt: Date?
    }
    let account: Account = try await Engine()
      .compile("({name: \"Acme\", plan: \"pro\", price: 19.9, renewsAt: 1767225600})").run()
    #expect(account.plan == .pro && account.price == Decimal(string: "19.9"))
    #expect(account.renewsAt == Date(timeIntervalSince1970: 1_767_225_600))
    }
    // swift-format-ignore
    do {
    do {
      _ = try await Engine().compile("({seats: [1, 300]})").run(as: [String: [UInt8]].self)
    } catch let error as ConversionError {
      print(error)     // 'seats[1]': an int from 0 to 255 is wanted, and this is 300
    }
    }
    let error = await #expect(throws: ConversionError.self) {
      try await Engine().compile("({seats: [1, 300]})").run(as: [String: [UInt8]].self)
    }
    #expect(error?.description == "'seats[1]': an int from 0 to 255 is wanted, and this is 300")
    await #expect(throws: ConversionError.self) { try await Engine().compile("1.0").run(as: Int.self) }
    await #expect(throws: ConversionError.self) { try await Engine().compile("9007199254740993").run(as: Double.self) }
  }

  @Test("missing and null, values of any type")
  func anything() async throws {
    // swift-format-ignore
    do {
    struct Change: Codable, Sendable { var owner: Nullable<String>? }
    let change: Change = try await Engine().compile("({owner: null})").run()
    if case .null? = change.owner { print("nobody owns it any more") }
    let untouched: Change = try await Engine().compile("({other: 1})").run()
    #expect(change.owner == .null && untouched.owner == nil)
    }
    // swift-format-ignore
    do {
    let value: ScriptValue = try await Engine().compile("({contact: {name: \"Ada\", tags: [1, 2]}})").run()
    print(value.contact.name.string ?? "nobody", value.contact.tags[1].int ?? 0)
    #expect(value.contact.name == "Ada" && value.company.name.isNull)
    }
    // swift-format-ignore
    do {
    let settings: ScriptValue = ["greeting": "Hello", "tags": [1, 2.5, nil], "nested": ["on": true]]
    let script = try Engine().compile("settings.tags.length + settings.nested.keys().length", inputs: ["settings"])
    let count: Int = try await script.run(with: ["settings": settings])
    #expect(count == 4)
    }
    let keys = try Engine().compile("m.keys()", inputs: ["m"])
    #expect(try await keys.run(with: ["m": ["b": 1, "a": 2, "c": 3]]) as [String] == ["a", "b", "c"])
  }
}
