// Results of operations in the order in which the operations began.

import Testing

@testable import ICSVM

@Suite struct DeliveryOrderTests {
  private func result(_ fiber: Int) -> DeliveryOrder.Result {
    DeliveryOrder.Result(fiber: fiber, waitNumber: 0, makeResult: { _ in .null })
  }

  @Test("a result waits for those of earlier operations, and comes with them")
  func order() {
    let order = DeliveryOrder()
    for number in 0..<4 {
      let begun = order.begin()
      #expect(begun == number)
    }
    let given = [2, 1, 0, 3].map { number in order.end(number, result(number)).map(\.fiber) }
    #expect(given == [[], [], [0, 1, 2], [3]])
  }
}
