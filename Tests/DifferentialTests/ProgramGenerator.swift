// Makes well-formed programs: every name is declared, and most operations get what they take, so that most programs
// run to their end. Some raise errors on purpose, which are caught or end the program.

/// SplitMix64: the same programs on every machine.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

struct ProgramGenerator {
  struct Variable {
    var name: String
    var kind: Kind
    var isAssignable: Bool
  }

  /// A declared function: what it takes, and what it gives.
  struct Signature {
    var name: String
    var required: [Kind]
    var optional: [Kind]
    /// Takes any number of ints behind the others.
    var hasRest: Bool
    /// Takes the options `scale` and `label`.
    var hasOptions: Bool
    var result: Kind
  }

  var random: SeededGenerator
  var variables: [Variable] = []
  var functions: [Signature] = []
  var nameCount = 0
  var loopDepth = 0
  /// What the function around returns; nil at the top level.
  var returns: Kind?
  /// The variables that hold tasks.
  var tasks: [String] = []
  var isInTask = false

  init(seed: UInt64) { random = SeededGenerator(state: seed) }

  /// A program.
  static func program(seed: UInt64) -> Code {
    var generator = ProgramGenerator(seed: seed)
    let module: Code? = generator.chance(0.15) ? generator.module() : nil
    var statements: [Code] = []
    for _ in 0..<generator.number(3...12) { statements += generator.statement(2) }
    // Everything at the top level is shown in the end.
    let names = generator.variables.map(\.name).suffix(8)
    statements += names.map { Code([.text("print(\"\($0)\", \($0))")]) }
    if generator.chance(0.5) { statements.append("\(generator.expression(generator.kind(), 2))") }
    guard let module else { return "\(statements)" }
    return "\(module)\(statements)"
  }

  // MARK: Choices

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }
  mutating func pick<T>(_ items: [T]) -> T { items[number(0...items.count - 1)] }
  mutating func kind() -> Kind { pick(Kind.allCases) }

  mutating func newName(_ prefix: String) -> String {
    nameCount += 1
    return "\(prefix)\(nameCount)"
  }

  mutating func declare(_ kind: Kind, isAssignable: Bool = false, _ prefix: String = "v") -> String {
    let name = newName(prefix)
    variables.append(Variable(name: name, kind: kind, isAssignable: isAssignable))
    return name
  }

  /// What is declared inside is gone behind it.
  mutating func scope<R>(_ body: (inout ProgramGenerator) -> R) -> R {
    let (outerVariables, outerFunctions, outerTasks) = (variables.count, functions.count, tasks.count)
    let result = body(&self)
    variables.removeSubrange(outerVariables...)
    tasks.removeSubrange(outerTasks...)
    functions.removeSubrange(outerFunctions...)
    return result
  }

  /// Statements between braces; the last may be an expression that is the block's value.
  mutating func block(_ depth: Int, result: Kind? = nil) -> Code {
    scope { it in
      var statements: [Code] = []
      for _ in 0..<it.number(result == nil ? 1...3 : 0...2) { statements += it.statement(depth - 1) }
      guard let result else { return "{\n\(statements)}" }
      let last = it.expression(result, depth)
      return "{\n\(statements)\(last)\n}"
    }
  }

  // MARK: Statements

  mutating func statement(_ depth: Int) -> [Code] {
    let simple: [(inout ProgramGenerator) -> [Code]] = [
      { $0.declaration() }, { $0.declaration() }, { $0.declaration() }, { $0.assignment() }, { $0.assignment() },
      { $0.print() }, { $0.print() }, { $0.change() }, { $0.destructuring() },
    ]
    if depth <= 0 || chance(0.5) { return pick(simple)(&self) }
    let compound: [(inout ProgramGenerator) -> [Code]] = [
      { $0.ifStatement(depth) }, { $0.forLoop(depth) }, { $0.forLoop(depth) }, { $0.whileLoop(depth) },
      { $0.tryStatement(depth) }, { $0.matchStatement(depth) }, { $0.function(depth) }, { $0.function(depth) },
      { $0.closures(depth) }, { $0.leave() }, { $0.ifLet(depth) }, { $0.streamLoop(depth) },
      { $0.changingCallback() }, { $0.recursion() }, { $0.task(depth) }, { $0.task(depth) },
    ]
    return pick(compound)(&self)
  }

  mutating func declaration() -> [Code] {
    let kind = kind()
    let value = expression(kind, 3)
    let isAssignable = chance(0.6)
    return ["\(isAssignable ? "var" : "let") \(declare(kind, isAssignable: isAssignable)) = \(value)"]
  }

  private mutating func print() -> [Code] {
    chance(0.5)
      ? ["print(\(expression(kind(), 3)))"] : ["print(\(expression(kind(), 2)), \(expression(kind(), 2)))"]
  }

  private mutating func assignment() -> [Code] {
    guard let variable = variables.filter(\.isAssignable).randomElement(using: &random) else { return declaration() }
    let name = variable.name
    switch variable.kind {
    case .int where chance(0.6): return ["\(name) \(pick(["+=", "-=", "*=", "%="])) \(expression(.int, 2))"]
    case .float where chance(0.6): return ["\(name) \(pick(["+=", "-=", "*=", "/="])) \(expression(.float, 2))"]
    case .string where chance(0.5): return ["\(name) += \(expression(.string, 1))"]
    case .ints where chance(0.3): return ["\(name) += \(expression(.ints, 1))"]
    default:
      if chance(0.1) { return ["\(name) ??= \(expression(variable.kind, 2))"] }
      return ["\(name) = \(expression(variable.kind, 3))"]
    }
  }

  /// Changes a list or a map in place.
  private mutating func change() -> [Code] {
    let changeable: [Kind] = [.ints, .strings, .counts, .record, .records]
    guard let variable = variables.filter({ changeable.contains($0.kind) }).randomElement(using: &random) else {
      return declaration()
    }
    let name = variable.name
    switch variable.kind {
    case .ints, .strings:
      let item: Kind = variable.kind == .ints ? .int : .string
      return pick([
        ["\(name).push(\(expression(item, 2)))"],
        ["\(name).insert(0, \(expression(item, 2)))"],
        ["print(\(name).pop())"],
        ["if \(name).length > 0 { \(name)[0] = \(expression(item, 2)) }"],
        ["if \(name).length > 1 { \(name).remove_at(\(pick(["0", "1", "-1"]))) }"],
        ["\(name)[\(expression(.int, 1))] = \(expression(item, 1))"],
      ])
    case .counts:
      return pick([
        ["\(name)[\(expression(.string, 1))] = \(expression(.int, 2))"],
        ["\(name).\(pick(["a", "b", "c"])) = \(expression(.int, 2))"],
        ["\(name).\(pick(["a", "b", "c"])) ??= \(expression(.int, 2))"],
        ["\(name).a = (\(name).a ?? 0) + 1"],
        ["\(name).delete(\(pick(["\"a\"", "\"b\""])))"],
        ["\(name).set(\(expression(.string, 1)), \(expression(.int, 1)))"],
        ["\(name).a += 1"],
      ])
    case .record:
      return ["\(name).\(pick(["id", "extra", "name"])) = \(expression(pick([.int, .string, .bool]), 2))"]
    default: return ["\(name).push(\(expression(.record, 2)))"]
    }
  }

  private mutating func destructuring() -> [Code] {
    switch number(0...3) {
    case 0:
      let value = expression(.ints, 2)
      let (first, rest) = (declare(.int), declare(.ints))
      return ["let [\(first), ...\(rest)] = [0, ...\(value)]"]
    case 1:
      let value = expression(.record, 2)
      let (id, others) = (newName("v"), newName("v"))
      variables.append(Variable(name: others, kind: .record, isAssignable: false))
      return ["let {id: \(id) = 7, ...\(others)} = \(value)", "print(\(id))"]
    case 2:
      let value = expression(.ints, 1)
      let names = (0..<number(1...3)).map { _ in newName("d") }
      // The length fits or does not.
      let list = names.joined(separator: ", ")
      return ["try {\nlet [\(list)] = \(value)\nprint(\(list))\n} catch e { print(e.kind) }"]
    default:
      let (left, right) = (expression(.int, 2), expression(.string, 2))
      let names = (declare(.int, isAssignable: true), declare(.string, isAssignable: true))
      return ["var [\(names.0), [_, \(names.1)]] = [\(left), [null, \(right)]]"]
    }
  }

  // MARK: Compound statements

  private mutating func ifStatement(_ depth: Int) -> [Code] {
    var code: Code = "if \(expression(.bool, 2)) \(block(depth))"
    if chance(0.4) { code = "\(code) else if \(expression(.bool, 2)) \(block(depth))" }
    if chance(0.5) { code = "\(code) else \(block(depth))" }
    return [code]
  }

  private mutating func ifLet(_ depth: Int) -> [Code] {
    let value: Code = pick([
      "\(expression(.counts, 1)).b", "\(expression(.ints, 1)).first", "\(expression(.ints, 1)).pop()",
    ])
    let then: Code = scope { it in
      let name = it.declare(.int)
      return "if let \(name) = \(value) \(it.block(depth))"
    }
    return ["\(then) else \(block(depth))"]
  }

  mutating func loopBody(_ depth: Int) -> Code {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return block(depth)
  }

  private mutating func forLoop(_ depth: Int) -> [Code] {
    let (sequence, pattern): (Code, (inout ProgramGenerator) -> String)
    switch number(0...5) {
    case 0: (sequence, pattern) = ("0..<\(number(0...5))", { $0.declare(.int, "i") })
    case 1: (sequence, pattern) = (expression(.ints, 2), { $0.declare(.int, "x") })
    case 2: (sequence, pattern) = (expression(.string, 2), { $0.declare(.string, "c") })
    case 3:
      (sequence, pattern) = (expression(.counts, 2), { "[\($0.declare(.string, "k")), \($0.declare(.int, "n"))]" })
    case 4:
      (sequence, pattern) = (
        "\(expression(.strings, 2)).enumerate()",
        {
          "[\($0.declare(.int, "i")), \($0.declare(.string, "s"))]"
        }
      )
    default: (sequence, pattern) = (expression(.records, 2), { $0.declare(.record, "r") })
    }
    return scope { it in
      let pattern = pattern(&it)
      return ["for \(pattern) in \(sequence) \(it.loopBody(depth))"]
    }
  }

  private mutating func whileLoop(_ depth: Int) -> [Code] {
    let counter = newName("w")
    let body = loopBody(depth)
    // The counter comes first, so that `continue` cannot pass it by.
    return ["var \(counter) = 0\nwhile \(counter) < \(number(0...4)) {\n\(counter) += 1\nif true \(body)\n}"]
  }

  /// `break`, `continue`, `return` or `throw`, under a condition most of the time.
  private mutating func leave() -> [Code] {
    var ways: [Code] = ["throw \(expression(kind(), 1))", "throw error(\(expression(.string, 1)), kind: \"E_OWN\")"]
    if loopDepth > 0 { ways += ["break", "continue", "break", "continue"] }
    if let returns { ways += ["return \(expression(returns, 2))", "return \(expression(returns, 2))"] }
    return ["if \(expression(.bool, 2)) { \(pick(ways)) }"]
  }

  private mutating func tryStatement(_ depth: Int) -> [Code] {
    let body = block(depth)
    let name = newName("e")
    let handler: Code = scope { it in
      "catch \(name) {\nprint(\(name).kind, \(name).data)\n\(it.statement(depth - 1))}"
    }
    // In `finally` nothing may leave.
    let (loops, result) = (loopDepth, returns)
    (loopDepth, returns) = (0, nil)
    defer { (loopDepth, returns) = (loops, result) }
    switch number(0...3) {
    case 0: return ["try \(body) \(handler) finally \(scope { $0.simpleBlock() })"]
    case 1: return ["try {\ntry \(body) finally \(scope { $0.simpleBlock() })\n} \(handler)"]
    default: return ["try \(body) \(handler)"]
    }
  }

  private mutating func simpleBlock() -> Code { "{\n\(print() + assignment())}" }

  private mutating func matchStatement(_ depth: Int) -> [Code] {
    let code: Code
    switch number(0...2) {
    case 0:
      code = """
        match \(expression(.int, 2)) {
        0 | 1 => \(block(depth)),
        -1 => print("minus one")
        n if n > \(number(1...5)) => print("many", n)
        _ => \(block(depth))
        }
        """
    case 1:
      code = """
        match \(expression(.ints, 2)) {
        [] => print("none")
        [one] => print("one", one)
        [1, ...rest] => print("first is 1", rest)
        [a, b] if a == b => print("twins", a)
        [a, _, ...rest] => print(a, rest)
        }
        """
    default:
      code = """
        match \(expression(.record, 2)) {
        {id: 1} => print("the first")
        {name: "x", id} => print("x", id)
        {name, tags: [t]} => print(name, t)
        {extra = 3, ...others} => print(extra, others)
        }
        """
    }
    return [code]
  }

  // MARK: Functions

  private mutating func function(_ depth: Int) -> [Code] {
    let required = (0..<number(0...2)).map { _ in kind() }
    let optional = chance(0.3) ? [Kind.int] : []
    let hasRest = chance(0.2)
    let hasOptions = !hasRest && optional.isEmpty && chance(0.2)
    let result = kind()
    let name = newName("f")
    let (loops, outer) = (loopDepth, returns)
    (loopDepth, returns) = (0, result)
    defer { (loopDepth, returns) = (loops, outer) }
    let code: Code = scope { it in
      var parameters: [Code] = required.map { "\(it.declare($0, "p"))" }
      parameters += optional.map { kind in
        let value = it.expression(kind, 1)
        return "\(it.declare(kind, "p")) = \(value)"
      }
      if hasRest { parameters.append("...\(it.declare(.ints, "p"))") }
      if hasOptions {
        parameters.append("{scale: \(it.declare(.int, "p")) = 2, label: \(it.declare(.string, "p")) = \"l\"}")
      }
      return "fn \(name)(\(joined(parameters))) \(it.block(depth, result: result))"
    }
    functions.append(
      Signature(
        name: name, required: required, optional: optional, hasRest: hasRest, hasOptions: hasOptions, result: result))
    return [code]
  }

  /// Functions that keep variables: a counter, and those that a loop makes.
  private mutating func closures(_ depth: Int) -> [Code] {
    if chance(0.5) {
      let name = newName("f")
      let counter = newName("n")
      let start = expression(.int, 1)
      functions.append(
        Signature(name: name, required: [], optional: [], hasRest: false, hasOptions: false, result: .int))
      return ["var \(counter) = \(start)\nlet \(name) = () => {\n\(counter) += 1\n\(counter)\n}"]
    }
    let (list, turn, own) = (newName("fs"), newName("i"), newName("o"))
    let body: Code = scope { it in
      it.variables.append(Variable(name: turn, kind: .int, isAssignable: false))
      it.variables.append(Variable(name: own, kind: .int, isAssignable: true))
      return it.expression(.int, 2)
    }
    return [
      """
      let \(list) = []
      for \(turn) in 0..<3 {
      var \(own) = \(turn) * 2
      \(list).push(() => { \(own) += 1; \(body) })
      }
      print(\(list).map(f => f()), \(list)[0]())
      """
    ]
  }
}

func joined(_ codes: [Code]) -> Code {
  Code(codes.enumerated().flatMap { $0 == 0 ? [.code($1)] : [.text(", "), .code($1)] })
}
