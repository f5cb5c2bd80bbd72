// Operators. Chains along the left side are walked with the emitter's `spine`, because they may be a million long.

import ICSSyntax
import ICSVM

extension Constant {
  /// The int that a comparison can hold in its C field. A float with an integral value compares as that int does.
  var immediate: Int? {
    switch self {
    case .int(let value): return Int16(exactly: value).map { Int($0) }
    case .float(let bits): return Int16(exactly: Double(bitPattern: bits)).map { Int($0) }
    default: return nil
    }
  }

  var isNumber: Bool {
    switch self {
    case .int, .float: true
    default: false
    }
  }
}

extension Operator {
  /// The operations with two registers and with a constant on the right.
  fileprivate var arithmetic: (registers: Opcode, constant: Opcode)? {
    switch self {
    case .add: (.add, .addConstant)
    case .subtract: (.subtract, .subtractConstant)
    case .multiply: (.multiply, .multiplyConstant)
    case .divide: (.divide, .divideConstant)
    case .truncatingDivide: (.divideInt, .divideIntConstant)
    case .remainder: (.remainder, .remainderConstant)
    default: nil
    }
  }
}

extension Emitter {
  mutating func binary(_ node: NodeID, into target: Int) {
    let (op, left, right) = tree.binary(node)
    switch op {
    case .in, .notIn:
      contains(node, left, right, into: target)
      if op == .notIn { emit(.not, a: target * 16, b: target * 16, at: site(node)) }
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: truth(of: node, into: target)
    default: arithmetic(node, into: target)
    }
  }

  /// A run of arithmetic along the left side: `a + b - c`.
  private mutating func arithmetic(_ node: NodeID, into target: Int) {
    let mark = spine.count
    var left = node
    while tree.kind(of: left) == .binary {
      let (op, next, _) = tree.binary(left)
      if op.arithmetic == nil { break }
      spine.append(left)
      left = next
    }
    var temporary = isScratch(target) ? target : -1
    var innermost = spine.removeLast()
    var register: Int
    if let swapped = swappedOperand(innermost, constant: left) {
      // `2 * x` as `x * 2`; D = 1 says that the operands stand in the source the other way round.
      if temporary < 0, spine.count > mark { temporary = allocate() }
      let result = spine.count > mark ? temporary : target
      let value = operand(swapped.value, hint: temporary)
      emit(swapped.op, a: result * 16, b: value * 16, c: swapped.constant, d: 1, at: site(innermost))
      register = result
      if spine.count == mark { return }
      innermost = spine.removeLast()
    } else {
      let fresh = free
      register = operand(left, hint: temporary)
      if temporary < 0, spine.count > mark { temporary = register >= fresh ? register : allocate() }
    }
    while true {
      let isLast = spine.count == mark
      let result = isLast ? target : temporary
      let (op, _, right) = tree.binary(innermost)
      apply(op, register, right, into: result, at: site(innermost))
      if isLast { return }
      register = result
      innermost = spine.removeLast()
    }
  }

  /// Whether a sum or a product has its only number literal on the left, and may be turned round.
  private mutating func swappedOperand(
    _ node: NodeID, constant left: NodeID
  ) -> (op: Opcode, value: NodeID, constant: Int)? {
    let (op, _, right) = tree.binary(node)
    guard op == .add || op == .multiply, let literal = literal(left), literal.isNumber else { return nil }
    if let other = self.literal(right), other.isNumber { return nil }
    guard let constant = operand(literal) else { return nil }
    return (op == .add ? .addConstant : .multiplyConstant, right, constant)
  }

  /// Emits `target = left op right` for an arithmetic operator.
  mutating func apply(_ op: Operator, _ left: Int, _ right: NodeID, into target: Int, at site: UInt32) {
    guard let opcodes = op.arithmetic else { return }
    if let literal = literal(right), literal.isNumber {
      if case .int(let value) = literal, op == .add || op == .subtract {
        let step = op == .add ? value : 0 &- value
        // `-0.0 - 0` is -0.0, but `-0.0 + 0` is 0.0: there is no step for it.
        let hasStep = op == .add || value != 0
        if hasStep, Int16(exactly: value) != nil, Int16(exactly: step) != nil {
          emit(.addImmediate, a: target * 16, b: left * 16, c: step, d: op == .add ? 0 : 1, at: site)
          return
        }
      }
      if let constant = operand(literal) {
        emit(opcodes.constant, a: target * 16, b: left * 16, c: constant, at: site)
        return
      }
    }
    let mark = free
    let register = operand(right)
    free = mark
    emit(opcodes.registers, a: target * 16, b: left * 16, c: register * 16, at: site)
  }

  /// `left in right`
  mutating func contains(_ node: NodeID, _ left: NodeID, _ right: NodeID, into target: Int) {
    let mark = free
    let item = operand(left, hint: target)
    let collection = operand(right)
    free = mark
    emit(.contains, a: target * 16, b: item * 16, c: collection * 16, at: site(node))
  }

  /// A comparison whose value is wanted.
  private mutating func truth(of node: NodeID, into target: Int) {
    let site = site(node)
    var isFalse = JumpList()
    var end = JumpList()
    branch(node, when: false, &isFalse)
    loadBool(target, true, at: site)
    jump(.jump, at: site, &end)
    land(isFalse)
    loadBool(target, false, at: site)
    land(end)
  }

  mutating func unary(_ node: NodeID, into target: Int) {
    let register = operand(tree.operand(of: node), hint: target)
    emit(tree.isNot(node) ? .not : .negate, a: target * 16, b: register * 16, at: site(node))
  }

  /// A run of `&&` and `||` whose value is wanted: that of the operand that decides.
  mutating func logical(_ node: NodeID, into target: Int) {
    let mark = spine.count
    let result = scratch(target)
    var left = node
    while tree.kind(of: left) == .logicalAnd || tree.kind(of: left) == .logicalOr {
      spine.append(left)
      left = tree.binary(left).left
    }
    expression(left, into: result)
    var decided = JumpList()
    var kind = NodeKind.missing
    while spine.count > mark {
      let operation = spine.removeLast()
      if tree.kind(of: operation) != kind {
        land(decided)
        decided = JumpList()
        kind = tree.kind(of: operation)
      }
      jump(
        kind == .logicalAnd ? .jumpIfFalse : .jumpIfTrue, a: result * 16, at: site(operation), &decided)
      expression(tree.binary(operation).right, into: result)
    }
    land(decided)
    move(target, result, at: site(node))
  }

  /// A run of `??`.
  mutating func coalesce(_ node: NodeID, into target: Int) {
    let mark = spine.count
    let result = scratch(target)
    var left = node
    while tree.kind(of: left) == .coalesce {
      spine.append(left)
      left = tree.binary(left).left
    }
    expression(left, into: result)
    var decided = JumpList()
    while spine.count > mark {
      let operation = spine.removeLast()
      jump(.jumpIfNotNull, a: result * 16, at: site(operation), &decided)
      expression(tree.binary(operation).right, into: result)
    }
    land(decided)
    move(target, result, at: site(node))
  }

  mutating func range(_ node: NodeID, into target: Int) {
    let (op, left, right) = tree.binary(node)
    let first = operand(left, hint: target)
    let last = operand(right)
    emit(
      .newRange, a: target * 16, b: first * 16, c: last * 16, d: op == .closedRange ? 1 : 0, at: site(node))
  }

  /// A string with `{{ }}`.
  mutating func interpolation(_ node: NodeID, into target: Int) {
    let site = site(node)
    let result = scratch(target)
    // The pieces stand in consecutive registers; a long string is joined in parts, each beginning with the part before.
    var first = free
    var count = 0
    for piece in tree.pieces(of: node) {
      if count == Self.maximumRun {
        emit(.concatenate, a: result * 16, b: first * 16, c: count, at: site)
        free = first
        first = allocate()
        move(first, result, at: site)
        count = 1
      }
      expression(piece, into: allocate())
      count += 1
    }
    emit(.concatenate, a: target * 16, b: first * 16, c: count, at: site)
  }

  /// How many consecutive registers the items of a literal take at most; longer ones are built in parts.
  static var maximumRun: Int { 48 }
}
