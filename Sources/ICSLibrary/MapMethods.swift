// The methods of maps. A map's own entries that are functions come first when one is called by name.

import ICSVM

enum MapMethods {
  static let rows: [BuiltIn] = reading + changing + combining + functions + hidden

  private static let reading: [BuiltIn] = [
    BuiltIn(
      "map.keys", "map.keys()", "The keys, in their order.",
      example: """
        print({a: 1, b: 2}.keys())  // expect: ["a", "b"]
        """,
      .native(0...0) { (call) throws(Raised) in try collect(call) { entry, _ in entry.key } }),
    BuiltIn(
      "map.values", "map.values()", "The values, in the order of their keys.",
      example: """
        print({a: 1, b: 2}.values())  // expect: [1, 2]
        """,
      .native(0...0) { (call) throws(Raised) in try collect(call) { entry, _ in entry.value } }),
    BuiltIn(
      "map.entries", "map.entries()", "Pairs of a key and its value.",
      example: """
        print({a: 1, b: 2}.entries())  // expect: [["a", 1], ["b", 2]]
        """,
      .native(0...0) { (call) throws(Raised) in
        try call.reserve(bytes: call.vm.mapCount(call.receiver.address) * 80)
        return try collect(call) { entry, call in call.makeList([entry.key, entry.value]) }
      }),
    BuiltIn(
      "map.has", "map.has(k)", "Whether the key is there, even with the value null.",
      example: """
        print({a: null}.has("a"), {a: 1}.has("z"))  // expect: true false
        """,
      .native(1...1) { (call) throws(Raised) in
        try call.checkKey(call[0])
        return .bool(call.vm.mapGet(call.receiver.address, call[0]) != nil)
      }),
    BuiltIn(
      "map.get", "map.get(k, default)", "The value under a key, or the default (null) when the key is not there.",
      example: """
        print({b: 2}.get("b", 9), {b: 2}.get("z", 9))  // expect: 2 9
        """,
      .native(1...2) { (call) throws(Raised) in
        try call.checkKey(call[0])
        return call.vm.mapGet(call.receiver.address, call[0]) ?? call[1]
      }),
  ]

  private static let changing: [BuiltIn] = [
    BuiltIn(
      "map.set", "map.set(k, v)", "Sets the value under a key, in place; a new key comes last.",
      example: """
        let m = {a: 1}
        m.set("b", 2)
        print(m)  // expect: {a: 1, b: 2}
        """,
      .native(2...2) { (call) throws(Raised) in
        try call.checkKey(call[0])
        call.vm.mapSet(call.receiver.address, call[0], call[1])
        return .null
      }),
    BuiltIn(
      "map.delete", "map.delete(k)", "Takes a key and its value out, in place; nothing happens when it is not there.",
      example: """
        let m = {a: 1, b: 2}
        m.delete("a")
        print(m)  // expect: {b: 2}
        """,
      .native(1...1) { (call) throws(Raised) in
        try call.checkKey(call[0])
        _ = call.vm.mapDelete(call.receiver.address, call[0])
        return .null
      }),
    BuiltIn(
      "map.clear", "map.clear()", "Takes all keys out, in place.",
      example: """
        let m = {a: 1}
        m.clear()
        print(m)  // expect: {}
        """,
      .native(0...0) { call in
        call.vm.mapClear(call.receiver.address)
        return .null
      }),
    BuiltIn(
      "map.copy", "map.copy()", "A new map with the same entries.",
      example: """
        let m = {a: 1}
        let n = m.copy()
        n.a = 2
        print(m, n)  // expect: {a: 1} {a: 2}
        """,
      .native(0...0, copy)),
  ]

  private static let combining: [BuiltIn] = [
    BuiltIn(
      "map.merge", "map.merge(m)", "A new map with the entries of both; where both have a key, the other's value.",
      example: """
        print({a: 1, b: 2}.merge({b: 3, c: 4}))  // expect: {a: 1, b: 3, c: 4}
        """,
      .native(1...1, merge)),
    BuiltIn(
      "map.pick", "map.pick(keys)",
      "A new map with these keys only, in the order asked for; those that are missing are left out.",
      example: """
        print({a: 1, b: 2, c: 3}.pick(["c", "a"]))  // expect: {c: 3, a: 1}
        """,
      .native(1...1) { (call) throws(Raised) in try pick(call.receiver.address, try call.items(0), call) }),
    BuiltIn(
      "map.omit", "map.omit(keys)", "A new map without these keys.",
      example: """
        print({a: 1, b: 2}.omit(["a"]))  // expect: {b: 2}
        """,
      .native(1...1, omit)),
    BuiltIn(
      "map.invert", "map.invert()", "A new map from each value to its key; of equal values the last counts.",
      example: """
        print({a: "x", b: "y"}.invert())  // expect: {x: "a", y: "b"}
        """,
      .native(0...0, invert)),
  ]

  private static let functions: [BuiltIn] = [
    BuiltIn(
      "map.map_values", "map.map_values(fn)", "A new map with what the function `(value, key)` gives under each key.",
      example: """
        print({a: 1, b: 2}.map_values(v => v * 2))  // expect: {a: 2, b: 4}
        """,
      .script(
        """
        (f) => {
          let out = {...__self}
          for [k, v] in __self { out[k] = __call(f, v, k) }
          out
        }
        """)),
    BuiltIn(
      "map.filter", "map.filter(fn)",
      "A new map with the entries for which the function `(value, key)` gives something true.",
      example: """
        print({a: 1, b: 2, c: 3}.filter((v, k) => v > 1 && k != "b"))  // expect: {c: 3}
        """,
      .script(
        """
        (f) => {
          let kept = {}
          for [k, v] in __self {
            if __call(f, v, k) { kept[k] = v }
          }
          kept
        }
        """)),
    BuiltIn(
      "map.each", "map.each(fn)", "Calls the function `(value, key)` with each entry, and gives null.",
      example: """
        let m = {a: 1, b: 2}
        m.each((v, k) => print(k, v))
        // expect: a 1
        // expect: b 2
        """,
      .script(
        """
        (f) => {
          for [k, v] in __self { __call(f, v, k) }
          null
        }
        """)),
    BuiltIn(
      "map.find", "map.find(fn)",
      "The first `[key, value]` for which the function `(value, key)` gives something true, null when there is none.",
      example: """
        print({a: 1, b: 2}.find(v => v > 1))  // expect: ["b", 2]
        """,
      .script(
        """
        (f) => {
          for [k, v] in __self {
            if __call(f, v, k) { return [k, v] }
          }
          null
        }
        """)),
    BuiltIn(
      "map.any", "map.any(fn)", "Whether the function `(value, key)` gives something true for one entry at least.",
      example: """
        print({a: 1, b: 2}.any(v => v > 1))  // expect: true
        """,
      .script(
        """
        (f) => {
          for [k, v] in __self {
            if __call(f, v, k) { return true }
          }
          false
        }
        """)),
    BuiltIn(
      "map.all", "map.all(fn)", "Whether the function `(value, key)` gives something true for every entry.",
      example: """
        print({a: 1, b: 2}.all(v => v > 1))  // expect: false
        """,
      .script(
        """
        (f) => {
          for [k, v] in __self {
            if !__call(f, v, k) { return false }
          }
          true
        }
        """)),
  ]

  private static let hidden: [BuiltIn] = [
    BuiltIn(
      "__pick", "__pick(map, keys)", "A new map with some of the keys.",
      .native(2...2) { (call) throws(Raised) in try pick(try call.map(0), try call.items(1), call) })
  ]

  // MARK: Natives

  private typealias Entry = (key: Value, value: Value, next: Int)

  private static func collect(_ call: Call, _ make: (Entry, Call) -> Value) throws(Raised) -> Value {
    let map = call.receiver.address
    let list = try call.newItems(count: call.vm.mapCount(map))
    var position = 0
    while let entry = call.vm.mapEntry(map, at: position) {
      try call.poll(at: position)
      position = entry.next
      call.vm.listPush(list, make(entry, call))
    }
    return .object(Tag.list, list)
  }

  /// Pays for a new map with as many entries.
  private static func prepare(_ count: Int, _ call: Call) throws(Raised) {
    try call.reserve(bytes: count < 0 || count > 1 << 28 ? Int.max : count * 48)
    try call.charge(count * 2)
  }

  private static func copy(_ call: Call) throws(Raised) -> Value {
    try prepare(call.vm.mapCount(call.receiver.address), call)
    return .object(Tag.map, call.vm.mapCopy(call.receiver.address))
  }

  private static func merge(_ call: Call) throws(Raised) -> Value {
    let other = try call.map(0)
    try prepare(call.vm.mapCount(call.receiver.address) + call.vm.mapCount(other), call)
    let result = call.vm.mapCopy(call.receiver.address)
    call.vm.mapSpread(other, into: result)
    return .object(Tag.map, result)
  }

  private static func pick(_ map: Raw, _ keys: Items, _ call: Call) throws(Raised) -> Value {
    try prepare(keys.count, call)
    let result = call.vm.newMap()
    for index in 0..<keys.count {
      try call.poll(at: index)
      try call.checkKey(keys[index])
      if let value = call.vm.mapGet(map, keys[index]) {
        call.vm.mapSet(result, keys[index], value, keepsShape: call.vm.hasShape(map))
      }
    }
    return .object(Tag.map, result)
  }

  private static func omit(_ call: Call) throws(Raised) -> Value {
    let keys = try call.items(0)
    let map = call.receiver.address
    try prepare(call.vm.mapCount(map) &+ keys.count, call)
    let omitted = call.vm.newMap()
    for index in 0..<keys.count {
      try call.poll(at: index)
      try call.checkKey(keys[index])
      call.vm.mapSet(omitted, keys[index], .null)
    }
    let result = call.vm.newMap()
    var position = 0
    while let entry = call.vm.mapEntry(map, at: position) {
      try call.poll(at: position)
      position = entry.next
      if call.vm.mapGet(omitted, entry.key) == nil {
        call.vm.mapSet(result, entry.key, entry.value, keepsShape: call.vm.hasShape(map))
      }
    }
    return .object(Tag.map, result)
  }

  private static func invert(_ call: Call) throws(Raised) -> Value {
    let map = call.receiver.address
    try prepare(call.vm.mapCount(map), call)
    let result = call.vm.newMap()
    var position = 0
    while let entry = call.vm.mapEntry(map, at: position) {
      try call.poll(at: position)
      position = entry.next
      try call.checkKey(entry.value)
      call.vm.mapSet(result, entry.value, entry.key)
    }
    return .object(Tag.map, result)
  }
}
