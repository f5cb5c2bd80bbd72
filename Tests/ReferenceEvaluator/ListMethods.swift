// The methods of lists; those that read are methods of ranges too.

extension Evaluator {
  /// The methods that change a list in place.
  func listChange(_ name: String, _ list: ListObject) -> Function? {
    func method(_ arity: ClosedRange<Int>, _ body: @escaping ([Value]) throws -> Value) -> Function {
      builtIn(name, arity, body)
    }
    switch name {
    case "push":
      return method(0...Int.max) { arguments in
        list.items += arguments
        return .null
      }
    case "pop": return method(0...0) { _ in list.items.popLast() ?? .null }
    case "clear":
      return method(0...0) { _ in
        list.items = []
        return .null
      }
    case "insert":
      return method(2...2) { arguments in
        let index = try integer(arguments[0])
        let place = index < 0 ? index + list.items.count : index
        guard place >= 0 && place <= list.items.count else { throw raise("E_INDEX") }
        list.items.insert(arguments[1], at: place)
        return .null
      }
    case "remove_at":
      return method(1...1) { [unowned self] arguments in
        list.items.remove(at: try position(arguments[0], count: list.items.count))
      }
    case "copy": return method(0...0) { _ in .items(list.items) }
    default: return nil
    }
  }

  /// The methods that read. `receiver` is the list or range that has these items.
  func listMethod(_ name: String, _ receiver: Value, _ items: [Value]) -> Function? {
    shapeMethod(name, items) ?? callbackMethod(name, receiver, items) ?? orderMethod(name, receiver, items)
  }

  private func shapeMethod(_ name: String, _ items: [Value]) -> Function? {
    func method(_ arity: ClosedRange<Int>, _ body: @escaping ([Value]) throws -> Value) -> Function {
      builtIn(name, arity, body)
    }
    switch name {
    case "to_list": return method(0...0) { _ in .items(items) }
    case "reverse": return method(0...0) { _ in .items(items.reversed()) }
    case "slice": return method(1...2) { .items(Array(items[try bounds($0, count: items.count)])) }
    case "take": return method(1...1) { .items(Array(items.prefix(try count($0[0])))) }
    case "drop": return method(1...1) { .items(Array(items.dropFirst(try count($0[0])))) }
    case "concat": return method(1...1) { .items(items + (try sequence($0[0]))) }
    case "repeat":
      return method(1...1) { .items(Array(repeatElement(items, count: try count($0[0])).joined())) }
    case "contains": return method(1...1) { arguments in .bool(items.contains { areEqual($0, arguments[0]) }) }
    case "index_of":
      return method(1...1) { arguments in items.firstIndex { areEqual($0, arguments[0]) }.map { .int($0) } ?? .null }
    case "join":
      return method(1...1) { arguments in
        .text(items.map { $0.printed() }.joined(separator: swiftText(try text(arguments[0]))))
      }
    case "flatten":
      return method(0...0) { _ in
        .items(items.flatMap { if case .list(let inner) = $0 { inner.items } else { [$0] } })
      }
    case "zip": return method(1...1) { .items(zip(items, try sequence($0[0])).map { .items([$0, $1]) }) }
    case "enumerate": return method(0...0) { _ in .items(items.enumerated().map { .items([.int($0), $1]) }) }
    case "chunk":
      return method(1...1) { arguments in
        let size = try count(arguments[0], atLeast: 1)
        return .items(
          stride(from: 0, to: items.count, by: size).map { .items(Array(items[$0..<min($0 + size, items.count)])) })
      }
    case "window":
      return method(1...1) { arguments in
        let size = try count(arguments[0], atLeast: 1)
        if size > items.count { return .items([]) }
        return .items((0...items.count - size).map { .items(Array(items[$0..<($0 + size)])) })
      }
    case "to_map":
      return method(0...0) { _ in
        let map = MapObject()
        for item in items {
          guard case .list(let pair) = item, pair.items.count == 2 else { throw raise("E_TYPE") }
          map[try Key(checking: pair.items[0])] = pair.items[1]
        }
        return .map(map)
      }
    case "unique":
      return method(0...0) { _ in .items(unique(items, by: items)) }
    default: return nil
    }
  }

  /// The methods that call a function with `(item, index)`.
  private func callbackMethod(_ name: String, _ receiver: Value, _ items: [Value]) -> Function? {
    /// Calls the function with each item, until `body` gives false for what came back.
    func each(_ f: Value, _ body: @escaping (Value, Int, Value) throws -> Bool) throws {
      var index = 0
      try iterate(receiver) { item in
        defer { index += 1 }
        return try body(item, index, try callBack(f, item, .int(index)))
      }
    }
    func select(_ f: Value, _ wanted: Bool) throws -> [Value] {
      var result: [Value] = []
      try each(f) { item, _, answer in
        if answer.isTrue == wanted { result.append(item) }
        return true
      }
      return result
    }
    func method(_ body: @escaping (Value) throws -> Value) -> Function { builtIn(name, 1...1) { try body($0[0]) } }
    func grouped(_ f: Value, _ body: @escaping (MapObject, Key, Value) -> Void) throws -> Value {
      let map = MapObject()
      try each(f) { item, _, answer in
        body(map, try Key(checking: answer), item)
        return true
      }
      return .map(map)
    }
    switch name {
    case "map": return method { .items(try self.mapped($0, receiver)) }
    case "filter": return method { .items(try select($0, true)) }
    case "reject": return method { .items(try select($0, false)) }
    case "partition":
      return method { f in
        var parts: ([Value], [Value]) = ([], [])
        try each(f) { item, _, answer in
          if answer.isTrue { parts.0.append(item) } else { parts.1.append(item) }
          return true
        }
        return .items([.items(parts.0), .items(parts.1)])
      }
    case "flat_map":
      return method { f in
        var result: [Value] = []
        try each(f) { _, _, answer in
          guard case .list(let list) = answer else { throw raise("E_TYPE") }
          result += list.items
          return true
        }
        return .items(result)
      }
    case "each":
      return method { f in
        try each(f) { _, _, _ in true }
        return .null
      }
    case "find", "find_index", "any":
      return method { f in
        var found: (Value, Int)?
        try each(f) { item, index, answer in
          if answer.isTrue { found = (item, index) }
          return found == nil
        }
        if name == "any" { return .bool(found != nil) }
        return found.map { name == "find" ? $0.0 : .int($0.1) } ?? .null
      }
    case "all":
      return method { f in
        var holds = true
        try each(f) { _, _, answer in
          holds = answer.isTrue
          return holds
        }
        return .bool(holds)
      }
    case "count":
      return builtIn(name, 0...1) { arguments in
        if arguments.isEmpty || arguments[0].isNull { return .int(items.count) }
        return .int(try select(arguments[0], true).count)
      }
    case "take_while", "drop_while":
      return method { f in
        var taken: [Value] = []
        try self.iterate(receiver) { item in
          if try !self.callBack(f, item, .int(taken.count)).isTrue { return false }
          taken.append(item)
          return true
        }
        return .items(name == "take_while" ? taken : Array(items.dropFirst(taken.count)))
      }
    case "reduce":
      return builtIn(name, 2...2) { arguments in
        var result = arguments[0]
        var index = 0
        try self.iterate(receiver) { item in
          result = try self.callBack(arguments[1], result, item, .int(index))
          index += 1
          return true
        }
        return result
      }
    case "group_by":
      return method { f in
        try grouped(f) { map, key, item in
          if case .list(let group)? = map[key] { group.items.append(item) } else { map[key] = .items([item]) }
        }
      }
    case "count_by":
      return method { f in
        try grouped(f) { map, key, _ in
          if case .int(let count)? = map[key] { map[key] = .int(count + 1) } else { map[key] = .int(1) }
        }
      }
    case "index_by": return method { f in try grouped(f) { map, key, item in map[key] = item } }
    case "unique_by": return method { .items(unique(items, by: try self.mapped($0, receiver))) }
    default: return nil
    }
  }

  /// What a function gives for each item.
  func mapped(_ f: Value, _ receiver: Value) throws -> [Value] {
    var result: [Value] = []
    try iterate(receiver) { item in
      result.append(try callBack(f, item, .int(result.count)))
      return true
    }
    return result
  }
}

/// The items whose keys did not come before.
private func unique(_ items: [Value], by keys: [Value]) -> [Value] {
  var seen: [Value] = []
  return zip(items, keys).compactMap { item, key in
    if seen.contains(where: { areEqual($0, key) }) { return nil }
    seen.append(key)
    return item
  }
}
