// Arithmetic, equality and order.

import ICSSyntax

/// A binary operator that takes both values.
func apply(_ op: Operator, _ a: Value, _ b: Value) throws -> Value {
  switch op {
  case .equal: return .bool(areEqual(a, b))
  case .notEqual: return .bool(!areEqual(a, b))
  case .less: return .bool(try order(a, b).map { $0 < 0 } ?? false)
  case .lessOrEqual: return .bool(try order(a, b).map { $0 <= 0 } ?? false)
  case .greater: return .bool(try order(a, b).map { $0 > 0 } ?? false)
  case .greaterOrEqual: return .bool(try order(a, b).map { $0 >= 0 } ?? false)
  case .in: return .bool(try contains(b, a))
  case .notIn: return .bool(try !contains(b, a))
  default: return try calculate(op, a, b)
  }
}

private func calculate(_ op: Operator, _ a: Value, _ b: Value) throws -> Value {
  switch (a, b) {
  case (.int(let a), .int(let b)): return try calculate(op, a, b)
  case (.int(let a), .float(let b)): return try calculate(op, Double(a), b)
  case (.float(let a), .int(let b)): return try calculate(op, a, Double(b))
  case (.float(let a), .float(let b)): return try calculate(op, a, b)
  case (.string(let a), .string(let b)) where op == .add: return .string(a + b)
  case (.list(let a), .list(let b)) where op == .add: return .items(a.items + b.items)
  default: throw raise("E_TYPE")
  }
}

private func calculate(_ op: Operator, _ a: Int, _ b: Int) throws -> Value {
  let result: (partialValue: Int, overflow: Bool)
  switch op {
  case .add: result = a.addingReportingOverflow(b)
  case .subtract: result = a.subtractingReportingOverflow(b)
  case .multiply: result = a.multipliedReportingOverflow(by: b)
  default:
    if b == 0 { throw raise("E_ZERO_DIVISION") }
    if op == .divide { return .float(Double(a) / Double(b)) }
    if op == .remainder { return .int(b == -1 ? 0 : a % b) }
    result = a.dividedReportingOverflow(by: b)
  }
  if result.overflow { throw raise("E_OVERFLOW") }
  return .int(result.partialValue)
}

private func calculate(_ op: Operator, _ a: Double, _ b: Double) throws -> Value {
  switch op {
  case .add: return .float(a + b)
  case .subtract: return .float(a - b)
  case .multiply: return .float(a * b)
  case .divide: return .float(a / b)
  case .remainder: return .float(a.truncatingRemainder(dividingBy: b))
  default: throw raise("E_TYPE")
  }
}

// MARK: - Equality

func areEqual(_ a: Value, _ b: Value) -> Bool { areEqual(a, b, []) }

private func areEqual(_ a: Value, _ b: Value, _ open: [(AnyObject, AnyObject)]) -> Bool {
  switch (a, b) {
  case (.null, .null): return true
  case (.bool(let a), .bool(let b)): return a == b
  case (.int, .int), (.int, .float), (.float, .int), (.float, .float): return numberOrder(a, b) == 0
  case (.string(let a), .string(let b)): return a == b
  case (.range, .range): return rangeItems(a).elementsEqual(rangeItems(b))
  case (.function(let a), .function(let b)): return a === b
  case (.error(let a), .error(let b)): return a === b
  case (.stream(let a), .stream(let b)): return a === b
  case (.task(let a), .task(let b)): return a === b
  case (.list(let a), .list(let b)):
    // A pair that is being compared counts as equal.
    if open.contains(where: { $0.0 === a && $0.1 === b }) { return true }
    guard a.items.count == b.items.count else { return false }
    return zip(a.items, b.items).allSatisfy { areEqual($0, $1, open + [(a, b)]) }
  case (.map(let a), .map(let b)):
    if open.contains(where: { $0.0 === a && $0.1 === b }) { return true }
    guard a.keys.count == b.keys.count else { return false }
    return a.entries.allSatisfy { key, value in b[key].map { areEqual(value, $0, open + [(a, b)]) } ?? false }
  default: return false
  }
}

// MARK: - Order

/// Below 0, 0 or above; nil when one is NaN.
func order(_ a: Value, _ b: Value) throws -> Int? {
  if case .string(let a) = a, case .string(let b) = b { return textOrder(a, b) }
  guard a.isNumber && b.isNumber else { throw raise("E_TYPE") }
  return numberOrder(a, b)
}

func textOrder(_ a: Text, _ b: Text) -> Int {
  if a == b { return 0 }
  return a.lexicographicallyPrecedes(b) ? -1 : 1
}

extension Value {
  var isNumber: Bool {
    switch self {
    case .int, .float: true
    default: false
    }
  }
}

/// Exact, without rounding the int.
func numberOrder(_ a: Value, _ b: Value) -> Int? {
  switch (a, b) {
  case (.int(let a), .int(let b)): return a < b ? -1 : a > b ? 1 : 0
  case (.float(let a), .float(let b)): return a < b ? -1 : a > b ? 1 : a == b ? 0 : nil
  case (.int(let a), .float(let b)): return order(a, b)
  case (.float(let a), .int(let b)): return order(b, a).map { -$0 }
  default: return nil
  }
}

private func order(_ a: Int, _ b: Double) -> Int? {
  if b.isNaN { return nil }
  if b >= 0x1p63 { return -1 }
  if b < -0x1p63 { return 1 }
  let floor = Int(b.rounded(.down))
  if a != floor { return a < floor ? -1 : 1 }
  return Double(floor) < b ? -1 : 0
}

// MARK: - Membership

func contains(_ collection: Value, _ item: Value) throws -> Bool {
  switch collection {
  case .list(let list): return list.items.contains { areEqual($0, item) }
  case .map(let map): return Key(item).map { map[$0] != nil } ?? false
  case .range: return rangeItems(collection).contains { areEqual(.int($0), item) }
  case .string(let text):
    guard case .string(let part) = item else { throw raise("E_TYPE") }
    return firstIndex(of: part, in: text) != nil
  default: throw raise("E_TYPE")
  }
}

extension Key {
  /// nil for what cannot be a key.
  init?(_ value: Value) {
    switch value {
    case .string(let text): self = .string(text)
    case .int(let int): self = .int(int)
    case .bool(let bool): self = .bool(bool)
    default: return nil
    }
  }

  init(checking value: Value) throws {
    guard let key = Key(value) else { throw raise("E_TYPE") }
    self = key
  }
}

func firstIndex(of part: Text, in text: Text, from start: Int = 0) -> Int? {
  guard part.count + start <= text.count else { return nil }
  return (start...text.count - part.count).first { text[$0..<($0 + part.count)].elementsEqual(part) }
}

/// The ints of a range.
func rangeItems(_ range: Value) -> Range<Int> {
  guard case .range(let start, let end, let isClosed) = range else { return 0..<0 }
  let last = isClosed ? end + 1 : end
  return start..<max(start, last)
}
