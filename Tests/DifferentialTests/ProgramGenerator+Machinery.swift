// Streams, tasks, modules, deep calls, and callbacks that change what they are called for.

extension ProgramGenerator {
  // MARK: Streams

  /// A stream of ints. Its functions print now and then: what is pulled, and when, shows in the output.
  mutating func stream(_ depth: Int) -> Code {
    var code: Code = "stream(\(expression(.ints, depth)))"
    if chance(0.3) {
      let counter = newName("n")
      code = """
        ((\(counter)) => stream(() => { \(counter).push(0); if \(counter).length > \(number(0...5)) { null } else { \
        \(counter).length } }))([])
        """
    }
    for _ in 0..<number(0...3) {
      switch number(0...6) {
      case 0: code = "\(code).map(\(lambda(.int, .int, depth)))"
      case 1: code = "\(code).map(x => { print(\"pull\", x); x })"
      case 2: code = "\(code).\(pick(["filter", "reject"]))(\(lambda(.int, .bool, depth)))"
      case 3: code = "\(code).take(\(number(0...4)))"
      case 4: code = "\(code).take_while(\(lambda(.int, .bool, depth)))"
      case 5: code = "\(code).chunk(\(number(1...3))).map(c => c.sum())"
      default: code = "\(code).enumerate().map(p => p[0] + p[1])"
      }
    }
    return code
  }

  mutating func streamLoop(_ depth: Int) -> [Code] {
    let source = stream(2)
    return scope { it in
      let name = it.declare(.int, "x")
      return ["for \(name) in \(source) \(it.loopBody(depth))"]
    }
  }

  // MARK: Callbacks

  private static let calls = [
    "map", "filter", "reject", "each", "find", "find_index", "any", "all", "count", "partition", "group_by",
  ]

  /// A callback that changes the list or map whose method calls it.
  mutating func changingCallback() -> [Code] {
    let known = variables.filter { $0.kind == .ints || $0.kind == .counts }
    guard let variable = known.randomElement(using: &random) else { return declaration() }
    let name = variable.name
    let isList = variable.kind == .ints
    let change: Code =
      isList
      ? pick([
        "\(name).push(1)", "\(name).pop()", "\(name).clear()", "\(name).insert(0, 3)",
        "if \(name).length > 1 { \(name)[0] = 5 }", "if \(name).length > 2 { \(name).remove_at(1) }",
      ]) : pick(["\(name).z = 1", "\(name).delete(\"a\")", "\(name).a = 2", "\(name).b ??= 4"])
    let method = isList ? pick(Self.calls) : pick(["map_values", "filter"])
    let result = method == "group_by" ? "str(x)" : "x"
    let body: Code = "x => { if \(scope { $0.expression(.bool, 1) }) { \(change) }; \(result) }"
    return ["try { print(\(name).\(method)(\(body)), \(name)) } catch e { print(e.kind, \(name)) }"]
  }

  // MARK: Calls

  /// Calls deep enough for the stacks to grow, also in the middle of a callback.
  mutating func recursion() -> [Code] {
    let name = newName("deep")
    let start = expression(.int, 1)
    if chance(0.5) {
      return [
        "fn \(name)(n, acc, ...rest) {\nlet k = n * 2\nif n <= 0 { return acc }\n1 + \(name)(n - 1, acc, k)\n}",
        "print(\(name)(\(number(5...120)), \(start)))",
      ]
    }
    return [
      "fn \(name)(n) {\nif n <= 0 { [\(start)] } else { [n, 2].map(x => if x == 2 { 0 } else { \(name)(n - 1).length + x }) }\n}",
      "print(\(name)(\(number(2...25))))",
    ]
  }

  // MARK: Tasks

  /// Spawns a task, waits for one, or hands over. Only the program itself waits.
  mutating func task(_ depth: Int) -> [Code] {
    guard returns == nil, !isInTask else { return declaration() }
    if !tasks.isEmpty && chance(0.5) {
      let task = pick(tasks)
      return chance(0.8)
        ? ["try { print(\"waited\", \(task).wait()) } catch e { print(e.kind) }"] : ["print(\(task).wait())"]
    }
    if chance(0.2) { return ["sleep(0)"] }
    if chance(0.25) { return [parallel(depth)] }
    let name = newName("t")
    let kind = kind()
    let loops = loopDepth
    (loopDepth, returns, isInTask) = (0, kind, true)
    let body = block(depth, result: kind)
    (loopDepth, returns, isInTask) = (loops, nil, false)
    tasks.append(name)
    return ["let \(name) = spawn(() => \(body))"]
  }

  /// Calls for all items of a list or a range; some of them fail.
  private mutating func parallel(_ depth: Int) -> Code {
    let items: Code = chance(0.7) ? expression(.ints, 1) : "(0..<\(number(0...6)))"
    let limit: Code = chance(0.6) ? ", limit: \(number(1...4))" : ""
    isInTask = true
    defer { isInTask = false }
    let function = lambda(.int, .int, depth)
    let call: Code =
      chance(0.5)
      ? "parallel(\(items), \(function)\(limit))"
      : "parallel(\(items), (x, i) => { print(\"item\", i); if x == \(number(0...4)) { throw x }; x + i }\(limit))"
    return "try { print(\(call)) } catch e { print(e.kind, e.data) }"
  }

  // MARK: Modules

  /// What stands between a module and the program that imports it.
  static let moduleEnd = "// The program.\n"

  /// A module, and the import of it.
  mutating func module() -> Code {
    isInTask = true
    defer { isInTask = false }
    let (start, value) = (expression(.int, 2), expression(.ints, 2))
    let function: Code = scope { it in
      let parameter = it.declare(.int, "p")
      let (loops, outer) = (it.loopDepth, it.returns)
      (it.loopDepth, it.returns) = (0, .int)
      defer { (it.loopDepth, it.returns) = (loops, outer) }
      return "export fn twice(\(parameter), by = 2) \(it.block(2, result: .int))"
    }
    let text: Code = """
      print("the module")
      export var total = \(start)
      export let items = \(value)
      export fn add(n) { total += n; items.push(n); total }
      \(function)
      """
    let isWhole = chance(0.5)
    func name(_ exported: String) -> String { isWhole ? "m.\(exported)" : exported }
    variables.append(Variable(name: name("total"), kind: .int, isAssignable: false))
    variables.append(Variable(name: name("items"), kind: .ints, isAssignable: false))
    for (function, optional) in [("add", [Kind]()), ("twice", [.int])] {
      functions.append(
        Signature(
          name: name(function), required: [.int], optional: optional, hasRest: false, hasOptions: false, result: .int))
    }
    let line = isWhole ? "import \"m\" as m" : "import { total, items, add, twice } from \"m\""
    return "\(text)\n\(Self.moduleEnd)\(line)\n"
  }
}
