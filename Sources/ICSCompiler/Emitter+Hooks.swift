// Hooks and steps: calls of prelude functions that get the block as a closure.

import ICSSyntax
import ICSVM

extension Emitter {
  /// `on topic "name" where condition as item, event { }` is `__on(topic, name, predicate, (item, event) => { })`.
  mutating func onHook(_ node: NodeID) {
    let (event, nameNode, condition, _, _, _) = tree.onHook(node)
    let site = site(node)
    let mark = free
    let base = allocate()
    preludeValue("__on", into: base, at: site)
    let topic = allocate()
    let name = allocate()
    if tree.kind(of: event) == .topic, tree.topicText(event) == "request", !nameNode.isNone,
      tree.kind(of: nameNode) == .string
    {
      // A request's path is part of the topic.
      loadConstant(topic, .string(string("request \(tree.stringValue(nameNode))")), at: self.site(event))
      loadNull(name, at: site)
    } else {
      if tree.kind(of: event) == .topic {
        loadConstant(topic, .string(string(tree.topicText(event))), at: self.site(event))
      } else {
        expression(event, into: topic)
      }
      nameOrNull(nameNode, into: name, at: site)
    }
    let predicate = allocate()
    let handler = allocate()
    if condition.isNone {
      loadNull(predicate, at: site)
    } else {
      self.predicate(condition, into: predicate, description: nil)
    }
    closure(node, into: handler)
    emit(.call, a: base * 16, b: 4, at: site)
    free = mark
  }

  /// `every schedule, options "name" { }` is `__every(schedule, name, options, () => { })`.
  mutating func everyHook(_ node: NodeID) {
    let (schedule, options, nameNode, _) = tree.everyHook(node)
    let site = site(node)
    let mark = free
    let base = allocate()
    preludeValue("__every", into: base, at: site)
    expression(schedule, into: allocate())
    let name = allocate()
    let map = allocate()
    self.options(options, into: map, at: site)
    nameOrNull(nameNode, into: name, at: site)
    closure(node, into: allocate())
    emit(.call, a: base * 16, b: 4, at: site)
    free = mark
  }

  private mutating func nameOrNull(_ node: NodeID, into target: Int, at site: UInt32) {
    if node.isNone { loadNull(target, at: site) } else { expression(node, into: target) }
  }

  /// `step name, options { }` is `__step(name, options, () => { })`.
  mutating func step(_ node: NodeID, into target: Int) {
    let (name, options, _) = tree.step(node)
    let site = site(node)
    let base = callRegister(target)
    preludeValue("__step", into: base, at: site)
    expression(name, into: allocate())
    self.options(options, into: allocate(), at: site)
    closure(node, into: allocate())
    emit(.call, a: base * 16, b: 3, at: site)
    move(target, base, at: site)
  }

  /// `wait duration` is `__wait(duration)`.
  mutating func wait(_ node: NodeID) {
    let mark = free
    let base = allocate()
    preludeValue("__wait", into: base, at: site(node))
    expression(tree.operand(of: node), into: allocate())
    emit(.call, a: base * 16, b: 1, at: site(node))
    free = mark
  }

  /// The register for the callee of a call whose result is wanted in `target`: the topmost one.
  mutating func callRegister(_ target: Int) -> Int {
    isScratch(target) && target == free - 1 ? target : allocate()
  }

  // MARK: The blocks

  mutating func hookBody(_ node: NodeID, _ prototype: inout Prototype) {
    let (_, _, _, item, notification, body) = tree.onHook(node)
    prototype.name = string(hookHead(node))
    prototype.parameterCount = 2
    prototype.requiredCount = 2
    let first = allocate()
    let second = allocate()
    scratchBase = free
    if !item.isNone { parameterPattern(item, first) }
    if !notification.isNone { parameterPattern(notification, second) }
    block(body, .tail)
  }

  // What stacks call the blocks: their heads as they are written.

  private func hookHead(_ node: NodeID) -> String {
    let (event, name, _, _, _, _) = tree.onHook(node)
    let head = "on \(tree.kind(of: event) == .topic ? tree.topicText(event) : tree.text(of: event))"
    return name.isNone ? head : "\(head) \(tree.text(of: name))"
  }

  func everyHead(_ node: NodeID) -> String {
    let (schedule, _, name, _) = tree.everyHook(node)
    let head = "every \(tree.text(of: schedule))"
    return name.isNone ? head : "\(head) \(tree.text(of: name))"
  }

  func stepHead(_ node: NodeID) -> String { "step \(tree.text(of: tree.step(node).name))" }
}
