// Operations' results in the order in which the operations began: what a recorded script does when it runs again must
// not depend on which answer came first.

/// Holds results back until those of earlier operations are there.
final class DeliveryOrder {
  /// What an operation ended with, and who waits for it.
  struct Result: Sendable {
    let fiber: Int
    let waitNumber: Int
    let makeResult: HostResult
  }

  private var begun = 0
  private var delivered = 0
  private var early: [Int: Result] = [:]

  /// The number of an operation that begins.
  func begin() -> Int {
    defer { begun += 1 }
    return begun
  }

  /// Takes the result of an operation; gives those whose turn it is now.
  func end(_ number: Int, _ result: Result) -> [Result] {
    early[number] = result
    var due: [Result] = []
    while let next = early.removeValue(forKey: delivered) {
      due.append(next)
      delivered += 1
    }
    return due
  }
}
