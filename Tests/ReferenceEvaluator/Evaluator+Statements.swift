// Statements and blocks.

import ICSSyntax

extension Evaluator {
  /// Functions are there from the start of their block.
  func hoist(_ statements: NodeList, in scope: Scope) {
    for statement in statements where tree.kind(of: statement) == .function {
      let (name, parameters, body) = tree.function(statement)
      scope.values[name] = closure(tree.name(name), parameters, body, scope)
    }
  }

  /// The value of a block is that of its last statement when that is an expression.
  func block(_ node: NodeID, _ outer: Scope) throws -> Value {
    let scope = Scope(outer)
    let statements = tree.statements(of: node)
    hoist(statements, in: scope)
    var last = Value.null
    for statement in statements { last = try run(statement, scope) }
    return last
  }

  /// Runs a statement. Declarations go to the scope.
  func run(_ node: NodeID, _ scope: Scope) throws -> Value {
    try step()
    switch tree.kind(of: node) {
    case .function: return .null
    case .variable:
      let (_, pattern, value) = tree.variable(node)
      try bind(pattern, to: try evaluate(value, scope), scope)
      return .null
    case .assignment: try assign(node, scope)
    case .forLoop: try forLoop(node, scope)
    case .whileLoop: try whileLoop(node, scope)
    case .returnStatement:
      let value = tree.operand(of: node)
      throw Signal.returned(value.isNone ? .null : try evaluate(value, scope))
    case .breakStatement: throw Signal.broke
    case .continueStatement: throw Signal.continued
    case .throwStatement:
      let value = try evaluate(tree.operand(of: node), scope)
      if case .error(let error) = value { throw Signal.raised(error) }
      throw Signal.raised(ErrorObject("E_THROWN", value.printed(), data: value))
    case .importModule, .importNames: try importModule(node)
    case .onHook, .everyHook, .waitStatement:
      throw Signal.unsupported("a statement")
    default: return try evaluate(node, scope)
    }
    return .null
  }

  // MARK: Assignment

  private func assign(_ node: NodeID, _ scope: Scope) throws {
    let (op, target, value) = tree.assignment(node)
    /// The value to store, by what is there now; nil leaves it.
    func newValue(_ current: () throws -> Value) throws -> Value? {
      guard let op else { return try evaluate(value, scope) }
      let old = try current()
      if op == .coalesce { return old.isNull ? try evaluate(value, scope) : nil }
      return try apply(op, old, try evaluate(value, scope))
    }
    switch tree.kind(of: target) {
    case .name:
      let name = tree.name(of: target)
      guard let result = try newValue({ try read(name, scope) }) else { return }
      (scope.owner(of: name) ?? globals).values[name] = result
    case .member:
      let (objectNode, name) = tree.member(target)
      let object = try evaluate(objectNode, scope)
      guard let result = try newValue({ try member(of: object, tree.name(name)) }) else { return }
      guard case .map(let map) = object else { throw raise(object.isNull ? "E_NULL" : "E_TYPE") }
      map[.text(tree.name(name))] = result
    case .index:
      let (objectNode, indexNode) = tree.index(target)
      let object = try evaluate(objectNode, scope)
      let index = try evaluate(indexNode, scope)
      guard let result = try newValue({ try item(of: object, at: index) }) else { return }
      try setItem(of: object, at: index, to: result)
    default: throw Signal.unsupported("an assignment")
    }
  }

  private func setItem(of object: Value, at index: Value, to value: Value) throws {
    switch object {
    case .list(let list):
      list.items[try position(index, count: list.items.count)] = value
    case .map(let map): map[try Key(checking: index)] = value
    case .null: throw raise("E_NULL")
    default: throw raise("E_TYPE")
    }
  }

  // MARK: Loops

  /// Runs a loop's body; false when it broke.
  private func turn(_ body: NodeID, _ scope: Scope) throws -> Bool {
    do {
      _ = try block(body, scope)
    } catch Signal.broke {
      return false
    } catch Signal.continued {
    }
    return true
  }

  private func whileLoop(_ node: NodeID, _ scope: Scope) throws {
    let (condition, body) = tree.whileLoop(node)
    while try evaluate(condition, scope).isTrue {
      try step()
      if try !turn(body, scope) { return }
    }
  }

  private func forLoop(_ node: NodeID, _ scope: Scope) throws {
    let (pattern, sequence, body) = tree.forLoop(node)
    let takesPairs = tree.kind(of: pattern) == .listPattern
    try iterate(try evaluate(sequence, scope), takesPairs: takesPairs) { item in
      try step()
      let inner = Scope(scope)
      try bind(pattern, to: item, inner)
      return try turn(body, inner)
    }
  }

  /// Calls `body` with each item until it gives false. Finds out when the sequence is changed on the way.
  func iterate(_ sequence: Value, takesPairs: Bool = false, _ body: (Value) throws -> Bool) throws {
    switch sequence {
    case .list(let list):
      let count = list.items.count
      var index = 0
      while true {
        if list.items.count != count { throw raise("E_MUTATED") }
        if index >= count { return }
        if try !body(list.items[index]) { return }
        index += 1
      }
    case .map(let map):
      let version = map.version
      let keys = map.keys
      var index = 0
      while true {
        if map.version != version { throw raise("E_MUTATED") }
        if index >= keys.count { return }
        let key = keys[index].value
        if try !body(takesPairs ? .items([key, map[keys[index]] ?? .null]) : key) { return }
        index += 1
      }
    case .range: for item in rangeItems(sequence) where try !body(.int(item)) { return }
    case .stream(let stream): while let item = try stream.next(), try body(item) {}
    case .string(let text): for scalar in text where try !body(.string([scalar])) { return }
    default: throw raise("E_TYPE")
    }
  }
}
