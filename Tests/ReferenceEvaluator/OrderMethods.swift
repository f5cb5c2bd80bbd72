// The methods of lists that compare or add their items.

extension Evaluator {
  func orderMethod(_ name: String, _ receiver: Value, _ items: [Value]) -> Function? {
    /// The items, or what a function gives for them.
    func keys(_ arguments: [Value]) throws -> [Value] {
      arguments.isEmpty || arguments[0].isNull ? items : try self.mapped(arguments[0], receiver)
    }
    switch name {
    case "sum":
      return builtIn(name, 0...1) { arguments in
        try keys(arguments).reduce(.int(0)) { sum, item in
          guard item.isNumber else { throw raise("E_TYPE") }
          return try apply(.add, sum, item)
        }
      }
    case "min", "max":
      return builtIn(name, 0...1) { arguments in
        let keys = try keys(arguments)
        try checkOrder(keys, allowsLists: false)
        var best: Int?
        for index in keys.indices {
          guard let known = best else {
            best = index
            continue
          }
          let order = try keyOrder(keys[index], keys[known])
          if name == "min" ? order < 0 : order > 0 { best = index }
        }
        return best.map { items[$0] } ?? .null
      }
    case "sort":
      return builtIn(name, 0...1) { arguments in
        if arguments.isEmpty || arguments[0].isNull {
          try checkOrder(items, allowsLists: false)
          return .items(
            try stableSort(items.indices.map { $0 }) { try keyOrder(items[$0], items[$1]) }.map { items[$0] })
        }
        return .items(
          try stableSort(items) { a, b in
            let answer = try self.call(arguments[0], [a, b])
            guard answer.isNumber else { throw raise("E_TYPE") }
            return numberOrder(answer, .int(0)) ?? 0
          })
      }
    case "sort_by":
      return builtIn(name, 1...2) { arguments in
        let keys = try self.mapped(arguments[0], receiver)
        try checkOrder(keys, allowsLists: true)
        var isDescending = false
        if arguments.count > 1 {
          guard case .map(let options) = arguments[1] else { throw raise("E_MATCH") }
          guard options.keys.allSatisfy({ $0 == .text("descending") }) else { throw raise("E_ARGUMENTS") }
          isDescending = options[.text("descending")]?.isTrue ?? false
        }
        let order = try stableSort(Array(keys.indices)) { a, b in
          let order = try keyOrder(keys[a], keys[b])
          return isDescending ? -order : order
        }
        return .items(order.map { items[$0] })
      }
    default: return nil
    }
  }
}

/// E_TYPE unless all keys have one order: numbers, strings or lists.
private func checkOrder(_ keys: [Value], allowsLists: Bool) throws {
  let kinds = try keys.map { key in
    switch key {
    case .int, .float: 0
    case .string: 1
    case .list where allowsLists: 2
    default: throw raise("E_TYPE")
    }
  }
  if Set(kinds).count > 1 { throw raise("E_TYPE") }
}

/// A total order: NaN comes last.
private func keyOrder(_ a: Value, _ b: Value) throws -> Int {
  switch (a, b) {
  case (.list(let a), .list(let b)):
    for (left, right) in zip(a.items, b.items) {
      let order = try keyOrder(left, right)
      if order != 0 { return order }
    }
    return a.items.count - b.items.count
  default:
    if let order = try order(a, b) { return order }
    return (isNaN(a) ? 1 : 0) - (isNaN(b) ? 1 : 0)
  }
}

private func isNaN(_ value: Value) -> Bool {
  if case .float(let float) = value { float.isNaN } else { false }
}

/// Insertion: equal items keep their order.
private func stableSort<Item>(_ items: [Item], _ order: (Item, Item) throws -> Int) throws -> [Item] {
  var sorted: [Item] = []
  for item in items {
    var place = sorted.count
    while place > 0, try order(item, sorted[place - 1]) < 0 { place -= 1 }
    sorted.insert(item, at: place)
  }
  return sorted
}
