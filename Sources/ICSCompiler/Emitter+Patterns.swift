// Patterns: taking values apart, and testing whether they fit.

import ICSSyntax
import ICSVM

extension Emitter {
  // MARK: Names

  /// Makes a register that holds a value the variable of a pattern, which is a name or `_`.
  mutating func bind(_ pattern: NodeID, to register: Int) {
    guard let index = patternBinding(pattern) else { return }
    resolved.bindings[index].location = Int32(register)
    if resolved.bindings[index].storage == .cell { emit(.newCell, a: register * 16, at: site(pattern)) }
  }

  private func patternBinding(_ pattern: NodeID) -> Int? {
    switch tree.kind(of: pattern) {
    case .namePattern, .restPattern, .restParameter: resolved.resolutions[Int(pattern.rawValue)].index
    default: nil
    }
  }

  /// Gives the variables of a pattern their registers.
  mutating func placeVariables(of pattern: NodeID) {
    switch tree.kind(of: pattern) {
    case .namePattern, .restPattern:
      guard let index = patternBinding(pattern), hasOwnRegister(index) else { return }
      resolved.bindings[index].location = Int32(allocate())
    case .listPattern, .mapPattern:
      for part in tree.patterns(of: pattern) { placeVariables(of: part) }
    case .fieldPattern: placeVariables(of: tree.fieldPattern(pattern).pattern)
    default: break
    }
  }

  /// Whether a variable's register is filled where the variable is declared.
  private func hasOwnRegister(_ index: Int) -> Bool {
    let binding = resolved.bindings[index]
    return binding.storage == .register || (binding.storage == .cell && !binding.isEarlyCell)
  }

  // MARK: Patterns that must fit

  /// Takes the value in a register apart into variables that have their places.
  ///
  /// - Parameter whole: The site for the error when the value does not fit.
  mutating func destructure(_ pattern: NodeID, from register: Int, at whole: UInt32) {
    let mark = free
    switch tree.kind(of: pattern) {
    case .namePattern, .restPattern:
      guard let index = patternBinding(pattern) else { return }
      if hasOwnRegister(index) {
        move(Int(resolved.bindings[index].location), register, at: whole)
        finish(pattern, index, Int(resolved.bindings[index].location))
      } else {
        store(index, from: register, at: whole)
      }
    case .listPattern: destructureList(pattern, register, whole)
    case .mapPattern: destructureMap(pattern, register, whole)
    default: break
    }
    free = mark
  }

  /// Completes a part of a pattern whose value has arrived in the register that `arrival` gave.
  private mutating func complete(_ pattern: NodeID, from register: Int) {
    if let index = patternBinding(pattern) {
      if hasOwnRegister(index) {
        finish(pattern, index, register)
      } else {
        store(index, from: register, at: site(pattern))
      }
    } else {
      destructure(pattern, from: register, at: site(pattern))
    }
  }

  private mutating func finish(_ pattern: NodeID, _ index: Int, _ register: Int) {
    if resolved.bindings[index].storage == .cell { emit(.newCell, a: register * 16, at: site(pattern)) }
  }

  /// The register into which the value for a part of a pattern is put: its variable's, where it is a name.
  private mutating func arrival(_ pattern: NodeID) -> Int {
    if let index = patternBinding(pattern), hasOwnRegister(index) { return Int(resolved.bindings[index].location) }
    return allocate()
  }

  private mutating func destructureList(_ pattern: NodeID, _ register: Int, _ whole: UInt32) {
    let parts = tree.patterns(of: pattern)
    emit(.expectList, a: register * 16, c: listLength(parts), at: whole)
    for (number, part) in parts.enumerated() where tree.kind(of: part) != .wildcardPattern {
      let mark = free
      let target = arrival(part)
      item(number, of: register, part, into: target)
      complete(part, from: target)
      free = mark
    }
  }

  /// The C operand of `expectList` and `jumpIfNotList`.
  private func listLength(_ parts: NodeList) -> Int {
    let hasRest = parts.last.map { tree.kind(of: $0) == .restPattern } ?? false
    return hasRest ? (parts.count - 1) | 0x8000 : parts.count
  }

  private mutating func item(_ number: Int, of list: Int, _ part: NodeID, into target: Int) {
    if tree.kind(of: part) == .restPattern {
      emit(.listRest, a: target * 16, b: list * 16, c: number, at: site(part))
    } else {
      emit(.getIndexImmediate, a: target * 16, b: list * 16, c: number, at: site(part))
    }
  }

  private mutating func destructureMap(_ pattern: NodeID, _ register: Int, _ whole: UInt32) {
    emit(.expectMap, a: register * 16, at: whole)
    let parts = tree.patterns(of: pattern)
    for part in parts {
      let mark = free
      if tree.kind(of: part) == .restPattern {
        let target = arrival(part)
        mapRest(parts, of: register, into: target, at: site(part))
        complete(part, from: target)
      } else {
        let (key, inner, defaultValue) = tree.fieldPattern(part)
        if tree.kind(of: inner) != .wildcardPattern {
          let target = arrival(inner)
          field(string(ofKey: key), of: register, defaultValue, into: target, at: site(part))
          complete(inner, from: target)
        }
      }
      free = mark
    }
  }

  /// Reads a key of a map, or evaluates the default when the key is missing.
  private mutating func field(
    _ name: UInt32, of map: Int, _ defaultValue: NodeID, into target: Int, at site: UInt32
  ) {
    if defaultValue.isNone {
      getField(name, of: map, into: target, at: site)
      return
    }
    var missing = JumpList()
    var end = JumpList()
    short(.jumpIfMissing, a: map * 16, c: key(name), at: site, &missing)
    getField(name, of: map, into: target, at: site)
    jump(.jump, at: site, &end)
    land(missing)
    expression(defaultValue, into: target)
    land(end)
  }

  /// The constant operand for a key that has no other form.
  private mutating func key(_ name: UInt32) -> Int {
    if let constant = operand(.string(name)) { return constant }
    tooLarge("it uses more than \(Instruction.maximumIndex + 1) different constants")
    return 0
  }

  private mutating func mapRest(_ parts: NodeList, of map: Int, into target: Int, at site: UInt32) {
    let mark = free
    let keys = allocate()
    emit(.newList, a: keys * 16, b: keys * 16, c: 0, at: site)
    for part in parts where tree.kind(of: part) == .fieldPattern {
      let register = allocate()
      loadConstant(register, .string(string(ofKey: tree.fieldPattern(part).key)), at: site)
      emit(.listAppend, a: keys * 16, b: register * 16, c: 1, at: site)
      free = register
    }
    emit(.mapRest, a: target * 16, b: map * 16, c: keys * 16, at: site)
    free = mark
  }

  // MARK: Patterns that may fit

  /// Tests the value in a register, binds the pattern's names to new registers, and jumps when it does not fit.
  /// The registers stay in use.
  mutating func test(_ pattern: NodeID, _ register: Int, _ fail: inout JumpList) {
    let site = site(pattern)
    switch tree.kind(of: pattern) {
    case .namePattern:
      let variable = allocate()
      move(variable, register, at: site)
      bind(pattern, to: variable)
    case .literalPattern: testLiteral(tree.operand(of: pattern), register, &fail)
    case .listPattern:
      let parts = tree.patterns(of: pattern)
      short(.jumpIfNotList, a: register * 16, c: listLength(parts), at: site, &fail)
      for (number, part) in parts.enumerated() where tree.kind(of: part) != .wildcardPattern {
        let target = allocate()
        item(number, of: register, part, into: target)
        testArrived(part, target, &fail)
      }
    case .mapPattern:
      short(.jumpIfNotMap, a: register * 16, c: 0, at: site, &fail)
      let parts = tree.patterns(of: pattern)
      for part in parts { testField(part, of: register, all: parts, &fail) }
    default: break
    }
  }

  private mutating func testField(
    _ part: NodeID, of map: Int, all parts: NodeList, _ fail: inout JumpList
  ) {
    let site = site(part)
    if tree.kind(of: part) == .restPattern {
      let target = allocate()
      mapRest(parts, of: map, into: target, at: site)
      bind(part, to: target)
      return
    }
    let (key, inner, defaultValue) = tree.fieldPattern(part)
    let name = string(ofKey: key)
    if defaultValue.isNone { short(.jumpIfMissing, a: map * 16, c: self.key(name), at: site, &fail) }
    if tree.kind(of: inner) == .wildcardPattern { return }
    let target = allocate()
    field(name, of: map, defaultValue, into: target, at: site)
    testArrived(inner, target, &fail)
  }

  /// Tests a part of a pattern whose value is in a register of its own.
  private mutating func testArrived(_ pattern: NodeID, _ register: Int, _ fail: inout JumpList) {
    switch tree.kind(of: pattern) {
    case .namePattern, .restPattern: bind(pattern, to: register)
    default: test(pattern, register, &fail)
    }
  }

  private mutating func testLiteral(_ node: NodeID, _ register: Int, _ fail: inout JumpList) {
    let site = site(node)
    if let literal = literal(node) {
      if case .null = literal {
        jump(.jumpIfNotNull, a: register * 16, at: site, &fail)
        return
      }
      if let immediate = literal.immediate {
        short(.jumpIfNotEqualImmediate, a: register * 16, c: immediate, at: site, &fail)
        return
      }
      if let constant = operand(literal) {
        short(.jumpIfNotEqualConstant, a: register * 16, c: constant, at: site, &fail)
        return
      }
    }
    let mark = free
    let other = operand(node)
    free = mark
    short(.jumpIfNotEqual, a: register * 16, c: other * 16, at: site, &fail)
  }
}
