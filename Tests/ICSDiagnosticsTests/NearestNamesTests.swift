import ICSDiagnostics
import Testing

@Suite struct NearestNamesTests {
  private let names = [
    "upper", "lower", "trim", "trim_start", "split", "contacts", "companies", "Print", "print", "x",
    "len",
  ]

  @Test(
    "what is near is found, nearest first",
    arguments: [
      ("uper", ["upper"]), ("UPPER", ["upper"]), ("contcts", ["contacts"]), ("contatcs", ["contacts"]),
      ("tirm", ["trim"]), ("trm", ["trim"]), ("comp", ["companies"]), ("lenn", ["len"]), ("prnit", ["Print", "print"]),
    ])
  func near(name: String, expected: [String]) {
    #expect(nearestNames(to: name, among: names) == expected)
  }

  @Test("what is far is not", arguments: ["", "zzz", "y", "frobnicate", "l", "con tacts are here"])
  func far(name: String) {
    #expect(nearestNames(to: name, among: names).isEmpty)
  }

  @Test("the same letters in another case come first, and the name itself never comes")
  func caseFirst() {
    #expect(nearestNames(to: "Emial", among: ["email", "Emial", "EMIAL"]) == ["EMIAL", "email"])
  }

  @Test("at most as many as asked, each once, in an order that does not depend on the candidates'")
  func limit() {
    let candidates = ["name3", "name1", "name2", "name1"]
    #expect(nearestNames(to: "name", among: candidates, limit: 2) == ["name1", "name2"])
    #expect(nearestNames(to: "name", among: candidates, limit: 0).isEmpty)
  }

  @Test("long names cost little")
  func longNames() {
    let long = String(repeating: "a", count: 1_000_000)
    #expect(nearestNames(to: long, among: ["a", long + "b"]).isEmpty)
    #expect(nearestNames(to: "abc", among: [long]).isEmpty)
  }
}
