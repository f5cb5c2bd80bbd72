// The methods of lists and ranges that read and need no function: other lists of the same items.

import ICSVM

enum ListShapes {
  static let rows: [BuiltIn] = parts + combinations + searching + hidden

  private static let parts: [BuiltIn] = [
    BuiltIn(
      "list.reverse", "list.reverse()", "The items from the last to the first.",
      example: """
        print([3, 1, 2].reverse())  // expect: [2, 1, 3]
        """,
      .native(0...0, reverse)),
    BuiltIn(
      "list.slice", "list.slice(a, b)",
      "The items from index `a` up to `b`, without `b` (the end when it is left out). Negative ones count from the end.",
      example: """
        print([1, 2, 3, 4].slice(1, 3), [1, 2, 3].slice(-2))  // expect: [2, 3] [2, 3]
        """,
      .native(1...2, slice)),
    BuiltIn(
      "list.take", "list.take(n)", "The first `n` items, or all when there are fewer.",
      example: """
        print([1, 2, 3].take(2))  // expect: [1, 2]
        """,
      .native(1...1) { (call) throws(Raised) in
        let items = try call.items
        return try call.list(of: items, 0..<min(items.count, try call.size(0)))
      }),
    BuiltIn(
      "list.drop", "list.drop(n)", "The items without the first `n`.",
      example: """
        print([1, 2, 3].drop(2))  // expect: [3]
        """,
      .native(1...1) { (call) throws(Raised) in
        let items = try call.items
        return try call.list(of: items, min(items.count, try call.size(0))..<items.count)
      }),
    BuiltIn(
      "list.chunk", "list.chunk(n)", "Lists of `n` items one after the other; the last may be shorter.",
      example: """
        print([1, 2, 3, 4, 5].chunk(2))  // expect: [[1, 2], [3, 4], [5]]
        """,
      .native(1...1, chunk)),
    BuiltIn(
      "list.window", "list.window(n)", "Every `n` items that stand side by side.",
      example: """
        print([1, 2, 3, 4].window(3))  // expect: [[1, 2, 3], [2, 3, 4]]
        """,
      .native(1...1, window)),
    BuiltIn(
      "list.unique", "list.unique()", "The items without those that are equal to one before them.",
      example: """
        print([1, 2, 1, 3, 2].unique())  // expect: [1, 2, 3]
        """,
      .native(0...0, unique)),
  ]

  private static let combinations: [BuiltIn] = [
    BuiltIn(
      "list.concat", "list.concat(xs)", "The items, and behind them those of another list.",
      example: """
        print([1].concat([2, 3]))  // expect: [1, 2, 3]
        """,
      .native(1...1, concat)),
    BuiltIn(
      "list.repeat", "list.repeat(n)", "The items `n` times.",
      example: """
        print([1, 2].repeat(2))  // expect: [1, 2, 1, 2]
        """,
      .native(1...1, repeated)),
    BuiltIn(
      "list.flatten", "list.flatten()", "The items, with the items of lists in their place. Goes one level deep.",
      example: """
        print([[1], 2, [3, [4]]].flatten())  // expect: [1, 2, 3, [4]]
        """,
      .native(0...0, flatten)),
    BuiltIn(
      "list.zip", "list.zip(xs)",
      "Pairs of an item and the other list's item at the same index, up to the shorter's end.",
      example: """
        print([1, 2].zip(["a", "b", "c"]))  // expect: [[1, "a"], [2, "b"]]
        """,
      .native(1...1, zip)),
    BuiltIn(
      "list.enumerate", "list.enumerate()", "Pairs of an index and its item.",
      example: """
        for [i, x] in ["a", "b"].enumerate() { print(i, x) }
        // expect: 0 a
        // expect: 1 b
        """,
      .native(0...0, enumerate)),
    BuiltIn(
      "list.to_map", "list.to_map()", "A map of pairs of a key and a value; of equal keys the last counts.",
      example: """
        print([["x", 1], ["y", 2]].to_map())  // expect: {x: 1, y: 2}
        """,
      .native(0...0, toMap)),
    BuiltIn(
      "list.join", "list.join(separator)", "The items as `print` shows them, with the separator between them.",
      example: """
        print(["a", 1, null].join("-"))  // expect: a-1-null
        """,
      .native(1...1, join)),
  ]

  private static let searching: [BuiltIn] = [
    BuiltIn(
      "list.contains", "list.contains(x)", "Whether an item is equal to `x`.",
      example: """
        print([1, [2]].contains([2]))  // expect: true
        """,
      .native(1...1) { (call) throws(Raised) in .bool(try find(call) != nil) }),
    BuiltIn(
      "list.index_of", "list.index_of(x)", "The index of the first item that is equal to `x`, null when there is none.",
      example: """
        print([5, 6].index_of(6), [5].index_of(9))  // expect: 1 null
        """,
      .native(1...1) { (call) throws(Raised) in try find(call).map { .int($0) } ?? .null }),
  ]

  private static let hidden: [BuiltIn] = [
    BuiltIn(
      "__extend", "__extend(list, xs)", "Appends the items of a list that `flat_map`'s function gave.",
      .native(2...2, extend)),
    BuiltIn("__sum", "__sum(xs)", "The sum of numbers.", .native(1...1, sum)),
    BuiltIn(
      "__extreme", "__extreme(xs, isMax)", "The index of the first smallest or largest item.",
      .native(2...2) { (call) throws(Raised) in try Sorting.extreme(call) }),
    BuiltIn(
      "__sort", "__sort(xs)", "Numbers or strings in order.",
      .native(1...1) { (call) throws(Raised) in try Sorting.sort(call) }),
    BuiltIn(
      "__sort_by", "__sort_by(xs, keys, descending, rest)", "The items in the order of their keys.",
      .native(4...4) { (call) throws(Raised) in try Sorting.sortByKeys(call) }),
    BuiltIn(
      "__unique_by", "__unique_by(xs, keys)", "The items with keys that did not come before.",
      .native(2...2, uniqueByKeys)),
  ]

  // MARK: Parts

  private static func reverse(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    let list = try call.newItems(count: items.count)
    for index in 0..<items.count {
      try call.poll(at: index)
      call.vm.listPush(list, items[items.count - 1 - index])
    }
    return .object(Tag.list, list)
  }

  private static func slice(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    return try call.list(of: items, try call.bounds(at: 0, count: items.count))
  }

  private static func chunk(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    let size = try call.size(0, atLeast: 1)
    let list = try call.newItems(count: items.count / size + (items.count % size == 0 ? 0 : 1))
    var start = 0
    while start < items.count {
      let end = items.count - start > size ? start + size : items.count
      call.vm.listPush(list, try call.list(of: items, start..<end))
      start = end
    }
    return .object(Tag.list, list)
  }

  private static func window(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    let size = try call.size(0, atLeast: 1)
    let count = max(0, items.count - size + 1)
    let (cells, overflow) = count.multipliedReportingOverflow(by: size)
    let (bytes, isHuge) = cells.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    try call.reserve(bytes: overflow || isHuge ? Int.max : bytes)
    let list = try call.newItems(count: count)
    for start in 0..<count { call.vm.listPush(list, try call.list(of: items, start..<(start + size))) }
    return .object(Tag.list, list)
  }

  private static func unique(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    return try unique(items, keys: items, call)
  }

  private static func uniqueByKeys(_ call: Call) throws(Raised) -> Value {
    let items = try call.items(0)
    let keys = try call.items(1)
    // The list may have been changed while its keys were made.
    guard items.count == keys.count else {
      throw call.fail("E_MUTATED", "this list was changed while a method ran over it")
    }
    return try unique(items, keys: keys, call)
  }

  private static func unique(_ items: Items, keys: Items, _ call: Call) throws(Raised) -> Value {
    if call.receiver.tag == Tag.range, call.count == 0 { return try call.list(of: items, 0..<items.count) }
    var seen = ValueSet(call.vm)
    defer { seen.deallocate() }
    let list = call.vm.newList(capacity: 8)
    for index in 0..<items.count {
      try call.charge(8)
      if try seen.insert(keys[index], call) { call.vm.listPush(list, items[index]) }
      if index & 0xFF == 0xFF { try call.checkMemory(beside: seen.takenMemory) }
    }
    return .object(Tag.list, list)
  }

  // MARK: Combinations

  private static func concat(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    let others = try call.items(0)
    let list = try call.newItems(count: items.count &+ others.count)
    for index in 0..<items.count {
      try call.poll(at: index)
      call.vm.listPush(list, items[index])
    }
    for index in 0..<others.count {
      try call.poll(at: index)
      call.vm.listPush(list, others[index])
    }
    return .object(Tag.list, list)
  }

  private static func repeated(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    let times = try call.size(0)
    let (count, overflow) = items.count.multipliedReportingOverflow(by: times)
    let list = try call.newItems(count: overflow ? Int.max : count)
    if count == 0 { return .object(Tag.list, list) }
    var made = 0
    for _ in 0..<times {
      for index in 0..<items.count {
        try call.poll(at: made)
        made += 1
        call.vm.listPush(list, items[index])
      }
    }
    return .object(Tag.list, list)
  }

  private static func flatten(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    var count = 0
    for index in 0..<items.count {
      try call.poll(at: index)
      count += items[index].isList ? listCount(items[index].address) : 1
    }
    let list = try call.newItems(count: count)
    for index in 0..<items.count {
      try call.poll(at: index)
      let item = items[index]
      if item.isList {
        try call.append(list, listItems(item.address), count: listCount(item.address))
      } else {
        call.vm.listPush(list, item)
      }
    }
    return .object(Tag.list, list)
  }

  private static func pair(_ a: Value, _ b: Value, _ call: Call) -> Value {
    let pair = call.vm.newList(capacity: 2)
    call.vm.listPush(pair, a)
    call.vm.listPush(pair, b)
    return .object(Tag.list, pair)
  }

  private static func zip(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    let others = try call.items(0)
    let count = min(items.count, others.count)
    try call.reserve(bytes: count > 1 << 28 ? Int.max : count * 80)
    let list = try call.newItems(count: count)
    for index in 0..<count {
      try call.poll(at: index)
      call.vm.listPush(list, pair(items[index], others[index], call))
    }
    return .object(Tag.list, list)
  }

  private static func enumerate(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    try call.reserve(bytes: items.count > 1 << 28 ? Int.max : items.count * 80)
    let list = try call.newItems(count: items.count)
    for index in 0..<items.count {
      try call.poll(at: index)
      call.vm.listPush(list, pair(.int(index), items[index], call))
    }
    return .object(Tag.list, list)
  }

  private static func toMap(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    let map = call.vm.newMap()
    for index in 0..<items.count {
      try call.charge(4)
      if index & 0xFF == 0xFF { try call.checkMemory() }
      let item = items[index]
      guard item.isList, listCount(item.address) == 2 else {
        throw call.fail(
          "E_TYPE", "'to_map' takes pairs, lists of a key and a value, and item \(index) is \(call.vm.describe(item))")
      }
      let pair = listItems(item.address)
      try call.checkKey(pair[0])
      call.vm.mapSet(map, pair[0], pair[1])
    }
    return .object(Tag.map, map)
  }

  private static func join(_ call: Call) throws(Raised) -> Value {
    let items = try call.items
    let separator = stringBuffer(try call.string(0))
    var buffer = TextBuffer()
    for index in 0..<items.count {
      if index > 0 { buffer.append(separator) }
      let before = buffer.bytes.count
      try call.print(items[index], into: &buffer)
      try call.charge(1 + (buffer.bytes.count - before + separator.count) >> 4)
      // The buffer is no memory of the machine's, but what it becomes is.
      if index & 0x3F == 0 { try call.reserve(bytes: buffer.bytes.count * 2) }
    }
    return try call.string(buffer)
  }

  private static func extend(_ call: Call) throws(Raised) -> Value {
    guard call[1].isList else {
      throw call.fail(
        "E_TYPE", "the function of 'flat_map' gives a list, and this one gave \(call.vm.describe(call[1]))")
    }
    let count = listCount(call[1].address)
    try call.charge(count)
    try call.reserve(bytes: count * MemoryLayout<Value>.stride)
    let list = try call.list(0)
    guard call.vm.reserve(list: list, capacity: listCount(list) + count) else { throw Raised() }
    // The items are read where they are now: a list may be appended to itself.
    try call.append(list, listItems(call[1].address), count: count)
    return .null
  }

  // MARK: Searching

  private static func find(_ call: Call) throws(Raised) -> Int? {
    let items = try call.items
    let wanted = call[0]
    if call.receiver.tag == Tag.range { return place(of: wanted, in: items, call.vm) }
    for index in 0..<items.count {
      try call.charge(1)
      if try call.isEqual(items[index], wanted) { return index }
    }
    return nil
  }

  /// The index of a number in a range, without a walk.
  private static func place(of wanted: Value, in range: Items, _ vm: VM) -> Int? {
    guard wanted.isNumber, range.count > 0 else { return nil }
    guard let whole = wanted.isInt ? wanted.asInt : Int(exactly: wanted.asFloat) else { return nil }
    let (index, overflow) = whole.subtractingReportingOverflow(range[0].asInt)
    return !overflow && index >= 0 && index < range.count ? index : nil
  }

  // MARK: Sums

  private static func sum(_ call: Call) throws(Raised) -> Value {
    let items = try call.items(0)
    if call[0].tag == Tag.range { return .int(try sum(ofRange: items, call)) }
    try call.charge(items.count)
    var whole = 0
    var index = 0
    while index < items.count, items[index].isInt {
      try call.poll(at: index)
      let (sum, overflow) = whole.addingReportingOverflow(items[index].asInt)
      if overflow { throw call.fail("E_OVERFLOW", "the sum does not fit a 64-bit int") }
      whole = sum
      index += 1
    }
    if index == items.count { return .int(whole) }
    var total = Double(whole)
    while index < items.count {
      try call.poll(at: index)
      guard items[index].isNumber else {
        throw call.fail("E_TYPE", "'sum' adds numbers, and item \(index) is \(call.vm.describe(items[index]))")
      }
      total += items[index].asDouble
      index += 1
    }
    return .float(total)
  }

  /// The first and the last together, half as often as there are items: in 128 bits nothing overflows on the way.
  private static func sum(ofRange items: Items, _ call: Call) throws(Raised) -> Int {
    guard items.count > 0 else { return 0 }
    let ends = Int128(items[0].asInt) + Int128(items[items.count - 1].asInt)
    guard let sum = Int(exactly: ends * Int128(items.count) / 2) else {
      throw call.fail("E_OVERFLOW", "the sum does not fit a 64-bit int")
    }
    return sum
  }
}
