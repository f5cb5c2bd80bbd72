// Sorting without callbacks: a stable merge sort over the items with their keys. The order of most keys is one unsigned
// number, so that a comparison rarely looks at the values.

import ICSVM

enum Sorting {
  /// An item's place in the list with what it is sorted by.
  private struct Entry: BitwiseCopyable {
    /// Keys with different numbers are in the order of these; with the same number they are compared.
    var order: UInt64
    var key: Value
    var index: Int
  }

  /// What the keys are.
  private enum Kind {
    case ints, numbers, strings, lists
  }

  // MARK: Operations

  /// `__sort(xs)`
  static func sort(_ call: Call) throws(Raised) -> Value {
    let items = try call.items(0)
    if call[0].tag == Tag.range { return try call.list(of: items, 0..<items.count) }
    return try sorted(items, keys: items, descending: false, allowsLists: false, call)
  }

  /// `__sort_by(xs, keys, descending, rest)`
  static func sortByKeys(_ call: Call) throws(Raised) -> Value {
    let items = try call.items(0)
    let keys = try call.items(1)
    guard items.count == keys.count else {
      throw call.fail("E_MUTATED", "this list was changed while a method ran over it")
    }
    guard call[2].isBool else {
      throw call.fail("E_TYPE", "'descending' takes true or false, and was given \(call.vm.describe(call[2]))")
    }
    _ = try call.options(at: 3, "descending")
    return try sorted(items, keys: keys, descending: call[2].isTrue, allowsLists: true, call)
  }

  /// `__extreme(xs, isMax)`: the index of the first smallest or largest item; null when there is none.
  static func extreme(_ call: Call) throws(Raised) -> Value {
    let items = try call.items(0)
    guard items.count > 0 else { return .null }
    let isMax = call[1].isTrue
    if call[0].tag == Tag.range { return .int(isMax ? items.count - 1 : 0) }
    let kind = try kind(of: items, allowsLists: true, call)
    var best = entry(items[0], 0, kind, call.vm)
    for index in 1..<items.count {
      try call.charge(2)
      let next = entry(items[index], index, kind, call.vm)
      if isMax ? try isLess(best, next, kind, call) : try isLess(next, best, kind, call) { best = next }
    }
    return .int(best.index)
  }

  private static func sorted(
    _ items: Items, keys: Items, descending: Bool, allowsLists: Bool, _ call: Call
  ) throws(Raised) -> Value {
    let count = items.count
    guard count > 1 else {
      if count == 1 { _ = try kind(of: keys, allowsLists: allowsLists, call) }
      return try call.list(of: items, 0..<count)
    }
    let kind = try kind(of: keys, allowsLists: allowsLists, call)
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Entry>.stride * 2)
    try call.reserve(bytes: overflow ? Int.max : bytes)
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: count * 2)
    defer { entries.deallocate() }
    for index in 0..<count {
      try call.poll(at: index)
      entries[index] = entry(keys[index], index, kind, call.vm)
    }
    let result: UnsafeMutablePointer<Entry>
    if descending {
      result = try mergeSort(entries, count, call) { (a, b) throws(Raised) in try isLess(b, a, kind, call) }
    } else {
      result = try mergeSort(entries, count, call) { (a, b) throws(Raised) in try isLess(a, b, kind, call) }
    }
    let list = try call.newItems(count: count)
    for index in 0..<count {
      try call.poll(at: index)
      call.vm.listPush(list, items[result[index].index])
    }
    return .object(Tag.list, list)
  }

  // MARK: Keys

  /// What the keys are; E_TYPE when they are not of one kind.
  private static func kind(of keys: Items, allowsLists: Bool, _ call: Call) throws(Raised) -> Kind {
    var kind: Kind?
    for index in 0..<keys.count {
      try call.poll(at: index)
      let key = keys[index]
      let own: Kind? =
        switch key.tag {
        case Tag.int: .ints
        case Tag.float: .numbers
        case Tag.string: .strings
        case Tag.list where allowsLists: .lists
        default: nil
        }
      guard let own else {
        throw call.fail(
          "E_TYPE", "numbers and strings can be put in order, and this is \(call.vm.describe(key))",
          help: key.isMap ? "by a field: sort_by(x => x.name), min(x => x.age)" : nil)
      }
      switch (kind, own) {
      case (nil, _): kind = own
      case (.ints, .numbers), (.numbers, .ints): kind = .numbers
      case (let known?, _) where known == own: break
      default: throw incomparable(keys[0], key, call)
      }
    }
    return kind ?? .ints
  }

  private static func incomparable(_ a: Value, _ b: Value, _ call: Call) -> Raised {
    call.fail("E_TYPE", "\(call.vm.describe(a)) and \(call.vm.describe(b)) have no order")
  }

  private static func entry(_ key: Value, _ index: Int, _ kind: Kind, _ vm: VM) -> Entry {
    let order: UInt64 =
      switch kind {
      case .ints: key.bits ^ (1 << 63)
      case .numbers: number(key.asDouble)
      case .strings: prefix(key.address)
      case .lists: 0
      }
    return Entry(order: order, key: key, index: index)
  }

  /// A number that sorts as a double does; NaN comes last, and the two zeros are one.
  private static func number(_ value: Double) -> UInt64 {
    if value.isNaN { return UInt64.max }
    let bits = (value + 0.0).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }

  /// The first eight bytes of a string, the first as the highest.
  private static func prefix(_ s: Raw) -> UInt64 {
    let bytes = stringBuffer(s)
    var prefix: UInt64 = 0
    for index in 0..<8 { prefix = prefix << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0) }
    return prefix
  }

  // MARK: Comparing

  @inline(__always)
  private static func isLess(_ a: Entry, _ b: Entry, _ kind: Kind, _ call: Call) throws(Raised) -> Bool {
    if a.order != b.order { return a.order < b.order }
    if kind == .ints { return false }
    return try isLessWithin(a.key, b.key, kind, call)
  }

  /// Keys whose numbers are the same.
  @inline(never)
  private static func isLessWithin(_ a: Value, _ b: Value, _ kind: Kind, _ call: Call) throws(Raised) -> Bool {
    switch kind {
    case .ints: false
    case .numbers: call.vm.compareNumbers(a, b).map { $0 < 0 } ?? false
    case .strings: try compareTexts(a.address, b.address, call) < 0
    case .lists: try compareLists(a.address, b.address, call) < 0
    }
  }

  private static func compareTexts(_ a: Raw, _ b: Raw, _ call: Call) throws(Raised) -> Int {
    try call.charge(min(stringLength(a), stringLength(b)) >> 7)
    return compareStrings(a, b)
  }

  /// Lists are compared item by item; the shorter of two that begin alike comes first.
  private static func compareLists(_ a: Raw, _ b: Raw, _ call: Call) throws(Raised) -> Int {
    let count = min(listCount(a), listCount(b))
    for index in 0..<count {
      try call.charge(1)
      let left = listItems(a)[index]
      let right = listItems(b)[index]
      let order: Int
      if left.isNumber && right.isNumber {
        let (x, y) = (number(left.asDouble), number(right.asDouble))
        order = x != y ? (x < y ? -1 : 1) : call.vm.compareNumbers(left, right) ?? 0
      } else if left.isString && right.isString {
        order = try compareTexts(left.address, right.address, call)
      } else {
        throw incomparable(left, right, call)
      }
      if order != 0 { return order }
    }
    return listCount(a) - listCount(b)
  }

  // MARK: Merging

  /// Sorts the first `count` entries; there is room for as many behind them. Returns where the sorted ones are.
  @inline(__always)
  private static func mergeSort(
    _ entries: UnsafeMutablePointer<Entry>, _ count: Int, _ call: Call,
    _ isLess: (Entry, Entry) throws(Raised) -> Bool
  ) throws(Raised) -> UnsafeMutablePointer<Entry> {
    var source = entries
    var target = entries + count
    var width = 8
    var start = 0
    while start < count {
      try call.charge(width)
      try insertionSort(source + start, min(width, count - start), isLess)
      start += width
    }
    while width < count {
      start = 0
      while start < count {
        let middle = min(start + width, count)
        let end = min(middle + width, count)
        if middle == end {
          try copy(source + start, to: target + start, count: end - start, call)
        } else if try !isLess(source[middle], source[middle - 1]) {
          try copy(source + start, to: target + start, count: end - start, call)
        } else {
          try merge(source, start, middle, end, into: target, call, isLess)
        }
        start = end
      }
      swap(&source, &target)
      width *= 2
    }
    return source
  }

  @inline(__always)
  private static func insertionSort(
    _ run: UnsafeMutablePointer<Entry>, _ count: Int, _ isLess: (Entry, Entry) throws(Raised) -> Bool
  ) throws(Raised) {
    for index in 1..<max(1, count) {
      let entry = run[index]
      var place = index
      while place > 0, try isLess(entry, run[place - 1]) {
        run[place] = run[place - 1]
        place -= 1
      }
      run[place] = entry
    }
  }

  @inline(__always)
  private static func merge(
    _ source: UnsafeMutablePointer<Entry>, _ start: Int, _ middle: Int, _ end: Int,
    into target: UnsafeMutablePointer<Entry>, _ call: Call, _ isLess: (Entry, Entry) throws(Raised) -> Bool
  ) throws(Raised) {
    var left = start
    var right = middle
    var at = start
    var paid = start
    while left < middle && right < end {
      // In parts, so that a long sort can be stopped between them.
      if at >= paid {
        try call.charge(min(1024, end - paid))
        paid = at + 1024
      }
      if try isLess(source[right], source[left]) {
        target[at] = source[right]
        right += 1
      } else {
        target[at] = source[left]
        left += 1
      }
      at += 1
    }
    try copy(source + left, to: target + at, count: middle - left, call)
    try copy(source + right, to: target + at + middle - left, count: end - right, call)
  }

  /// In parts, so that a long copy can be stopped between them.
  @inline(__always)
  private static func copy(
    _ source: UnsafeMutablePointer<Entry>, to target: UnsafeMutablePointer<Entry>, count: Int, _ call: Call
  ) throws(Raised) {
    if count <= 1 << 14 {
      try call.charge(count >> 4)
      target.update(from: source, count: count)
    } else {
      try copyParts(source, to: target, count: count, call)
    }
  }

  @inline(never)
  private static func copyParts(
    _ source: UnsafeMutablePointer<Entry>, to target: UnsafeMutablePointer<Entry>, count: Int, _ call: Call
  ) throws(Raised) {
    for start in stride(from: 0, to: count, by: 1 << 14) {
      try call.charge(1 << 10)
      try call.poll()
      (target + start).update(from: source + start, count: min(1 << 14, count - start))
    }
  }
}
