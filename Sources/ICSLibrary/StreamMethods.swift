// The methods of streams. Those that give a stream are lazy: nothing is pulled before somebody pulls them.

import ICSVM

enum StreamMethods {
  static let rows: [BuiltIn] = lazy + pulling + hidden

  private static let lazy: [BuiltIn] = [
    BuiltIn(
      "stream.map", "stream.map(fn)", "A stream of what the function gives for each item.",
      example: """
        print(stream(1...3).map(x => x * x).to_list())  // expect: [1, 4, 9]
        """,
      .script(
        """
        (f) => {
          let source = __self
          var i = 0
          __stream(() => {
            let x = __next(source)
            if __is_end(x) { return __end }
            i += 1
            __call(f, x, i - 1)
          })
        }
        """)),
    BuiltIn(
      "stream.filter", "stream.filter(fn)", "A stream of the items for which the function gives something true.",
      example: """
        print(stream(1...4).filter(x => x > 2).to_list())  // expect: [3, 4]
        """,
      .script(selection(keeping: "__call(f, x, i - 1)"))),
    BuiltIn(
      "stream.reject", "stream.reject(fn)", "A stream of the items for which the function gives false or null.",
      example: """
        print(stream(1...4).reject(x => x > 2).to_list())  // expect: [1, 2]
        """,
      .script(selection(keeping: "!__call(f, x, i - 1)"))),
    BuiltIn(
      "stream.flat_map", "stream.flat_map(fn)", "A stream of the items of the lists that the function gives.",
      example: """
        print(stream([1, 2]).flat_map(x => [x, -x]).to_list())  // expect: [1, -1, 2, -2]
        """,
      .script(
        """
        (f) => {
          let source = __self
          var i = 0
          var part = []
          var at = 0
          __stream(() => {
            while at >= len(part) {
              let x = __next(source)
              if __is_end(x) { return __end }
              part = []
              __extend(part, __call(f, x, i))
              i += 1
              at = 0
            }
            at += 1
            part[at - 1]
          })
        }
        """)),
    BuiltIn(
      "stream.take", "stream.take(n)", "A stream of the first `n` items; no more of them are pulled.",
      example: """
        print(stream(1...1000000).take(2).to_list())  // expect: [1, 2]
        """,
      .script(
        """
        (n) => {
          __size(n, 0)
          let source = __self
          var left = n
          __stream(() => {
            if left == 0 { return __end }
            left -= 1
            let x = __next(source)
            if __is_end(x) {
              left = 0
              return __end
            }
            x
          })
        }
        """)),
    BuiltIn(
      "stream.drop", "stream.drop(n)", "A stream without the first `n` items.",
      example: """
        print(stream(1...4).drop(2).to_list())  // expect: [3, 4]
        """,
      .script(
        """
        (n) => {
          __size(n, 0)
          let source = __self
          var left = n
          __stream(() => {
            while left > 0 {
              left -= 1
              if __is_end(__next(source)) { return __end }
            }
            let x = __next(source)
            if __is_end(x) { return __end }
            x
          })
        }
        """)),
    BuiltIn(
      "stream.take_while", "stream.take_while(fn)",
      "A stream of the items before the first for which the function gives false or null.",
      example: """
        print(stream(1...9).take_while(x => x < 3).to_list())  // expect: [1, 2]
        """,
      .script(
        """
        (f) => {
          let source = __self
          var isOver = false
          var i = 0
          __stream(() => {
            if isOver { return __end }
            let x = __next(source)
            if __is_end(x) { return __end }
            i += 1
            if !__call(f, x, i - 1) {
              isOver = true
              return __end
            }
            x
          })
        }
        """)),
    BuiltIn(
      "stream.chunk", "stream.chunk(n)", "A stream of lists of `n` items; the last may be shorter.",
      example: """
        print(stream(1...5).chunk(2).to_list())  // expect: [[1, 2], [3, 4], [5]]
        """,
      .script(
        """
        (n) => {
          __size(n, 1)
          let source = __self
          var isOver = false
          __stream(() => {
            let part = []
            while !isOver && len(part) < n {
              let x = __next(source)
              if __is_end(x) { isOver = true } else { __push(part, x) }
            }
            if len(part) == 0 { return __end }
            part
          })
        }
        """)),
    BuiltIn(
      "stream.enumerate", "stream.enumerate()", "A stream of pairs of an index and its item.",
      example: """
        print(stream(["a", "b"]).enumerate().to_list())  // expect: [[0, "a"], [1, "b"]]
        """,
      .script(
        """
        () => {
          let source = __self
          var i = 0
          __stream(() => {
            let x = __next(source)
            if __is_end(x) { return __end }
            i += 1
            [i - 1, x]
          })
        }
        """)),
  ]

  /// A method that gives a stream of those items `x`, numbered `i - 1`, for which a condition holds.
  private static func selection(keeping condition: String) -> String {
    """
    (f) => {
      let source = __self
      var i = 0
      __stream(() => {
        while true {
          let x = __next(source)
          if __is_end(x) { return __end }
          i += 1
          if \(condition) { return x }
        }
      })
    }
    """
  }

  private static let pulling: [BuiltIn] = [
    BuiltIn(
      "stream.to_list", "stream.to_list()", "All items that are left, as a list.",
      example: """
        print(stream([1, 2]).to_list())  // expect: [1, 2]
        """,
      .script(
        """
        () => {
          let out = []
          for x in __self { __push(out, x) }
          out
        }
        """)),
    BuiltIn(
      "stream.first", "stream.first()", "The next item, null at the end. The others are not pulled.",
      example: """
        print(stream([7, 8]).first(), stream([]).first())  // expect: 7 null
        """,
      .script(
        """
        () => {
          let x = __next(__self)
          if __is_end(x) { return null }
          x
        }
        """)),
    BuiltIn(
      "stream.count", "stream.count(fn)",
      "How many items are left, or for how many of them the function gives something true.",
      example: """
        print(stream(1...5).count(), stream(1...5).count(x => x > 3))  // expect: 5 2
        """,
      .script(ListFunctions.count)),
    BuiltIn(
      "stream.each", "stream.each(fn)", "Calls the function with each item, and gives null.",
      example: """
        stream([1, 2]).each(x => print(x))
        // expect: 1
        // expect: 2
        """,
      .script(ListFunctions.each)),
    BuiltIn(
      "stream.reduce", "stream.reduce(initial, fn)",
      "What is left when the function has taken each item, with what it gave before: `(result, item)`.",
      example: """
        print(stream(1...4).reduce(0, (sum, x) => sum + x))  // expect: 10
        """,
      .script(ListFunctions.reduce)),
    BuiltIn(
      "stream.find", "stream.find(fn)",
      "The first item for which the function gives something true, null when there is none. What follows is not pulled.",
      example: """
        print(stream(1...9).find(x => x > 5))  // expect: 6
        """,
      .script(ListFunctions.find)),
    BuiltIn(
      "stream.group_by", "stream.group_by(fn)",
      "A map from what the function gives to the list of the items that it gave it for.",
      example: """
        print(stream(["ant", "bee", "ape"]).group_by(w => w[0]))  // expect: {a: ["ant", "ape"], b: ["bee"]}
        """,
      .script(ListFunctions.groupBy)),
    BuiltIn(
      "stream.count_by", "stream.count_by(fn)",
      "A map from what the function gives to the number of the items that it gave it for.",
      example: """
        print(stream(["ant", "bee", "ape"]).count_by(w => w[0]))  // expect: {a: 2, b: 1}
        """,
      .script(ListFunctions.countBy)),
  ]

  private static let hidden: [BuiltIn] = [
    BuiltIn(
      "__size", "__size(n, least)", "E_TYPE unless `n` is an int, E_VALUE when it is below `least`.",
      .native(2...2) { (call) throws(Raised) in .int(try call.size(0, atLeast: try call.int(1))) })
  ]
}
