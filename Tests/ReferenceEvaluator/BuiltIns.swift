// The functions of the prelude that programs under comparison use.

extension Evaluator {
  func makeBuiltIns() -> [Function] {
    [
      builtIn("print", 0...Int.max) { [unowned self] arguments in
        write(arguments.map { $0.printed() }.joined(separator: " "))
        return .null
      },
      builtIn("str", 1...1) { .text($0[0].printed()) },
      builtIn("type", 1...1) { .text($0[0].typeName) },
      builtIn("bool", 1...1) { .bool($0[0].isTrue) },
      builtIn("len", 1...1, length),
      builtIn("int", 1...1, int),
      builtIn("float", 1...1, float),
      builtIn("range", 2...3, range),
      builtIn("error", 1...2, error),
      builtIn("stream", 1...1) { [unowned self] in try stream($0[0]) },
      builtIn("spawn", 1...1) { [unowned self] in try spawn($0[0]) },
      builtIn("parallel", 2...3) { [unowned self] in try parallel($0) },
      builtIn("sleep", 1...1) { [unowned self] arguments in
        guard case .int(0) = arguments[0] else { throw Signal.unsupported("a sleep") }
        try handOver()
        return .null
      },
      builtIn("assert", 1...2) { arguments in
        if arguments[0].isTrue { return .null }
        throw raise("E_ASSERT", arguments.count > 1 ? arguments[1].printed() : "")
      },
    ]
  }
}

/// A function of the library: as a callback it takes the item alone.
func builtIn(_ name: String, _ arity: ClosedRange<Int>, _ body: @escaping ([Value]) throws -> Value) -> Function {
  Function(name, arity, callbackCount: 1, body)
}

private func length(_ arguments: [Value]) throws -> Value {
  switch arguments[0] {
  case .string(let text): .int(text.count)
  case .list(let list): .int(list.items.count)
  case .map(let map): .int(map.keys.count)
  case .range: .int(rangeItems(arguments[0]).count)
  default: throw raise("E_TYPE")
  }
}

private func int(_ arguments: [Value]) throws -> Value {
  switch arguments[0] {
  case .int: return arguments[0]
  case .float(let float):
    if float.isNaN { throw raise("E_VALUE") }
    guard let int = Int(exactly: float.rounded(.towardZero)) else { throw raise("E_OVERFLOW") }
    return .int(int)
  case .string(let text):
    let trimmed = swiftText(trim(text, start: true, end: true))
    let digits = trimmed.first == "-" || trimmed.first == "+" ? trimmed.dropFirst() : Substring(trimmed)
    guard !digits.isEmpty, digits.allSatisfy({ "0123456789".contains($0) }) else { throw raise("E_VALUE") }
    guard let int = Int(trimmed) else { throw raise("E_OVERFLOW") }
    return .int(int)
  default: throw raise("E_TYPE")
  }
}

private func float(_ arguments: [Value]) throws -> Value {
  switch arguments[0] {
  case .float: return arguments[0]
  case .int(let int): return .float(Double(int))
  case .string(let text):
    let trimmed = swiftText(trim(text, start: true, end: true))
    guard trimmed.allSatisfy({ "0123456789+-.eE".contains($0) }), let float = Double(trimmed) else {
      throw raise("E_VALUE")
    }
    return .float(float)
  default: throw raise("E_TYPE")
  }
}

private func range(_ arguments: [Value]) throws -> Value {
  let numbers = try arguments.map { try integer($0) }
  let step = numbers.count > 2 ? numbers[2] : 1
  if step == 0 { throw raise("E_VALUE") }
  if step == 1 { return .range(start: numbers[0], end: numbers[1], isClosed: false) }
  return .items(stride(from: numbers[0], to: numbers[1], by: step).map { .int($0) })
}

private func error(_ arguments: [Value]) throws -> Value {
  guard case .string(let message) = arguments[0] else { throw raise("E_TYPE") }
  var kind = Value.text("E_ERROR")
  var data = Value.null
  if arguments.count > 1 {
    guard case .map(let options) = arguments[1] else { throw raise("E_TYPE") }
    guard options.keys.allSatisfy({ $0 == .text("kind") || $0 == .text("data") }) else { throw raise("E_ARGUMENTS") }
    data = options[.text("data")] ?? .null
    if let given = options[.text("kind")], !given.isNull { kind = given }
  }
  guard case .string(let text) = kind else { throw raise("E_TYPE") }
  return .error(ErrorObject(swiftText(text), swiftText(message), data: data))
}

// MARK: - Arguments

func integer(_ value: Value) throws -> Int {
  guard case .int(let int) = value else { throw raise("E_TYPE") }
  return int
}

/// An argument that counts something.
func count(_ value: Value, atLeast minimum: Int = 0) throws -> Int {
  let count = try integer(value)
  guard count >= minimum else { throw raise("E_VALUE") }
  return count
}

/// An argument that is a string.
func text(_ value: Value) throws -> Text {
  guard case .string(let text) = value else { throw raise("E_TYPE") }
  return text
}

/// The items of an argument that is a list or a range.
func sequence(_ value: Value) throws -> [Value] {
  switch value {
  case .list(let list): return list.items
  case .range: return rangeItems(value).map { .int($0) }
  default: throw raise("E_TYPE")
  }
}

/// What `slice(a, b)` means for `count` items.
func bounds(_ arguments: [Value], count: Int) throws -> Range<Int> {
  func bound(_ index: Int, _ other: Int) throws -> Int {
    guard index < arguments.count, !arguments[index].isNull else { return other }
    let int = try integer(arguments[index])
    return min(max(int < 0 ? int + count : int, 0), count)
  }
  let start = try bound(0, 0)
  return start..<max(start, try bound(1, count))
}
