// The marks of programs that are compiled to be observed: a call before each statement, and what can be seen there.
//
// Programs that are not observed have none of it: their code is the same as if there were no observers.

import ICSSyntax
import ICSVM

extension Emitter {
  /// The prelude's name for what marks call.
  static var observer: String { "__observe" }

  /// Calls the observer before a statement, or at the beginning of a function.
  mutating func mark(_ node: NodeID, isFunction: Bool = false) {
    guard isObserved else { return }
    let site = site(node)
    let number = program.marks.count
    program.marks.append(Mark(site: site, isFunction: isFunction, variables: visibleVariables()))
    let kept = free
    let base = allocate()
    preludeValue(Self.observer, into: base, at: site)
    loadInt(allocate(), number, at: site)
    emit(.call, a: base * 16, b: 1, at: site)
    free = kept
  }

  /// Marks a statement, unless it only declares something that is made elsewhere or has statements of its own.
  mutating func markStatement(_ node: NodeID) {
    switch tree.kind(of: node) {
    case .block, .function, .importModule, .importNames: break
    default: mark(node)
    }
  }

  // MARK: Locals

  /// In larger files nothing is kept of locals.
  static var maximumKeptBindings: Int { 4000 }

  /// The code from here on sees the variables that there are now. Gives the number of the scope.
  mutating func beginLocals() -> Int? {
    let variables = ownVariables()
    guard !variables.isEmpty else { return nil }
    let start = Int32(program.code.count)
    program.localScopes.append(LocalScope(code: start..<start, variables: variables))
    return program.localScopes.count - 1
  }

  /// The code of a scope ends here.
  mutating func endLocals(_ number: Int) {
    let start = program.localScopes[number].code.lowerBound
    program.localScopes[number].code = start..<Int32(program.code.count)
  }

  /// The variables of blocks that have ended are not seen any more.
  mutating func forgetVariables(from register: Int) {
    for index in resolved.bindings.indices
    where resolved.bindings[index].function == function && Int(resolved.bindings[index].location) >= register {
      switch resolved.bindings[index].storage {
      case .register, .cell: resolved.bindings[index].location = -1
      default: break
      }
    }
  }

  private mutating func visibleVariables() -> [Mark.Variable] {
    var variables: [Mark.Variable] = []
    for binding in resolved.bindings where binding.storage == .global && binding.location >= 0 {
      variables.append(Mark.Variable(name: string(binding.name), place: .global(binding.location)))
    }
    return variables + ownVariables()
  }

  /// What the function that is being emitted has captured and declared itself.
  private mutating func ownVariables() -> [Mark.Variable] {
    var variables: [Mark.Variable] = []
    if function >= 0 {
      var entry = resolved.functions[Int(function)].firstCapture
      while entry >= 0 {
        let capture = resolved.captures[Int(entry)]
        let binding = resolved.bindings[Int(capture.binding)]
        let place: Mark.Variable.Place =
          binding.storage == .cell ? .captureCell(binding.captureIndex) : .capture(binding.captureIndex)
        variables.append(Mark.Variable(name: string(binding.name), place: place))
        entry = capture.next
      }
    }
    for binding in resolved.bindings
    where binding.function == function && binding.location >= 0 && Int(binding.location) < free {
      switch binding.storage {
      case .register: variables.append(.init(name: string(binding.name), place: .register(binding.location)))
      case .cell: variables.append(.init(name: string(binding.name), place: .cell(binding.location)))
      default: break
      }
    }
    return variables
  }
}
