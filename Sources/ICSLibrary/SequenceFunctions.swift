// `range` and `stream`: sequences that the operators cannot say.

import ICSVM

enum SequenceFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "range", "range(start, end, step)",
      """
      The ints from `start` to `end`, without the end: a range, or with another `step` than 1 a list. A negative step \
      counts down; step 0 is `E_VALUE`.
      """,
      example: """
        print(range(0, 10, 3), range(3, 0, -1), range(0, 3))  // expect: [0, 3, 6, 9] [3, 2, 1] 0..<3
        """,
      .native(2...3, range)),
    BuiltIn(
      "stream", "stream(source)",
      """
      A lazy sequence of a list or a range; or of a function, which is called for each next item until it gives null. \
      A stream is pulled once.
      """,
      example: """
        var n = 0
        print(stream(() => { n += 1; if n > 3 { null } else { n } }).map(x => x * 2).to_list())  // expect: [2, 4, 6]
        """,
      .script(
        """
        (source) => {
          let kind = type(source)
          if kind == "stream" { return source }
          if kind == "function" {
            return __stream(() => {
              let item = source()
              if item == null { return __end }
              item
            })
          }
          if kind != "list" && kind != "range" {
            throw error("'stream' takes a list, a range or a function, and was given {{__describe(source)}}", kind: "E_TYPE")
          }
          var index = 0
          __stream(() => {
            if index >= len(source) { return __end }
            let item = source[index]
            index += 1
            item
          })
        }
        """)),
    BuiltIn(
      "__describe", "__describe(x)", "A value's type as messages name it: `an int`.",
      .native(1...1) { call in call.makeString(call.vm.describe(call[0])) }),
  ]

  private static func range(_ call: Call) throws(Raised) -> Value {
    let start = try call.int(0)
    let end = try call.int(1)
    let step = call.count > 2 ? try call.int(2) : 1
    if step == 0 { throw call.fail("E_VALUE", "a range with step 0 would never end") }
    if step == 1 { return .object(Tag.range, call.vm.newRange(start, end, isClosed: false)) }
    let count = steps(from: start, to: end, by: step)
    let list = try call.newItems(count: count)
    for index in 0..<count {
      try call.poll(at: index)
      call.vm.listPush(list, .int(start &+ index &* step))
    }
    return .object(Tag.list, list)
  }

  /// How many items a range with a step has. The distance may need 65 bits, so it is measured without a sign.
  private static func steps(from start: Int, to end: Int, by step: Int) -> Int {
    guard step > 0 ? start < end : start > end else { return 0 }
    let distance = step > 0 ? UInt(bitPattern: end &- start) : UInt(bitPattern: start &- end)
    let size = step.magnitude
    return Int(clamping: (distance - 1) / size + 1)
  }
}
