// What a call of a pattern may cost.

/// The work of one call on a text. The text bounds it: no pattern takes more than `perKilobyte` steps for each kilobyte
/// of text begun.
struct RegexWork {
  /// The search was given up.
  struct Exceeded: Error {
    /// Whether the script may not go on; otherwise the pattern takes more steps than it may.
    let isStopped: Bool
  }

  static let perKilobyte = 100_000

  var steps = 0
  private let limit: Int
  private var paid = 0
  /// Takes the steps made since the last time; false stops the search.
  private let pay: (Int) -> Bool

  init(textLength: Int, pay: @escaping (Int) -> Bool = { _ in true }) {
    limit = (textLength / 1024 + 1) * Self.perKilobyte
    self.pay = pay
  }

  @inline(__always)
  mutating func add(_ count: Int) throws(Exceeded) {
    steps += count
    try check()
  }

  /// Throws when there were too many steps, and pays for them now and then.
  @inline(__always)
  mutating func check() throws(Exceeded) {
    if steps > limit { throw Exceeded(isStopped: false) }
    if steps - paid > 8_000 { try settle() }
  }

  /// Pays for what is not paid yet.
  @inline(never)
  mutating func settle() throws(Exceeded) {
    let due = steps - paid
    paid = steps
    if !pay(due) { throw Exceeded(isStopped: true) }
  }
}
