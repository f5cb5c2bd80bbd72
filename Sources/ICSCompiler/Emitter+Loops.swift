// Loops, and what leaving a loop or a `try` has to do on its way out.

import ICSSyntax
import ICSVM

/// A loop or a part of a `try` around the statement that is being emitted.
struct Context {
  enum Kind {
    case loop
    /// The block of a `try` with a `catch`.
    case catching
    /// The block and the `catch` of a `try` with a `finally`.
    case finally
  }

  let kind: Kind
  var breaks = JumpList()
  var continues = JumpList()
  /// `finally`: its block.
  var finallyBody = NodeID.none
  /// `finally`: where an error or a returned value waits for the block. What the block declares comes above it, so
  /// that all copies of the block use the same registers: functions in it capture by register.
  var saved = 0
  /// The ranges that the handler covers so far, and where the open one began. Copies of `finally` blocks on the way out
  /// are not among them.
  var ranges: [Range<Int32>] = []
  var rangeStart = 0

  init(_ kind: Kind) { self.kind = kind }

  var isFinally: Bool { kind == .finally }

  mutating func closeRange(at position: Int) {
    if rangeStart < position { ranges.append(Int32(rangeStart)..<Int32(position)) }
  }
}

extension Emitter {
  // MARK: while

  mutating func whileLoop(_ node: NodeID) {
    let (condition, body) = tree.whileLoop(node)
    let site = site(node)
    var exit = JumpList()
    let top = here
    branch(condition, when: false, &exit)
    let bodyStart = here
    contexts.append(Context(.loop))
    block(body, .effect)
    let context = contexts.removeLast()
    land(context.continues)
    var budget = 32
    if tree.kind(of: condition) == .trueLiteral || !isCheapToRepeat(condition, &budget) {
      loop(to: top, at: site)
    } else if endsInComparison(condition) {
      // The test stands at the bottom once more: one jump for each turn.
      var again = JumpList()
      branch(condition, when: true, &again)
      land(again, at: bodyStart)
    } else {
      branch(condition, when: false, &exit)
      loop(to: bodyStart, at: site)
    }
    land(exit)
    land(context.breaks)
  }

  /// Whether a condition is small and declares nothing, so that it can be emitted twice.
  private func isCheapToRepeat(_ node: NodeID, _ budget: inout Int) -> Bool {
    budget -= 1
    if budget < 0 { return false }
    switch tree.kind(of: node) {
    case .name, .nullLiteral, .trueLiteral, .falseLiteral, .integer, .float, .string: return true
    case .binary, .logicalAnd, .logicalOr, .coalesce, .range:
      let (_, left, right) = tree.binary(node)
      return isCheapToRepeat(left, &budget) && isCheapToRepeat(right, &budget)
    case .parenthesized, .unary: return isCheapToRepeat(tree.operand(of: node), &budget)
    case .member: return isCheapToRepeat(tree.member(node).object, &budget)
    case .index:
      let (object, index) = tree.index(node)
      return isCheapToRepeat(object, &budget) && isCheapToRepeat(index, &budget)
    case .call:
      let (callee, arguments) = tree.call(node)
      for argument in arguments where !isCheapToRepeat(argument, &budget) { return false }
      return isCheapToRepeat(callee, &budget)
    default: return false
    }
  }

  // MARK: for

  mutating func forLoop(_ node: NodeID) {
    let (pattern, sequence, body) = tree.forLoop(node)
    let mark = free
    let range = tree.withoutParentheses(sequence)
    let kind = tree.kind(of: pattern)
    if tree.kind(of: range) == .range, kind == .namePattern || kind == .wildcardPattern {
      rangeLoop(node, pattern, range, body)
    } else {
      itemLoop(node, pattern, sequence, body)
    }
    free = mark
  }

  private mutating func rangeLoop(_ node: NodeID, _ pattern: NodeID, _ range: NodeID, _ body: NodeID) {
    let (op, first, last) = tree.binary(range)
    let isClosed = op == .closedRange
    let register = allocate()
    expression(first, into: register)
    expression(last, into: allocate())
    bind(pattern, to: register)
    var exit = JumpList()
    jump(isClosed ? .forClosedRange : .forRange, a: register * 16, at: site(range), &exit)
    let top = here
    contexts.append(Context(.loop))
    block(body, .effect)
    let context = contexts.removeLast()
    land(context.continues)
    emit(
      isClosed ? .forClosedRangeNext : .forRangeNext, a: register * 16, wide: top - (here + 1), at: site(node))
    land(exit)
    land(context.breaks)
  }

  private mutating func itemLoop(_ node: NodeID, _ pattern: NodeID, _ sequence: NodeID, _ body: NodeID) {
    let base = allocate()
    expression(sequence, into: base)
    let isPair = isPairPattern(pattern)
    for _ in 0..<(isPair ? 4 : 3) { _ = allocate() }
    let item = base + 3
    emit(.iterate, a: base * 16, b: base * 16, d: isPair ? 1 : 0, at: site(node))
    var next = JumpList()
    jump(.jump, at: site(node), &next)
    let top = here
    let outerBase = scratchBase
    if isPair {
      emit(.unpackPair, a: base * 16, at: site(pattern))
      for (offset, part) in tree.patterns(of: pattern).enumerated() { bind(part, to: item + offset) }
    } else if tree.kind(of: pattern) == .namePattern || tree.kind(of: pattern) == .wildcardPattern {
      bind(pattern, to: item)
    } else {
      placeVariables(of: pattern)
      let kept = free
      destructure(pattern, from: item, at: site(pattern))
      free = kept
    }
    scratchBase = free
    contexts.append(Context(.loop))
    block(body, .effect)
    let context = contexts.removeLast()
    scratchBase = outerBase
    land(context.continues)
    land(next)
    emit(.iterateNext, a: base * 16, wide: top - (here + 1), d: isPair ? 1 : 0, at: site(node, .head))
    emit(.iterateCheck, a: base * 16, wide: top - (here + 1), d: isPair ? 1 : 0, at: site(node, .head))
    land(context.breaks)
  }

  /// `[key, value]`
  private func isPairPattern(_ pattern: NodeID) -> Bool {
    guard tree.kind(of: pattern) == .listPattern else { return false }
    let parts = tree.patterns(of: pattern)
    return parts.count == 2
      && parts.allSatisfy { tree.kind(of: $0) == .namePattern || tree.kind(of: $0) == .wildcardPattern }
  }

  // MARK: Leaving

  /// `break` and `continue`.
  mutating func leaveLoop(_ node: NodeID, isBreak: Bool) {
    guard let loop = contexts.lastIndex(where: { $0.kind == .loop }) else { return }
    let exit = leave(downTo: loop + 1, value: nil, at: site(node))
    var list = isBreak ? contexts[loop].breaks : contexts[loop].continues
    jump(.jump, at: site(node), &list)
    if isBreak { contexts[loop].breaks = list } else { contexts[loop].continues = list }
    reenter(exit)
  }

  /// The contexts that an exit has gone through, to be restored behind it.
  struct Exit {
    var contexts: ArraySlice<Context>
    /// The register of the value that goes out.
    var value: Int
  }

  /// Emits what has to happen on the way out of the contexts from number `depth` on: their `finally` blocks, inner ones
  /// first. No handler of a context covers what comes after it has been left.
  mutating func leave(downTo depth: Int, value: Int?, at site: UInt32) -> Exit {
    var exit = Exit(contexts: contexts[depth...], value: value ?? 0)
    while contexts.count > depth {
      let number = contexts.count - 1
      exit.contexts[number].closeRange(at: here)
      let context = contexts.removeLast()
      guard context.isFinally else { continue }
      if value != nil {
        move(context.saved, exit.value, at: site)
        exit.value = context.saved
      }
      finallyCopy(context)
    }
    return exit
  }

  /// Goes on emitting inside the contexts that `leave` has left, behind the jump out.
  mutating func reenter(_ exit: Exit) {
    for var context in exit.contexts {
      context.rangeStart = here
      contexts.append(context)
    }
  }

  /// Emits a `finally` block once more.
  mutating func finallyCopy(_ context: Context) {
    if finallyDepth >= Self.maximumFinallyDepth {
      tooLarge("its finally blocks are nested more than \(Self.maximumFinallyDepth) deep")
      return
    }
    finallyDepth += 1
    let mark = free
    free = context.saved + 1
    let outerBase = scratchBase
    scratchBase = free
    block(context.finallyBody, .effect)
    scratchBase = outerBase
    free = mark
    finallyDepth -= 1
  }

  /// Each level copies its blocks at least twice.
  private static var maximumFinallyDepth: Int { 8 }
}
