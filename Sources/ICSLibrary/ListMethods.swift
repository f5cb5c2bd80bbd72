// The methods that change a list in place.

import ICSVM

enum ListMethods {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "list.push", "list.push(x...)", "Adds items at the end, in place.",
      example: """
        let xs = [1]
        xs.push(2, 3)
        print(xs)  // expect: [1, 2, 3]
        """,
      .native(0...Int.max, push)),
    BuiltIn(
      "list.pop", "list.pop()", "Takes the last item out and gives it; null when the list is empty.",
      example: """
        let xs = [1, 2]
        print(xs.pop(), xs)  // expect: 2 [1]
        """,
      .native(0...0, pop)),
    BuiltIn(
      "list.insert", "list.insert(i, x)", "Puts an item before the one at index `i`; at the length, behind the last.",
      example: """
        let xs = [1, 3]
        xs.insert(1, 2)
        print(xs)  // expect: [1, 2, 3]
        """,
      .native(2...2, insert)),
    BuiltIn(
      "list.remove_at", "list.remove_at(i)", "Takes the item at an index out and gives it.",
      example: """
        let xs = [1, 2, 3]
        print(xs.remove_at(0), xs)  // expect: 1 [2, 3]
        """,
      .native(1...1, removeAt)),
    BuiltIn(
      "list.clear", "list.clear()", "Takes all items out.",
      example: """
        let xs = [1, 2]
        xs.clear()
        print(xs)  // expect: []
        """,
      .native(0...0, clear)),
    BuiltIn(
      "list.copy", "list.copy()", "A new list with the same items.",
      example: """
        let xs = [1]
        let ys = xs.copy()
        ys.push(2)
        print(xs, ys)  // expect: [1] [1, 2]
        """,
      .native(0...0) { (call) throws(Raised) in try call.list(of: try call.items, 0..<(try call.items.count)) }),
  ]

  private static func push(_ call: Call) throws(Raised) -> Value {
    let list = call.receiver.address
    if call.count == 1 {
      call.vm.listPush(list, call.arguments[0])
    } else {
      try call.charge(call.count)
      guard call.vm.reserve(list: list, capacity: listCount(list) + call.count) else { throw Raised() }
      call.vm.listAppend(list, call.arguments, count: call.count)
    }
    return .null
  }

  private static func pop(_ call: Call) throws(Raised) -> Value {
    let list = call.receiver.address
    let count = listCount(list)
    guard count > 0 else { return .null }
    store(list, Layout.count, UInt32(truncatingIfNeeded: count - 1))
    return listItems(list)[count - 1]
  }

  private static func insert(_ call: Call) throws(Raised) -> Value {
    let list = call.receiver.address
    let count = listCount(list)
    let place = try position(call, upTo: count)
    try call.charge((count - place) >> 3)
    guard call.vm.reserve(list: list, capacity: count + 1) else { throw Raised() }
    call.vm.listPush(list, .null)
    let items = listItems(list)
    (items + place + 1).update(from: items + place, count: count - place)
    items[place] = call[1]
    return .null
  }

  private static func removeAt(_ call: Call) throws(Raised) -> Value {
    let list = call.receiver.address
    let count = listCount(list)
    let place = try position(call, upTo: count - 1)
    try call.charge((count - place) >> 3)
    let items = listItems(list)
    let item = items[place]
    (items + place).update(from: items + place + 1, count: count - place - 1)
    store(list, Layout.count, UInt32(truncatingIfNeeded: count - 1))
    return item
  }

  /// The first argument as an index; negative ones count from the end.
  private static func position(_ call: Call, upTo last: Int) throws(Raised) -> Int {
    let index = try call.int(0)
    let count = listCount(call.receiver.address)
    let place = index < 0 ? index &+ count : index
    guard place >= 0 && place <= last else {
      throw call.fail(
        "E_INDEX", "index \(index) is outside the list, which has \(count) item\(count == 1 ? "" : "s")")
    }
    return place
  }

  private static func clear(_ call: Call) throws(Raised) -> Value {
    store(call.receiver.address, Layout.count, UInt32(0))
    return .null
  }
}
