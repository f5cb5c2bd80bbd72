// Fairness between tenants: deficit round robin.

/// Whose turn it is. One tenant's backlog costs the others nothing, however long it is.
///
/// Each tenant in turn earns its weight and spends one for each run that starts; what it cannot spend because its runs
/// have come to an end is forgotten, what it cannot spend because the workers are busy it keeps for the next time.
public struct FairShare: Sendable {
  /// What a tenant would like.
  public struct Load: Sendable, Hashable {
    /// The tenant.
    public var tenant: String
    /// How many of its runs may start.
    public var ready: Int
    /// How many of its runs are under way.
    public var running: Int

    /// - Parameters:
    ///   - tenant: The tenant.
    ///   - ready: How many of its runs may start.
    ///   - running: How many of its runs are under way.
    public init(tenant: String, ready: Int, running: Int) {
      self.tenant = tenant
      self.ready = ready
      self.running = running
    }
  }

  /// A part of an answer: this many of this tenant.
  public struct Slice: Sendable, Hashable {
    /// The tenant.
    public var tenant: String
    /// How many of its runs start now, 1 or more.
    public var count: Int
  }

  private var deficits: [String: Int] = [:]
  /// The tenant whose turn is not over, or was over last.
  private var last: String?
  private var isOver = true

  /// Nobody has had a turn yet.
  public init() {}

  /// Deals out starts.
  ///
  /// - Parameters:
  ///   - max: How many runs may start.
  ///   - loads: Every tenant that has a run ready, once each.
  ///   - share: A tenant's share.
  ///   - now: What a pause ends by.
  /// - Returns: The turns in their order; a tenant may have several.
  public mutating func deal(
    _ max: Int, among loads: [Load], at now: Timestamp, share: (String) -> TenantShare
  ) -> [Slice] {
    var wanting: [(tenant: String, weight: Int, left: Int)] = []
    for load in loads.sorted(by: { $0.tenant < $1.tenant }) {
      let share = share(load.tenant)
      if let until = share.pausedUntil, until > now { continue }
      let room = Swift.max(0, share.maxRunning - load.running)
      if min(room, load.ready) > 0 {
        wanting.append((load.tenant, Swift.max(1, share.weight), min(room, load.ready)))
      }
    }
    let names = Set(wanting.map(\.tenant))
    deficits = deficits.filter { names.contains($0.key) }
    var slices: [Slice] = []
    var rest = max
    var index = start(in: wanting.map(\.tenant))
    while rest > 0, !wanting.isEmpty {
      if index >= wanting.count { index = 0 }
      let tenant = wanting[index].tenant
      if isOver || last != tenant { deficits[tenant, default: 0] += wanting[index].weight }
      let count = min(deficits[tenant, default: 0], wanting[index].left, rest)
      if count > 0 { slices.append(Slice(tenant: tenant, count: count)) }
      rest -= count
      wanting[index].left -= count
      deficits[tenant, default: 0] -= count
      last = tenant
      isOver = wanting[index].left == 0 || deficits[tenant, default: 0] == 0
      if wanting[index].left == 0 {
        deficits[tenant] = nil
        wanting.remove(at: index)
      } else if isOver {
        index += 1
      }
    }
    return slices
  }

  /// The tenant whose turn it is: the last one again when its turn was cut short, else the first one after it.
  private func start(in tenants: [String]) -> Int {
    guard let last else { return 0 }
    return tenants.firstIndex { isOver ? $0 > last : $0 >= last } ?? 0
  }
}
