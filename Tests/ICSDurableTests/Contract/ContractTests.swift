// The contract: every promise of every store. A new store is one line in `StoreKind.all`.

import ICSDurable
import Testing

enum Contract {
  static let cases: [ContractCase] =
    inbox + claims + leases + steps + keys + timers + lives + jobs + people + listings
}

@Suite("The contract of stores", .timeLimit(.minutes(5)))
struct ContractTests {
  @Test("a store keeps its promise", arguments: StoreKind.all, Contract.cases)
  func promise(kind: StoreKind, promise: ContractCase) async throws {
    try await withFolder { folder in
      let store = try kind.make(folder)
      do { try await promise.body(Bench(store)) } catch {
        Issue.record("\(promise.testDescription), \(kind.testDescription): \(error)")
      }
      await store.close()
    }
  }

  @Test("the contract has at least 120 promises, each under a name of its own")
  func size() {
    let names = Contract.cases.map(\.testDescription)
    #expect(names.count >= 120)
    #expect(Set(names).count == names.count)
  }
}
