// `collection where condition`.
//
// The right sides of the comparisons are evaluated once, into registers. From the condition two things are made: a
// predicate, a function of one item that captures those values, for collections that are filtered here; and a
// description in nested lists, for collections that are searched by the API:
// `["and", c1, c2, ...]`, `["or", c1, c2, ...]`, `["not", c]`, `["==", "custom_attributes.plan", value]`.

import ICSSyntax
import ICSVM

/// A predicate whose prototype has its number, and whose code is emitted after the functions of the tree.
struct PendingPredicate {
  var condition: NodeID
  var prototype: Int
}

extension Emitter {
  /// `__where(collection, predicate, description)`
  mutating func query(_ node: NodeID, into target: Int) {
    let (collection, condition) = tree.whereExpression(node)
    let site = site(node)
    let base = callRegister(target)
    preludeValue("__where", into: base, at: site)
    expression(collection, into: allocate())
    let predicate = allocate()
    let description = allocate()
    self.predicate(condition, into: predicate, description: description)
    emit(.call, a: base * 16, b: 3, at: site)
    move(target, base, at: site)
  }

  /// Evaluates the right sides of a condition, and makes its predicate and, where wanted, its description.
  mutating func predicate(_ condition: NodeID, into target: Int, description: Int?) {
    let mark = free
    // A register for each right side, in the order of the text.
    var comparisons: [NodeID] = []
    collectComparisons(condition, &comparisons)
    let first = free
    for comparison in comparisons { expression(tree.binary(comparison).right, into: allocate()) }
    let start = Int32(program.captures.count)
    for number in comparisons.indices {
      program.captures.append(Capture(fromRegister: true, index: UInt16(truncatingIfNeeded: first + number)))
    }
    var prototype = Prototype()
    prototype.captures = start..<Int32(program.captures.count)
    let index = program.prototypes.count
    program.prototypes.append(prototype)
    predicates.append(PendingPredicate(condition: condition, prototype: index))
    emit(.closure, a: target * 16, wide: index, at: site(condition))
    if let description {
      var value = first
      describe(condition, into: description, nextValue: &value)
    }
    free = mark
  }

  private mutating func collectComparisons(_ node: NodeID, _ comparisons: inout [NodeID]) {
    switch tree.kind(of: node) {
    case .conditionAnd, .conditionOr:
      for part in conditionRun(node) { collectComparisons(part, &comparisons) }
    case .conditionNot, .conditionGroup: collectComparisons(tree.operand(of: node), &comparisons)
    case .fieldComparison: comparisons.append(node)
    default: break
    }
  }

  /// The operands of a run of `&&`, or one of `||`, along the left side, in order.
  private func conditionRun(_ node: NodeID) -> [NodeID] {
    let kind = tree.kind(of: node)
    var operands: [NodeID] = []
    var left = node
    while tree.kind(of: left) == kind {
      let (next, right) = tree.sides(of: left)
      operands.append(right)
      left = next
    }
    operands.append(left)
    return operands.reversed()
  }

  // MARK: The description

  private mutating func describe(_ node: NodeID, into target: Int, nextValue: inout Int) {
    let mark = free
    let site = site(node)
    switch tree.kind(of: node) {
    case .conditionGroup: describe(tree.operand(of: node), into: target, nextValue: &nextValue)
    case .conditionNot:
      let first = allocate()
      loadConstant(first, .string(string("not")), at: site)
      describe(tree.operand(of: node), into: allocate(), nextValue: &nextValue)
      emit(.newList, a: target * 16, b: first * 16, c: 2, at: site)
    case .conditionAnd, .conditionOr:
      let word = allocate()
      loadConstant(word, .string(string(tree.kind(of: node) == .conditionAnd ? "and" : "or")), at: site)
      emit(.newList, a: target * 16, b: word * 16, c: 1, at: site)
      for part in conditionRun(node) {
        describe(part, into: word, nextValue: &nextValue)
        emit(.listAppend, a: target * 16, b: word * 16, c: 1, at: site)
      }
    default:
      let (op, path, _) = tree.binary(node)
      let first = allocate()
      loadConstant(first, .string(string(op.spelling)), at: site)
      loadConstant(allocate(), .string(string(pathText(path))), at: site)
      move(allocate(), nextValue, at: site)
      nextValue += 1
      emit(.newList, a: target * 16, b: first * 16, c: 3, at: site)
    }
    free = mark
  }

  /// A path with dots, without the `it` for the item.
  private func pathText(_ path: NodeID) -> String {
    segments(of: path).map { tree.keyText($0) }.joined(separator: ".")
  }

  private func segments(of path: NodeID) -> ArraySlice<NodeID> {
    let segments = Array(tree.elements(of: path))
    guard let first = segments.first, tree.kind(of: first) == .key, tree.name(of: first) == .it else {
      return segments[...]
    }
    return segments.dropFirst()
  }

  // MARK: The predicate

  mutating func emitPredicate(_ pending: PendingPredicate) {
    begin(-1)
    let site = site(pending.condition)
    let constantsStart = Int32(program.constants.count)
    let handlersStart = Int32(program.handlers.count)
    _ = allocate()
    var fails = JumpList()
    var capture = 0
    test(pending.condition, when: false, &capture, &fails)
    let result = allocate()
    loadBool(result, true, at: site)
    emit(.return, a: result * 16, at: site)
    land(fails)
    loadBool(result, false, at: site)
    emit(.return, a: result * 16, at: site)
    var prototype = program.prototypes[pending.prototype]
    prototype.name = string("where")
    prototype.site = site
    prototype.parameterCount = 1
    prototype.requiredCount = 1
    finish(&prototype, constantsStart, handlersStart)
    program.prototypes[pending.prototype] = prototype
  }

  /// Emits the test of a condition on the item in R[0]: jumps when its truth is `sense`.
  private mutating func test(_ node: NodeID, when sense: Bool, _ capture: inout Int, _ list: inout JumpList) {
    switch tree.kind(of: node) {
    case .conditionGroup: test(tree.operand(of: node), when: sense, &capture, &list)
    case .conditionNot: test(tree.operand(of: node), when: !sense, &capture, &list)
    case .conditionAnd, .conditionOr:
      let deciding = tree.kind(of: node) == .conditionOr
      let operands = conditionRun(node)
      var skip = JumpList()
      for (number, operand) in operands.enumerated() {
        if deciding == sense || number == operands.count - 1 {
          test(operand, when: sense, &capture, &list)
        } else {
          test(operand, when: deciding, &capture, &skip)
        }
      }
      land(skip)
    default: testComparison(node, when: sense, &capture, &list)
    }
  }

  private mutating func testComparison(
    _ node: NodeID, when sense: Bool, _ capture: inout Int, _ list: inout JumpList
  ) {
    let mark = free
    let (op, path, _) = tree.binary(node)
    let item = allocate()
    let value = allocate()
    var source = 0
    for segment in segments(of: path) {
      guard let name = operand(.string(string(ofKey: segment))) else {
        tooLarge("it uses more than \(Instruction.maximumIndex + 1) different constants")
        break
      }
      emit(.queryField, a: item * 16, b: source * 16, c: name, at: site(path))
      source = item
    }
    emit(.getCapture, a: value * 16, b: capture, at: site(node))
    capture += 1
    emit(
      .queryTest, a: item * 16, b: source * 16, c: value * 16, d: Int(QueryOperator(op).rawValue), at: site(node))
    jump(sense ? .jumpIfTrue : .jumpIfFalse, a: item * 16, at: site(node), &list)
    free = mark
  }
}

extension QueryOperator {
  /// The operator of a comparison in a condition.
  init(_ op: Operator) {
    switch op {
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .greater: self = .greater
    case .lessOrEqual: self = .lessEqual
    case .greaterOrEqual: self = .greaterEqual
    case .in: self = .isIn
    case .notIn: self = .isNotIn
    case .contains: self = .contains
    case .notContains: self = .notContains
    case .startsWith: self = .startsWith
    case .endsWith: self = .endsWith
    default: self = .equal
    }
  }
}
