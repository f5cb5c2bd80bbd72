// Functions, calls, members and indexes.

import ICSSyntax

extension Evaluator {
  func closure(_ name: String, _ parameters: NodeList, _ body: NodeID, _ scope: Scope) -> Value {
    .function(closureFunction(name, parameters, body, scope))
  }

  func closureFunction(_ name: String, _ parameters: NodeList, _ body: NodeID, _ scope: Scope) -> Function {
    closureScopes.append(scope)
    let hasRest = parameters.last.map { tree.kind(of: $0) == .restParameter } ?? false
    let plain = hasRest ? Array(parameters.dropLast()) : Array(parameters)
    var required = 0
    for (index, parameter) in plain.enumerated() {
      let (pattern, defaultValue) = tree.parameter(parameter)
      let isOptions = index == plain.count - 1 && !hasRest && tree.kind(of: pattern) == .mapPattern
      if defaultValue.isNone && !isOptions { required = index + 1 }
    }
    // A function of one map pattern takes the item as a callback, though it could do without.
    let takesItem = plain.count == 1 && required == 0 && tree.kind(of: tree.parameter(plain[0]).pattern) == .mapPattern
    return Function(
      name, required...(hasRest ? Int.max : plain.count), callbackCount: takesItem ? 1 : required
    ) { [unowned self] arguments in
      let inner = Scope(scope)
      for (index, parameter) in plain.enumerated() {
        let (pattern, defaultValue) = tree.parameter(parameter)
        if index < arguments.count {
          try bind(pattern, to: arguments[index], inner)
        } else if defaultValue.isNone {
          try bind(pattern, to: .map(MapObject()), inner)
        } else {
          try bind(pattern, to: try evaluate(defaultValue, inner), inner)
        }
      }
      if hasRest, let rest = parameters.last {
        inner.values[tree.name(of: rest)] = .items(Array(arguments.dropFirst(plain.count)))
      }
      do {
        return tree.kind(of: body) == .block ? try block(body, inner) : try evaluate(body, inner)
      } catch Signal.returned(let value) {
        return value
      }
    }
  }

  /// Calls any value.
  func call(_ callee: Value, _ arguments: [Value]) throws -> Value {
    try step()
    guard case .function(let function) = callee else { throw raise("E_TYPE") }
    guard function.arity.contains(arguments.count) else { throw raise("E_ARGUMENTS") }
    return try function.body(arguments)
  }

  /// Calls a function with as many of the offered arguments as it takes.
  func callBack(_ callee: Value, _ offered: Value...) throws -> Value {
    guard case .function(let function) = callee else { throw raise("E_TYPE") }
    return try call(callee, Array(offered.prefix(function.callbackCount)))
  }

  func call(_ node: NodeID, _ scope: Scope) throws -> Value {
    let (callee, arguments) = tree.call(node)
    let kind = tree.kind(of: callee)
    if kind == .member || kind == .optionalMember {
      let (objectNode, name) = tree.member(callee)
      if let exported = try exportedMember(objectNode, name) {
        return try call(exported, try self.arguments(arguments, scope))
      }
      let object = try evaluate(objectNode, scope)
      if kind == .optionalMember && object.isNull { throw Signal.chainEnded }
      let values = try self.arguments(arguments, scope)
      return try callMethod(tree.name(name), of: object, values)
    }
    let function = try evaluate(callee, scope)
    return try call(function, try self.arguments(arguments, scope))
  }

  /// Named arguments become one map behind the others.
  private func arguments(_ nodes: NodeList, _ scope: Scope) throws -> [Value] {
    let named = nodes.filter { tree.kind(of: $0) == .namedArgument }
    var values = try items(nodes.filter { tree.kind(of: $0) != .namedArgument }, scope)
    if !named.isEmpty {
      let map = MapObject()
      for node in named {
        let (name, value) = tree.namedArgument(node)
        map[.text(tree.name(name))] = try evaluate(value, scope)
      }
      values.append(.map(map))
    }
    return values
  }

  private func callMethod(_ name: String, of object: Value, _ arguments: [Value]) throws -> Value {
    if case .map(let map) = object, let own = map[.text(name)] {
      if case .function = own { return try call(own, arguments) }
      guard mapMethod(name, map) != nil else { throw raise("E_TYPE") }
    }
    let method: Function?
    switch object {
    case .null: throw raise("E_NULL")
    case .list(let list): method = listMethod(name, object, list.items) ?? listChange(name, list)
    case .range: method = listMethod(name, object, rangeItems(object).map { .int($0) })
    case .map(let map): method = mapMethod(name, map)
    case .string(let text): method = stringMethod(name, text)
    case .stream(let stream): method = streamMethod(name, stream)
    case .task(let task) where name == "wait":
      method = builtIn(name, 0...0) { [unowned self] _ in try wait(for: task) }
    default: method = nil
    }
    if let method { return try call(.function(method), arguments) }
    // A property that is called is no function; anything else is not there.
    if let value = property(name, of: object) { return try call(value, arguments) }
    throw raise("E_MEMBER")
  }

  // MARK: Members and indexes

  func access(_ node: NodeID, _ scope: Scope) throws -> Value {
    let kind = tree.kind(of: node)
    if kind == .member || kind == .optionalMember {
      let (objectNode, name) = tree.member(node)
      if let exported = try exportedMember(objectNode, name) { return exported }
      let object = try evaluate(objectNode, scope)
      if kind == .optionalMember && object.isNull { throw Signal.chainEnded }
      return try member(of: object, tree.name(name))
    }
    let (objectNode, indexNode) = tree.index(node)
    let object = try evaluate(objectNode, scope)
    if kind == .optionalIndex && object.isNull { throw Signal.chainEnded }
    return try item(of: object, at: try evaluate(indexNode, scope))
  }

  func member(of object: Value, _ name: String) throws -> Value {
    if case .map(let map) = object { return map[.text(name)] ?? .null }
    if object.isNull { throw raise("E_NULL") }
    guard let value = property(name, of: object) else { throw raise("E_MEMBER") }
    return value
  }

  /// The members that are read without a call.
  private func property(_ name: String, of object: Value) -> Value? {
    switch (object, name) {
    case (.list(let list), "length"): .int(list.items.count)
    case (.list(let list), "first"): list.items.first ?? .null
    case (.list(let list), "last"): list.items.last ?? .null
    case (.string(let text), "length"): .int(text.count)
    case (.range, "length"): .int(rangeItems(object).count)
    case (.range, "first"): rangeItems(object).first.map { .int($0) } ?? .null
    case (.range, "last"): rangeItems(object).last.map { .int($0) } ?? .null
    case (.error(let error), "kind"): .text(error.kind)
    case (.error(let error), "message"): .text(error.message)
    case (.error(let error), "data"): error.data
    default: nil
    }
  }

  func item(of object: Value, at index: Value) throws -> Value {
    switch object {
    case .null: throw raise("E_NULL")
    case .map(let map): return map[try Key(checking: index)] ?? .null
    case .list(let list):
      if case .range = index { return .items(Array(list.items[slice(index, count: list.items.count)])) }
      return list.items[try position(index, count: list.items.count)]
    case .string(let text):
      if case .range = index { return .string(Array(text[slice(index, count: text.count)])) }
      return .string([text[try position(index, count: text.count)]])
    case .range:
      let items = rangeItems(object)
      return .int(items.lowerBound + (try position(index, count: items.count)))
    default: throw raise("E_TYPE")
    }
  }

  func position(_ index: Value, count: Int) throws -> Int {
    guard case .int(let int) = index else { throw raise("E_TYPE") }
    let position = int < 0 ? int + count : int
    guard position >= 0 && position < count else { throw raise("E_INDEX") }
    return position
  }

  /// Bounds count from the end when negative, then clamp; reversed is empty.
  private func slice(_ range: Value, count: Int) -> Range<Int> {
    guard case .range(let start, let end, let isClosed) = range else { return 0..<0 }
    let from = start < 0 ? start + count : start
    let through = (end < 0 ? end + count : end) + (isClosed ? 1 : 0)
    let lower = min(max(from, 0), count)
    return lower..<max(lower, min(max(through, 0), count))
  }
}
