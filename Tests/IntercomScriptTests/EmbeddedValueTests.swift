// Swift values in scripts and scripts' values in Swift.

import Foundation
import ICSJSON
import IntercomScript
import Testing

@Suite struct EmbeddedValueTests {
  struct Address: Codable, Sendable, Hashable {
    var city: String
    var lines: [String]
  }

  enum Plan: String, Codable, Sendable { case free, pro }

  enum Payment: Codable, Sendable, Hashable {
    case card(number: String, year: Int)
    case cash
  }

  struct Contact: Codable, Sendable, Hashable {
    var id: Int64
    var name: String?
    var plan: Plan
    var address: Address?
    var signedUp: Date
    var balance: Decimal
    var tags: [String: Double]
    var payments: [Payment]
    var site: URL?
    var token: UUID
    var small: UInt8
  }

  private let contact = Contact(
    id: 7, name: nil, plan: .pro, address: Address(city: "Ulm", lines: ["a", "b"]),
    signedUp: Date(timeIntervalSince1970: 1_700_000_000.5), balance: Decimal(string: "12.10")!,
    tags: ["x": 1.5, "a": .infinity], payments: [.card(number: "42", year: 2030), .cash],
    site: URL(string: "https://example.com/?q=1"), token: UUID(), small: 255)

  /// What a script gives for an input.
  private func echo<In: Encodable & Sendable, Out: Decodable & Sendable>(
    _ input: In, _ text: String = "x", as type: Out.Type = Out.self
  ) async throws -> Out {
    try await Engine().compile(text, inputs: ["x"]).run(with: ["x": input])
  }

  @Test("a nested value comes back as it went")
  func roundTrip() async throws {
    #expect(try await echo(contact) as Contact == contact)
    #expect(try await echo([contact, contact]) as [Contact] == [contact, contact])
    #expect(try await echo(contact, "x.signedUp") as Double == 1_700_000_000.5)
    #expect(try await echo(contact, "x.balance") as Double == 12.1)
    #expect(try await echo(contact, "x.payments[0].card.year") as Int == 2030)
    #expect(try await echo(contact, "x.tags.keys()") as [String] == ["a", "x"])
    #expect(try await echo(contact, "type(x.plan)") as String == "string")
    #expect(try await echo([1: "a", 2: "b"], "x[2]") as String == "b")
    #expect(try await echo([1: "a", 2: "b"]) as [Int: String] == [1: "a", 2: "b"])
    #expect(try await echo(Data([1, 2, 255])) as Data == Data([1, 2, 255]))
    #expect(try await echo(1...3, "0..<4") as [Int] == [0, 1, 2, 3])
  }

  @Test("missing and null are two things")
  func missing() async throws {
    struct Change: Codable, Sendable, Equatable { var owner: Nullable<String>? }
    #expect(try await echo(1, "({})") as Change == Change(owner: nil))
    #expect(try await echo(1, "({owner: null})") as Change == Change(owner: .null))
    #expect(try await echo(1, "({owner: \"a\"})") as Change == Change(owner: .value("a")))
    #expect(try await echo(Change(owner: nil), "x.has(\"owner\")") as Bool == false)
    #expect(try await echo(Change(owner: .null), "[x.has(\"owner\"), x.owner]") as ScriptValue == [true, nil])
    let map = try #require(try await echo(1, "({a: null})", as: ScriptValue.self).map)
    #expect(map["a"] == .null && map["b"] == nil)
  }

  @Test(
    "what does not fit is an error that says where",
    arguments: [
      ("300", "an int from 0 to 255"), ("-1", "an int from 0 to 255"), ("1.0", "an int from 0 to 255"),
      ("\"1\"", "an int from 0 to 255"), ("null", "an int from 0 to 255"),
    ])
  func narrow(text: String, wanted: String) async throws {
    let error = await #expect(throws: ConversionError.self) { try await echo(1, text) as UInt8 }
    #expect(error?.wanted == wanted)
  }

  @Test("nothing is rounded, wrapped or made null on the way")
  func lossless() async throws {
    await #expect(throws: ConversionError.self) { try await echo(1, "9007199254740993") as Double }
    #expect(try await echo(1, "9007199254740992") as Double == 9_007_199_254_740_992)
    #expect(try await echo(1, "0.0 / 0.0", as: Double.self).isNaN)
    #expect(try await echo(Double.nan, "x == x") as Bool == false)
    await #expect(throws: ConversionError.self) { try await echo(1, "0.0 / 0.0") as JSONValue }
    await #expect(throws: ConversionError.self) { try await echo(1, "1e300") as Float }
    await #expect(throws: ConversionError.self) { try await echo(UInt64.max) as UInt64 }
    await #expect(throws: ConversionError.self) {
      try await echo(Decimal(string: "0.12345678901234567891")!) as Decimal
    }
    #expect(try await echo("0.12345678901234567891") as Decimal == Decimal(string: "0.12345678901234567891"))
    await #expect(throws: ConversionError.self) { try await echo("12abc") as Decimal }
    let error = await #expect(throws: ConversionError.self) {
      try await echo(1, "({city: \"a\", lines: [\"x\", 2]})") as Address
    }
    #expect(error?.path == "lines[1]" && error?.description == "'lines[1]': a string is wanted, and this is 2")
    let lost = await #expect(throws: ConversionError.self) { try await echo(1, "({city: \"a\"})") as Address }
    #expect(lost?.path == "lines" && lost?.found == "missing")
    await #expect(throws: ConversionError.self) { try await echo(1, "\"gold\"") as Plan }
  }

  @Test("a value of any type can be read by its members, written as a literal, and hashed")
  func dynamic() async throws {
    let value: ScriptValue = try await echo(contact)
    #expect(value.address.city.string == "Ulm" && value.address.lines[1] == "b" && value.nobody.nowhere.isNull)
    #expect(value.id.int == 7 && value.balance.double == 12.1 && value.payments[0].card.year == 2030)
    let literal: ScriptValue = ["a": [1, 2.5, nil, true], "b": "text"]
    #expect(try await echo(literal) as ScriptValue == literal)
    #expect(literal.description == "{a: [1, 2.5, null, true], b: \"text\"}")
    #expect(try JSONDecoder().decode(ScriptValue.self, from: JSONEncoder().encode(literal)) == literal)
    #expect(Set([literal, literal]).count == 1 && ScriptValue.int(1) != .float(1))
    let keys = try await echo(1, "({b: 1, a: 2, [3]: 4, [true]: 5})", as: ScriptValue.self)
    #expect(keys.map?.keys == ["b", "a", .int(3), .bool(true)])
  }

  @Test("a script's deep or endless value is an error, not a crash")
  func deep() async throws {
    let nest = "var l = []\nfor i in 0..<%d { l = [l] }\nl"
    #expect(try await echo(1, nest.replacing("%d", with: "300"), as: ScriptValue.self).list?.count == 1)
    for text in [nest.replacing("%d", with: "5000"), "let l = []\nl.push(l)\nl", "let m = {}\nm.me = m\nm"] {
      await #expect(throws: ConversionError.self, "\(text)") { try await echo(1, text) as ScriptValue }
      await #expect(throws: ConversionError.self, "\(text)") { try await echo(1, text) as JSONValue }
      await #expect(throws: ConversionError.self, "\(text)") { try await echo(1, text) as Tree }
    }
  }

  /// A type that nests as deep as its data.
  private struct Tree: Decodable, Sendable {
    var items: [Tree]

    init(from decoder: any Decoder) throws {
      if let keyed = try? decoder.container(keyedBy: Key.self) {
        items = [try keyed.decode(Tree.self, forKey: .me)]
      } else {
        var list = try decoder.unkeyedContainer()
        items = []
        while !list.isAtEnd { items.append(try list.decode(Tree.self)) }
      }
    }

    enum Key: CodingKey { case me }
  }
}
