// Lists and ranges read in one way: what a method that reads works on.

import ICSVM

/// The items of a list or a range.
struct Items {
  /// A list's items; nil for a range.
  private let base: ValuePointer?
  private let start: Int
  let count: Int

  /// - Returns: nil for what is neither.
  init?(_ value: Value, _ vm: VM) {
    if value.isList {
      base = listItems(value.address)
      start = 0
      count = listCount(value.address)
    } else if value.tag == Tag.range {
      let bounds = vm.rangeBounds(value.address)
      base = nil
      start = bounds.start
      count = bounds.count
    } else {
      return nil
    }
  }

  @inline(__always)
  subscript(index: Int) -> Value {
    if let base { return base[index] }
    return .int(start &+ index)
  }
}

extension Call {
  /// The items of the list or range that a method was called on.
  var items: Items {
    get throws(Raised) {
      guard let items = try countedItems(receiver) else {
        throw fail("E_TYPE", "this method takes a list or a range, and not \(vm.describe(receiver))")
      }
      return items
    }
  }

  /// The items of an argument that must be a list or a range.
  func items(_ index: Int) throws(Raised) -> Items {
    guard let items = try countedItems(self[index]) else { throw wrongType(index, "a list") }
    return items
  }

  /// The items of a list or a range; E_OVERFLOW for a range whose length is no int.
  private func countedItems(_ value: Value) throws(Raised) -> Items? {
    if value.tag == Tag.range, vm.rangeLength(value.address) == nil { throw Raised() }
    return Items(value, vm)
  }

  /// A new list of `count` items, paid for and within the memory limit. The caller fills it at once.
  func newItems(count: Int) throws(Raised) -> Raw {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    try reserve(bytes: overflow ? Int.max : bytes)
    try charge(count)
    return vm.newList(capacity: count)
  }

  /// A new list of some of the items.
  func list(of items: Items, _ range: Range<Int>) throws(Raised) -> Value {
    let list = try newItems(count: range.count)
    for index in range {
      try poll(at: index)
      vm.listPush(list, items[index])
    }
    return .object(Tag.list, list)
  }
}
