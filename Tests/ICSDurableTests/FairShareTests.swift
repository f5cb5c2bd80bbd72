// Deficit round robin between tenants.

import ICSDurable
import Testing

@Suite("Fair shares")
struct FairShareTests {
  private let now = Timestamp(seconds: 1_000)

  private func load(_ tenant: String, _ ready: Int, running: Int = 0) -> FairShare.Load {
    FairShare.Load(tenant: tenant, ready: ready, running: running)
  }

  private func totals(_ slices: [FairShare.Slice]) -> [String: Int] {
    slices.reduce(into: [:]) { $0[$1.tenant, default: 0] += $1.count }
  }

  @Test("a backlog of one tenant leaves the other its turn")
  func backlog() {
    var share = FairShare()
    let slices = share.deal(10, among: [load("a", 100_000), load("b", 1)], at: now) { _ in TenantShare() }
    #expect(totals(slices) == ["a": 9, "b": 1])
    #expect(slices.prefix(2).map(\.tenant) == ["a", "b"])
  }

  @Test("a turn goes on where the last deal ended")
  func continues() {
    var share = FairShare()
    var order: [String] = []
    for _ in 0..<6 {
      let slices = share.deal(1, among: [load("a", 9), load("b", 9), load("c", 9)], at: now) { _ in TenantShare() }
      order += slices.map(\.tenant)
    }
    #expect(order == ["a", "b", "c", "a", "b", "c"])
  }

  @Test("weights are kept over many deals of one")
  func weights() {
    var share = FairShare()
    var counts: [String: Int] = [:]
    for _ in 0..<400 {
      let slices = share.deal(1, among: [load("a", 999), load("b", 999)], at: now) {
        TenantShare(weight: $0 == "a" ? 3 : 1)
      }
      for slice in slices { counts[slice.tenant, default: 0] += slice.count }
    }
    #expect(counts == ["a": 300, "b": 100])
  }

  @Test("a tenant at its limit, or paused, is left out")
  func limits() {
    var share = FairShare()
    let slices = share.deal(10, among: [load("a", 5, running: 2), load("b", 5), load("c", 5)], at: now) { tenant in
      switch tenant {
      case "a": TenantShare(maxRunning: 3)
      case "b": TenantShare(pausedUntil: now + .seconds(1))
      default: TenantShare(pausedUntil: now)
      }
    }
    #expect(totals(slices) == ["a": 1, "c": 5])
  }

  @Test("nothing wanted, nothing dealt")
  func nothing() {
    var share = FairShare()
    #expect(share.deal(5, among: [], at: now) { _ in TenantShare() }.isEmpty)
    #expect(share.deal(0, among: [load("a", 1)], at: now) { _ in TenantShare() }.isEmpty)
    #expect(share.deal(5, among: [load("a", 3)], at: now) { _ in TenantShare(maxRunning: 0) }.isEmpty)
  }
}
