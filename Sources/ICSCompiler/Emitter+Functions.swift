// Functions: closures where they are made, prologues and bodies where they are emitted.

import ICSSyntax
import ICSVM

extension Emitter {
  /// Makes a closure over the function of a node in a register.
  mutating func closure(_ node: NodeID, into target: Int) {
    guard let index = resolved.resolutions[Int(node.rawValue)].index else { return }
    addCaptures(of: index)
    emit(.closure, a: target * 16, wide: index, at: site(node))
  }

  /// Says where the function that is being emitted has what a new closure captures.
  private mutating func addCaptures(of index: Int) {
    let info = resolved.functions[index]
    guard info.captureCount > 0 else { return }
    // A `finally` block is emitted several times, always with the same registers.
    guard program.prototypes[index].captures.isEmpty else { return }
    let start = Int32(program.captures.count)
    var entry = info.firstCapture
    while entry >= 0 {
      let capture = resolved.captures[Int(entry)]
      let binding = resolved.bindings[Int(capture.binding)]
      let fromRegister = binding.function == function
      program.captures.append(
        Capture(
          fromRegister: fromRegister,
          index: UInt16(truncatingIfNeeded: fromRegister ? binding.location : binding.captureIndex)))
      entry = capture.next
    }
    program.prototypes[index].captures = start..<Int32(program.captures.count)
  }

  // MARK: Bodies

  mutating func emitFunction(_ index: Int) {
    let info = resolved.functions[index]
    begin(Int32(index))
    numberCaptures(of: info)
    var prototype = program.prototypes[index]
    prototype.site = site(info.node)
    let constantsStart = Int32(program.constants.count)
    let handlersStart = Int32(program.handlers.count)
    switch tree.kind(of: info.node) {
    case .program:
      prototype.name = string(tree.source.name)
      statements(tree.statements(of: info.node), of: info.node, .tail)
    case .function:
      let (name, parameters, body) = tree.function(info.node)
      prototype.name = string(name)
      self.parameters(parameters, &prototype)
      mark(info.node, isFunction: true)
      let scope = keepsLocals ? beginLocals() : nil
      block(body, .tail)
      if let scope { endLocals(scope) }
    case .lambda:
      let (parameters, body) = tree.lambda(info.node)
      prototype.name = string(isPrelude ? builtInName : "fn")
      self.parameters(parameters, &prototype)
      mark(info.node, isFunction: true)
      let scope = keepsLocals ? beginLocals() : nil
      if tree.kind(of: body) == .block { block(body, .tail) } else { expression(body, .tail) }
      if let scope { endLocals(scope) }
    case .step:
      prototype.name = string(stepHead(info.node))
      block(tree.step(info.node).body, .tail)
    case .onHook: hookBody(info.node, &prototype)
    case .everyHook:
      prototype.name = string(everyHead(info.node))
      block(tree.everyHook(info.node).body, .tail)
    default: emit(.returnNull, at: site(info.node))
    }
    finish(&prototype, constantsStart, handlersStart)
    program.prototypes[index] = prototype
  }

  /// What messages call the functions of a built-in that is written in the language: `map` for `list.map`.
  private var builtInName: String {
    tree.source.name.split(separator: ".").last.map(String.init) ?? tree.source.name
  }

  /// Clears the state that belongs to one function.
  mutating func begin(_ index: Int32) {
    function = index
    codeStart = program.code.count
    free = 0
    high = 0
    scratchBase = 0
    scratchTarget = -1
    isTooLarge = false
    jumpLinks.removeAll(keepingCapacity: true)
    constants.begin(program.constants)
  }

  mutating func finish(_ prototype: inout Prototype, _ constantsStart: Int32, _ handlersStart: Int32) {
    prototype.code = Int32(codeStart)..<Int32(program.code.count)
    prototype.constants = constantsStart..<Int32(program.constants.count)
    prototype.handlers = handlersStart..<Int32(program.handlers.count)
    prototype.registerCount = Int32(high)
    prototype.isInternal = isPrelude
  }

  private mutating func numberCaptures(of info: FunctionInfo) {
    var number: Int32 = 0
    var entry = info.firstCapture
    while entry >= 0 {
      let capture = resolved.captures[Int(entry)]
      resolved.bindings[Int(capture.binding)].captureIndex = number
      number += 1
      entry = capture.next
    }
  }

  // MARK: Parameters

  /// Fills in defaults and takes patterns apart, in order: a default may read the parameters before it.
  private mutating func parameters(_ nodes: NodeList, _ prototype: inout Prototype) {
    var count = nodes.count
    if let last = nodes.last, tree.kind(of: last) == .restParameter {
      prototype.hasRest = true
      count -= 1
    }
    prototype.parameterCount = Int32(count)
    for _ in nodes { _ = allocate() }
    for (number, node) in nodes.enumerated() {
      scratchBase = free
      guard tree.kind(of: node) == .parameter else {
        bind(node, to: number)
        continue
      }
      let (pattern, defaultValue) = tree.parameter(node)
      let isOptionsMap = tree.kind(of: pattern) == .mapPattern && number == nodes.count - 1
      if defaultValue.isNone, !isOptionsMap {
        prototype.requiredCount = Int32(number) + 1
      } else {
        if number == 0, defaultValue.isNone { prototype.callbackCount = 1 }
        parameterDefault(defaultValue, into: number, at: site(node))
      }
      parameterPattern(pattern, number)
    }
  }

  private mutating func parameterDefault(_ value: NodeID, into register: Int, at site: UInt32) {
    var given = JumpList()
    jump(.jumpIfSet, a: register * 16, at: site, &given)
    if value.isNone {
      // A last parameter that is a map pattern takes the named arguments: without any it is empty.
      var builder = MapBuilder(target: register, site: site)
      finish(&builder)
    } else {
      expression(value, into: register)
    }
    land(given)
  }

  /// Makes a parameter's register its variable, or takes the argument apart.
  mutating func parameterPattern(_ pattern: NodeID, _ register: Int) {
    switch tree.kind(of: pattern) {
    case .namePattern, .wildcardPattern: bind(pattern, to: register)
    default:
      placeVariables(of: pattern)
      let kept = free
      destructure(pattern, from: register, at: site(pattern))
      free = kept
    }
  }
}
