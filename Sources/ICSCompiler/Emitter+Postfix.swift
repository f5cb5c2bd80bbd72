// Calls, members and indexes. They hang on one another along the left side, in chains of any length.
//
// A call's callee stands in the topmost register, its arguments above it, and its result replaces the callee: so the
// value of a chain stays in one register at the top, from its first call on.

import ICSSyntax
import ICSVM

extension Emitter {
  mutating func postfix(_ start: NodeID, into target: Int) {
    let mark = spine.count
    var node = start
    var isOptional = false
    walk: while true {
      switch tree.kind(of: node) {
      case .optionalChain:
        isOptional = true
        node = tree.operand(of: node)
      case .member:
        if staticLink(node) != nil { break walk }
        spine.append(node)
        node = tree.member(node).object
      case .optionalMember:
        spine.append(node)
        node = tree.member(node).object
      case .index, .optionalIndex:
        spine.append(node)
        node = tree.index(node).object
      case .call:
        if isPrelude, intrinsic(ofCall: node) != nil { break walk }
        spine.append(node)
        node = tree.call(node).callee
      default: break walk
      }
    }
    var chain = Chain(
      target: target, isOptional: isOptional, top: isScratch(target) && target == free - 1 ? target : -1)
    begin(&chain, node, followedByCall: spine.count > mark && tree.kind(of: spine[spine.count - 1]) == .call)
    while spine.count > mark {
      let step = spine.removeLast()
      let next = spine.count > mark ? spine[spine.count - 1] : NodeID.none
      switch tree.kind(of: step) {
      case .member, .optionalMember:
        if tree.kind(of: step) == .optionalMember { stopAtNull(&chain, at: step) }
        if !next.isNone, tree.kind(of: next) == .call {
          spine.removeLast()
          invoke(&chain, method: step, call: next)
        } else {
          member(&chain, step, isLast: next.isNone)
        }
      case .index, .optionalIndex:
        if tree.kind(of: step) == .optionalIndex { stopAtNull(&chain, at: step) }
        index(&chain, step, isLast: next.isNone)
      default: call(&chain, step)
      }
    }
    // Where an optional chain stops, its null is in the register that would hold the result.
    land(chain.nullExits)
    move(target, chain.current, at: site(start))
  }

  /// What is known of the chain that is being emitted.
  private struct Chain {
    let target: Int
    let isOptional: Bool
    /// The register for intermediate values, the topmost one in use; -1 before it is needed.
    var top: Int
    /// The register that holds the chain's value so far.
    var current = 0
    var nullExits = JumpList()
  }

  private mutating func begin(_ chain: inout Chain, _ node: NodeID, followedByCall: Bool) {
    if tree.kind(of: node) == .member, let link = staticLink(node) {
      let register = top(&chain)
      emit(.getGlobal, a: register * 16, wide: importedLink(link), at: site(node))
      chain.current = register
    } else if followedByCall || chain.isOptional {
      let register = top(&chain)
      expression(node, into: register)
      chain.current = register
    } else {
      let fresh = free
      chain.current = operand(node, hint: chain.top)
      if chain.current >= fresh { chain.top = chain.current }
    }
  }

  private mutating func top(_ chain: inout Chain) -> Int {
    if chain.top < 0 { chain.top = allocate() }
    return chain.top
  }

  /// Brings the chain's value into its topmost register.
  private mutating func raise(_ chain: inout Chain, at site: UInt32) {
    let register = top(&chain)
    move(register, chain.current, at: site)
    chain.current = register
  }

  private mutating func stopAtNull(_ chain: inout Chain, at node: NodeID) {
    raise(&chain, at: site(node))
    jump(.jumpIfNull, a: chain.current * 16, at: site(node), &chain.nullExits)
  }

  /// The register for a step's result: the chain's target for the last one.
  private mutating func resultRegister(_ chain: inout Chain, isLast: Bool) -> Int {
    isLast && !chain.isOptional ? chain.target : top(&chain)
  }

  private mutating func member(_ chain: inout Chain, _ node: NodeID, isLast: Bool) {
    let result = resultRegister(&chain, isLast: isLast)
    getField(string(tree.member(node).name), of: chain.current, into: result, at: site(node))
    chain.current = result
  }

  /// Emits `target = object.name`.
  mutating func getField(_ name: UInt32, of object: Int, into target: Int, at site: UInt32) {
    if let constant = operand(.string(name)) {
      emit(.getField, a: target * 16, b: object * 16, c: constant, at: site)
      emitExtra(0, at: site)
    } else {
      let key = allocate()
      loadConstant(key, .string(name), at: site)
      emit(.getIndex, a: target * 16, b: object * 16, c: key * 16, at: site)
      free = key
    }
  }

  private mutating func index(_ chain: inout Chain, _ node: NodeID, isLast: Bool) {
    let result = resultRegister(&chain, isLast: isLast)
    getIndex(tree.index(node).index, of: chain.current, into: result, at: site(node))
    chain.current = result
  }

  /// Emits `target = object[index]`.
  mutating func getIndex(_ index: NodeID, of object: Int, into target: Int, at site: UInt32) {
    if case .int(let value) = literal(index), let small = UInt16(exactly: value) {
      emit(.getIndexImmediate, a: target * 16, b: object * 16, c: Int(small), at: site)
      return
    }
    let mark = free
    let register = operand(index)
    free = mark
    emit(.getIndex, a: target * 16, b: object * 16, c: register * 16, at: site)
  }

  // MARK: Calls

  private mutating func call(_ chain: inout Chain, _ node: NodeID) {
    raise(&chain, at: site(node))
    let arguments = self.arguments(tree.call(node).arguments, above: chain.top, at: site(node))
    if let count = arguments {
      emit(.call, a: chain.top * 16, b: count, at: site(node))
    } else {
      emit(.callSpread, a: chain.top * 16, at: site(node))
    }
  }

  private mutating func invoke(_ chain: inout Chain, method: NodeID, call node: NodeID) {
    let site = site(node)
    raise(&chain, at: site)
    guard let name = operand(.string(string(tree.member(method).name))) else {
      tooLarge("it uses more than \(Instruction.maximumIndex + 1) different constants")
      return
    }
    let arguments = self.arguments(tree.call(node).arguments, above: chain.top, at: site)
    if let count = arguments {
      emit(.invoke, a: chain.top * 16, b: count, c: name, at: site)
    } else {
      emit(.invokeSpread, a: chain.top * 16, c: name, at: site)
    }
    // The cache is empty: no receiver has this key, whereas null's is 0.
    emitExtra(.max, at: site)
    emitExtra(0, at: site)
  }

  /// Puts a call's arguments into the registers above the callee's.
  ///
  /// - Returns: How many there are; nil when they are in a list, because of a spread.
  private mutating func arguments(_ arguments: NodeList, above callee: Int, at site: UInt32) -> Int? {
    let mark = free
    defer { free = mark }
    let hasSpread = arguments.contains { tree.kind(of: $0) == .spread }
    let hasNamed = arguments.last.map { tree.kind(of: $0) == .namedArgument } ?? false
    if hasSpread {
      let list = allocate()
      self.list(of: arguments, into: list, at: site)
      if hasNamed {
        let map = allocate()
        options(arguments, into: map, at: site)
        emit(.listAppend, a: list * 16, b: map * 16, c: 1, at: site)
      }
      return nil
    }
    var count = 0
    for argument in arguments {
      if tree.kind(of: argument) == .namedArgument { break }
      expression(argument, into: allocate())
      count += 1
    }
    if hasNamed {
      options(arguments, into: allocate(), at: site)
      count += 1
    }
    return count
  }

  /// The link of a `member` that names what an imported module exports.
  func staticLink(_ node: NodeID) -> Int? { resolved.resolutions[Int(node.rawValue)].index }

  /// The number of a prelude value that compiled code needs.
  mutating func preludeValue(_ name: String, into target: Int, at site: UInt32) {
    if let index = prelude.index(of: name) {
      emit(.getPrelude, a: target * 16, wide: index, at: site)
    } else {
      report("'\(name.drop { $0 == "_" })' is not available here", at: tree.mainSpan(of: NodeID(site >> 2)))
    }
  }
}
