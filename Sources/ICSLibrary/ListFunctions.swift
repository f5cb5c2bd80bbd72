// The methods of lists and ranges that call a function back, written in the language: so what they call may wait, throw
// and be cancelled. The sources that only loop serve streams too.

import ICSVM

enum ListFunctions {
  static let rows: [BuiltIn] = mapping + searching + reducing + grouping + ordering

  // MARK: Sources that loop over any sequence

  static let each = """
    (f) => {
      var i = 0
      for x in __self {
        __call(f, x, i)
        i += 1
      }
      null
    }
    """

  static let find = """
    (f) => {
      var i = 0
      for x in __self {
        if __call(f, x, i) { return x }
        i += 1
      }
      null
    }
    """

  static let reduce = """
    (initial, f) => {
      var result = initial
      var i = 0
      for x in __self {
        result = __call(f, result, x, i)
        i += 1
      }
      result
    }
    """

  static let count = """
    (f = null) => {
      var n = 0
      var i = 0
      for x in __self {
        if f == null || __call(f, x, i) { n += 1 }
        i += 1
      }
      n
    }
    """

  static let groupBy = """
    (f) => {
      let groups = {}
      var i = 0
      for x in __self {
        let key = __call(f, x, i)
        let group = groups[key]
        if group == null { groups[key] = [x] } else { __push(group, x) }
        i += 1
      }
      groups
    }
    """

  static let countBy = """
    (f) => {
      let counts = {}
      var i = 0
      for x in __self {
        let key = __call(f, x, i)
        counts[key] = (counts[key] ?? 0) + 1
        i += 1
      }
      counts
    }
    """

  // MARK: Rows

  private static let mapping: [BuiltIn] = [
    BuiltIn(
      "list.map", "list.map(fn)", "A list of what the function gives for each item.",
      example: """
        print([1, 2, 3].map(x => x * x))  // expect: [1, 4, 9]
        """,
      .script(
        """
        (f) => {
          let out = []
          var i = 0
          for x in __self {
            __push(out, __call(f, x, i))
            i += 1
          }
          out
        }
        """)),
    BuiltIn(
      "list.filter", "list.filter(fn)", "The items for which the function gives something true.",
      example: """
        print([1, 2, 3, 4].filter(x => x > 2))  // expect: [3, 4]
        """,
      .script(
        """
        (f) => {
          let out = []
          var i = 0
          for x in __self {
            if __call(f, x, i) { __push(out, x) }
            i += 1
          }
          out
        }
        """)),
    BuiltIn(
      "list.reject", "list.reject(fn)", "The items for which the function gives false or null.",
      example: """
        print([1, 2, 3, 4].reject(x => x > 2))  // expect: [1, 2]
        """,
      .script(
        """
        (f) => {
          let out = []
          var i = 0
          for x in __self {
            if !__call(f, x, i) { __push(out, x) }
            i += 1
          }
          out
        }
        """)),
    BuiltIn(
      "list.flat_map", "list.flat_map(fn)", "The lists that the function gives for the items, one after the other.",
      example: """
        print([1, 2].flat_map(x => [x, -x]))  // expect: [1, -1, 2, -2]
        """,
      .script(
        """
        (f) => {
          let out = []
          var i = 0
          for x in __self {
            __extend(out, __call(f, x, i))
            i += 1
          }
          out
        }
        """)),
    BuiltIn(
      "list.each", "list.each(fn)", "Calls the function with each item, and gives null.",
      example: """
        [1, 2].each((x, index) => print(index, x))
        // expect: 0 1
        // expect: 1 2
        """,
      .script(each)),
    BuiltIn(
      "list.partition", "list.partition(fn)",
      "Two lists: the items for which the function gives something true, and the others.",
      example: """
        print([1, 2, 3, 4].partition(x => x % 2 == 0))  // expect: [[2, 4], [1, 3]]
        """,
      .script(
        """
        (f) => {
          let yes = []
          let no = []
          var i = 0
          for x in __self {
            if __call(f, x, i) { __push(yes, x) } else { __push(no, x) }
            i += 1
          }
          [yes, no]
        }
        """)),
    BuiltIn(
      "list.take_while", "list.take_while(fn)",
      "The items before the first for which the function gives false or null.",
      example: """
        print([1, 2, 5, 1].take_while(x => x < 3))  // expect: [1, 2]
        """,
      .script(
        """
        (f) => {
          let out = []
          var i = 0
          for x in __self {
            if !__call(f, x, i) { return out }
            __push(out, x)
            i += 1
          }
          out
        }
        """)),
    BuiltIn(
      "list.drop_while", "list.drop_while(fn)",
      "The items from the first on for which the function gives false or null.",
      example: """
        print([1, 2, 5, 1].drop_while(x => x < 3))  // expect: [5, 1]
        """,
      .script(
        """
        (f) => {
          let out = []
          var isDropping = true
          var i = 0
          for x in __self {
            if isDropping && !__call(f, x, i) { isDropping = false }
            if !isDropping { __push(out, x) }
            i += 1
          }
          out
        }
        """)),
  ]

  private static let searching: [BuiltIn] = [
    BuiltIn(
      "list.find", "list.find(fn)",
      "The first item for which the function gives something true, null when there is none.",
      example: """
        print([5, 6, 7].find(x => x > 5))  // expect: 6
        """,
      .script(find)),
    BuiltIn(
      "list.find_index", "list.find_index(fn)",
      "The index of the first item for which the function gives something true, null when there is none.",
      example: """
        print([5, 6, 7].find_index(x => x > 5))  // expect: 1
        """,
      .script(
        """
        (f) => {
          var i = 0
          for x in __self {
            if __call(f, x, i) { return i }
            i += 1
          }
          null
        }
        """)),
    BuiltIn(
      "list.any", "list.any(fn)", "Whether the function gives something true for one item at least.",
      example: """
        print([1, 2].any(x => x > 1), [].any(x => true))  // expect: true false
        """,
      .script(
        """
        (f) => {
          var i = 0
          for x in __self {
            if __call(f, x, i) { return true }
            i += 1
          }
          false
        }
        """)),
    BuiltIn(
      "list.all", "list.all(fn)", "Whether the function gives something true for every item.",
      example: """
        print([1, 2].all(x => x > 1), [].all(x => false))  // expect: false true
        """,
      .script(
        """
        (f) => {
          var i = 0
          for x in __self {
            if !__call(f, x, i) { return false }
            i += 1
          }
          true
        }
        """)),
    BuiltIn(
      "list.count", "list.count(fn)", "For how many items the function gives something true; without one, the length.",
      example: """
        print([1, 2, 3].count(x => x > 1))  // expect: 2
        """,
      .script(count)),
  ]

  private static let reducing: [BuiltIn] = [
    BuiltIn(
      "list.reduce", "list.reduce(initial, fn)",
      "What is left when the function has taken each item, with what it gave before: `(result, item)`.",
      example: """
        print([1, 2, 3].reduce(0, (sum, x) => sum + x))  // expect: 6
        """,
      .script(reduce)),
    BuiltIn(
      "list.sum", "list.sum(fn)", "The sum of the numbers, or of what the function gives for the items; 0 of nothing.",
      example: """
        print([1, 2].sum(), [{n: 2}, {n: 3}].sum(x => x.n), [].sum())  // expect: 3 5 0
        """,
      .script("(f = null) => __sum(if f == null { __self } else { __self.map(f) })")),
    BuiltIn(
      "list.min", "list.min(fn)",
      "The smallest item, or the item for which the function gives the smallest value; null of nothing.",
      example: """
        print([3, 1, 2].min(), ["bb", "a"].min(s => s.length), [].min())  // expect: 1 a null
        """,
      .script(
        """
        (f = null) => {
          let index = __extreme(if f == null { __self } else { __self.map(f) }, false)
          if index == null { null } else { __self[index] }
        }
        """)),
    BuiltIn(
      "list.max", "list.max(fn)",
      "The largest item, or the item for which the function gives the largest value; null of nothing.",
      example: """
        print([3, 1, 2].max(), ["bb", "a"].max(s => s.length))  // expect: 3 bb
        """,
      .script(
        """
        (f = null) => {
          let index = __extreme(if f == null { __self } else { __self.map(f) }, true)
          if index == null { null } else { __self[index] }
        }
        """)),
  ]

  private static let grouping: [BuiltIn] = [
    BuiltIn(
      "list.group_by", "list.group_by(fn)",
      "A map from what the function gives to the list of the items that it gave it for.",
      example: """
        print(["ant", "bee", "ape"].group_by(w => w[0]))  // expect: {a: ["ant", "ape"], b: ["bee"]}
        """,
      .script(groupBy)),
    BuiltIn(
      "list.count_by", "list.count_by(fn)",
      "A map from what the function gives to the number of the items that it gave it for.",
      example: """
        print(["ant", "bee", "ape"].count_by(w => w[0]))  // expect: {a: 2, b: 1}
        """,
      .script(countBy)),
    BuiltIn(
      "list.index_by", "list.index_by(fn)", "A map from what the function gives to the item; of several the last.",
      example: """
        print(["ant", "bee"].index_by(w => w[0]))  // expect: {a: "ant", b: "bee"}
        """,
      .script(
        """
        (f) => {
          let index = {}
          var i = 0
          for x in __self {
            index[__call(f, x, i)] = x
            i += 1
          }
          index
        }
        """)),
    BuiltIn(
      "list.unique_by", "list.unique_by(fn)",
      "The items without those for which the function gives what it gave before.",
      example: """
        print(["a", "A", "b"].unique_by(s => s.lower()))  // expect: ["a", "b"]
        """,
      .script("(f) => __unique_by(__self, __self.map(f))")),
  ]

  private static let ordering: [BuiltIn] = [
    BuiltIn(
      "list.sort", "list.sort(compare)",
      """
      The items in order: numbers or strings by themselves, anything with a function of two items that gives a negative \
      number, 0 or a positive one. Items that are equal keep their order.
      """,
      example: """
        print([3, 1, 2].sort(), [1, 2, 3].sort((a, b) => b - a))  // expect: [1, 2, 3] [3, 2, 1]
        """,
      // A merge sort from the bottom up: no call within a call, whatever the comparison does.
      .script(
        """
        (compare = null) => {
          if compare == null { return __sort(__self) }
          let original = __self
          let n = len(original)
          var source = [...original]
          var target = [...original]
          var width = 1
          while width < n {
            var start = 0
            while start < n {
              let middle = if start + width < n { start + width } else { n }
              let end = if middle + width < n { middle + width } else { n }
              var left = start
              var right = middle
              var at = start
              while left < middle && right < end {
                let a = source[left]
                let b = source[right]
                if compare(a, b) <= 0 {
                  target[at] = a
                  left += 1
                } else {
                  target[at] = b
                  right += 1
                }
                at += 1
              }
              while left < middle {
                target[at] = source[left]
                left += 1
                at += 1
              }
              while right < end {
                target[at] = source[right]
                right += 1
                at += 1
              }
              start = end
            }
            let sorted = target
            target = source
            source = sorted
            width = width * 2
          }
          if len(original) != n { throw error("this list was changed while it was sorted", kind: "E_MUTATED") }
          source
        }
        """)),
    BuiltIn(
      "list.sort_by", "list.sort_by(fn, descending:)",
      """
      The items in the order of what the function gives for them: numbers, strings, or lists of them, which are compared \
      item by item. Items that are equal keep their order.
      """,
      example: """
        let people = [{n: "b", a: 2}, {n: "a", a: 2}, {n: "c", a: 1}]
        print(people.sort_by(p => p.a).map(p => p.n))  // expect: ["c", "b", "a"]
        print(people.sort_by(p => [p.a, p.n], descending: true).map(p => p.n))  // expect: ["b", "a", "c"]
        """,
      .script("(f, {descending = false, ...rest}) => __sort_by(__self, __self.map(f), descending, rest)")),
  ]
}
