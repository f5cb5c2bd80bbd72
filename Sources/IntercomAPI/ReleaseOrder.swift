// In which order the answers of a recording are given out.

/// Lets answers out in the order in which they came when they were recorded, so that what a script does with several
/// requests on their way at once is the same again. Requests one after the other never wait.
///
/// A script that asks for something else than before does not hang: after `patience` without any answer, those that
/// nobody asks for are passed over.
struct ReleaseOrder: Sendable {
  /// For each answer, how many had come when its request was sent: those from there up to its own place were on their
  /// way at the same time, and came before it.
  private let sentAfter: [Int]
  private var isDone: [Bool]
  /// When each one that waits has asked.
  private var askedAt: [Int: Duration] = [:]
  private var lastRelease: Duration = .zero

  /// Between an answer and one that comes next: what the script does with the first has then begun.
  static let pause: Duration = .milliseconds(1)
  static let patience: Duration = .milliseconds(100)

  init(sentAfter: [Int]) {
    self.sentAfter = sentAfter
    isDone = Array(repeating: false, count: sentAfter.count)
  }

  /// Whether an answer may go now; it counts as given out then.
  ///
  /// - Parameters:
  ///   - index: The answer's place.
  ///   - now: A clock that only goes forward.
  mutating func take(_ index: Int, at now: Duration) -> Bool {
    let before = min(max(sentAfter[index], 0), index)..<index
    if !before.isEmpty {
      let asked = askedAt[index] ?? now
      askedAt[index] = asked
      if before.contains(where: { !isDone[$0] }) {
        guard now - max(asked, lastRelease) >= Self.patience else { return false }
        for place in before { isDone[place] = true }
      }
      guard now - lastRelease >= Self.pause else { return false }
      askedAt[index] = nil
    }
    isDone[index] = true
    lastRelease = now
    return true
  }
}
