// The queues that fibers stand in.

/// First in, first out; what has been taken from the front is given up in one go.
struct Queue<Element> {
  /// Nil where an element has been taken: it is moved out, which for a fiber saves counting references twice.
  private var elements: [Element?] = []
  private var head = 0

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head].take()
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 1024 && head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }
}

/// Fibers that sleep, as a binary heap by deadline. Those that were woken by something else are passed over.
struct SleepQueue {
  private struct Sleeper {
    var fiber: Fiber
    var waitNumber: Int
    /// On the machine's clock.
    var deadline: UInt64
    /// Sleepers with one deadline wake in the order in which they went to sleep.
    var order: Int

    var isAsleep: Bool { fiber.isWaiting && fiber.waitNumber == waitNumber }

    func isBefore(_ other: Sleeper) -> Bool { (deadline, order) < (other.deadline, other.order) }
  }

  /// INVARIANT: no sleeper is before its parent, the one at `(index - 1) / 2`.
  private var heap: [Sleeper] = []
  private var order = 0

  mutating func append(_ fiber: Fiber, deadline: UInt64) {
    order += 1
    heap.append(Sleeper(fiber: fiber, waitNumber: fiber.waitNumber, deadline: deadline, order: order))
    var index = heap.count - 1
    while index > 0, heap[index].isBefore(heap[(index - 1) / 2]) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  /// When the first of those that still sleep wakes.
  var nextDeadline: UInt64? {
    mutating get {
      while let first = heap.first, !first.isAsleep { removeFirst() }
      return heap.first?.deadline
    }
  }

  /// The first fiber whose deadline has come.
  mutating func popFirst(until now: UInt64) -> Fiber? {
    guard let deadline = nextDeadline, deadline <= now else { return nil }
    return removeFirst()
  }

  @discardableResult
  private mutating func removeFirst() -> Fiber {
    let fiber = heap[0].fiber
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var index = 0
    while true {
      let left = index * 2 + 1
      guard left < heap.count else { return fiber }
      let child = left + 1 < heap.count && heap[left + 1].isBefore(heap[left]) ? left + 1 : left
      guard heap[child].isBefore(heap[index]) else { return fiber }
      heap.swapAt(index, child)
      index = child
    }
  }
}
