// The methods of maps.

extension Evaluator {
  func mapMethod(_ name: String, _ map: MapObject) -> Function? {
    plainMethod(name, map) ?? callbackMethod(name, map)
  }

  private func plainMethod(_ name: String, _ map: MapObject) -> Function? {
    func method(_ arity: ClosedRange<Int>, _ body: @escaping ([Value]) throws -> Value) -> Function {
      builtIn(name, arity, body)
    }
    switch name {
    case "keys": return method(0...0) { _ in .items(map.keys.map(\.value)) }
    case "values": return method(0...0) { _ in .items(map.entries.map(\.1)) }
    case "entries": return method(0...0) { _ in .items(map.entries.map { .items([$0.value, $1]) }) }
    case "has": return method(1...1) { .bool(map[try Key(checking: $0[0])] != nil) }
    case "get":
      return method(1...2) { arguments in
        map[try Key(checking: arguments[0])] ?? (arguments.count > 1 ? arguments[1] : .null)
      }
    case "set":
      return method(2...2) { arguments in
        map[try Key(checking: arguments[0])] = arguments[1]
        return .null
      }
    case "delete":
      return method(1...1) { arguments in
        map[try Key(checking: arguments[0])] = nil
        return .null
      }
    case "clear":
      return method(0...0) { _ in
        for key in map.keys { map[key] = nil }
        return .null
      }
    case "copy": return method(0...0) { _ in .map(MapObject(map.entries)) }
    case "merge":
      return method(1...1) { arguments in
        guard case .map(let other) = arguments[0] else { throw raise("E_TYPE") }
        return .map(MapObject(map.entries + other.entries))
      }
    case "pick":
      return method(1...1) { arguments in
        let keys = try sequence(arguments[0]).map { try Key(checking: $0) }
        return .map(MapObject(keys.compactMap { key in map[key].map { (key, $0) } }))
      }
    case "omit":
      return method(1...1) { arguments in
        let keys = try sequence(arguments[0]).map { try Key(checking: $0) }
        return .map(MapObject(map.entries.filter { !keys.contains($0.0) }))
      }
    case "invert":
      return method(0...0) { _ in .map(MapObject(try map.entries.map { (try Key(checking: $1), $0.value) })) }
    default: return nil
    }
  }

  /// The methods that call a function with `(value, key)`.
  private func callbackMethod(_ name: String, _ map: MapObject) -> Function? {
    func method(_ body: @escaping (Value) throws -> Value) -> Function { builtIn(name, 1...1) { try body($0[0]) } }
    /// Calls the function with each entry, until `body` gives false for what came back.
    func each(_ f: Value, _ body: @escaping (Key, Value, Value) throws -> Bool) throws {
      try iterate(.map(map)) { item in
        let key = try Key(checking: item)
        let value = map[key] ?? .null
        return try body(key, value, try callBack(f, value, item))
      }
    }
    switch name {
    case "map_values", "filter":
      return method { f in
        let result = MapObject()
        try each(f) { key, value, answer in
          if name == "map_values" { result[key] = answer } else if answer.isTrue { result[key] = value }
          return true
        }
        return .map(result)
      }
    case "each":
      return method { f in
        try each(f) { _, _, _ in true }
        return .null
      }
    case "find", "any":
      return method { f in
        var found: Value?
        try each(f) { key, value, answer in
          if answer.isTrue { found = .items([key.value, value]) }
          return found == nil
        }
        return name == "any" ? .bool(found != nil) : found ?? .null
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
    default: return nil
    }
  }
}
