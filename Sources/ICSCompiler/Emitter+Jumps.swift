// Jumps whose target is not known yet, and the branches that conditions become.

import ICSDiagnostics
import ICSSyntax
import ICSVM

/// One entry of a `JumpList`.
struct JumpLink {
  /// The jump's position within the function.
  var position: Int32
  var next: Int32
}

/// Jumps to one place that is still ahead: a list through `Emitter.jumpLinks`.
struct JumpList {
  var head: Int32 = -1

  var isEmpty: Bool { head < 0 }
}

extension Emitter {
  /// Emits a jump with a wide offset, to be patched.
  mutating func jump(_ op: Opcode, a: Int = 0, at site: UInt32, _ list: inout JumpList) {
    add(here, to: &list)
    emit(op, a: a, wide: 0, at: site)
  }

  mutating func add(_ position: Int, to list: inout JumpList) {
    jumpLinks.append(JumpLink(position: Int32(position), next: list.head))
    list.head = Int32(jumpLinks.count - 1)
  }

  /// Makes the jumps of a list go to the next word.
  mutating func land(_ list: JumpList) { land(list, at: here) }

  mutating func land(_ list: JumpList, at target: Int) {
    var link = list.head
    while link >= 0 {
      let entry = jumpLinks[Int(link)]
      patch(Int(entry.position), to: target)
      link = entry.next
    }
  }

  mutating func patch(_ position: Int, to target: Int) {
    let offset = target - (position + 1)
    let index = codeStart + position
    let word = program.code[index]
    guard let op = Opcode(rawValue: Instruction.opcodeByte(word)) else { return }
    if op.hasShortOffset {
      if Int16(exactly: offset) == nil { blockTooLong(program.sites[index]) }
      program.code[index] = word & ~(0xFFFF << 32) | UInt64(UInt16(truncatingIfNeeded: offset)) << 32
    } else {
      program.code[index] = word & 0xFFFF_FFFF | UInt64(UInt32(truncatingIfNeeded: offset)) << 32
    }
  }

  /// Emits the jump at the end of a loop.
  mutating func loop(to target: Int, at site: UInt32) {
    emit(.loop, wide: target - (here + 1), at: site)
  }

  private mutating func blockTooLong(_ site: UInt32) {
    if isTooLarge { return }
    isTooLarge = true
    report(
      "this block is too long", at: tree.span(of: NodeID(site >> 2)), help: "move parts of it into functions")
  }

  // MARK: Conditions

  /// Emits the test of a condition: jumps when its truth is `sense`, goes on behind it when not.
  mutating func branch(_ start: NodeID, when sense: Bool, _ list: inout JumpList) {
    var node = start
    var sense = sense
    while true {
      switch tree.kind(of: node) {
      case .parenthesized: node = tree.operand(of: node)
      case .unary where tree.isNot(node):
        node = tree.operand(of: node)
        sense.toggle()
      case .trueLiteral:
        if sense { jump(.jump, at: site(node), &list) }
        return
      case .falseLiteral, .nullLiteral:
        if !sense { jump(.jump, at: site(node), &list) }
        return
      case .logicalAnd, .logicalOr:
        logicalBranch(node, when: sense, &list)
        return
      case .binary:
        binaryBranch(node, when: sense, &list)
        return
      case .call where isPrelude && intrinsic(ofCall: node) == .isEnd:
        endBranch(node, when: sense, &list)
        return
      default:
        valueBranch(node, when: sense, &list)
        return
      }
    }
  }

  private mutating func valueBranch(_ node: NodeID, when sense: Bool, _ list: inout JumpList) {
    let mark = free
    let register = operand(node)
    free = mark
    jump(sense ? .jumpIfTrue : .jumpIfFalse, a: register * 16, at: site(node), &list)
  }

  /// A run of `&&`, or one of `||`, along the left side.
  private mutating func logicalBranch(_ node: NodeID, when sense: Bool, _ list: inout JumpList) {
    let kind = tree.kind(of: node)
    let mark = spine.count
    var left = node
    while tree.kind(of: left) == kind {
      let (_, next, right) = tree.binary(left)
      spine.append(right)
      left = next
    }
    // `&&` is false as soon as one operand is false, `||` true as soon as one is true: these operands decide.
    let deciding = kind == .logicalOr
    var skip = JumpList()
    var operand = left
    while true {
      let isLast = spine.count == mark
      if deciding == sense || isLast {
        branch(operand, when: sense, &list)
      } else {
        branch(operand, when: deciding, &skip)
      }
      if isLast { break }
      operand = spine.removeLast()
    }
    land(skip)
  }

  private mutating func binaryBranch(_ node: NodeID, when sense: Bool, _ list: inout JumpList) {
    let (op, left, right) = tree.binary(node)
    switch op {
    case .equal, .notEqual: equalityBranch(node, left, right, when: (op == .equal) == sense, &list)
    case .less, .lessOrEqual, .greater, .greaterOrEqual: orderBranch(node, op, left, right, when: sense, &list)
    case .in, .notIn:
      let mark = free
      let target = allocate()
      contains(node, left, right, into: target)
      free = mark
      jump((op == .in) == sense ? .jumpIfTrue : .jumpIfFalse, a: target * 16, at: site(node), &list)
    default: valueBranch(node, when: sense, &list)
    }
  }

  /// Jumps when the sides are equal, or when they are not.
  private mutating func equalityBranch(
    _ node: NodeID, _ left: NodeID, _ right: NodeID, when equal: Bool, _ list: inout JumpList
  ) {
    let mark = free
    defer { free = mark }
    // `==` is symmetric and never fails, so a literal may be taken as the right side.
    let swaps = literal(left) != nil && literal(right) == nil
    let (value, other) = swaps ? (right, left) : (left, right)
    let register = operand(value)
    let site = site(node)
    if let literal = literal(other) {
      if case .null = literal {
        jump(equal ? .jumpIfNull : .jumpIfNotNull, a: register * 16, at: site, &list)
        return
      }
      if let immediate = literal.immediate {
        short(
          equal ? .jumpIfEqualImmediate : .jumpIfNotEqualImmediate, a: register * 16, c: immediate, at: site, &list)
        return
      }
      if let constant = operand(literal) {
        short(equal ? .jumpIfEqualConstant : .jumpIfNotEqualConstant, a: register * 16, c: constant, at: site, &list)
        return
      }
    }
    let second = operand(other)
    short(equal ? .jumpIfEqual : .jumpIfNotEqual, a: register * 16, c: second * 16, at: site, &list)
  }

  private mutating func orderBranch(
    _ node: NodeID, _ op: Operator, _ left: NodeID, _ right: NodeID, when sense: Bool, _ list: inout JumpList
  ) {
    let mark = free
    defer { free = mark }
    let first = operand(left)
    let site = site(node)
    if let immediate = literal(right)?.immediate {
      let jump: Opcode
      switch op {
      case .less: jump = sense ? .jumpIfLessImmediate : .jumpIfNotLessImmediate
      case .lessOrEqual: jump = sense ? .jumpIfLessEqualImmediate : .jumpIfNotLessEqualImmediate
      case .greater: jump = sense ? .jumpIfGreaterImmediate : .jumpIfNotGreaterImmediate
      default: jump = sense ? .jumpIfGreaterEqualImmediate : .jumpIfNotGreaterEqualImmediate
      }
      short(jump, a: first * 16, c: immediate, at: site, &list)
      return
    }
    let second = operand(right)
    // `a > b` is `b < a`; D = 1 says that the operands stand in the source the other way round.
    switch op {
    case .less:
      short(sense ? .jumpIfLess : .jumpIfNotLess, a: first * 16, c: second * 16, at: site, &list)
    case .lessOrEqual:
      short(sense ? .jumpIfLessEqual : .jumpIfNotLessEqual, a: first * 16, c: second * 16, at: site, &list)
    case .greater:
      short(sense ? .jumpIfLess : .jumpIfNotLess, a: second * 16, c: first * 16, d: 1, at: site, &list)
    default:
      short(sense ? .jumpIfLessEqual : .jumpIfNotLessEqual, a: second * 16, c: first * 16, d: 1, at: site, &list)
    }
  }

  /// Emits a jump with a 16-bit offset, to be patched.
  mutating func short(
    _ op: Opcode, a: Int, c: Int, d: Int = 0, at site: UInt32, _ list: inout JumpList
  ) {
    add(here, to: &list)
    emit(op, a: a, b: 0, c: c, d: d, at: site)
  }

  /// Whether a condition's jumps, taken when it is true, are all comparisons: those pay fuel when they go backwards.
  func endsInComparison(_ node: NodeID) -> Bool {
    let node = tree.withoutParentheses(node)
    switch tree.kind(of: node) {
    case .binary:
      let (op, left, right) = tree.binary(node)
      switch op {
      case .less, .lessOrEqual, .greater, .greaterOrEqual: return true
      case .equal, .notEqual:
        return tree.kind(of: tree.withoutParentheses(left)) != .nullLiteral
          && tree.kind(of: tree.withoutParentheses(right)) != .nullLiteral
      default: return false
      }
    case .logicalAnd: return endsInComparison(tree.binary(node).right)
    default: return false
    }
  }
}

extension Opcode {
  /// Whether the jump keeps its offset in B; the other jumps have a wide one.
  var hasShortOffset: Bool {
    switch self {
    case .jumpIfNotList, .jumpIfNotMap, .jumpIfMissing: true
    default: rawValue >= Opcode.jumpIfLess.rawValue && rawValue <= Opcode.jumpIfNotEqualImmediate.rawValue
    }
  }
}
