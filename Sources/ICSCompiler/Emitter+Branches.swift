// `if`, `match` and `try`: statements and expressions at once.

import ICSSyntax
import ICSVM

extension Emitter {
  mutating func branching(_ node: NodeID, _ target: Target) {
    let mark = free
    switch tree.kind(of: node) {
    case .ifExpression: ifExpression(node, target)
    case .matchExpression: matchExpression(node, target)
    default: tryExpression(node, target)
    }
    free = mark
  }

  // MARK: if

  private mutating func ifExpression(_ node: NodeID, _ target: Target) {
    let (branches, otherwise) = tree.ifExpression(node)
    let mark = free
    var end = JumpList()
    for (number, branch) in branches.enumerated() {
      var fail = JumpList()
      if tree.kind(of: branch) == .ifBranch {
        let (condition, body) = tree.ifBranch(branch)
        self.branch(condition, when: false, &fail)
        block(body, target)
      } else {
        let (pattern, value, body) = tree.ifLetBranch(branch)
        let register = allocate()
        expression(value, into: register)
        jump(.jumpIfNull, a: register * 16, at: site(branch), &fail)
        if tree.kind(of: pattern) == .namePattern {
          bind(pattern, to: register)
        } else {
          test(pattern, register, &fail)
        }
        block(body, target)
      }
      free = mark
      let isLast = number == branches.count - 1 && otherwise.isNone
      if target != .tail, !isLast || target != .effect { jump(.jump, at: site(branch), &end) }
      land(fail)
    }
    if otherwise.isNone { null(target, at: site(node)) } else { block(otherwise, target) }
    land(end)
  }

  // MARK: match

  private mutating func matchExpression(_ node: NodeID, _ target: Target) {
    let (subject, arms) = tree.matchExpression(node)
    let register = operand(subject)
    var end = JumpList()
    for node in arms {
      let mark = free
      var fail = JumpList()
      arm(node, subject: register, &fail, target)
      free = mark
      if target != .tail { jump(.jump, at: site(node), &end) }
      land(fail)
    }
    emit(.raiseNoMatch, a: register * 16, at: site(node))
    land(end)
  }

  private mutating func arm(_ node: NodeID, subject: Int, _ fail: inout JumpList, _ target: Target) {
    let (patterns, condition, body) = tree.matchArm(node)
    var success = JumpList()
    for (number, pattern) in patterns.enumerated() {
      if number == patterns.count - 1 {
        test(pattern, subject, &fail)
      } else {
        var next = JumpList()
        test(pattern, subject, &next)
        jump(.jump, at: site(pattern), &success)
        land(next)
      }
    }
    land(success)
    if !condition.isNone { branch(condition, when: false, &fail) }
    let outerTarget = scratchTarget
    if case .register(let register) = target, isScratch(register) { scratchTarget = register }
    statement(body, target)
    scratchTarget = outerTarget
  }

  // MARK: try

  private mutating func tryExpression(_ node: NodeID, _ target: Target) {
    let finallyBody = tree.tryExpression(node).finallyBody
    if finallyBody.isNone {
      tryCatch(node, target)
    } else if target == .tail {
      // The value must wait until the `finally` block has run.
      let register = allocate()
      tryFinally(node, finallyBody, .register(register))
      emit(.return, a: register * 16, at: site(node))
    } else {
      tryFinally(node, finallyBody, target)
    }
  }

  private mutating func tryFinally(_ node: NodeID, _ finallyBody: NodeID, _ target: Target) {
    let site = site(node)
    var context = Context(.finally)
    context.finallyBody = finallyBody
    context.saved = allocate()
    context.rangeStart = here
    contexts.append(context)
    tryCatch(node, target)
    contexts[contexts.count - 1].closeRange(at: here)
    context = contexts.removeLast()
    finallyCopy(context)
    var end = JumpList()
    jump(.jump, at: site, &end)
    addHandlers(of: context, register: context.saved, isFinally: true)
    finallyCopy(context)
    emit(.rethrow, a: context.saved * 16, at: site)
    land(end)
  }

  private mutating func tryCatch(_ node: NodeID, _ target: Target) {
    let (body, pattern, catchBody, _) = tree.tryExpression(node)
    if catchBody.isNone {
      block(body, target)
      return
    }
    let site = site(node)
    var context = Context(.catching)
    context.rangeStart = here
    contexts.append(context)
    block(body, target)
    contexts[contexts.count - 1].closeRange(at: here)
    context = contexts.removeLast()
    var end = JumpList()
    if target != .tail { jump(.jump, at: site, &end) }
    let mark = free
    let register = allocate()
    addHandlers(of: context, register: register, isFinally: false)
    if !pattern.isNone { bind(pattern, to: register) }
    block(catchBody, target)
    land(end)
    free = mark
  }

  /// Makes errors in the ranges of a context go on at the next word.
  private mutating func addHandlers(of context: Context, register: Int, isFinally: Bool) {
    for range in context.ranges {
      program.handlers.append(
        Handler(
          range: range, target: Int32(here), register: UInt16(truncatingIfNeeded: register), isFinally: isFinally))
    }
  }
}
