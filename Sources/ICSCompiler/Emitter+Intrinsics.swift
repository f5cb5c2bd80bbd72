// The operations that built-ins written in the language have and scripts have not: calls of `Intrinsic` names.

import ICSSyntax
import ICSVM

extension Emitter {
  /// The intrinsic that a call calls; nil for every other call.
  func intrinsic(ofCall node: NodeID) -> Intrinsic? {
    let callee = tree.call(node).callee
    return tree.kind(of: callee) == .name ? resolved.resolutions[Int(callee.rawValue)].intrinsic : nil
  }

  mutating func intrinsicCall(_ node: NodeID, into target: Int) {
    let arguments = tree.call(node).arguments
    let site = site(node)
    guard let intrinsic = intrinsic(ofCall: node), arguments.count >= (intrinsic == .push ? 2 : 1) else {
      report("an intrinsic without its arguments", at: tree.span(of: node))
      return
    }
    switch intrinsic {
    case .call:
      let base = callRegister(target)
      expression(arguments[0], into: base)
      for argument in arguments.dropFirst() { expression(argument, into: allocate()) }
      emit(.callback, a: base * 16, b: arguments.count - 1, at: site)
      move(target, base, at: site)
    case .push:
      let list = operand(arguments[0])
      let item = operand(arguments[1])
      emit(.listPush, a: list * 16, b: item * 16, at: site)
      loadNull(target, at: site)
    case .stream:
      let next = operand(arguments[0])
      emit(.newStream, a: target * 16, b: next * 16, at: site)
    case .next:
      // The stream must lie below the register of the result, above which the callee's frame begins.
      let stream = operand(arguments[0])
      let result = stream < target ? callRegister(target) : allocate()
      emit(.streamNext, a: result * 16, b: stream * 16, at: site)
      move(target, result, at: site)
    case .isEnd:
      var isEnd = JumpList()
      var end = JumpList()
      endBranch(node, when: true, &isEnd)
      loadBool(target, false, at: site)
      jump(.jump, at: site, &end)
      land(isEnd)
      loadBool(target, true, at: site)
      land(end)
    case .selfValue, .end: report("'\(intrinsic.spelling)' is no function", at: tree.span(of: node))
    }
  }

  /// `__is_end(x)` as a condition.
  mutating func endBranch(_ node: NodeID, when sense: Bool, _ list: inout JumpList) {
    guard let argument = tree.call(node).arguments.first else { return }
    let mark = free
    let register = operand(argument)
    free = mark
    if sense {
      jump(.jumpIfEnd, a: register * 16, at: site(node), &list)
    } else {
      var isEnd = JumpList()
      jump(.jumpIfEnd, a: register * 16, at: site(node), &isEnd)
      jump(.jump, at: site(node), &list)
      land(isEnd)
    }
  }
}
